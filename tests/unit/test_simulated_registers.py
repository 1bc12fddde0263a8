"""Pins how the virtual mine's PLCs lay values out in registers.

The bytes are worked out by hand (IEEE 754, two's complement), never by a decoder of ours.
"""

import pytest

from contract.point import ByteOrder, ModbusAddress, RawType, Register
from simulators.registers import image, raw_of, words_of
from tests.points import modbus_point

ABCD, CDAB, BADC, DCBA = ByteOrder.ABCD, ByteOrder.CDAB, ByteOrder.BADC, ByteOrder.DCBA


def address(kind: RawType, order: ByteOrder = ABCD, *, bit: int | None = None) -> ModbusAddress:
    return ModbusAddress(1, Register.HOLDING, 0, kind, bit, order)


@pytest.mark.parametrize(
    ("kind", "order", "raw", "words"),
    [
        (RawType.UINT16, ABCD, 0x1234, "1234"),
        (RawType.UINT16, CDAB, 0x1234, "1234"),
        (RawType.UINT16, BADC, 0x1234, "3412"),
        (RawType.UINT16, DCBA, 0x1234, "3412"),
        (RawType.INT16, ABCD, -2, "FFFE"),
        (RawType.INT16, BADC, -2, "FEFF"),
        (RawType.INT16, ABCD, -32768, "8000"),
        (RawType.UINT32, ABCD, 0x12345678, "1234 5678"),
        (RawType.UINT32, CDAB, 0x12345678, "5678 1234"),
        (RawType.UINT32, BADC, 0x12345678, "3412 7856"),
        (RawType.UINT32, DCBA, 0x12345678, "7856 3412"),
        (RawType.INT32, ABCD, -2, "FFFF FFFE"),
        (RawType.INT32, CDAB, -2, "FFFE FFFF"),
        (RawType.INT32, BADC, -2, "FFFF FEFF"),
        (RawType.INT32, DCBA, -2, "FEFF FFFF"),
        (RawType.UINT64, ABCD, 0x0123456789ABCDEF, "0123 4567 89AB CDEF"),
        (RawType.UINT64, CDAB, 0x0123456789ABCDEF, "CDEF 89AB 4567 0123"),
        (RawType.UINT64, BADC, 0x0123456789ABCDEF, "2301 6745 AB89 EFCD"),
        (RawType.UINT64, DCBA, 0x0123456789ABCDEF, "EFCD AB89 6745 2301"),
        (RawType.INT64, ABCD, -2, "FFFF FFFF FFFF FFFE"),
        (RawType.INT64, DCBA, -2, "FEFF FFFF FFFF FFFF"),
        (RawType.FLOAT32, ABCD, 123.456, "42F6 E979"),
        (RawType.FLOAT32, CDAB, 123.456, "E979 42F6"),
        (RawType.FLOAT32, BADC, 123.456, "F642 79E9"),
        (RawType.FLOAT32, DCBA, 123.456, "79E9 F642"),
        (RawType.FLOAT32, ABCD, -12.5, "C148 0000"),
        (RawType.FLOAT64, ABCD, -0.1, "BFB9 9999 9999 999A"),
        (RawType.FLOAT64, CDAB, -0.1, "999A 9999 9999 BFB9"),
        (RawType.FLOAT64, BADC, -0.1, "B9BF 9999 9999 9A99"),
        (RawType.FLOAT64, DCBA, -0.1, "9A99 9999 9999 B9BF"),
        (RawType.BCD16, ABCD, 1234, "1234"),
        (RawType.BCD16, BADC, 1234, "3412"),
        (RawType.BCD16, ABCD, 7, "0007"),
        (RawType.BCD16, ABCD, 12_345, "9999"),
        (RawType.BCD16, ABCD, -1, "0000"),
        (RawType.BCD32, ABCD, 12_345_678, "1234 5678"),
        (RawType.BCD32, CDAB, 12_345_678, "5678 1234"),
        (RawType.BCD32, DCBA, 12_345_678, "7856 3412"),
    ],
)
def test_every_type_and_order(kind: RawType, order: ByteOrder, raw: float, words: str) -> None:
    assert words_of(address(kind, order), raw) == tuple(int(word, 16) for word in words.split())


