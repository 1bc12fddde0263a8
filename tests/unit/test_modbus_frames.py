"""Pins how replies are found in what comes back, against frames from the specifications and any cutting of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.pdu import DecodePDU

from edge_agent.sources.modbus_frames import MbapFrames, Reply, RtuFrames
from tests.modbus_device import checksum

Found = tuple[bytes | None, int]
"""Values and exception code."""

UNIT, HOLDING = 17, 3
RTU = bytes.fromhex("11 03 06 AE41 5652 4340 49AD")
"""Three registers of unit 17, as a widely printed example has them."""
VALUES = bytes.fromhex("AE41 5652 4340")
RTU_REFUSED = bytes.fromhex("0A 81 02 B053")
"""Exception 2 of unit 10 to function 1."""
MBAP = bytes.fromhex("0001 0000 0009 11 03 06 022B 0000 0064")
"""The registers of the specification's example (Modbus Application Protocol V1.1b3, 6.3)."""


def rtu(unit: int, body: bytes) -> bytes:
    frame = bytes([unit]) + body
    return frame + checksum(frame)


def rtu_frames(function: int = HOLDING, size: int = 6) -> RtuFrames:
    frames = RtuFrames(DecodePDU(False))
    frames.expect(function, size)
    return frames


def mbap_frames(function: int = HOLDING, size: int = 6) -> MbapFrames:
    frames = MbapFrames(DecodePDU(False))
    frames.expect(function, size)
    return frames


def fed(
    frames: MbapFrames | RtuFrames, pieces: Iterable[bytes], unit: int = UNIT, number: int = 1
) -> Found | None:
    """What is found when the pieces come one after another, as pymodbus passes them on."""
    held = b""
    for piece in pieces:
        held += piece
        used, reply = frames.handleFrame(held, unit, number)
        held = held[used:]
        if reply is not None:
            assert isinstance(reply, Reply)
            return reply.values, reply.exception_code
    return None


def cut(data: bytes, at: Iterable[int]) -> list[bytes]:
    """Data in pieces."""
    ends = sorted({0, len(data), *(place for place in at if place < len(data))})
    return [data[start:end] for start, end in pairwise(ends)]


cuts = st.lists(st.integers(0, 300), max_size=6)


@given(cuts)
def test_a_frame_in_any_pieces(at: list[int]) -> None:
    """Both framings, values and exceptions."""
    assert fed(rtu_frames(), cut(RTU, at)) == (VALUES, 0)
    assert fed(rtu_frames(1, 2), cut(RTU_REFUSED, at), unit=10) == (None, 2)
    assert fed(mbap_frames(), cut(MBAP, at)) == (bytes.fromhex("022B 0000 0064"), 0)
    assert fed(mbap_frames(), cut(bytes.fromhex("0001 0000 0003 11 83 02"), at)) == (None, 2)


@given(
    st.lists(
        st.tuples(st.integers(0, 255).filter(lambda unit: unit != UNIT), st.binary(max_size=250)), max_size=4
    ),
    st.binary(min_size=6, max_size=6),
    cuts,
)
def test_late_answers_of_others_in_front(
    others: list[tuple[int, bytes]], values: bytes, at: list[int]
) -> None:
    """Frames of other units are passed over, however they and ours are cut."""
    late = b"".join(rtu(unit, bytes([HOLDING, len(held)]) + held) for unit, held in others)
    everything = late + rtu(UNIT, b"\x03\x06" + values)
    assert fed(rtu_frames(), [everything]) == (values, 0)
    assert fed(rtu_frames(), cut(everything, at)) == (values, 0)


@pytest.mark.parametrize("noise", [b"\0", b"\xff", b"\0\xff\x03", b"\x11", b"\x11\x03", b"\x11\x03\x06\x11"])
def test_noise_in_front_of_a_frame(noise: bytes) -> None:
    """A line that is let go and taken again makes bytes of it."""
    for at in range(len(noise) + len(RTU)):
        assert fed(rtu_frames(), cut(noise + RTU, [at])) == (VALUES, 0)


@given(st.integers(0, 8 * len(RTU) - 1))
def test_a_bit_that_fell_over_is_never_a_value(bit: int) -> None:
    """In any place of a frame: rubbish, at once or at the timeout; never another value."""
    changed = bytearray(RTU)
    changed[bit // 8] ^= 1 << bit % 8
    frames = rtu_frames()
    assert fed(frames, [bytes(changed)]) in [(None, 0), None]
    assert frames.has_heard


@pytest.mark.parametrize("frame", [
    rtu(UNIT, bytes.fromhex("03 04 AE41 5652")),  # another size
    rtu(UNIT, bytes.fromhex("04 06 AE41 5652 4340")),  # another function
    rtu(UNIT, bytes.fromhex("84 02")),
    RTU[:-1],
])  # fmt: skip
def test_what_is_no_answer_of_the_unit_is_heard(frame: bytes) -> None:
    """So that the timeout is told as a reply that could not be understood."""
    frames = rtu_frames()
    assert fed(frames, [frame]) in [(None, 0), None]
    assert frames.has_heard
    frames.expect(HOLDING, 6)
    assert not frames.has_heard


def test_silence_is_told_from_rubbish() -> None:
    """Nothing at all, and what others have to say."""
    frames = rtu_frames()
    assert fed(frames, [RTU_REFUSED]) is None
    assert not frames.has_heard


@pytest.mark.parametrize(("frame", "found"), [
    ("0002 0000 0009 11 03 06 022B 0000 0064", None),  # the number of another request
    ("0001 0000 0009 12 03 06 022B 0000 0064", None),  # another unit
    ("0001 0000 0007 11 03 04 022B 0000", (None, 0)),
    ("0001 0000 0009 11 03 04 022B 0000 0064", (None, 0)),
    ("0001 0000 0009 11 04 06 022B 0000 0064", (None, 0)),
    ("0001 0001 0009 11 03 06 022B 0000 0064", (None, 0)),
    ("4854 5450 2F31 2E31", (None, 0)),  # HTTP/1.1
    ("0001 0000 0003 11 84 02", (None, 0)),
    ("0001 0000 0002 11 83 02", (None, 2)),  # counted one short, as some devices do
])  # fmt: skip
def test_what_does_not_fit_the_request(frame: str, found: Found | None) -> None:
    """Other numbers and units are passed over, the rest is rubbish at once."""
    assert fed(mbap_frames(), [bytes.fromhex(frame)]) == found


def test_a_late_answer_and_ours_at_once() -> None:
    """Told apart by their numbers."""
    late = bytes.fromhex("0000 0000 0009 11 03 06 FFFF FFFF FFFF")
    assert fed(mbap_frames(), [late + MBAP]) == (bytes.fromhex("022B 0000 0064"), 0)
