"""What each kind of fault does to the rig, and undoes; afterwards the part that it met works again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from typing import Final

from benchmarks.conservation.rig import Rig, until
from benchmarks.conservation.schedule import Kind, Planned
from benchmarks.conservation.store_door import Manner
from simulators.faults import WireFault, WireKind
from simulators.link import Link

Fault = Callable[[Rig, Planned], Awaitable[None]]
LIMIT_S: Final = 90.0
FOUND_S: Final = 20.0
FULL_BYTES: Final = 4_096
"""So large may files grow while the disk is full: what lies beyond in the outbox can be read, nothing be written."""
STATUSES: Final = (500, 503)
JUMP_MAX_MS: Final = 3_600_000
AHEAD_MS: Final = (10_000, 15_000)
"""More than two starts take, or it would be over before."""
LOOKED_S: Final = 2.5
"""The agent looks at its clock once a second: a jump that is over sooner may not be seen."""


async def link_flap(rig: Rig, planned: Planned) -> None:
    """The connection breaks again and again."""
    for _ in range(2 + int(planned.amount * 4)):
        async with trouble(rig.link, WireKind.CUT):
            await asyncio.sleep(planned.lasts_s / 4)


def trouble(link: Link, kind: WireKind) -> AbstractAsyncContextManager[None]:
    """A fault of a link while the block lasts."""
    return link.trouble(WireFault(kind=kind))


async def link_away(rig: Rig, planned: Planned) -> None:
    """Connections are reset, and new ones refused."""
    async with trouble(rig.link, WireKind.RESTART):
        await asyncio.sleep(planned.lasts_s)


async def link_half_open(rig: Rig, planned: Planned) -> None:
    """Connections stay and say nothing any more, even afterwards."""
    async with trouble(rig.link, WireKind.HALF_OPEN):
        await asyncio.sleep(planned.lasts_s)


async def link_blackout(rig: Rig, planned: Planned) -> None:
    """Nothing passes, both sides wait, then all of it comes at once."""
    rig.narrow.open.clear()
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.narrow.open.set()


async def link_slow(rig: Rig, planned: Planned) -> None:
    """Slow both ways, and narrow."""
    rig.narrow.delay_s = 0.05 + 0.25 * planned.amount
    rig.narrow.bytes_per_s = 8_000 + 56_000 * planned.amount
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.narrow.delay_s = rig.narrow.bytes_per_s = 0.0


async def link_long_outage(rig: Rig, planned: Planned) -> None:
    """Away until the outbox is full and gives up raw samples, and a while longer."""
    before = given_up(rig)
    async with trouble(rig.link, WireKind.RESTART):
        with suppress(TimeoutError):  # it may have been replaced meanwhile, or its agent stands still
            await until(lambda: given_up(rig) > before, "the outbox is full", LIMIT_S)
        await asyncio.sleep(planned.lasts_s / 2)


def given_up(rig: Rig) -> int:
    """Readings that the outbox gave up so far."""
    return sum(epoch.given_up for epoch in rig.truth.epochs.values())


async def wire_down(rig: Rig, planned: Planned) -> None:
    """The cable is pulled: packets are lost below TCP."""
    assert rig.wire is not None
    rig.wire.pull()
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.wire.plug()


async def wire_narrow(rig: Rig, planned: Planned) -> None:
    """A modem's width; what does not fit into its queue is lost."""
    assert rig.wire is not None
    rate = f"{round(64 + 400 * planned.amount)}kbit"
    rig.wire.shape("tbf", "rate", rate, "burst", "4kb", "latency", "200ms")
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.wire.unshape()


async def wire_loss(rig: Rig, planned: Planned) -> None:
    """Packets are lost at random, and late where the kernel can do that."""
    assert rig.wire is not None
    rig.wire.lose(round(1 + 20 * planned.amount), round(20 + 200 * planned.amount))
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.wire.lose_none()


async def centre_link_away(rig: Rig, planned: Planned) -> None:
    """The same between collector and broker."""
    async with trouble(rig.centre_link, WireKind.RESTART):
        await asyncio.sleep(planned.lasts_s)


async def centre_link_half_open(rig: Rig, planned: Planned) -> None:
    """The same between collector and broker."""
    async with trouble(rig.centre_link, WireKind.HALF_OPEN):
        await asyncio.sleep(planned.lasts_s)


