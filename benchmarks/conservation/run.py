"""One run: start everything, break it by the timetable, heal, drain, and close the books."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.conservation.faults import FAULTS
from benchmarks.conservation.ledger_scene import Gaps, online, play
from benchmarks.conservation.points import MINE
from benchmarks.conservation.refused import readings
from benchmarks.conservation.report import Ledger, Report
from benchmarks.conservation.rig import Rig, Size, rig, until
from benchmarks.conservation.schedule import PART_OF, WIRE, Kind, Part, Planned, schedule
from benchmarks.conservation.stored import gap_facts, stored
from benchmarks.conservation.truth import Balance, Window

LOOK_S: Final = 1.0
DRAIN_S: Final = 180.0
WRONG_MS: Final = -120_000
"""At the first start the computer's clock is so wrong; the first jump mends it."""
WINDOW_MS: Final = 100 + 2_000
"""The flush window, and what a busy machine adds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to be like."""

    seed: int
    faults: int
    seconds: float
    usual_s: float
    size: Size
    scene: bool = True
    """Whether the gap ledger is tried first, by one outage of each cause."""
    namespaces: bool = False
    one_by_one: bool = False
    """Each fault by itself, while all else works, instead of at its time."""


@dataclass(slots=True)
class Course:
    """A run as it goes: what was broken so far, and what the centre has shown of it."""

    rig: Rig
    plan: Plan
    gaps: Gaps = field(default_factory=Gaps)
    locks: dict[Part, asyncio.Lock] = field(default_factory=lambda: {part: asyncio.Lock() for part in Part})
    done: Counter[str] = field(default_factory=Counter)
    told: dict[str, bool] = field(default_factory=dict)
    drain_s: float = 0.0

    async def break_by(self, timetable: Iterable[Planned]) -> None:
        """Every fault at its time, or when the one before it on the same part is over."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for planned in timetable:
                await asyncio.sleep(max(0.0, began + planned.at_s - time.monotonic()))
                tasks.create_task(self.happen(planned), name=f"fault.{planned.kind}")

    async def break_one_by_one(self, timetable: Iterable[Planned]) -> None:
        """A fault when everything works, and data flows."""
        for planned in timetable:
            await online(self.rig)
            await self.happen(planned)
        await online(self.rig)

    async def happen(self, planned: Planned) -> None:
        """A fault, from its beginning until its part works again."""
        async with self.locks[PART_OF[planned.kind]]:
            await FAULTS[planned.kind](self.rig, planned)
            self.done[planned.kind] += 1

    async def look(self) -> None:
        """See what the gap ledger shows, as long as this is not cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.gaps.look(self.rig)

    async def drain(self) -> None:
        """Produce no more, and wait until the outbox is empty."""
        self.rig.produces = False
        self.rig.control()
        began = time.monotonic()

        async def is_empty() -> bool:
            health = await self.rig.health()
            return bool(health.get("outbox_readings") == 0 == health.get("inbox_readings"))

        await until(is_empty, "the outbox is empty", DRAIN_S)
        self.drain_s = time.monotonic() - began


def kinds_of(running: Rig) -> list[Kind]:
    """What can be made to go wrong on this machine."""
    wire = running.wire
    missing = set() if wire else set(WIRE)
    if wire and not (wire.has_netem or wire.has_nft):
        missing.add(Kind.WIRE_LOSS)
    return [kind for kind in Kind if kind not in missing]


async def run(folder: Path, plan: Plan) -> Report:
    """The whole run; an error that ends it names the seed."""
    try:
        return await course_of(folder, plan)
    except BaseException as error:
        error.add_note(f"seed {plan.seed}")
        raise


