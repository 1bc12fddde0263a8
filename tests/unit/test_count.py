"""What is a count of people, and when most of a file's counts are none."""

from __future__ import annotations

import pytest

from rules.count import COUNT_MAX, is_mostly_unreadable, parse_count


@pytest.mark.parametrize(
    ("text", "count"),
    [("15", 15), ("15.0", 15), ("15.000", 15), ("0", 0), ("007", 7), ("9" * 400, COUNT_MAX)],
)
def test_counts(text: str, count: float) -> None:
    """Digits, and a point with zeros."""
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "15.",
        ".0",
        "15.5",
        "1e1",
        " 15",
        "15 ",
        "15\n",
        "１５",
        "٣",
        "nan",
        "0x1",
        "1_000",
        "1,000",
    ],
)
def test_everything_else_is_unknown(text: str) -> None:
    """Whatever Python would make of it."""
    assert parse_count(text) is None


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        ({}, False),
        ({"": 9, "x": 1}, True),
        ({"9": 1, "x": 1}, False),
        ({"9": 1, "x": 1, "y": 1}, True),
        ({"": 5}, False),
    ],
)
def test_over_half_of_the_non_empty_ones(tally: dict[str, int], *, expected: bool) -> None:
    """Each text as often as it stands there."""
    assert is_mostly_unreadable(tally) is expected