@asynccontextmanager
async def broker_away(rig: Rig) -> AsyncIterator[None]:
    """The links refuse connections, which they would else accept in its name."""
    async with trouble(rig.link, WireKind.RESTART), trouble(rig.centre_link, WireKind.RESTART):
        yield


async def broker_kill(rig: Rig, planned: Planned) -> None:
    """Kill −9: whatever it held is gone."""
    async with broker_away(rig):
        await asyncio.to_thread(rig.broker.kill)
        await asyncio.sleep(planned.lasts_s)
        await asyncio.to_thread(rig.broker.start)


async def broker_stop(rig: Rig, planned: Planned) -> None:
    """An orderly stop."""
    async with broker_away(rig):
        await asyncio.to_thread(rig.broker.stop)
        await asyncio.sleep(planned.lasts_s)
        await asyncio.to_thread(rig.broker.start)


async def collector_stall(rig: Rig, planned: Planned) -> None:
    """It stands still, and the broker cannot get rid of what is for it."""
    assert rig.collector is not None
    rig.collector.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        rig.collector.send_signal(signal.SIGCONT)


async def collector_kill(rig: Rig, planned: Planned) -> None:
    """Kill −9."""
    await rig.end_collector(signal.SIGKILL)
    await asyncio.sleep(planned.lasts_s)
    await rig.start_collector()


async def collector_restart(rig: Rig, planned: Planned) -> None:
    """An orderly stop."""
    await rig.end_collector(signal.SIGTERM)
    await asyncio.sleep(planned.lasts_s / 2)
    await rig.start_collector()


async def store_kill(rig: Rig, planned: Planned) -> None:
    """Kill −9 of the database."""
    await asyncio.to_thread(rig.influx.kill)
    await asyncio.sleep(planned.lasts_s)
    await asyncio.to_thread(rig.influx.start)


async def behaved(rig: Rig, lasts_s: float, manner: Manner, status: int = 0) -> None:
    """The database's door behaves so, for a while."""
    rig.door.behave(manner, status)
    try:
        await asyncio.sleep(lasts_s)
    finally:
        rig.door.behave(Manner.OPEN)


async def store_refuses(rig: Rig, planned: Planned) -> None:
    """It answers 500 or 503."""
    await behaved(rig, planned.lasts_s, Manner.REFUSE, STATUSES[round(planned.amount)])


async def store_rejects(rig: Rig, planned: Planned) -> None:
    """Some lines it refuses for good, 400, and stores the others; until the centre has found some of them."""
    before = len(rig.door.rejected)
    rig.door.behave(Manner.REJECT)
    try:
        with suppress(TimeoutError):  # others may stand still
            await until(lambda: len(rig.door.rejected) > before, "lines are refused", FOUND_S)
            batch = rig.truth.written
            await until(lambda: rig.truth.oldest_waiting > batch, "their batches are committed", FOUND_S)
        await asyncio.sleep(planned.lasts_s / 4)
    finally:
        rig.door.behave(Manner.OPEN)


async def store_hangs(rig: Rig, planned: Planned) -> None:
    """It takes requests and says nothing."""
    await behaved(rig, planned.lasts_s, Manner.HANG)


async def store_answers_lost(rig: Rig, planned: Planned) -> None:
    """It stores, and nobody hears of it: everything is written again."""
    await behaved(rig, planned.lasts_s, Manner.LOSE_ANSWERS)


async def agent_kill(rig: Rig, planned: Planned) -> None:
    """Kill −9."""
    await rig.kill_agent()
    await asyncio.sleep(planned.lasts_s / 2)
    await rig.start_agent()


async def agent_restart(rig: Rig, planned: Planned) -> None:
    """An orderly stop."""
    await rig.stop_agent()
    await asyncio.sleep(planned.lasts_s / 2)
    await rig.start_agent()


async def agent_clock_behind(rig: Rig, planned: Planned) -> None:
    """Killed, and started again with a clock that is behind by up to an hour; then somebody sets it right."""
    await rig.kill_agent()
    rig.ahead_ms = -round(500 + planned.amount**4 * JUMP_MAX_MS)
    await asyncio.sleep(planned.lasts_s / 2)
    try:
        await rig.start_agent()
        await asyncio.sleep(LOOKED_S)
    finally:
        rig.ahead_ms = 0
        rig.control()
    await asyncio.sleep(LOOKED_S)


