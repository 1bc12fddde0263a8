"""What counts as the same in Grafana and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.grafana.difference import covers, holds_dashboard

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_a_thing_covers_itself(thing: Any) -> None:
    """Whatever it is."""
    assert covers(thing, thing)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.text(min_size=4, max_size=6), JSON)
def test_what_grafana_adds_is_no_difference(wanted: dict[str, Any], name: str, value: Any) -> None:
    """A key of its own; but one of ours that is missing is."""
    more = wanted | {name: value}
    assert covers(more, wanted)
    assert not covers(wanted, more)


@pytest.mark.parametrize(
    ("held", "wanted", "is_same"),
    [
        ({"for": "1m0s"}, {"for": "1m"}, True),
        ({"for": "0s"}, {"for": "0s"}, True),
        ({"for": "2m"}, {"for": "1m"}, False),
        ({"for": "a while"}, {"for": "1m"}, False),
        ({"title": "1m0s"}, {"title": "1m"}, False),
        ([1, 2], [1], False),
        ([{"a": 1, "b": 2}], [{"a": 1}], True),
        ({"a": None}, {"a": {}}, False),
        (180, 180.0, True),
    ],
)
def test_cases(held: Any, wanted: Any, is_same: bool) -> None:
    """Durations in two forms, lists that must be as long."""
    assert covers(held, wanted) is is_same


def test_a_dashboard_in_a_newer_form_is_known_by_its_digest() -> None:
    """Its panels cannot be compared there."""
    wanted = {"schemaVersion": 42, "description": "… [abc]", "panels": [1]}
    newer = {"schemaVersion": 43, "description": "… [abc]", "panels": []}
    assert holds_dashboard(newer, wanted)
    assert not holds_dashboard(newer | {"description": "… [abd]"}, wanted)
    assert not holds_dashboard(wanted | {"panels": []}, wanted)
