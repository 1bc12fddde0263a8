"""Pins decoding against bytes written by hand (and struct): types, byte orders, bits, scale, enum, and no values."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.datatype import Value
from contract.point import ByteOrder, Point, RawType, Register
from edge_agent.acquisition.decode import any_converter, decoder, payload_size
from edge_agent.acquisition.read_plan import ReadLimits, plan, where
from tests.points import modbus_point, opcua_point

ABCD, CDAB, BADC, DCBA = ByteOrder.ABCD, ByteOrder.CDAB, ByteOrder.BADC, ByteOrder.DCBA


def decoded(payload: str | bytes, *points: Point) -> list[Value | None]:
    """The values that one reply, in hexadecimal, gives these points (in the order of the request)."""
    (request,) = plan(points, ReadLimits())
    given = bytes.fromhex(payload) if isinstance(payload, str) else payload
    assert len(given) == payload_size(request.table, request.count)
    return decoder(request).values(given)


GOLDEN = [
    # 0x1234 = 4660, 0x3412 = 13330
    (RawType.UINT16, ABCD, "1234", 4660),
    (RawType.UINT16, CDAB, "1234", 4660),
    (RawType.UINT16, BADC, "1234", 13330),
    (RawType.UINT16, DCBA, "1234", 13330),
    (RawType.INT16, ABCD, "FFFE", -2),
    (RawType.INT16, DCBA, "FEFF", -2),
    # 0x00BC614E = 12345678
    (RawType.UINT32, ABCD, "00BC 614E", 12_345_678),
    (RawType.UINT32, CDAB, "614E 00BC", 12_345_678),
    (RawType.UINT32, BADC, "BC00 4E61", 12_345_678),
    (RawType.UINT32, DCBA, "4E61 BC00", 12_345_678),
    (RawType.UINT32, ABCD, "FFFF FFFF", 4_294_967_295),
    (RawType.INT32, ABCD, "FFFF FFFF", -1),
    (RawType.INT32, CDAB, "FFFE FFFF", -2),
    # 0x42F6E979 = 123.456 as float32
    (RawType.FLOAT32, ABCD, "42F6 E979", 123.45600128173828),
    (RawType.FLOAT32, CDAB, "E979 42F6", 123.45600128173828),
    (RawType.FLOAT32, BADC, "F642 79E9", 123.45600128173828),
    (RawType.FLOAT32, DCBA, "79E9 F642", 123.45600128173828),
    # 0x0102030405060708 = 72623859790382856
    (RawType.UINT64, ABCD, "0102 0304 0506 0708", 72_623_859_790_382_856),
    (RawType.UINT64, CDAB, "0708 0506 0304 0102", 72_623_859_790_382_856),
    (RawType.UINT64, BADC, "0201 0403 0605 0807", 72_623_859_790_382_856),
    (RawType.UINT64, DCBA, "0807 0605 0403 0201", 72_623_859_790_382_856),
    (RawType.UINT64, ABCD, "FFFF FFFF FFFF FFFF", 18_446_744_073_709_551_615),
    (RawType.INT64, ABCD, "FFFF FFFF FFFF FFFF", -1),
    # 0x405EDD2F1A9FBE77 = 123.456 as float64
    (RawType.FLOAT64, ABCD, "405E DD2F 1A9F BE77", 123.456),
    (RawType.FLOAT64, CDAB, "BE77 1A9F DD2F 405E", 123.456),
    (RawType.FLOAT64, BADC, "5E40 2FDD 9F1A 77BE", 123.456),
    (RawType.FLOAT64, DCBA, "77BE 9F1A 2FDD 5E40", 123.456),
    (RawType.BCD16, ABCD, "1234", 1234),
    (RawType.BCD16, BADC, "3412", 1234),
    (RawType.BCD16, ABCD, "9999", 9999),
    (RawType.BCD16, ABCD, "0000", 0),
    (RawType.BCD32, ABCD, "0123 4567", 1_234_567),
    (RawType.BCD32, CDAB, "4567 0123", 1_234_567),
    (RawType.BCD32, BADC, "2301 6745", 1_234_567),
    (RawType.BCD32, DCBA, "6745 2301", 1_234_567),
    (RawType.BCD32, ABCD, "9999 9999", 99_999_999),
]


@pytest.mark.parametrize(("kind", "order", "payload", "value"), GOLDEN)
def test_golden_bytes(kind: RawType, order: ByteOrder, payload: str, value: Value) -> None:
    """Every type in every byte order; whole numbers stay whole."""
    (got,) = decoded(payload, modbus_point(7, kind, order=order))
    assert got == value
    assert type(got) is type(value)


def test_a_reply_with_everything_in_it() -> None:
    """Mixed types, orders, a hole, and points that overlap are taken from one reply, each from its own place."""
    points = [
        modbus_point(100, RawType.UINT16),
        modbus_point(100, RawType.BIT, bit=1),
        modbus_point(100, RawType.BIT, bit=12),
        modbus_point(101, RawType.FLOAT32, order=CDAB),
        modbus_point(101, RawType.UINT16, order=BADC),
        modbus_point(105, RawType.INT32, scale=0.01),
    ]
    values = decoded("1002 0000 4148 DEAD BEEF FFFF FF85", *points)
    (request,) = plan(points, ReadLimits())
    by_metric = {point.metric: value for point, value in zip(request.points, values, strict=True)}
    assert [by_metric[point.metric] for point in points] == [0x1002, True, True, 12.5, 0, -1.23]


@pytest.mark.parametrize(("bit", "order", "value"), [
    (0, ABCD, True), (1, ABCD, False), (15, ABCD, True), (8, DCBA, True), (7, BADC, True), (0, CDAB, True),
])  # fmt: skip
def test_bits_of_a_register(bit: int, order: ByteOrder, value: bool) -> None:
    """0x8001: lowest and highest bit; swapped it is 0x0180."""
    assert decoded("8001", modbus_point(0, RawType.BIT, bit=bit, order=order)) == [value]


def test_coils_lie_lowest_bit_first() -> None:
    """The specification's own example: coils 20-38, CD 6B 05 (Modbus Application Protocol V1.1b3, 6.1)."""
    points = [modbus_point(19 + at, RawType.BIT, table=Register.COIL) for at in range(19)]
    values = decoded("CD 6B 05", *points)
    assert "".join(str(int(bool(value))) for value in values) == "1011001111010110101"
    assert all(type(value) is bool for value in values)


