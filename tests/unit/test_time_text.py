"""Times in files: every allowed form, everything else refused, local times where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.time_text import EPOCH, local_instant, parse_date, parse_time, read_times, time_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
WARSAW = ZoneInfo("Europe/Warsaw")


def instant(text: str) -> int:
    """By Python's own reading."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2022-03-01T08:00", "2022-03-01T08:00:00+08:00"),
        ("2022-03-01 08:00", "2022-03-01T08:00:00+08:00"),
        ("2022-03-01T08:00:59", "2022-03-01T08:00:59+08:00"),
        ("2022-03-01T08:00:59.5", "2022-03-01T08:00:59.500000+08:00"),
        ("2022-03-01T08:00:59.000001", "2022-03-01T08:00:59.000001+08:00"),
        ("2022-03-01T08:00Z", "2022-03-01T08:00:00+00:00"),
        ("2022-03-01 08:00:00.25Z", "2022-03-01T08:00:00.250000+00:00"),
        ("2022-03-01T08:00+09:30", "2022-03-01T08:00:00+09:30"),
        ("2022-03-01T08:00:00-0330", "2022-03-01T08:00:00-03:30"),
        ("2022-03-01T08:00:00+08", "2022-03-01T08:00:00+08:00"),
        ("2022-03-01T08:00:00-00:00", "2022-03-01T08:00:00+00:00"),
        ("2022-03-01T08:00:00+08:05:43", "2022-03-01T08:00:00+08:05:43"),
        ("2024-02-29T23:59:59.999999", "2024-02-29T23:59:59.999999+08:00"),
        ("2000-02-29T00:00", "2000-02-29T00:00:00+08:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_forms_of_a_time(text: str, meaning: str) -> None:
    """Date, T or space, time to the minute or finer, offset or Z or nothing."""
    assert parse_time(text, SHANGHAI) == instant(meaning)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "2022-03-01", "2022-03-01T", "2022-03-01T08", "2022-03-01t08:00", "2022-03-01T08:00z"),
        *("2022-3-1T08:00", "2022/03/01 08:00", "20220301T0800", "2022-03-01  08:00", "2022-03-01T08:00:00."),
        *(" 2022-03-01T08:00", "2022-03-01T08:00 ", "2022-03-01T08:00:00.1234567", "2022-03-01T08:00:00,5"),
        *("2022-02-29T00:00", "1900-02-29T00:00", "2022-04-31T00:00", "2022-13-01T00:00", "2022-00-01T00:00"),
        *("2022-01-00T00:00", "2022-01-32T00:00", "0000-01-01T00:00", "2022-03-01T24:00", "2022-03-01T08:60"),
        *("2022-03-01T08:00:60", "2022-03-01T08:00+24:00", "2022-03-01T08:00+08:60", "2022-03-01T08:00+8"),
        *("2022-03-01T08:00 +08:00", "2022-03-01T08:00UTC", "2022-03-01T08:00[Asia/Shanghai]", "1646092800"),
        *("２０２２-03-01T08:00", "2022-03-01T08:00:00+08:00:00:00", "x" * 1000, "2022-03-01T08:00\n"),
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    """Nothing is trimmed, guessed or rolled over."""
    assert parse_time(text, SHANGHAI) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2022-03-27T01:59:59.999999", "2022-03-27T01:59:59.999999+01:00"),
        ("2022-03-27T02:00", "2022-03-27T03:00:00+02:00"),  # does not exist: the offset before the change
        ("2022-03-27T02:30", "2022-03-27T03:30:00+02:00"),
        ("2022-03-27T03:00", "2022-03-27T03:00:00+02:00"),
        ("2022-10-30T01:59", "2022-10-30T01:59:00+02:00"),
        ("2022-10-30T02:00", "2022-10-30T02:00:00+02:00"),  # twice: the first
        ("2022-10-30T02:59:59", "2022-10-30T02:59:59+02:00"),
        ("2022-10-30T03:00", "2022-10-30T03:00:00+01:00"),
    ],
)
def test_local_times_where_clocks_change(text: str, meaning: str) -> None:
    """Twice: the first; never: the offset before the change."""
    at_us = parse_time(text, WARSAW)
    assert at_us == instant(meaning)
    assert time_text(at_us, WARSAW) == meaning


def test_midnight_that_does_not_exist() -> None:
    """A zone that changes at midnight: the day begins an hour later."""
    midnight = (datetime(2021, 9, 5, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
    assert time_text(local_instant(midnight, ZoneInfo("America/Santiago")), ZoneInfo("America/Santiago")) == (
        "2021-09-05T01:00:00-03:00"
    )


def cut(at: datetime, precision: int) -> datetime:
    """To the minute, to the second, or as it is."""
    if precision == 0:
        return at.replace(second=0, microsecond=0)
    return at.replace(microsecond=0) if precision == 1 else at


def micros_of(utc: datetime) -> int:
    return (utc.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


offsets = st.none() | st.integers(-1439, 1439)
zones = st.sampled_from(
    [SHANGHAI, WARSAW, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago"), UTC]
)


@given(st.lists(st.tuples(st.datetimes(), offsets, st.integers(0, 3), st.booleans())), zones)
def test_many_at_once_are_what_python_reads(
    times: list[tuple[datetime, int | None, int, bool]], zone: ZoneInfo
) -> None:
    """Texts of all layouts, mixed in one block, beside something that is no time."""
    texts = ["no time at all"]
    expected: list[int | None] = [None]
    for at, offset, precision, is_spaced in times:
        at = cut(at, precision)  # noqa: PLW2901
        aware = at.replace(tzinfo=zone if offset is None else timezone(timedelta(minutes=offset)))
        shown = aware if offset is not None else at
        seconds = "minutes" if precision == 0 else "auto" if at.microsecond else "seconds"
        texts.append(shown.isoformat(" " if is_spaced else "T", seconds))
        is_telling = at.year not in (1, 9999)
        expected.append(micros_of(at - (aware.utcoffset() or timedelta())) if is_telling else None)
    block = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    length = np.array([len(text) for text in texts])
    at_us, readable = read_times(block, np.cumsum(length) - length, length, zone)
    for found, is_readable, wanted in zip(
        at_us.tolist()[1:], readable.tolist()[1:], expected[1:], strict=True
    ):
        assert is_readable
        assert wanted is None or found == wanted
    assert not readable[0]


def test_a_block_of_many_layouts_is_read_all_the_same() -> None:
    """More layouts than are read together."""
    garbage = [f"2022-03-01T08:0{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(100)]
    texts = [*garbage, "2022-03-01T08:00:00Z", *garbage]
    block = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    length = np.array([len(text) for text in texts])
    at_us, readable = read_times(block, np.cumsum(length) - length, length, UTC)
    assert np.flatnonzero(readable).tolist() == [100]
    assert at_us[100] == instant("2022-03-01T08:00:00+00:00")


@pytest.mark.parametrize(
    "text", ["2022-3-1", "20220301", "2022-W01-1", "2022-02-30", "", "2022-03-01 ", "２022-03-01"]
)
def test_what_is_no_date(text: str) -> None:
    """Only `YYYY-MM-DD`."""
    assert parse_date(text) is None


def test_output_has_a_fraction_only_when_not_zero() -> None:
    """And the zone's numeric offset."""
    assert time_text(0, SHANGHAI) == "1970-01-01T08:00:00+08:00"
    assert time_text(500_000, UTC) == "1970-01-01T00:00:00.500000+00:00"
