"""The files of a personnel positioning system in a drop folder: who is in which area, by the newest snapshot.

The folder is looked at every `scan_s`. Every file gets a verdict (acquisition/personnel/verdict.py); the accepted
snapshots are reported in their order, each with its own time. At the start only the newest that still holds is taken:
what lay there before was read before, or is too old to matter.

What goes wrong, and what it costs:
- A snapshot holds for `stale_after_s` by its own time, or since it came if that is sooner. Then every point is stale,
  and bad after that time again. Neither a missing folder nor a refused file makes a snapshot hold any longer, or less.
- An area of which a snapshot cannot tell who is in it is stale at once, until one can.
- A folder that cannot be listed is counted and tried again; a share that hangs holds up the reading, not the ageing.

A mark of a point without a value has a time just after the last snapshot: from then on nothing is known. So a snapshot
that comes late, but in order, still has its place at its own time.

Names stay in the file. A card becomes its pseudonym as it is read, and neither a log line nor a reason quotes a file.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Final

from contract import card_list
from contract.errors import Transient
from contract.point import Point, PositioningAddress
from contract.quality import Quality
from edge_agent.acquisition.deadband import Deadband
from edge_agent.acquisition.doubt import Doubt, Mark
from edge_agent.acquisition.personnel.census import HEADCOUNT, Cards
from edge_agent.acquisition.personnel.grammar import Contents, FileName, Unreadable
from edge_agent.acquisition.personnel.intake import After, Due, Intake, Signature, Task
from edge_agent.acquisition.personnel.muster import Layout, Muster
from edge_agent.acquisition.personnel.profile import Kind, Profile
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.verdict import TAKEN, Bounds, Judgement, Verdict
from edge_agent.acquisition.reading import Reading
from edge_agent.source_config import personnel as source_config
from edge_agent.sources.drop_folder import DropFolder, Listing, NoFolder
from edge_agent.sources.source import Emit, Now, SourceHealth

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""How often it is asked whether the newest snapshot still holds."""
TOLD_MAX: Final = 5
"""Zones of one kind that a log line names."""


