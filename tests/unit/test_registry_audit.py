"""The audit chain by itself: whatever is changed, taken out, put in or moved shows."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.audit import FIRST, AuditEntry, Head, Stroke, broken, contradictions, last_said, sealed

STROKES = st.builds(
    Stroke,
    action=st.sampled_from(["add", "change", "close"]),
    entity=st.sampled_from(["mines", "projects"]),
    key=st.sampled_from(['["甲"]', '["乙"]']),
    before=st.none() | st.text(max_size=5),
    after=st.text(max_size=5),
)


def log_of(strokes: list[Stroke]) -> list[AuditEntry]:
    """A log that holds."""
    return list(sealed(strokes, Head(), at="2024-01-01T00:00:00.000+00:00", who="甲", why="乙"))


LOGS = st.lists(STROKES, min_size=2, max_size=6).map(log_of)


@given(LOGS)
def test_a_log_holds_as_it_was_written(log: list[AuditEntry]) -> None:
    """And goes on from its head as if it had been written at once."""
    assert list(broken(log)) == []
    assert (log[0].previous, [entry.number for entry in log]) == (FIRST, list(range(1, len(log) + 1)))
    assert last_said(log)[log[-1].entity, log[-1].key] == log[-1].after


@given(LOGS, st.data())
def test_any_change_of_any_entry_shows(log: list[AuditEntry], data: st.DataObject) -> None:
    """Each field of each entry; null is not an empty text."""
    at = data.draw(st.integers(0, len(log) - 1))
    field = data.draw(
        st.sampled_from(
            ["at", "who", "why", "action", "entity", "key", "before", "after", "previous", "seal"]
        )
    )
    was = getattr(log[at], field)
    changed = data.draw(st.text(max_size=3) | (st.none() if field in {"before", "after"} else st.nothing()))
    if changed == was:
        return
    assert list(broken([*log[:at], AuditEntry(**asdict(log[at]) | {field: changed}), *log[at + 1 :]]))


@given(LOGS, st.data())
def test_what_is_taken_out_doubled_or_moved_shows(log: list[AuditEntry], data: st.DataObject) -> None:
    """The end aside, which a seal kept elsewhere tells."""
    at = data.draw(st.integers(0, len(log) - 2))
    assert list(broken([*log[:at], *log[at + 1 :]]))
    assert list(broken([*log[: at + 1], *log[at:]]))
    assert list(broken([*log[:at], log[at + 1], log[at], *log[at + 2 :]]))
    assert list(broken(log[:-1])) == []


def test_rows_are_held_to_what_the_log_says_last() -> None:
    said = {("mines", "a"): "1", ("mines", "b"): "2"}
    assert list(contradictions(said, said)) == []
    found = list(contradictions(said, {("mines", "a"): "9", ("mines", "c"): "3"}))
    assert [what.split(" ")[1] for what in found] == ["a", "c", "b"]
