"""Pins what faults do to bytes: frames are found whatever the chunks, and only the named request is met."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.point import Register
from simulators.chance import Chance
from simulators.faults import (
    BUSY,
    PENDING_MAX,
    ModbusTalk,
    Trouble,
    UnitFault,
    UnitKind,
    WireFault,
    WireKind,
    delay_s_of,
    holding,
    spoiled,
)

ASKED = bytes.fromhex(
    "0007 0000 0006 02 03 0064 0002"
)  # transaction 7, unit 2, two holding registers from 100
ANSWERED = bytes.fromhex("0007 0000 0007 02 03 04 0001 0002")


def asked(fault: Trouble, frame: bytes = ASKED) -> tuple[bytes, bytes]:
    return ModbusTalk().asked(frame, [fault])


def chance(seed: int) -> Random:
    return Chance(seed, "test").stream(0)


# --- unit faults


def test_an_exception_is_answered_at_once() -> None:
    """The machine never hears the request."""
    assert asked(UnitFault(kind=UnitKind.EXCEPTION)) == (b"", bytes.fromhex("0007 0000 0003 02 83 06"))
    assert BUSY == 6
    refused = asked(UnitFault(kind=UnitKind.EXCEPTION, code=2))
    assert refused == (b"", bytes.fromhex("0007 0000 0003 02 83 02"))


def test_silence() -> None:
    assert asked(UnitFault(kind=UnitKind.SILENT)) == (b"", b"")


@pytest.mark.parametrize(
    ("fault", "is_met"),
    [
        (UnitFault(kind=UnitKind.SILENT, unit_id=2), True),
        (UnitFault(kind=UnitKind.SILENT, unit_id=1), False),
        (UnitFault(kind=UnitKind.SILENT, table=Register.HOLDING), True),
        (UnitFault(kind=UnitKind.SILENT, table=Register.INPUT), False),
        (UnitFault(kind=UnitKind.SILENT, first=101, last=101), True),
        (UnitFault(kind=UnitKind.SILENT, first=0, last=100), True),
        (UnitFault(kind=UnitKind.SILENT, first=0, last=99), False),
        (UnitFault(kind=UnitKind.SILENT, first=102), False),
    ],
)
def test_which_requests_are_met(fault: UnitFault, *, is_met: bool) -> None:
    assert asked(fault) == ((b"", b"") if is_met else (ASKED, b""))


def test_a_write_has_no_range() -> None:
    """Its last number is a value: register 5 and value 9 do not meet a fault of register 6."""
    write = bytes.fromhex("0001 0000 0006 01 06 0005 0009")
    assert asked(UnitFault(kind=UnitKind.SILENT, first=6, last=6), write) == (write, b"")
    assert asked(UnitFault(kind=UnitKind.SILENT, first=5, last=5), write) == (b"", b"")


def test_late_and_wrongly_numbered_answers() -> None:
    """Only the answer to the request that was met, and only once."""
    for fault, expected in (
        (UnitFault(kind=UnitKind.LATE, delay_s=2.5), (2.5, ANSWERED)),
        (UnitFault(kind=UnitKind.TRANSACTION), (0.0, b"\x00\x08" + ANSWERED[2:])),
    ):
        talk = ModbusTalk()
        assert talk.asked(ASKED, [fault]) == (ASKED, b"")
        assert list(talk.answered(ANSWERED)) == [expected]
        assert list(talk.answered(ANSWERED)) == [(0.0, ANSWERED)]


def test_the_first_fault_that_fits_holds() -> None:
    faults = [UnitFault(kind=UnitKind.SILENT, unit_id=9), UnitFault(kind=UnitKind.EXCEPTION)]
    assert ModbusTalk().asked(ASKED, faults)[1] != b""
    assert ModbusTalk().asked(ASKED, [UnitFault(kind=UnitKind.SILENT), *faults]) == (b"", b"")


def test_what_waits_for_its_answer_is_bounded() -> None:
    talk = ModbusTalk()
    for number in range(PENDING_MAX + 10):
        talk.asked(number.to_bytes(2, "big") + ASKED[2:], [UnitFault(kind=UnitKind.LATE, delay_s=1.0)])
    assert len(talk.pending) == PENDING_MAX
    assert 9 not in talk.pending
    assert 10 in talk.pending


@given(st.lists(st.integers(1, 40), min_size=1), st.integers(1, 8))
def test_frames_are_found_whatever_the_chunks(sizes: list[int], count: int) -> None:
    """Nothing is lost, doubled or changed where no fault meets, and each met request is answered."""
    stream, at = ASKED * count, 0
    through, met = ModbusTalk(), ModbusTalk()
    heard, answers = b"", b""
    for size in [*sizes, len(stream)]:
        chunk, at = stream[at : at + size], at + size
        heard += through.asked(chunk, [])[0]
        answers += met.asked(chunk, [UnitFault(kind=UnitKind.EXCEPTION)])[1]
    assert heard == stream
    assert len(answers) == 9 * count


@given(st.binary(min_size=7, max_size=300))
def test_what_is_no_modbus_is_not_kept_for_ever(data: bytes) -> None:
    """At most one frame's length waits for its rest."""
    talk = ModbusTalk()
    talk.asked(data, [UnitFault(kind=UnitKind.SILENT)])
    list(talk.answered(data))
    assert len(talk.asked_of) < 260
    assert len(talk.answered_by) < 260


# --- wire faults


def test_a_fault_holds_from_its_first_instant_to_before_its_last() -> None:
    fault = WireFault(kind=WireKind.CUT, from_ms=10, to_ms=20)
    assert [bool(holding([fault], at_ms)) for at_ms in (9, 10, 19, 20)] == [False, True, True, False]
    assert holding([WireFault(kind=WireKind.CUT)], 1_700_000_000_000)


def test_delays_add_up() -> None:
    faults = [WireFault(kind=WireKind.DELAY, delay_s=0.2), WireFault(kind=WireKind.DELAY, delay_s=0.3)]
    assert delay_s_of(faults) == pytest.approx(0.5)
    assert delay_s_of([WireFault(kind=WireKind.CUT, delay_s=9)]) == 0


@given(st.binary(min_size=1, max_size=200), st.integers(0, 1_000))
def test_spoiled_bytes(data: bytes, seed: int) -> None:
    """Dropping leaves less, garbage stands before, a share of 0 changes nothing, a seed repeats itself."""
    drop, garbage = WireFault(kind=WireKind.DROP), WireFault(kind=WireKind.GARBAGE)
    assert len(spoiled(data, [drop], chance(seed))) < len(data)
    assert spoiled(data, [garbage], chance(seed)).endswith(data)
    assert 1 <= len(spoiled(data, [garbage], chance(seed))) - len(data) <= 24
    assert spoiled(data, [WireFault(kind=WireKind.DROP, share=0.0)], chance(seed)) == data
    both = [drop, garbage]
    assert spoiled(data, both, chance(seed)) == spoiled(data, both, chance(seed))
    assert spoiled(b"", both, chance(seed))


def test_a_share_is_one_of_many() -> None:
    draws, fault = chance(1), WireFault(kind=WireKind.DROP, share=0.25)
    hit = sum(spoiled(b"123456", [fault], draws) != b"123456" for _ in range(2_000))
    assert 400 < hit < 600
