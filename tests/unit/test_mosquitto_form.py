"""What mosquitto_sub writes down is a capture: read exactly, and a line of another form is told by its number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Misconfigured
from contract.grading import mosquitto_form
from contract.grading.capture import Capture, Published, Sight
from contract.grading.report import Outcome
from tests.grading_scene import good

GOOD = "1650000000.786368637 0 0 0801ff spBv1.0/M1/NBIRTH/gw-1"
TOPICS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1)
MESSAGES = st.builds(
    Published, st.integers(0, 2**39), TOPICS, st.binary(), st.integers(0, 2), st.just(False), st.just(False)
)


def line(message: Published) -> str:
    """As mosquitto_sub writes it."""
    seconds, ms = divmod(message.at_ms, 1000)
    return f"{seconds}.{ms:03}000000 {message.qos} {int(message.retain)} {message.payload.hex()} {message.topic}\n"


def parsed(*lines: str, at_qos_2: bool = True) -> Capture:
    """The capture in these lines."""
    return mosquitto_form.parse(lines, "wire.txt", at_qos_2=at_qos_2)


def test_a_line() -> None:
    message = Published(1_650_000_000_786, "spBv1.0/M1/NBIRTH/gw-1", b"\x08\x01\xff", 0, retain=False)
    assert parsed(f"{GOOD}\r\n", "\n") == Capture(Sight.QOS, [message])
    assert parsed(GOOD, at_qos_2=False).sees is Sight.NOTHING


def test_a_set_retain_flag_says_that_it_was_there_before() -> None:
    stored = Published(1_000, "spBv1.0/STATE/c d", b"", 1, retain=True, stored=True)
    assert parsed("1.000000000 1 1  spBv1.0/STATE/c d").events == [stored]


@given(st.lists(MESSAGES))
def test_what_is_written_is_read_back(messages: list[Published]) -> None:
    assert parsed(*map(line, messages)).events == messages


def test_it_is_graded_like_any_capture() -> None:
    scene = good()
    seen = [event for event in scene.events if isinstance(event, Published)]
    report = mosquitto_form.parse(map(line, seen), "wire.txt", at_qos_2=True)
    assert [event.topic for event in report.events if isinstance(event, Published)] == [
        event.topic for event in seen
    ]
    assert scene.grade().of(Outcome.VIOLATED) == ()


@pytest.mark.parametrize(
    "wrong",
    ["x", '{"capture": 1}', GOOD.replace("0801ff", "0801f"), GOOD.replace(" 0 0 ", " 3 0 "), "1.5 0 0 00 a"],
)
def test_a_line_of_another_form_is_told(wrong: str) -> None:
    assert not mosquitto_form.is_one(wrong)
    with pytest.raises(Misconfigured) as raised:
        parsed(GOOD, wrong)
    assert [(fault.file, fault.line) for fault in raised.value.faults] == [("wire.txt", 2)]


def test_faults_are_told_up_to_a_limit() -> None:
    with pytest.raises(Misconfigured) as raised:
        parsed(*["?"] * 1_000)
    assert len(raised.value.faults) == 100
