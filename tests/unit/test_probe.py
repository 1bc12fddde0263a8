"""The probe: whatever a maker chose, what the registers really mean is among the decodings that fit."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contract.point import FLOATS, WORDS, ByteOrder, ModbusAddress, Point, RawType, Register
from edge_agent.engineering.probe import (
    BASES,
    SCALES,
    TYPES,
    Decoding,
    Known,
    cells_of,
    decodings,
    known_from,
    registers_of,
    request_for,
)
from simulators.registers import words_of, words_of_text

ADDRESS = 100
NUMBERS = sorted(set(TYPES) - {RawType.ASCII})
RANGES = {
    RawType.INT16: (-(2**15), 2**15 - 1), RawType.UINT16: (0, 2**16 - 1), RawType.BCD16: (0, 9999),
    RawType.INT32: (-(2**31), 2**31 - 1), RawType.UINT32: (0, 2**32 - 1), RawType.BCD32: (0, 99_999_999),
    RawType.INT64: (-(2**53), 2**53), RawType.UINT64: (0, 2**53),
}  # fmt: skip


def probed(
    words: dict[int, int], known: Known | None, first: int = ADDRESS - 1, count: int = 5
) -> list[Decoding]:
    """The decodings of registers, 0 where nothing is said."""
    payload = struct.pack(f">{count}H", *(words.get(at, 0) for at in range(first, first + count)))
    return decodings(request_for(1, Register.HOLDING, first, count), payload, ADDRESS, known)


def placed(address: ModbusAddress, raw: float) -> dict[int, int]:
    """The registers that a PLC fills; encoded by the simulator, which shares no code with the agent."""
    return dict(enumerate(words_of(address, raw), start=address.address))


@given(st.data())
def test_what_it_is_fits(data: st.DataObject) -> None:
    """Any type, byte order, way of counting and scale, beside a display that shows some digits of the value."""
    kind, order = data.draw(st.sampled_from(NUMBERS)), data.draw(st.sampled_from(ByteOrder))
    base, scale = data.draw(st.sampled_from(BASES)), data.draw(st.sampled_from(SCALES))
    if kind in FLOATS:
        raw = data.draw(st.floats(-1e6, 1e6, width=32))
    else:
        raw = data.draw(st.integers(*RANGES[kind]))
    address = ModbusAddress(1, Register.HOLDING, ADDRESS - base, kind, None, order)
    value = float(Fraction(raw) * Fraction(str(scale)))
    shown = f"{value:.{data.draw(st.integers(0, 6))}f}"
    found = probed(placed(address, raw), known_from(shown))
    fits = [cells_of(one.point) for one in found if one.fits]
    wanted = cells_of(Point("", "", address, scale=scale))
    if WORDS[kind] == 1:  # one register has two byte orders, by the names of their bytes
        wanted["order"] = "ABCD" if order in (ByteOrder.ABCD, ByteOrder.CDAB) else "BADC"
    assert wanted in fits
    errors = [one.error for one in found if one.fits]
    assert errors == sorted(errors, key=lambda error: error or 0.0)
    assert [one.fits for one in found] == sorted((one.fits for one in found), reverse=True)


def test_a_half_that_was_rounded_up_fits_whatever_its_size() -> None:
    """13343.59375 on a display with four digits."""
    address = ModbusAddress(1, Register.HOLDING, ADDRESS, RawType.FLOAT32, None, ByteOrder.ABCD)
    found = probed(placed(address, 133435.9375), known_from("13343.5938"))
    assert cells_of(Point("", "", address, scale=0.1)) in [cells_of(one.point) for one in found if one.fits]


@given(
    st.text("ABC采煤机1", min_size=1, max_size=4),
    st.sampled_from([ByteOrder.ABCD, ByteOrder.BADC]),
    st.sampled_from(BASES),
)
def test_text_is_found(text: str, order: ByteOrder, base: int) -> None:
    address = ModbusAddress(
        1, Register.HOLDING, ADDRESS - base, RawType.ASCII, None, order, len(text.encode("gb18030"))
    )
    words = dict(enumerate(words_of_text(address, text), start=address.address))
    assume(known_from(text).value == text)
    fits = [cells_of(one.point) for one in probed(words, known_from(text)) if one.fits]
    assert cells_of(Point("", "", address)) in fits


@pytest.mark.parametrize(
    ("raw", "kind", "order", "shown", "scale"),
    [
        (31.37, RawType.FLOAT32, ByteOrder.CDAB, "31.4", 1.0),
        (314, RawType.INT16, ByteOrder.ABCD, "31.4", 0.1),
        (-266, RawType.INT16, ByteOrder.BADC, "-26.6", 0.1),
        (40_000, RawType.UINT16, ByteOrder.ABCD, "40.000", 0.001),
        (123_456, RawType.INT32, ByteOrder.DCBA, "123456", 1.0),
        (1234, RawType.BCD16, ByteOrder.ABCD, "12.34", 0.01),
        (6543.21, RawType.FLOAT64, ByteOrder.BADC, "6543.2", 1.0),
    ],
)
def test_it_comes_first(raw: float, kind: RawType, order: ByteOrder, shown: str, scale: float) -> None:
    """In cases as plants have them the first decoding is the right one; of a small number, signed goes before."""
    words = placed(ModbusAddress(1, Register.HOLDING, ADDRESS, kind, None, order), raw)
    first = next(one for one in probed(words, known_from(shown)) if one.fits)
    at = first.point.address
    assert isinstance(at, ModbusAddress)
    assert (at.type, at.order, at.address, first.point.scale) == (kind, order, ADDRESS, scale)


def test_cells_for_the_table() -> None:
    address = ModbusAddress(3, Register.INPUT, 99, RawType.FLOAT32, None, ByteOrder.CDAB)
    assert cells_of(Point("", "", address, scale=0.1)) == {
        "unit_id": "3", "table": "input", "address": "99", "type": "float32", "order": "CDAB", "scale": "0.1",
    }  # fmt: skip
    assert registers_of(b"\x41\xf8\x00\x0a") == ["41F8", "000A"]


def test_without_a_reading_all_is_listed_plainly() -> None:
    """Every type and order once for each way of counting, unscaled; what is no value last."""
    found = probed({ADDRESS: 0xFFFF, ADDRESS + 1: 0xFFFF}, None)
    assert {one.point.scale for one in found} == {1.0}
    assert not any(one.fits for one in found)
    ways = [
        (cells_of(one.point)["type"], cells_of(one.point)["order"], cells_of(one.point)["address"])
        for one in found
    ]
    assert len(ways) == len(set(ways))
    assert {way[0] for way in ways} == set(TYPES)
    has_value = [one.value is not None for one in found]
    assert has_value == sorted(has_value, reverse=True)
    assert not all(has_value)  # digits above 9, NaN


def test_only_what_was_read_is_decoded() -> None:
    """The register in front is not there, or fewer behind: what would need it is left out."""
    found = probed({ADDRESS: 1}, None, first=ADDRESS, count=1)
    assert {cells_of(one.point)["type"] for one in found} == {"int16", "uint16", "bcd16", "ascii"}
    assert {cells_of(one.point)["address"] for one in found} == {str(ADDRESS)}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("31.4", Known(31.4, 0.05)),
        ("31", Known(31.0, 0.5)),
        ("-0.050", Known(-0.05, 0.0005)),
        ("1e3", Known(1000.0, 500.0)),
        ("MG400", Known("MG400")),
        ("nan", Known("nan")),
        ("", Known("")),
    ],
)
def test_a_reading_as_it_is_written(text: str, known: Known) -> None:
    """A number reaches as far as half its last digit."""
    assert known_from(text) == known