@pytest.mark.parametrize(
    ("bit", "order", "word"), [(0, ABCD, 0x0001), (7, ABCD, 0x0080), (15, ABCD, 0x8000), (0, BADC, 0x0100)]
)
def test_a_bit_of_a_register(bit: int, order: ByteOrder, word: int) -> None:
    where = address(RawType.BIT, order, bit=bit)
    assert words_of(where, 1) == (word,)
    assert words_of(where, 0) == (0,)


def test_whole_numbers_round_and_stop_at_the_ends_of_their_type() -> None:
    assert words_of(address(RawType.UINT16), 734.6) == (735,)
    assert words_of(address(RawType.UINT16), 70_000.0) == (0xFFFF,)
    assert words_of(address(RawType.UINT16), -1.0) == (0,)
    assert words_of(address(RawType.INT16), 40_000.0) == (0x7FFF,)
    assert words_of(address(RawType.INT32), -3e9) == (0x8000, 0x0000)


def test_scale_and_offset_are_undone() -> None:
    """23.5 ℃ at scale 0.1 and offset -50 is the count 735: 735 × 0.1 - 50 = 23.5."""
    point = modbus_point(0, scale=0.1, offset=-50.0)
    assert image([(point, 23.5)]) == {0: 735}


def test_text_is_its_code_and_truth_is_one() -> None:
    point = modbus_point(0, enum={0: "local", 1: "remote", 2: "auto"})
    assert raw_of(point, "auto") == 2
    assert raw_of(point, True) == 1


def test_bits_share_a_register() -> None:
    points = [modbus_point(5, RawType.BIT, bit=bit) for bit in (0, 3, 15)]
    assert image(zip(points, (True, False, True), strict=True)) == {5: 0x8001}


def test_coils_are_single_bits() -> None:
    points = [modbus_point(at, RawType.BIT, table=Register.COIL) for at in (0, 1)]
    assert image(zip(points, (False, True), strict=True)) == {0: 0, 1: 1}


def test_a_dead_sensor_is_nan_or_not_there() -> None:
    """The quiet NaN of IEEE 754; a whole number has none, so its register is missing (exception 2)."""
    real, whole = modbus_point(0, RawType.FLOAT32), modbus_point(10)
    assert image([(real, None), (whole, None)]) == {0: 0x7FC0, 1: 0x0000}


@pytest.mark.parametrize(
    ("length", "order", "text", "words"),
    [
        (4, ABCD, "PUMP", "5055 4D50"),
        (4, BADC, "PUMP", "5550 504D"),
        (4, CDAB, "PUMP", "5055 4D50"),
        (5, ABCD, "PUMP-1", "5055 4D50 2D00"),
        (6, ABCD, "OK", "4F4B 0000 0000"),
        (4, ABCD, "泵水", "B1C3 CBAE"),
    ],
)
def test_text_stands_two_characters_to_a_register(
    length: int, order: ByteOrder, text: str, words: str
) -> None:
    point = modbus_point(0, RawType.ASCII, length=length, order=order)
    assert image([(point, text)]) == {at: int(word, 16) for at, word in enumerate(words.split())}


def test_masks_share_a_register() -> None:
    """0b10 in bits 4-5 and 9 in the highest four; a number too large for its bits stops at their end."""
    mode = modbus_point(5, mask=0x0030, enum={0: "local", 2: "auto"})
    step = modbus_point(5, mask=0xF000)
    assert image([(mode, "auto"), (step, 9)]) == {5: 0x9020}
    assert image([(step, 99)]) == {5: 0xF000}


def test_flags_are_the_sum_of_their_bits() -> None:
    point = modbus_point(0, flags={0: "normal", 1: "alarm", 2: "cut", 0x4000: "paused"})
    assert image([(point, "alarm+paused")]) == {0: 0x4001}
    assert image([(point, "normal")]) == {0: 0}