class PersonnelSource:
    """The files of one mine in one folder."""

    def __init__(
        self,
        *,
        name: str,
        folder: DropFolder,
        layout: Layout,
        points: Sequence[Point],
        now: Now,
        bounds: Bounds,
        leader_post: str = "",
        after: After = After.KEEP,
        scan_s: float = 5.0,
        settled_s: float = 60.0,
        cards_chars_max: int = 65_536,
    ) -> None:
        """The points' addresses say which zones make up an area."""
        self.name = name
        self.points = tuple(points)
        self.health = SourceHealth()
        self.folder, self.layout, self.now = folder, layout, now
        self.after, self.scan_s, self.cards_chars_max = after, scan_s, cards_chars_max
        self.stale_after_s = bounds.stale_after_s
        self.muster = Muster(areas_of(points), bounds, leader_post)
        self.intakes = {kind: Intake(folder.files_max, settled_s) for kind in Kind}
        self.begun: set[Kind] = set()
        """Kinds of which the newest file of the start has been looked for."""
        self.newest: dict[Kind, FileName] = {}
        """The newest accepted file of each kind; it stays where it is, for the next start."""
        self.foreign: frozenset[str] = frozenset()
        self.deadband, self.doubt = Deadband(), Doubt()
        self.told_at_ms: int | None = None
        """The newest source time reported; none before the first snapshot."""
        self.lost_at_s = math.inf
        """When the newest snapshot ceases to hold."""
        self.is_lost = False
        self.warned: set[str] = set()
        """Troubles that the log knows of and that are not over."""

    async def run(self, emit: Emit) -> None:
        """Read until cancelled."""
        self.lost_at_s = clock_s() + self.stale_after_s
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.follow(emit), name=f"{self.name}.follow")
            tasks.create_task(self.age(emit), name=f"{self.name}.age")

    async def follow(self, emit: Emit) -> None:
        """Look at the folder again and again."""
        while True:
            try:
                await self.look(emit)
            except NoFolder as trouble:
                self.health.connected = False
                self.health.count(trouble.kind)
                self.warn("folder", "its folder cannot be read", str(trouble))
            if self.told_at_ms is None and not self.is_lost and not self.intakes[Kind.RYSS].is_waiting:
                self.lose(emit)
            await asyncio.sleep(self.scan_s)

    async def look(self, emit: Emit) -> None:
        """Read what is new in the folder; raises `NoFolder`."""
        listing = await asyncio.to_thread(self.folder.listing)
        self.health.connected = True
        self.over("folder", "its folder is back")
        self.count_foreign(listing)
        for kind in Kind:
            due = self.intakes[kind].due(listing.files[kind], clock_s())
            if kind in self.begun:
                for file in due:
                    await self.attend(kind, file, emit)
            else:
                await self.begin(kind, due, emit)

    async def begin(self, kind: Kind, due: Sequence[Due], emit: Emit) -> None:
        """At the start: of the files that lie there, the newest that is data; those before it are left."""
        for at in reversed(range(len(due))):
            judgement = await self.attend(kind, due[at], emit)
            if judgement and (judgement.verdict.is_accepted or judgement.verdict is Verdict.STALE):
                for older in due[:at]:
                    self.intakes[kind].judged(older.name, is_accepted=False)
                break
        self.begun.add(kind)

    async def attend(self, kind: Kind, due: Due, emit: Emit) -> Judgement | None:
        """Do what is due with a file; its verdict, or none as long as it is not complete."""
        intake = self.intakes[kind]
        if due.task is Task.REFUSE:
            judgement = TAKEN
        else:
            signature, found = await self.read(kind, due)
            if found is None:
                intake.waits(due.name)
                return None
            judgement = found if isinstance(found, Judgement) else self.take(kind, found, emit)
            intake.judged(due.name, is_accepted=judgement.verdict.is_accepted, signature=signature)
        self.tell(due.name, judgement)
        await self.clear(kind, due.name, judgement)
        return judgement

    async def read(self, kind: Kind, due: Due) -> tuple[Signature | None, Contents | Judgement | None]:
        """What a file says, or why it has failed, or `None` if it is worth waiting for."""
        began_s = clock_s()
        self.health.reads += 1
        try:
            return await asyncio.to_thread(self.contents, kind, due.name)
        except Transient as trouble:
            return None, Judgement(Verdict.FAILED, str(trouble)) if due.task is Task.READ_LAST else None
        finally:
            self.health.read_latency_ms = 1000 * (clock_s() - began_s)

    def contents(self, kind: Kind, name: FileName) -> tuple[Signature, Contents | Judgement]:
        """Read and take apart a file, in a thread; raises `Transient` if it is not whole."""
        content, signature = self.folder.read(name)
        if len(content) > self.folder.file_bytes_max:
            return signature, Judgement(Verdict.FAILED, "it is larger than file_bytes_max")
        try:
            return signature, self.layout.contents(kind, content)
        except Unreadable as trouble:
            return signature, Judgement(Verdict.FAILED, str(trouble))

    def take(self, kind: Kind, contents: Contents, emit: Emit) -> Judgement:
        """Judge what a file says; report an accepted snapshot."""
        now_ms = self.now()
        judgement = self.muster.take(kind, contents, now_ms)
        if judgement.verdict.is_accepted and kind is Kind.RYSS:
            age_s = max(0.0, (now_ms - contents.at_ms) / 1000)
            self.lost_at_s = clock_s() + self.stale_after_s - age_s
            self.is_lost = False
            self.over("lost", "snapshots come again")
            self.report(contents.at_ms, now_ms, emit)
        elif judgement.verdict is Verdict.OK and kind is Kind.RYQY:
            self.compare_zones()
        return judgement

    def report(self, source_at_ms: int, read_at_ms: int, emit: Emit) -> None:
        """Report who is in every area by the snapshot that was just accepted."""
        self.told_at_ms = source_at_ms
        told: list[Reading] = []
        untold: list[Point] = []
        for point in self.points:
            cards = self.muster.census[point.area]
            if cards is None:
                untold.append(point)
            else:
                told.append(self.reading(point, cards, source_at_ms, read_at_ms))
        self.health.readings += len(told)
        if told:
            self.health.last_good_at_ms = read_at_ms
        self.doubt.heard(reading.point for reading in told)
        if reports := self.deadband.reports(told):
            emit(reports)
        if untold:
            self.health.count("area_untold", len({point.area for point in untold}))
            self.mark(self.doubt.lose(untold, clock_s()), source_at_ms, emit)

    def reading(self, point: Point, cards: Cards, source_at_ms: int, read_at_ms: int) -> Reading:
        """What a snapshot says of a point."""
        if point.metric == HEADCOUNT:
            return Reading(point, len(cards), Quality.GOOD, source_at_ms, read_at_ms)
        text = card_list.text_of(cards)
        if len(text) > self.cards_chars_max:
            self.health.count("cards_too_long")
            return Reading(point, None, Quality.BAD, source_at_ms, read_at_ms)
        return Reading(point, text, Quality.GOOD, source_at_ms, read_at_ms)

    async def age(self, emit: Emit) -> None:
        """Mark what no longer holds."""
        while True:
            await asyncio.sleep(min(LOOK_S, self.stale_after_s / 4))
            if clock_s() >= self.lost_at_s and not self.is_lost:
                self.lose(emit)
            self.mark(self.doubt.expire(clock_s()), self.next_ms(), emit)

    def lose(self, emit: Emit) -> None:
        """No snapshot holds: every point is stale."""
        self.is_lost = True
        self.health.count("no_snapshot")
        self.warn(
            "lost", "no snapshot holds", f"none that is data and made in the last {self.stale_after_s:g} s"
        )
        self.mark(self.doubt.lose(self.points, clock_s()), self.next_ms(), emit)

    def next_ms(self) -> int:
        """The time of a mark: just after what was told last, or now if nothing was."""
        return self.now() if self.told_at_ms is None else self.told_at_ms + 1

    def mark(self, marks: Sequence[Mark], source_at_ms: int, emit: Emit) -> None:
        """Report points without a value."""
        if not marks:
            return
        if self.told_at_ms is not None:
            self.told_at_ms = source_at_ms
        at_ms = self.now()
        readings = (Reading(point, None, quality, source_at_ms, at_ms) for point, quality in marks)
        if reports := self.deadband.reports(readings):
            emit(reports)

    def count_foreign(self, listing: Listing) -> None:
        """Files of other mines are counted once and left."""
        if new := len(listing.foreign - self.foreign):
            self.health.count("other_mine", new)
        self.foreign = listing.foreign

    def compare_zones(self) -> None:
        """Say which zones make up our areas by the mine's own list, and which of them it does not have."""
        zones = self.muster.zones.zones if self.muster.zones else {}
        configured = {zone: area for area, codes in self.muster.areas.items() for zone in codes}
        for code in sorted(configured.keys() & zones.keys()):
            log.info("%s: area %s counts zone %s %s, authorised headcount %s",
                     self.name, configured[code], code, zones[code].name, zones[code].headcount_max)  # fmt: skip
        if unknown := sorted(configured.keys() - zones.keys()):
            self.warn("zones", f"{len(unknown)} configured zones are not in the mine's list (RYQY)",
                      ", ".join(unknown[:TOLD_MAX]))  # fmt: skip
        else:
            self.over("zones", "all configured zones are in the mine's list (RYQY)")

    def tell(self, name: FileName, judgement: Judgement) -> None:
        """Count a verdict; the log has the first of its kind until a file of that kind is in order again."""
        verdict = judgement.verdict
        if verdict is not Verdict.OK:
            self.health.count(verdict.value)
        if verdict is Verdict.OK:
            for trouble in Verdict:
                self.warned.discard(f"{name.kind} {trouble}")
        elif verdict is not Verdict.DUPLICATE:
            self.warn(f"{name.kind} {verdict}", f"file {name.text} is {verdict}", judgement.reason)

    async def clear(self, kind: Kind, name: FileName, judgement: Judgement) -> None:
        """Put away the file whose place a newer one has taken, or that says nothing new."""
        newest = self.newest.get(kind)
        if judgement.verdict.is_accepted:
            self.newest[kind] = name
            superseded = newest
        else:
            superseded = name if judgement.verdict is Verdict.DUPLICATE and name != newest else None
        if superseded is None or self.after is After.KEEP:
            return
        try:
            await asyncio.to_thread(self.folder.put_away, superseded, self.after)
        except Transient as trouble:
            self.health.count("not_put_away")
            self.warn("put_away", "a file has to stay in the folder", str(trouble))
        else:
            self.intakes[kind].gone(superseded)
            self.over("put_away", "files can be put away again")

    def warn(self, trouble: str, what: str, why: str) -> None:
        """Log a trouble when it begins."""
        if trouble not in self.warned:
            self.warned.add(trouble)
            log.warning("%s: %s: %s", self.name, what, why)

    def over(self, trouble: str, what: str) -> None:
        """Log that a trouble is over."""
        if trouble in self.warned:
            self.warned.discard(trouble)
            log.info("%s: %s", self.name, what)


