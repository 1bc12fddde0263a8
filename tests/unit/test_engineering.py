"""Guesses of names, the load of a connection, and what is legal but seldom meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.point import OpcUaAddress, Point, RawType, Register
from contract.vocabulary import equipment, quantities
from edge_agent.acquisition.read_plan import ReadLimits
from edge_agent.engineering.guess import guess
from edge_agent.engineering.load import Load, load
from edge_agent.engineering.suspicion import of_load, suspicions
from tests.points import modbus_point


@pytest.mark.parametrize(
    ("names", "area", "metric"),
    [
        (("F12090", "Roadheader", "CuttingCurrent"), "F12090", "Roadheader/Cutting Current"),
        (("F12090", "LocalFan1", "Running"), "F12090", "Local Fan 1/Running"),
        (("C-PUMP", "Pump 02", "bearing_temperature"), "C-PUMP", "Pump 2/Bearing Temperature"),
        (("Objects", "中央水泵房", "主排水泵2", "流量"), "中央水泵房", "Pump 2/Flow"),
        (("PLC1.F1.Shearer.Position",), "F1", "Shearer/Position"),
        (("Pump2.Flow",), "", "Pump 2/Flow"),
        (("Gas1", "CO"), "", "Gas 1/CO"),
        (("+", "Gas 1", "Methane"), "", "Gas 1/Methane"),  # no area can be named so
        (("Pump 0", "Flow"), "", ""),  # of two pumps 0 and 1, which is the first?
        (("Pump 1", "Tag0017"), "", ""),
        (("Tank", "Level"), "", ""),
        (("Flow",), "", ""),
        ((), "", ""),
    ],
)
def test_guesses(names: Sequence[str], area: str, metric: str) -> None:
    """What is of the vocabulary is named by it, the rest is left empty."""
    assert guess(names) == (area, metric)


@given(
    st.sampled_from(equipment.KINDS),
    st.sampled_from(quantities.QUANTITIES),
    st.integers(1, 40),
    st.sampled_from([" ", "", "_"]),
)
def test_every_word_of_ours_is_known_again(
    kind: equipment.Equipment, quantity: quantities.Quantity, number: int, joint: str
) -> None:
    """However people join words: `Local Fan 2`, `LocalFan2`, `Local_Fan_2`."""
    names = [word.replace(" ", joint) for word in (f"{kind.word} {number}", quantity.word)]
    assert guess(["F1", *names]) == ("F1", f"{kind.word} {number}/{quantity.word}")


@given(st.lists(st.text(max_size=12), max_size=4))
def test_a_guess_is_a_metric_or_nothing(names: list[str]) -> None:
    _, metric = guess(names)
    assert not metric or equipment.parse(metric) is not None


def one_load(points: Sequence[Point], *, gap_s: float = 0.0, byte_s: float = 0.0) -> Load:
    """The load with the protocol's own limits."""
    return load(points, lambda _: ReadLimits(), lambda _: gap_s, byte_s)


def test_the_load_of_a_connection() -> None:
    """Requests as the plan has them; of two periods each has its own."""
    near, far, slow = modbus_point(0), modbus_point(500), modbus_point(1, period_s=10.0)
    found = one_load([near, far, slow], gap_s=0.02)
    assert (found.requests, round(found.requests_per_s, 6)) == (3, 2.1)
    assert found.busy_min == pytest.approx(2.1 * 0.02)


def test_the_load_of_a_serial_line() -> None:
    """9600 baud, 8E1: a request of 8 bytes and a reply of 5 and two for each register, each byte 11 bits long."""
    points = [modbus_point(at, unit_id=unit_id) for unit_id in (1, 2) for at in range(100)]
    found = one_load(points, byte_s=11 / 9600)
    assert found.requests == 2
    assert found.busy_min == pytest.approx(2 * (8 + 5 + 200) * 11 / 9600)
    coils = [modbus_point(at, RawType.BIT, table=Register.COIL) for at in range(9)]
    assert one_load(coils, byte_s=0.001).busy_min == pytest.approx(0.001 * (8 + 5 + 2))


@pytest.mark.parametrize(
    ("busy", "what"), [(0.0, ""), (0.8, ""), (0.81, "81%"), (1.0, "100%"), (1.5, "cannot be read as often")]
)
def test_a_line_that_is_too_busy(busy: float, what: str) -> None:
    told = of_load(Load(1, 1.0, busy))
    assert what in told
    assert bool(told) == (busy > 0.8)


def told(*points: Point) -> list[tuple[int, str]]:
    """What is odd about these points, by their lines."""
    return suspicions([replace(point, line=line) for line, point in enumerate(points, 2)])


def test_registers_that_two_values_share() -> None:
    """A type or an address is wrong; bits and masks of one register are no such case, nor other units or tables."""
    wide = modbus_point(10, RawType.FLOAT32)
    ((line, what),) = told(wide, modbus_point(11))
    assert (line, "第 2 行" in what, "line 2" in what) == (3, True, True)
    assert told(wide, modbus_point(12)) == []
    assert told(wide, modbus_point(11, unit_id=2)) == []
    assert told(wide, modbus_point(11, table=Register.INPUT)) == []
    assert told(wide, modbus_point(11, RawType.BIT, bit=3)) == []
    assert told(wide, modbus_point(10, RawType.UINT32)) == []  # the same registers, as two things
    assert len(told(wide, modbus_point(11, period_s=5.0))) == 1


def test_further_suspicions() -> None:
    ((_, what),) = told(modbus_point(0, name="Pump 1/Bearing Temprature"))
    assert "Bearing Temperature" in what
    assert told(modbus_point(0, name="Pump 1/Own Word")) == []
    ((_, what),) = told(Point("F1", "Shearer/Position", OpcUaAddress("ns=2;s=a")))
    assert "nsu=" in what
    assert told(Point("F1", "Shearer/Position", OpcUaAddress("i=2258"))) == []
    assert told(Point("F1", "Shearer/Position", OpcUaAddress("nsu=urn:a;s=a"))) == []
    ((_, what),) = told(modbus_point(0, scale=0.1, deadband=0.05))
    assert "deadband" in what
    assert told(modbus_point(0, scale=0.1, deadband=0.1)) == []
    assert told(modbus_point(0, RawType.FLOAT32, deadband=0.05)) == []