async def course_of(folder: Path, plan: Plan) -> Report:
    """From start to report."""
    began = time.monotonic()
    async with rig(folder, plan.size, ahead_ms=WRONG_MS, namespaces=plan.namespaces) as running:
        course = Course(running, plan)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(running.watch(), name="watch")
            looking = tasks.create_task(course.look(), name="gaps")
            await course.happen(Planned(0.0, Kind.CLOCK_JUMP, 0.0, 0.0))
            if plan.scene:
                course.told = await play(running, course.gaps, course.happen)
            kinds = kinds_of(running)
            timetable = schedule(
                plan.seed, count=plan.faults, seconds=plan.seconds, usual_s=plan.usual_s, kinds=kinds
            )
            await (course.break_one_by_one(timetable) if plan.one_by_one else course.break_by(timetable))
            await course.drain()
            watching.cancel()
            looking.cancel()
        return await closed(course, began)


async def closed(course: Course, began: float) -> Report:
    """Ask the centre, stop the agent, ask outbox and database, and compare with the truth."""
    running, truth = course.rig, course.rig.truth
    await course.gaps.look(running)
    (link,) = (await running.centre(f"/api/v1/mines/{MINE}"))["links"]
    await running.stop_agent()
    held = running.held()
    truth.epochs[truth.epoch].counted = held.lost
    truth.refused(readings(running.door.rejected))
    balance = truth.balance(await stored(running.store_url))
    shown = Counter(entry["cause"] for entry in course.gaps.seen.values())
    kept = Counter(cause for cause, _, _ in await gap_facts(running.store_url))
    ledger = Ledger(
        told=course.told,
        readings_lost_centre=link["readings_lost"],
        readings_lost_outbox=held.lost,
        delivered=link["delivered"],
        batches_given_up=truth.batches_given_up,
        lines_refused=len(running.door.rejected),
        gaps=dict(shown | kept),
    )
    wrong = [*truth.miscounted(balance), *broken_laws(balance, truth.windows), *false_ledger(ledger)]
    if held.values:
        wrong.append(f"the outbox still holds {held.readings} readings")
    return Report(
        seed=course.plan.seed,
        seconds=time.monotonic() - began,
        faults=dict(course.done),
        balance=balance,
        windows=len(truth.windows),
        window_readings=sum(window.readings for window in truth.windows),
        window_longest_ms=max((window.ms for window in truth.windows), default=0),
        longest_outage_s=truth.longest_outage_ms / 1000,
        drain_s=course.drain_s,
        outboxes=len(truth.epochs),
        clock_jumps=truth.jumps["jumps"],
        clock_jumps_believed=truth.jumps["believed"],
        ledger=ledger,
        namespace=said_of(running),
        violations=wrong,
    )


def broken_laws(balance: Balance, windows: Sequence[Window]) -> Iterator[str]:
    """Laws of conservation that did not hold, in words."""
    if not balance.holds:
        yield (
            f"lost {balance.lost} ({balance.first_lost}), invented {balance.invented}, "
            f"duplicated {balance.duplicated}, out of order {balance.disordered}"
        )
    for window in windows:
        if window.ms > WINDOW_MS:
            yield f"{window.readings} readings of {window.ms} ms were in memory at a kill -9"


def false_ledger(ledger: Ledger) -> Iterator[str]:
    """Where the centre does not say what happened."""
    for fault, is_told in ledger.told.items():
        if not is_told:
            yield f"the gap ledger does not tell of {fault}"
    centre, outbox = ledger.readings_lost_centre, ledger.readings_lost_outbox
    if centre != outbox:
        yield f"the centre says {centre} readings are lost, the outbox {outbox}"
    is_whole = not ledger.batches_given_up and not ledger.lines_refused
    if is_whole and ledger.delivered not in {None, 1.0}:  # none since the centre began
        yield f"no batch of the last epoch was given up, and delivered is {ledger.delivered}"


def said_of(running: Rig) -> str:
    """Which network faults were to be had."""
    if running.wire is None:
        return "none: not asked for, or not allowed on this machine"
    if running.wire.has_netem:
        return "the wire pulled and narrowed; packets lost and late by netem"
    loss = "packets lost by nftables" if running.wire.has_nft else "no loss: there is no nft"
    return f"the wire pulled and narrowed; {loss}; no delay: this kernel has no netem"