@pytest.mark.parametrize(
    ("raw", "scale", "offset", "value"),
    [
        (3, 0.1, 0, 0.3),
        (1234, 0.01, 0, 12.34),
        (65535, 0.001, 0, 65.535),
        (500, 0.1, -40, 10.0),
        (7, 0.3, 0, 2.1),
        (7, 2, 0.5, 14.5),
        (5, 1000, 0, 5000.0),
        (40, 1, -40, 0.0),
        (1, 1e-9, 0, 1e-9),
        (3, 1e-12, 0, 3e-12),
    ],
)
def test_scale_and_offset_give_the_decimals_that_were_written(
    raw: int, scale: float, offset: float, value: float
) -> None:
    """No 0.30000000000000004; and a scaled value is a float whatever comes out."""
    (got,) = decoded(struct.pack(">H", raw), modbus_point(0, scale=scale, offset=offset))
    assert got == value
    assert repr(got) == repr(float(value))


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-9_999, 9_999).filter(bool),
    st.integers(0, 5),
    st.integers(-999, 999),
)
def test_scaled_whole_numbers_equal_exact_decimals(raw: int, factor: int, places: int, shift: int) -> None:
    """Against decimal arithmetic: the nearest float to the exact result."""
    scale, offset = Decimal(factor).scaleb(-places), Decimal(shift).scaleb(-places)
    point = modbus_point(0, RawType.INT32, scale=float(scale), offset=float(offset))
    (got,) = decoded(struct.pack(">i", raw), point)
    assert got == (raw if scale == 1 and offset == 0 else float(raw * scale + offset))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_keep_their_own_decimals(raw: float) -> None:
    """A float is not rounded to the decimals of its scale."""
    (plain,) = decoded(struct.pack(">f", raw), modbus_point(0, RawType.FLOAT32))
    assert plain == raw
    (scaled,) = decoded(struct.pack(">f", raw), modbus_point(0, RawType.FLOAT32, scale=0.1, offset=2))
    assert scaled == pytest.approx(raw * 0.1 + 2, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("raw", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("point", [
    modbus_point(0, RawType.FLOAT64),
    modbus_point(0, RawType.FLOAT64, scale=0.1),
    modbus_point(0, RawType.FLOAT64, scale=1 / 3),
    modbus_point(0, RawType.FLOAT64, enum={0: "off"}),
])  # fmt: skip
def test_what_is_not_finite_is_no_value(raw: float, point: Point) -> None:
    """NaN and infinity never pass."""
    assert decoded(struct.pack(">d", raw), point) == [None]


def test_what_overflows_is_no_value() -> None:
    """A scale that lifts a number out of the range of floats gives no value, and no error."""
    assert decoded(struct.pack(">d", 1e300), modbus_point(0, RawType.FLOAT64, scale=1e300)) == [None]
    assert decoded("FFFF FFFF FFFF FFFF", modbus_point(0, RawType.UINT64, scale=1e300)) == [None]


def test_enum_codes_and_unknown_codes() -> None:
    """A code without a text is no value, and so is a number that is not whole."""
    modes = {0: "local", 1: "remote", 2: "auto"}
    assert decoded("0001 0002 0007", *(modbus_point(at, enum=modes) for at in range(3))) == [
        "remote",
        "auto",
        None,
    ]
    assert decoded("BFF8 0000 0000 0000", modbus_point(0, RawType.FLOAT64, enum=modes)) == [None]
    assert decoded("01", modbus_point(0, RawType.BIT, table=Register.COIL, enum=modes)) == ["remote"]
    assert decoded("0004", modbus_point(0, RawType.BIT, bit=2, enum=modes)) == ["remote"]


@pytest.mark.parametrize("payload", ["A000", "0A00", "00A0", "000A", "FFFF"])
def test_a_digit_above_nine_is_no_value(payload: str) -> None:
    """Nor are seven good digits beside it."""
    assert decoded(payload, modbus_point(0, RawType.BCD16, scale=0.1)) == [None]
    assert decoded(payload, modbus_point(0, RawType.BCD16, enum={0: "off"})) == [None]
    assert decoded(f"1234 {payload}", modbus_point(0, RawType.BCD32)) == [None]


def test_bcd_is_scaled_and_named() -> None:
    """As any whole number."""
    assert decoded("1234", modbus_point(0, RawType.BCD16, scale=0.1, offset=-20)) == [103.4]
    assert decoded("0010", modbus_point(0, RawType.BCD16, enum={10: "ten", 16: "sixteen"})) == ["ten"]


@given(st.integers(0, 99_999_999))
def test_bcd_against_its_decimal_digits(number: int) -> None:
    """Every number of eight digits."""
    assert decoded(bytes.fromhex(f"{number:08}"), modbus_point(0, RawType.BCD32)) == [number]


@pytest.mark.parametrize(("length", "order", "payload", "value"), [
    (6, ABCD, b"PUMP-1", "PUMP-1"),
    (6, BADC, b"UPPM1-", "PUMP-1"),
    (6, CDAB, b"PUMP-1", "PUMP-1"),  # a device's order of words is none of its text
    (6, DCBA, b"UPPM1-", "PUMP-1"),
    (5, ABCD, b"PUMP-1", "PUMP-"),
    (5, BADC, b"UPPM1-", "PUMP-"),
    (1, ABCD, b"AZ", "A"),
    (6, ABCD, b"OK\0\xff\xff\xff", "OK"),
    (6, ABCD, b" OK   ", " OK"),
    (6, ABCD, b"OK \0  ", "OK"),
    (4, ABCD, b"\0\0\0\0", ""),
    (4, ABCD, b"    ", ""),
    (4, ABCD, bytes.fromhex("B1C3 CBAE"), "泵水"),
    (6, ABCD, bytes.fromhex("B1C3 A1A1 A1A1"), "泵"),
    (6, ABCD, bytes.fromhex("B1C3 A1A1 CBAE"), "泵\u3000水"),
    (4, ABCD, b"\xff\xff\xff\xff", None),
    (4, ABCD, b"OK\x80\0", None),
    (3, ABCD, bytes.fromhex("B1C3 CBAE"), None),  # cut within a character
    (4, ABCD, b"O\x01K\0", None),
    (4, ABCD, b"OK\r\n", None),
    (2, ABCD, b"\x7fA", None),
])  # fmt: skip
def test_text(length: int, order: ByteOrder, payload: bytes, value: str | None) -> None:
    """Up to the first NUL, without the blanks at its end; what is no text is no value."""
    assert decoded(payload, modbus_point(0, RawType.ASCII, length=length, order=order)) == [value]


def test_text_beside_numbers() -> None:
    """A text and what lies around it come from one reply, in both orders of bytes."""
    points = [
        modbus_point(0),
        modbus_point(1, RawType.ASCII, length=3),
        modbus_point(3, RawType.ASCII, length=4, order=BADC),
        modbus_point(5, RawType.INT16),
    ]
    assert decoded(b"\0\x07A-1\0BA\0C\xff\xfe", *points) == [7, "A-1", "ABC", -2]


@pytest.mark.parametrize(("fields", "payload", "value"), [
    ({"mask": 0x00F0}, "1234", 0x3),
    ({"mask": 0x0001}, "0003", 1),
    ({"mask": 0x8000}, "8000", 1),
    ({"mask": 0xFFFF}, "1234", 0x1234),
    ({"mask": 0x0F0F}, "1234", 0x0204),
    ({"mask": 0x00F0, "scale": 0.1, "offset": -1}, "0050", -0.5),
    ({"mask": 0x0300, "enum": {0: "local", 2: "auto"}}, "FEFF", "auto"),
    ({"mask": 0x0300, "enum": {0: "local", 2: "auto"}}, "0100", None),
    ({"mask": 0x0030, "flags": {0: "none", 1: "alarm", 2: "cut"}}, "FFCF", "none"),
    ({"mask": 0x0030, "flags": {0: "none", 1: "alarm", 2: "cut"}}, "0030", "alarm+cut"),
    ({"mask": 0x00F0, "order": BADC}, "3412", 0x3),
])  # fmt: skip
def test_a_mask_picks_bits_and_moves_them_down(
    fields: dict[str, Any], payload: str, value: Value | None
) -> None:
    """Before scale, enum and flags."""
    (got,) = decoded(payload, modbus_point(0, **fields))
    assert got == value
    assert type(got) is type(value)


STATES = {0: "normal", 1: "alarm", 2: "cut", 4: "calibration", 0x4000: "paused"}


@pytest.mark.parametrize(("payload", "flags", "value"), [
    ("0000", STATES, "normal"),
    ("0001", STATES, "alarm"),
    ("0003", STATES, "alarm+cut"),
    ("4006", STATES, "cut+calibration+paused"),
    ("0083", STATES, "alarm+cut+0x80"),
    ("8008", STATES, "0x8+0x8000"),
    ("0000", {1: "alarm"}, ""),
])  # fmt: skip
def test_flags_name_every_bit_that_is_set(payload: str, flags: dict[int, str], value: str) -> None:
    """A status word is a mask: sums of states, the lowest bit first, and no bit is passed over in silence."""
    assert decoded(payload, modbus_point(0, flags=flags)) == [value]


def test_bits_of_wide_numbers() -> None:
    """The highest bit of 32 and of 64."""
    high = {1 << 31: "fault", 1 << 63: "far"}
    assert decoded("8000 0001", modbus_point(0, RawType.UINT32, flags=high)) == ["0x1+fault"]
    assert decoded("8000 0000 0000 0000", modbus_point(0, RawType.UINT64, flags=high)) == ["far"]
    assert decoded("F000 0000 0000 0000", modbus_point(0, RawType.UINT64, mask=0xF << 60)) == [15]


@given(st.integers(1, 0xFFFF), st.integers(0, 0xFFFF))
def test_a_mask_bit_by_bit(mask: int, word: int) -> None:
    """Against moving the bits down one at a time."""
    lowest = min(bit for bit in range(16) if mask >> bit & 1)
    expected = sum((word >> bit & mask >> bit & 1) << (bit - lowest) for bit in range(lowest, 16))
    assert decoded(struct.pack(">H", word), modbus_point(0, mask=mask)) == [expected]


def test_a_reply_of_another_size_is_refused() -> None:
    """The decoder never reads past or short of its reply."""
    (request,) = plan([modbus_point(0), modbus_point(1)], ReadLimits())
    with pytest.raises(struct.error):
        decoder(request).values(b"\0\0")


CODES = {
    RawType.UINT16: "H", RawType.INT16: "h", RawType.UINT32: "I", RawType.INT32: "i", RawType.UINT64: "Q",
    RawType.INT64: "q", RawType.FLOAT32: "f", RawType.FLOAT64: "d",
}  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from([*CODES]), st.sampled_from([*ByteOrder])), min_size=1
    ),
    st.binary(min_size=250, max_size=250),
)
def test_any_reply_against_a_plain_reading_of_its_bytes(
    rows: list[tuple[int, RawType, ByteOrder]], memory: bytes
) -> None:
    """Each point alone, by moving its bytes into order one by one."""
    points = [modbus_point(at, kind, order=order) for at, kind, order in rows]
    for request in plan(points, ReadLimits(register_hole_max=125)):
        payload = memory[2 * request.address : 2 * (request.address + request.count)]
        values = decoder(request).values(payload)
        for point, value in zip(request.points, values, strict=True):
            assert value == slowly(point, memory)