def of_config(config: source_config.PersonnelSource, points: Sequence[Point], *, now: Now) -> PersonnelSource:
    """The source as its config has it; raises `Misconfigured` if the key cannot be read any more."""
    form = config.profile
    profile = Profile(
        ryss=form.ryss,
        ryxx=form.ryxx,
        ryqy=form.ryqy,
        headers=form.headers,
        post_from=config.post_from,
        underground=form.underground,
        elsewhere=form.elsewhere,
        field_separator=form.field_separator,
        record_end=form.record_end,
        file_end=form.file_end,
    )
    pseudonyms = Pseudonyms(source_config.key_in(config.key_file))
    return PersonnelSource(
        name=config.name,
        folder=DropFolder(config.folder, config.mine_code, config.files_max, config.file_bytes_max),
        layout=Layout(config.mine_code, pseudonyms, profile, config.encoding),
        points=points,
        now=now,
        bounds=Bounds(config.stale_after_s, config.future_max_s, config.bad_share_max),
        leader_post=config.leader_post,
        after=config.after,
        scan_s=config.scan_s,
        settled_s=config.settled_ms / 1000,
        cards_chars_max=config.cards_chars_max,
    )


def areas_of(points: Sequence[Point]) -> Mapping[str, Sequence[str]]:
    """The zones of each area."""
    return {
        point.area: point.address.zones for point in points if isinstance(point.address, PositioningAddress)
    }


def clock_s() -> float:
    """The running loop's monotonic clock."""
    return asyncio.get_running_loop().time()
