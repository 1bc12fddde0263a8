"""The files of the personnel positioning system (MT/T 1201.3, 煤安监办〔2019〕42号附件2): RYSS, RYXX and RYQY.

Rules
- Fields are parted by `;`, records end with `~`, the file with `||`; UTF-8, no line breaks. The first record is the
  header. A file is called `<煤矿编码12>_<TYPE>_<yyyyMMddHHmmss>.txt`.
- Times are the system's own clock in UTC+8, without a zone: where that clock is wrong, so are they.
- RYSS is a full snapshot: everybody underground (flag 1), at the mouth (0), and who came up within hours (2).
- A faulty file is made from the good one, by the kind of fault that then holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from simulators.cards import Card
from simulators.chance import Chance
from simulators.faults import FOREVER
from simulators.positioning import Leg, Positioning, Sighting, Zone
from simulators.shifts import LOCAL_MS, MINUTE_MS

RECORD_END: Final = "~"
FILE_END: Final = "||"
SHIFT_SYSTEM: Final = "三八制"
UNDERGROUND_MAX: Final = 200
"""核定下井人数."""
SYSTEM: Final = ("KJ演示", "人员位置监测系统（演示）", "演示厂家", "2030-12-31")
AHEAD_MS: Final = 10 * MINUTE_MS
"""How far in the future a `future` file says it is."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Stamp = Callable[[int], int]
"""What the system's own clock shows at an instant; both in UTC milliseconds."""


class FileKind(StrEnum):
    """What is wrong with the snapshots."""

    INCOMPLETE = "incomplete"
    """They break off, without `||`."""
    FUTURE = "future"
    """Their header is ten minutes ahead."""
    STALE = "stale"
    """New names, but the snapshot in them is the one of when the fault began."""
    REPEATED = "repeated"
    """The file of when the fault began is written again and again, under its own name."""
    BAD_RECORDS = "bad_records"
    """A `share` of the records cannot be read."""
    MISSING = "missing"
    """None are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """A fault of the snapshots in `[from_ms, to_ms)` of the virtual time."""

    kind: FileKind
    from_ms: int = -FOREVER
    to_ms: int = FOREVER
    share: float = 0.1


class File(NamedTuple):
    """A file to write."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonnelFiles:
    """What the system writes: a function of the instant. `stamp` is its clock."""

    code: str
    name: str
    positioning: Positioning
    stamp: Stamp = int
    faults: Sequence[FileFault] = ()

    def snapshot(self, at_ms: int) -> File | None:
        """The RYSS file of an instant, with the fault that then holds; `None` if none is written."""
        fault = next((fault for fault in self.faults if fault.from_ms <= at_ms < fault.to_ms), None)
        return self.faulty(at_ms, fault) if fault else self.good(at_ms)

    def faulty(self, at_ms: int, fault: FileFault) -> File | None:
        """The same with this fault."""
        file = self.good(at_ms)
        match fault.kind:
            case FileKind.MISSING:
                return None
            case FileKind.INCOMPLETE:
                return File(file.name, incomplete(file.text))
            case FileKind.FUTURE:
                return self.good(at_ms, ahead_ms=AHEAD_MS)
            case FileKind.STALE:
                return File(file.name, self.good(fault.from_ms).text)
            case FileKind.REPEATED:
                return self.good(fault.from_ms)
            case FileKind.BAD_RECORDS:
                return File(file.name, with_bad_records(file.text, fault.share, Chance(at_ms, "bad records")))

    def good(self, at_ms: int, ahead_ms: int = 0) -> File:
        """The RYSS file of an instant, without faults."""
        shown_ms = self.stamp(at_ms) + ahead_ms
        records = [ryss(sighting, self.stamp) for sighting in self.positioning.snapshot(at_ms)]
        return File(self.file_name("RYSS", shown_ms), document(self.header(shown_ms), records))

    def people(self, at_ms: int) -> File:
        """The RYXX file: everybody who has a card."""
        shown_ms = self.stamp(at_ms)
        header = (self.code, self.name, str(UNDERGROUND_MAX), *SYSTEM, local_time(shown_ms))
        records = [ryxx(card) for card in self.positioning.cards.values()]
        return File(self.file_name("RYXX", shown_ms), document(header, records))

    def zones(self, at_ms: int) -> File:
        """The RYQY file: the zones."""
        shown_ms = self.stamp(at_ms)
        records = [ryqy(zone) for zone in self.positioning.zones]
        return File(self.file_name("RYQY", shown_ms), document(self.header(shown_ms), records))

    def header(self, shown_ms: int) -> Sequence[str]:
        """The first record of a file that is no RYXX."""
        return self.code, self.name, local_time(shown_ms)

    def file_name(self, kind: str, shown_ms: int) -> str:
        """The name of a file."""
        return f"{self.code}_{kind}_{local(shown_ms):%Y%m%d%H%M%S}.txt"


def ryss(sighting: Sighting, stamp: Stamp) -> Sequence[str]:
    """One card's record in a snapshot."""

    def time(at_ms: int | None) -> str:
        return "" if at_ms is None else local_time(stamp(at_ms))

    def visited(leg: Leg) -> str:
        return f"{leg.zone.station}&{time(leg.from_ms)}"

    card, leg = sighting.card, sighting.leg
    return (
        card.code,
        card.name,
        str(int(sighting.flag)),
        time(sighting.underground_ms) if sighting.flag else "",
        time(sighting.surfaced_ms),
        leg.zone.code,
        time(leg.from_ms),
        leg.zone.station,
        time(leg.from_ms),
        SHIFT_SYSTEM,
        f"{sighting.distance_m:.2f}",
        "正常",
        str(int(card.is_leader)),
        str(int(card.is_special)),
        ",".join(map(visited, sighting.track)),
    )


def ryxx(card: Card) -> Sequence[str]:
    """One card's record in the list of people."""
    flags = str(int(card.is_leader)), str(int(card.is_special))
    return card.code, card.name, card.trade, card.post, card.team, card.born, card.schooling, *flags


def ryqy(zone: Zone) -> Sequence[str]:
    """One zone's record."""
    return zone.kind, zone.code, str(zone.limit), zone.name


def document(header: Iterable[str], records: Iterable[Iterable[str]]) -> str:
    """A whole file."""
    return "".join(";".join(record) + RECORD_END for record in (header, *records)) + FILE_END


def incomplete(text: str) -> str:
    """A file whose writer was interrupted."""
    return text[: max(len(text) * 2 // 3, 1)].rstrip("|")


def with_bad_records(text: str, share: float, chance: Chance) -> str:
    """A file some of whose records are broken: a full-width separator, too few fields, or fillers of a vendor."""
    header, *records, end = text.split(RECORD_END)
    spoil = (
        lambda record: record.replace(";", "；"),
        lambda record: record.rpartition(";")[0],
        lambda record: ";".join(("-9999", "未设置", *record.split(";")[2:])),
    )
    kept = [
        spoil[chance.whole(number, 0, len(spoil) - 1)](record)
        if chance.share(-number - 1) < share
        else record
        for number, record in enumerate(records)
    ]
    return RECORD_END.join((header, *kept, end))


def local(at_ms: int) -> datetime:
    """The time of day in UTC+8, as clocks there show it."""
    return EPOCH + timedelta(milliseconds=at_ms + LOCAL_MS)


def local_time(at_ms: int) -> str:
    """A time as files have it; fractions of a second are cut off."""
    return f"{local(at_ms):%Y-%m-%d %H:%M:%S}"
