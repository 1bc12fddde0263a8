"""Pins the virtual mine as a whole: a function of seed and instant, and point tables that fit it."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.datatype import Value
from contract.point import ByteOrder, ModbusAddress, Point, Protocol, RawType, Register
from contract.vocabulary import equipment, quantities
from contract.vocabulary.roles import CONTROL_MODES
from simulators.mine import Mine
from simulators.plant import AREAS, CHAMBERS, FACES, MINING, SUBSTATION
from simulators.points import points

NOW_MS = 1_790_000_000_000  # 2026-09-21
MODBUS, OPCUA = points(Protocol.MODBUS), points(Protocol.OPCUA)
CHAMBER_METRICS = (
    "Personnel/Headcount", "Control/Mode", "Control/Running", "Video/Online", "Protection/Healthy", "Link/Healthy",
)  # fmt: skip


def snapshot(mine: Mine) -> dict[tuple[str, str], Value | None]:
    return {tag: mine.value(*tag) for tag in mine.signals}


# --- a function of seed and instant


@settings(max_examples=40)
@given(st.integers(0, 1_000), st.lists(st.integers(0, 72 * 3_600_000), min_size=1, max_size=12))
def test_how_it_is_asked_does_not_matter(seed: int, offsets_ms: list[int]) -> None:
    """Irregular instants, backwards too, against a fresh mine that looks once."""
    mine = Mine(seed, NOW_MS)
    for offset_ms in offsets_ms:
        mine.advance(NOW_MS + offset_ms)
        mine.value(MINING.code, "Shearer/Position")
    assert snapshot(mine) == snapshot(Mine(seed, NOW_MS + offsets_ms[-1]))


def test_values_hold_for_a_whole_second() -> None:
    mine = Mine(1, NOW_MS)
    values = snapshot(mine)
    mine.advance(NOW_MS + 999)
    assert snapshot(mine) == values
    mine.advance(NOW_MS + 1_000)
    assert snapshot(mine) != values


def test_seeds_differ() -> None:
    assert snapshot(Mine(1, NOW_MS)) != snapshot(Mine(2, NOW_MS))


def test_it_starts_in_the_middle_of_a_shift() -> None:
    """10:30 of a 八点班: people at the faces and the shearer has moved, at once."""
    mine = Mine(1, 1_646_101_800_000)  # 2022-03-01T10:30:00+08:00
    for face in FACES:
        count = mine.value(face.code, "Personnel/Headcount")
        assert isinstance(count, int)
        assert 5 <= count <= 9, face
    assert mine.value(MINING.code, "Face Conveyor/Running") is True
    assert mine.value(MINING.code, "Shearer/Position") != 0


def test_an_unknown_signal_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Mine(1, NOW_MS).value(MINING.code, "Pump 1/Flow")


# --- the tables


def test_every_point_has_a_signal_and_every_signal_a_point() -> None:
    keys = [point.key for point in MODBUS + OPCUA]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(Mine(1, NOW_MS).signals)
    assert 300 <= len(keys) <= 450


def test_every_quantity_is_in_the_vocabulary_with_its_kind() -> None:
    mine = Mine(1, NOW_MS)
    kinds = {bool: "boolean", str: "text", int: "number", float: "number"}
    for area, metric in mine.signals:
        name = equipment.parse(metric)
        assert name is not None
        assert quantities.BY_WORD[name.quantity].kind.value == kinds[type(mine.value(area, metric))], metric


def test_every_text_has_a_number_in_its_table() -> None:
    """Over a day, tests of the protections included: what a signal says is a code or a sum of flags."""
    mine = Mine(1, NOW_MS)
    named = [point for point in MODBUS + OPCUA if point.enum or point.flags]
    assert len(named) > 15
    for at_ms in range(NOW_MS, NOW_MS + 24 * 3_600_000, 10_000):
        mine.advance(at_ms)
        for point in named:
            texts = str(mine.value(*point.key)).split("+")
            assert {*point.enum.values(), *point.flags.values()}.issuperset(texts), point.key


@pytest.mark.parametrize("chamber", [area.code for area in CHAMBERS])
def test_chambers_report_all_that_is_judged(chamber: str) -> None:
    metrics = {point.metric for point in MODBUS + OPCUA if point.area == chamber}
    assert metrics.issuperset(CHAMBER_METRICS)
    mine = Mine(1, NOW_MS)
    assert mine.value(chamber, "Control/Mode") in CONTROL_MODES


def test_the_substation_has_a_patrol_robot() -> None:
    """It comes and goes within three hours."""
    mine, seen = Mine(1, NOW_MS), set()
    for minute in range(180):
        mine.advance(NOW_MS + minute * 60_000)
        seen.add(mine.value(SUBSTATION.code, "Robot/Present"))
    assert seen == {True, False}


def test_headcounts_are_reported_as_they_change() -> None:
    counts = [point for point in MODBUS if point.metric == "Personnel/Headcount"]
    assert {point.area for point in counts} == {area.code for area in AREAS}
    for point in counts:
        assert (point.deadband, point.max_silence_s, point.stale_after_s) == (0.0, 60.0, 600.0)


def test_registers_do_not_overlap() -> None:
    """Two points share a register only as different bits or parts of it."""
    for one, other in combinations(MODBUS, 2):
        a, b = where(one), where(other)
        if (a.unit_id, a.table) == (b.unit_id, b.table) and not (
            a.address + a.words <= b.address or b.address + b.words <= a.address
        ):
            assert bits_of(one) & bits_of(other) == 0, (one.key, other.key)


def bits_of(point: Point) -> int:
    """The bits of its register that a point takes."""
    bit = where(point).bit
    if bit is not None:
        return 1 << bit
    return 0xFFFF if point.mask is None else point.mask


def test_the_plant_is_as_mixed_as_plants_are() -> None:
    addresses = [where(point) for point in MODBUS]
    assert {address.unit_id for address in addresses} == set(range(1, 9))
    assert {address.type for address in addresses} == set(RawType)
    assert {address.table for address in addresses} == set(Register)
    assert {address.order for address in addresses} == set(ByteOrder)
    assert Counter(address.bit is not None for address in addresses)[True] >= 3
    for has in ("offset", "mask", "enum", "flags", "swing", "limits"):
        assert any(getattr(point, has) for point in MODBUS), has


def where(point: Point) -> ModbusAddress:
    assert isinstance(point.address, ModbusAddress)
    return point.address
