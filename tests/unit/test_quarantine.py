"""Pins how refused addresses are found, kept apart and tried again, against a device made of a set of addresses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from contract.point import Point, RawType
from edge_agent.acquisition.quarantine import PROBES_MAX, Quarantine
from edge_agent.acquisition.read_plan import ReadLimits, Request, plan, span
from tests.points import modbus_point


@dataclass
class Device:
    """Answers requests that touch no bad address and are not too long; counts what it was asked."""

    bad: Collection[int] = ()
    count_max: int = 125
    asked: int = 0
    refusals: list[Request] = field(default_factory=list)

    def gives(self, request: Request) -> bool:
        """Whether it answers with values."""
        self.asked += 1
        wanted = range(request.address, request.address + request.count)
        if request.count > self.count_max or any(address in self.bad for address in wanted):
            self.refusals.append(request)
            return False
        return True


def poll(quarantine: Quarantine, device: Device, now_s: float, *, budget: int = 10_000) -> list[Point]:
    """One poll as a source does it; the points that got a value."""
    read: list[Point] = []
    todo = [*quarantine.requests(now_s)]
    while todo and budget:
        request = todo.pop(0)
        budget -= 1
        if device.gives(request):
            quarantine.answered(request)
            read.extend(request.points)
        else:
            todo[:0] = quarantine.refused(request, now_s)
    return read


def readable(points: list[Point], device: Device) -> list[Point]:
    """The points that the device would give one by one."""
    return [
        point
        for point in points
        if not any(address in device.bad for address in range(span(point)[0], sum(span(point))))
        and span(point)[1] <= device.count_max
    ]


def ids(points: list[Point]) -> list[int]:
    return sorted(map(id, points))


def test_one_bad_register_costs_its_neighbours_nothing() -> None:
    """Every other point is read in the very poll that meets the bad one, and afterwards in two requests."""
    points = [modbus_point(address) for address in range(100)]
    quarantine, device = Quarantine(points), Device(bad={37})
    assert ids(poll(quarantine, device, 0)) == ids(points[:37] + points[38:])
    assert [point.metric for point in quarantine.quarantined()] == [points[37].metric]
    asked = device.asked
    assert ids(poll(quarantine, device, 1)) == ids(points[:37] + points[38:])
    assert device.asked - asked == 2


def test_a_refused_hole_is_never_read_again() -> None:
    """A register that no point wants but the device refuses becomes a cut; no point is quarantined for it."""
    points = [modbus_point(address) for address in (0, 1, 8, 9)]
    quarantine, device = Quarantine(points), Device(bad={4})
    assert ids(poll(quarantine, device, 0)) == ids(points)
    assert quarantine.quarantined() == ()
    assert [request.count for request in quarantine.requests(1)] == [2, 2]


def test_a_device_that_answers_shorter_requests_only() -> None:
    """A refusal for length leaves no point out, and from the third poll on nothing is refused."""
    points = [modbus_point(address) for address in range(125)]
    quarantine, device = Quarantine(points), Device(count_max=50)
    assert ids(poll(quarantine, device, 0)) == ids(points)
    assert ids(poll(quarantine, device, 1)) == ids(points)
    assert max(request.count for request in quarantine.requests(2)) <= 50
    assert quarantine.quarantined() == ()


def test_values_that_overlap_at_a_cut() -> None:
    """A half that ends at the same cut as the whole must not undo it."""
    points = [modbus_point(28, RawType.INT32), modbus_point(30), *[modbus_point(30, RawType.INT32)] * 2]
    quarantine, device = (
        Quarantine(points, ReadLimits(registers_max=4, register_hole_max=0)),
        Device(count_max=2),
    )
    poll(quarantine, device, 0)
    device.refusals.clear()
    assert ids(poll(quarantine, device, 1)) == ids(points)
    assert device.refusals == []


def test_bits_of_one_register_are_quarantined_together() -> None:
    """Points on the same register share its fate, and a wider value over it is found on its own."""
    bits = [modbus_point(3, RawType.BIT, bit=bit) for bit in range(16)]
    wide = modbus_point(2, RawType.INT32)
    fine = modbus_point(5)
    quarantine, device = Quarantine([*bits, wide, fine]), Device(bad={3})
    assert poll(quarantine, device, 0) == [fine]
    assert ids([*quarantine.quarantined()]) == ids([*bits, wide])


def test_a_quarantined_point_is_tried_again_and_waits_longer_each_time() -> None:
    """Probes come after 60, 120, 240 … s, one request each, and never lengthen another point's wait."""
    points = [modbus_point(address) for address in range(10)]
    quarantine, device = Quarantine(points, retry_s=60, retry_max_s=240), Device(bad={5})
    probed_at = []
    for now in range(1000):
        device.refusals.clear()
        assert len(poll(quarantine, device, now)) == 9
        if device.refusals and now:
            assert [request.count for request in device.refusals] == [1]
            probed_at.append(now)
    assert probed_at == [60, 180, 420, 660, 900]


