"""Pins how a Modbus source is paced: limits of single units, silence, poll groups, and what silent units may cost."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack

import pytest

from contract.quality import Quality
from edge_agent.acquisition.read_plan import ReadLimits, span
from edge_agent.sources import modbus
from edge_agent.sources.modbus_units import Terms
from tests.modbus_device import device
from tests.modbus_sources import FAST_S, TIMEOUT_S, registers, source_of
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


async def test_each_unit_is_asked_within_its_own_limits() -> None:
    """Length and holes of requests; the others keep those of the connection."""
    points = [point for unit_id in (1, 2, 3) for point in registers([*range(40), 43], unit_id=unit_id)]
    own = {2: Terms(ReadLimits(registers_max=16)), 3: Terms(ReadLimits(register_hole_max=0))}
    taken = Taken()
    async with device(units={1, 2, 3}) as plc, running(source_of(plc.port, points, own_terms=own), taken):
        await taken.until_all(points)
        assert plc.spans == {1: {(0, 44)}, 2: {(0, 16), (16, 16), (32, 12)}, 3: {(0, 40), (43, 1)}}


async def test_a_slow_unit_has_a_timeout_of_its_own() -> None:
    """It is waited for; another that is as slow is not."""
    slow, other = registers(range(3), unit_id=2), registers(range(3), unit_id=3)
    taken = Taken()
    async with device(units={2, 3}, unit_delays_s={2: 0.5, 3: 0.5}) as plc:
        source = source_of(plc.port, [*slow, *other], own_terms={2: Terms(timeout_s=20)}, timeout_s=0.2)
        async with running(source, taken):
            await taken.until(lambda: all(len(taken.of(point)) >= 2 for point in slow))
            assert all(taken.changes(point) == [(span(point)[0], GOOD)] for point in slow)
            assert {tuple(taken.changes(point)) for point in other} == {((None, STALE),)}


@pytest.mark.parametrize(("connection_ms", "unit_ms", "least_ms"), [(40, 0, (40, 40)), (20, 80, (20, 80))])
async def test_the_silence_before_a_request(
    connection_ms: float, unit_ms: float, least_ms: tuple[float, float]
) -> None:
    """The larger of the connection's and the unit's, since the last answer of whomever; by the device's clock."""
    points = [*registers(range(0, 400, 100), period_s=0.001), *registers([0], unit_id=2, period_s=0.001)]
    terms = Terms(gap_s=connection_ms / 1000, timeout_s=5)
    own = {2: Terms(gap_s=max(connection_ms, unit_ms) / 1000, timeout_s=5)}
    taken = Taken()
    async with device(units={1, 2}) as plc:
        async with running(source_of(plc.port, points, terms=terms, own_terms=own), taken):
            await taken.until(lambda: len(plc.gaps_s[1]) >= 20 and len(plc.gaps_s[2]) >= 5)
        for unit_id, least in zip((1, 2), least_ms, strict=True):
            gaps_ms = sorted(1000 * gap_s for gap_s in plc.gaps_s[unit_id])
            assert gaps_ms[0] >= least
            assert gaps_ms[len(gaps_ms) // 2] < least + 35  # and it is no longer than need be


async def test_without_a_gap_there_is_none() -> None:
    """The check above would not see much of a pause that is always there."""
    points, taken = registers(range(0, 1000, 100), period_s=0.001), Taken()
    async with device() as plc, running(source_of(plc.port, points), taken):
        await taken.until(lambda: len(plc.gaps_s[1]) >= 50)
        assert sorted(plc.gaps_s[1])[25] < 0.02


async def test_polls_do_not_drift() -> None:
    """Slow answers make no period longer: what a poll takes is part of it."""
    period_s, (point,) = 0.1, registers([0], period_s=0.1)
    taken = Taken()
    async with device(delay_s=0.04) as plc:
        source = source_of(plc.port, [point], timeout_s=5)
        async with running(source, taken):
            await taken.until(lambda: plc.asked[1] >= 31)
            at_s = plc.asked_at_s[1]
            periods = len(at_s) - 1 + source.health.errors.get("poll_missed", 0)
            assert (at_s[-1] - at_s[0]) / periods == pytest.approx(period_s, rel=0.08)


async def test_every_poll_group_has_its_own_period() -> None:
    """Three of them in one unit: how often each is read."""
    fast, middle, slow = (
        registers([at], period_s=period_s) for at, period_s in ((0, 0.05), (1, 0.2), (2, 0.8))
    )
    taken = Taken()
    async with device() as plc, running(source_of(plc.port, [*fast, *middle, *slow], timeout_s=5), taken):
        await taken.until(lambda: len(taken.of(slow[0])) >= 4)
        counts = [len(taken.of(point)) for (point,) in (fast, middle, slow)]
        assert counts[0] == pytest.approx(4 * counts[1], rel=0.25)
        assert counts[1] == pytest.approx(4 * counts[2], rel=0.35)


async def test_what_was_missed_is_not_caught_up() -> None:
    """After an answer that takes twenty periods the polls go on one by one, and the rest are counted."""
    (point,), taken = registers([0]), Taken()
    async with device(delays_s=[0, 0, 20 * FAST_S]) as plc:
        source = source_of(plc.port, [point], timeout_s=10)
        async with running(source, taken):
            await taken.until(lambda: len(taken.of(point)) >= 3)
            resumed_s = time.monotonic()
            await taken.until(lambda: plc.asked_at_s[1][-1] > resumed_s + 5 * FAST_S)
            after = [at_s for at_s in plc.asked_at_s[1] if resumed_s < at_s <= resumed_s + 5 * FAST_S]
            assert len(after) <= 6
            assert source.health.errors["poll_missed"] >= 15


async def test_dead_devices_cost_the_others_nothing() -> None:
    """Sources beside one that is silent and one that is not there: every poll of theirs is made."""
    seconds, taken = 3.0, Taken()
    async with AsyncExitStack() as stack:
        plcs = [await stack.enter_async_context(device()) for _ in range(4)]
        silent = await stack.enter_async_context(device(silent={1}))
        gone = await stack.enter_async_context(device())
        await gone.stop()
        sources = [source_of(plc.port, registers(range(10))) for plc in (*plcs, silent, gone)]
        for source in sources:
            await stack.enter_async_context(running(source, taken))
        await taken.until(lambda: all(plc.asked[1] for plc in (*plcs, silent)))
        before, began_s = [plc.asked[1] for plc in plcs], time.monotonic()
        await taken.until(lambda: time.monotonic() >= began_s + seconds)
        polls = (time.monotonic() - began_s) / FAST_S
        for plc, asked in zip(plcs, before, strict=True):
            assert plc.asked[1] - asked >= 0.9 * polls
        assert silent.asked[1] - 1 <= sources[4].health.errors["timeout"] <= silent.asked[1]
        assert sources[5].health.errors["connect"] >= 2


async def test_what_silent_units_cost_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six of them, each tried every 10 ms by itself: beyond the credit only so many tries as the share allows."""
    monkeypatch.setattr(modbus, "SILENT_CREDIT_S", 2 * 0.1)
    alive = registers(range(3))
    dead = [point for unit_id in range(2, 8) for point in registers([0], unit_id=unit_id)]
    taken, timeout_s = Taken(), 0.1
    async with device(units=set(range(1, 8)), silent=set(range(2, 8))) as plc:
        source = source_of(plc.port, [*alive, *dead], timeout_s=timeout_s, unit_wait_s=(0.01, 0.01))
        async with running(source, taken):
            await taken.until(lambda: source.health.errors.get("timeout", 0) >= 9)
            tries = sorted(at_s for unit_id in range(2, 8) for at_s in plc.asked_at_s[unit_id])
            beyond = len(tries) - 6 - 2  # the first of each, and the credit
            assert tries[-1] - tries[0] >= 0.9 * beyond * timeout_s / modbus.SILENT_SHARE
            assert len({unit_id for unit_id in range(2, 8) if plc.asked[unit_id]}) == 6
            assert all(taken.changes(point) == [(span(point)[0], GOOD)] for point in alive)


async def test_when_one_silent_unit_comes_back_the_others_are_tried() -> None:
    """What kept them silent, a cut cable or a switched-off supply, mostly is over for all."""
    points = [point for unit_id in range(1, 7) for point in registers(range(3), unit_id=unit_id)]
    taken = Taken()
    async with device(units=set(range(1, 7)), silent=set(range(2, 7))) as plc:
        source = source_of(plc.port, points, timeout_s=0.1)
        async with running(source, taken):
            await taken.until_all(points[3:], STALE)
            for unit in source.units[2:]:
                source.put_off(unit, asyncio.get_running_loop().time() + 1000)
            plc.silent.clear()
            await taken.until_all(points)


async def test_a_new_connection_does_not_wake_a_unit_that_is_left_alone() -> None:
    """Nor does it make it wait longer: it is asked when its rest is over, however rarely it is polled."""
    points = [*registers([0]), *registers([0], unit_id=2, period_s=1000)]
    taken = Taken()
    async with device(units={1, 2}, silent={2}) as plc:
        source = source_of(plc.port, points, timeout_s=0.1, unit_wait_s=(3, 3))
        async with running(source, taken):
            await taken.until_all(points[1:], STALE)
            plc.silent.clear()
            for _ in range(2):
                taken.forget()
                await taken.until_all(points[:1])
                plc.drop()
                await taken.until(lambda: (None, STALE) in taken.of(points[0]))
            await taken.until_all(points[:1])
            assert plc.asked[2] == 1
            await taken.until_all(points)
            first_s, second_s = plc.asked_at_s[2]
            assert 1.5 <= second_s - first_s <= 3.5 + TIMEOUT_S


async def test_what_is_refused_is_told_and_so_is_its_return(caplog: pytest.LogCaptureFixture) -> None:
    """One line each, not one for every try; every try is counted."""
    points, taken = registers(range(10)), Taken()
    caplog.set_level(logging.INFO)
    async with device(illegal={4}) as plc:
        source = source_of(plc.port, points, refused_wait_s=(0.2, 0.2))
        async with running(source, taken):
            await taken.until(
                lambda: (4, 1) in plc.spans[1] and source.health.errors.get("exception_2", 0) >= 7
            )
            plc.illegal.clear()
            await taken.until_all(points)
    told = [record.getMessage() for record in caplog.records if record.name == modbus.__name__]
    assert told == [
        "test unit 1 refuses holding from 4, 1 of it (exception 2)",
        "test unit 1 gives holding from 4, 1 of it, again",
    ]


async def test_health_is_kept_for_each_unit() -> None:
    """What is read, when last, and what goes wrong, by unit; the source has the sums."""
    alive, dead, busy = (registers([0], unit_id=unit_id) for unit_id in (1, 2, 3))
    taken = Taken()
    async with device(units={1, 2, 3}, silent={2}, exceptions={3: 6}) as plc:
        source = source_of(plc.port, [*alive, *dead, *busy], timeout_s=0.1)
        async with running(source, taken):
            await taken.until(lambda: len(taken.of(alive[0])) >= 5 and plc.asked[2] >= 2)
            one, two, three = (source.health.devices[f"unit {unit_id}"] for unit_id in (1, 2, 3))
            assert one.connected
            assert not two.connected
            assert one.last_good_at_ms == max(
                reading.read_at_ms for reading in taken.readings if reading.value == 0
            )
            assert two.last_good_at_ms is three.last_good_at_ms is None
            assert two.errors["timeout"] == two.reads
            assert two.busy_s >= 0.09 * two.reads
            assert three.errors["exception_6"] == three.reads
            assert one.reads + two.reads + three.reads == source.health.reads
            assert source.health.errors["timeout"] == two.errors["timeout"]
