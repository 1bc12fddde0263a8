"""The capture file: what is written is read back, and what is wrong is told by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Misconfigured
from contract.grading import capture_form, grader
from contract.grading.capture import (
    Capture,
    Connected,
    Disconnected,
    Event,
    Published,
    Sight,
    Subscribed,
    Will,
)
from contract.grading.report import Outcome
from tests.grading_scene import good

TIMES = st.integers(0, 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
QOS = st.integers(0, 2)
WILLS = st.builds(Will, TEXTS, st.binary(), QOS, st.booleans())
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Published, TIMES, TEXTS, st.binary(), QOS, st.booleans(), st.booleans(), st.none() | TEXTS, TEXTS
    ),
    st.builds(
        Connected,
        TIMES,
        TEXTS,
        st.sampled_from(["3.1.1", "5"]),
        st.booleans(),
        st.integers(0, 2**32 - 1),
        st.none() | WILLS,
        TEXTS,
    ),
    st.builds(Subscribed, TIMES, TEXTS, TEXTS, QOS, TEXTS),
    st.builds(Disconnected, TIMES, TEXTS, st.none() | st.integers(0, 255), TEXTS),
)
SIGHTS = st.sampled_from(
    [
        Sight.NOTHING,
        Sight.QOS,
        Sight.RETAIN,
        Sight.QOS | Sight.RETAIN,
        Sight.QOS | Sight.RETAIN | Sight.CONNECTIONS,
    ]
)


def lines(capture: Capture) -> list[str]:
    """The file's."""
    return [capture_form.head_line(capture.sees), *map(capture_form.event_line, capture.events)]


@given(SIGHTS, st.lists(EVENTS, min_size=1))
def test_what_is_written_is_read_back(sees: Sight, events: list[Event]) -> None:
    read = capture_form.parse(lines(Capture(sees, events)), "c.jsonl")

    assert read == Capture(sees, events)


@given(SIGHTS, st.lists(EVENTS, max_size=30))
def test_nothing_can_stop_the_grader(sees: Sight, events: list[Event]) -> None:
    """Whatever a network carries, in whatever order."""
    report = grader.grade(Capture(sees, events), "host")

    assert len(report.results) == 299


def test_a_file_is_graded_as_what_was_recorded() -> None:
    scene = good()
    read = capture_form.parse(lines(scene.capture), "c.jsonl")

    assert grader.grade(read) == scene.grade()
    assert grader.grade(read).of(Outcome.VIOLATED) == ()


HEAD = '{"capture": 1, "sees": ["qos"]}'
GOOD = '{"publish": "a", "at_ms": 1, "qos": 0, "retain": false, "payload": ""}'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (["{}", GOOD], 1, "capture: Field required"),
        (["no JSON", GOOD], 1, 'the first line is {"capture": 1, "sees": […]}'),
        (['{"capture": 2, "sees": []}', GOOD], 1, "capture: Input should be 1"),
        ([HEAD, "no JSON"], 2, "a line is one event as a JSON object"),
        ([HEAD, "[" * 100_000], 2, "a line is one event as a JSON object"),
        ([HEAD, GOOD, '{"at_ms": 1}'], 3,
         "an event has exactly one of the keys publish, connect, subscribe, disconnect"),
        ([HEAD, GOOD.replace('""', '"?"')], 2, "payload: Value error, not base64: Only base64 data is allowed"),
        ([HEAD, GOOD.replace('"qos": 0', '"qos": 3')], 2, "qos: Input should be less than or equal to 2"),
        ([HEAD, GOOD.replace('"a"', "7")], 2, "publish: Input should be a valid string"),
        ([HEAD, GOOD.replace("{", '{"more": 1, ', 1)], 2, "more: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_line(text: list[str], line: int, what: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        capture_form.parse(text, "c.jsonl")

    assert [str(fault) for fault in raised.value.faults][:1] == [f"c.jsonl:{line}: {what}"]


def test_all_faults_are_told_up_to_a_limit() -> None:
    with pytest.raises(Misconfigured) as raised:
        capture_form.parse([HEAD, *["?"] * 1_000], "c.jsonl")

    assert [fault.line for fault in raised.value.faults] == list(range(2, 102))


@pytest.mark.parametrize("text", [[], [HEAD], [HEAD, "", "\n"]])
def test_an_empty_capture_is_a_fault(text: list[str]) -> None:
    with pytest.raises(Misconfigured, match="holds no event"):
        capture_form.parse(text, "c.jsonl")