def test_an_answer_to_a_probe_is_news() -> None:
    """And to nothing else: not in health, not to the halves of what was refused, not to the plan thereafter."""
    points = [modbus_point(address) for address in range(4)]
    quarantine = Quarantine(points)
    (request,) = quarantine.requests(0)
    assert not quarantine.answered(request)
    left, right = quarantine.refused(request, 0)
    assert not quarantine.answered(left)
    first, second = quarantine.refused(right, 0)
    assert not quarantine.answered(first)
    assert quarantine.refused(second, 0) == ()
    probe = quarantine.requests(60)[-1]
    assert quarantine.answered(probe)
    assert [quarantine.answered(request) for request in quarantine.requests(61)] == [False]


def test_a_device_that_was_starting_up_is_whole_at_once() -> None:
    """All refused at first: after the first answered probe the next poll reads everything in one request."""
    points = [modbus_point(address) for address in range(40)]
    quarantine, device = Quarantine(points), Device(bad=range(100))
    assert poll(quarantine, device, 0) == []
    device.bad = ()
    assert len(poll(quarantine, device, 60)) == PROBES_MAX
    assert ids(poll(quarantine, device, 61)) == ids(points)
    assert len(quarantine.requests(62)) == 1


def test_an_unknown_function_is_not_halved() -> None:
    """Everything of that request is quarantined with one exchange."""
    points = [modbus_point(address) for address in range(40)]
    quarantine = Quarantine(points)
    (request,) = quarantine.requests(0)
    quarantine.unsupported(request, 0)
    assert ids([*quarantine.quarantined()]) == ids(points)
    assert quarantine.requests(1) == ()


def test_a_plan_that_holds_is_not_made_again() -> None:
    """The plan of a healthy device is the same object in every poll."""
    quarantine, device = Quarantine([modbus_point(address) for address in range(40)]), Device()
    poll(quarantine, device, 0)
    assert quarantine.requests(1) is quarantine.requests(2)


devices = st.builds(
    Device,
    bad=st.frozensets(st.integers(0, 80), max_size=12),
    count_max=st.integers(1, 125),
)
tables = st.lists(
    st.builds(
        modbus_point, st.integers(0, 80), st.sampled_from([RawType.UINT16, RawType.INT32, RawType.FLOAT64])
    ),
    min_size=1,
    max_size=50,
)
limits_of_devices = st.builds(
    ReadLimits, registers_max=st.integers(4, 125), register_hole_max=st.integers(0, 16)
)


@given(tables, devices, limits_of_devices, st.integers(1, 10_000))
def test_all_that_can_be_read_is_read(
    points: list[Point], device: Device, limits: ReadLimits, budget: int
) -> None:
    """Whatever a device refuses, and however early polls end: soon each poll reads just the readable points."""
    quarantine = Quarantine(points, limits)
    first = poll(quarantine, device, 0)
    assert ids(first) == ids(readable(points, device))
    quarantine = Quarantine(points, limits)
    budget = max(budget, len(points) + 2)  # a poll may not be cut below one request for each point
    for now in range(1, 40):
        poll(quarantine, device, now, budget=budget)
    device.refusals.clear()
    assert ids(poll(quarantine, device, 41)) == ids(readable(points, device))
    assert device.refusals == []
    assert ids([*quarantine.quarantined()]) == ids(
        [point for point in points if id(point) not in ids(readable(points, device))]
    )


@given(tables, devices, limits_of_devices)
def test_a_mended_device_gets_its_old_plan(points: list[Point], device: Device, limits: ReadLimits) -> None:
    """After every refusal has had its next try, the requests are the fewest again."""
    quarantine = Quarantine(points, limits)
    for now in range(3):
        poll(quarantine, device, now)
    device.bad, device.count_max = (), 125
    for now in (1000, 1001, 2000, 2001):
        assert set(ids(poll(quarantine, device, now))) <= set(ids(points))
    assert len(quarantine.requests(2002)) == len(plan(points, limits))
    assert quarantine.quarantined() == ()


@given(tables, devices, limits_of_devices)
def test_finding_a_fault_costs_few_requests(points: list[Point], device: Device, limits: ReadLimits) -> None:
    """Halving asks at most twice for each point beyond the plan."""
    quarantine = Quarantine(points, limits)
    poll(quarantine, device, 0)
    assert device.asked <= len(plan(points, limits)) + 2 * len(points)