async def agent_clock_ahead(rig: Rig, planned: Planned) -> None:
    """The same the other way round: what it makes next lies in the future, and at the next start the clock is right.

    One more start comes while times still go on from there. It is over when that future is: an outbox put in empty
    knows nothing of it.
    """
    least_ms, most_ms = AHEAD_MS
    ahead_ms = rig.ahead_ms = round(least_ms + planned.amount * (most_ms - least_ms))
    try:
        for end in (rig.stop_agent, rig.kill_agent, rig.kill_agent):
            await end()
            await asyncio.sleep(planned.lasts_s / 4)
            await rig.start_agent()
            await asyncio.sleep(LOOKED_S)
            rig.ahead_ms = 0
    finally:
        rig.ahead_ms = 0
        rig.control()
    await asyncio.sleep(ahead_ms / 1000)


async def disk_full(rig: Rig, planned: Planned) -> None:
    """No file of the agent's may grow; then it may again, and what waited is written."""
    assert rig.agent is not None
    prlimit(rig.agent.pid, RLIMIT_FSIZE, (FULL_BYTES, RLIM_INFINITY))
    try:
        await asyncio.sleep(planned.lasts_s)
    finally:
        prlimit(rig.agent.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
    for _ in range(2):  # the inbox may fill up until the first write, what came then is told by the second
        await written_through(rig)


async def written_through(rig: Rig) -> None:
    """Wait until something newer than all that was produced by now is on the disk."""
    round_now = rig.truth.rounds
    await until(lambda: min(rig.truth.written_to) > round_now, "the outbox is written again", LIMIT_S)


async def outbox_replaced(rig: Rig, planned: Planned) -> None:
    """The agent comes back with an empty disk; what the old one held is read first."""
    await rig.kill_agent()
    held = await asyncio.to_thread(rig.held)
    rig.truth.replaced(held.values, held.lost)
    rig.take_outbox_away()
    await asyncio.sleep(planned.lasts_s / 4)
    await rig.start_agent()


async def clock_jump(rig: Rig, planned: Planned) -> None:
    """The computer's clock jumps: to the right time, if it was wrong, and is believed; else away from it and back."""
    believed = rig.truth.jumps["believed"]
    if rig.ahead_ms:
        rig.ahead_ms = 0
        rig.control()
        await until(lambda: rig.truth.jumps["believed"] > believed, "the jump is believed", LIMIT_S)
        return
    rig.ahead_ms = round((planned.amount - 0.5) * 2 * JUMP_MAX_MS)
    rig.control()
    try:
        await asyncio.sleep(max(LOOKED_S, planned.lasts_s))
    finally:
        rig.ahead_ms = 0
        rig.control()
        await asyncio.sleep(LOOKED_S)


FAULTS: Final[dict[Kind, Fault]] = {
    Kind.LINK_FLAP: link_flap,
    Kind.LINK_AWAY: link_away,
    Kind.LINK_HALF_OPEN: link_half_open,
    Kind.LINK_BLACKOUT: link_blackout,
    Kind.LINK_SLOW: link_slow,
    Kind.LINK_LONG_OUTAGE: link_long_outage,
    Kind.WIRE_DOWN: wire_down,
    Kind.WIRE_NARROW: wire_narrow,
    Kind.WIRE_LOSS: wire_loss,
    Kind.CENTRE_LINK_AWAY: centre_link_away,
    Kind.CENTRE_LINK_HALF_OPEN: centre_link_half_open,
    Kind.BROKER_KILL: broker_kill,
    Kind.BROKER_STOP: broker_stop,
    Kind.COLLECTOR_STALL: collector_stall,
    Kind.COLLECTOR_KILL: collector_kill,
    Kind.COLLECTOR_RESTART: collector_restart,
    Kind.STORE_KILL: store_kill,
    Kind.STORE_REFUSES: store_refuses,
    Kind.STORE_REJECTS: store_rejects,
    Kind.STORE_HANGS: store_hangs,
    Kind.STORE_ANSWERS_LOST: store_answers_lost,
    Kind.AGENT_KILL: agent_kill,
    Kind.AGENT_RESTART: agent_restart,
    Kind.AGENT_CLOCK_BEHIND: agent_clock_behind,
    Kind.AGENT_CLOCK_AHEAD: agent_clock_ahead,
    Kind.DISK_FULL: disk_full,
    Kind.OUTBOX_REPLACED: outbox_replaced,
    Kind.CLOCK_JUMP: clock_jump,
}