def slowly(point: Point, memory: bytes) -> Value | None:
    """A point's value from a device's whole memory, one step at a time."""
    at = where(point)
    registers = [memory[2 * word : 2 * word + 2] for word in range(at.address, at.address + at.words)]
    if at.order in (CDAB, DCBA):
        registers.reverse()
    if at.order in (BADC, DCBA):
        registers = [register[::-1] for register in registers]
    (raw,) = struct.unpack(">" + CODES[at.type], b"".join(registers))
    return raw if math.isfinite(raw) else None


@pytest.mark.parametrize(
    ("raw", "fields", "value"),
    [
        (5, {}, 5),
        (True, {}, True),
        (1.5, {}, 1.5),
        ("remote", {}, "remote"),
        (3, {"scale": 0.1}, 0.3),
        (True, {"scale": 0.1}, True),
        (3.0, {"scale": 0.1}, 0.3),
        ("3", {"scale": 0.1}, None),
        (math.nan, {}, None),
        (1, {"enum": {1: "remote"}}, "remote"),
        (2, {"enum": {1: "remote"}}, None),
        (True, {"enum": {1: "remote"}}, "remote"),
        ("remote", {"enum": {1: "remote"}}, None),
        (None, {}, None),
        ([1, 2], {}, None),
        ([1, 2], {"enum": {1: "remote"}}, None),
        (b"12", {}, None),
        (0x35, {"mask": 0xF0}, 3),
        (0x35, {"mask": 0xF0, "scale": 0.1}, 0.3),
        (0x35, {"mask": 0xF0, "enum": {3: "auto"}}, "auto"),
        (-1, {"mask": 0xF0}, 15),
        (5.0, {"mask": 0xF0}, None),
        ("5", {"mask": 0xF0}, None),
        (6, {"flags": STATES}, "cut+calibration"),
        (0, {"flags": STATES}, "normal"),
        (0x86, {"flags": STATES, "mask": 0x0E}, "alarm+cut"),
        (True, {"flags": STATES}, "alarm"),
        (-1, {"flags": STATES}, None),
        (6.0, {"flags": STATES}, None),
        (math.nan, {"flags": STATES}, None),
        ("alarm", {"flags": STATES}, None),
        (None, {"flags": STATES}, None),
    ],
)
def test_values_that_bring_their_type(raw: object, fields: dict[str, Any], value: Value | None) -> None:
    """OPC UA gives typed values: the same rules, and no value for what a metric cannot hold."""
    got = any_converter(opcua_point("i=1", **fields))(raw)
    assert got == value
    assert type(got) is type(value)
