"""One outage of each cause, each by itself, to see that the centre's gap ledger tells the truth of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from benchmarks.conservation.points import MINE
from benchmarks.conservation.rig import Rig, now_ms, until
from benchmarks.conservation.schedule import Kind, Planned

LIMIT_S: Final = 60.0
SLACK_MS: Final = 3_000
"""Between a fault and the centre's knowledge of it: its look-out, and a busy machine."""
Entry = dict[str, Any]


class Outage(NamedTuple):
    """A fault, and the entry of the ledger that is to tell of it."""

    kind: Kind
    cause: str
    outcome: str
    lasts_s: float
    is_counted: bool = False
    """Whether readings were given up, and the entry says how many."""


SCENE: Final = (
    Outage(Kind.LINK_AWAY, "link", "filled", 2.0),
    Outage(Kind.CENTRE_LINK_AWAY, "broker", "filled", 2.0),
    Outage(Kind.STORE_REFUSES, "store", "filled", 2.0),
    Outage(Kind.STORE_REJECTS, "store", "lost", 1.0, is_counted=True),
    Outage(Kind.DISK_FULL, "gateway", "lost", 1.5, is_counted=True),  # and until the inbox is full
    Outage(Kind.OUTBOX_REPLACED, "gateway", "lost", 0.4),
)


@dataclass(slots=True)
class Gaps:
    """Every entry that the centre has shown; it begins anew when it is restarted."""

    seen: dict[tuple[Any, ...], Entry] = field(default_factory=dict)

    async def look(self, rig: Rig) -> None:
        """Take in what it shows now."""
        shown = await rig.centre(f"/api/v1/mines/{MINE}/gaps")
        for entry in shown if isinstance(shown, list) else ():
            self.seen[
                entry["cause"], entry["gateway"], entry["area"], entry["from"], entry["first_batch"]
            ] = entry

    def tells(self, outage: Outage, from_ms: int, to_ms: int) -> bool:
        """Whether it has an entry of this cause and outcome within these times."""
        return any(
            (entry["cause"], entry["outcome"], entry["readings"] > 0)
            == (outage.cause, outage.outcome, outage.is_counted)
            and entry["to"]
            and from_ms - SLACK_MS <= ms_of(entry["from"]) <= ms_of(entry["to"]) <= to_ms + SLACK_MS
            for entry in self.seen.values()
        )


async def play(rig: Rig, gaps: Gaps, happen: Callable[[Planned], Awaitable[None]]) -> dict[str, bool]:
    """One after the other; by fault, whether the ledger has its entry."""
    told: dict[str, bool] = {}
    await online(rig)
    for outage in SCENE:
        from_ms = now_ms()
        lasts_s = outage.lasts_s + (rig.size.inbox_s if outage.kind is Kind.DISK_FULL else 0.0)
        await happen(Planned(0.0, outage.kind, lasts_s, 0.0))
        told[outage.kind] = await comes_to_tell(rig, gaps, outage, from_ms)
        await online(rig)
    return told


async def comes_to_tell(rig: Rig, gaps: Gaps, outage: Outage, from_ms: int) -> bool:
    """Wait for the entry; false if it does not come."""

    async def is_told() -> bool:
        await gaps.look(rig)
        return gaps.tells(outage, from_ms, now_ms())

    try:
        await until(is_told, "an entry of the gap ledger", LIMIT_S, poll_s=0.2)
    except TimeoutError:
        return False
    return True


async def online(rig: Rig) -> None:
    """Wait until the centre has the gateway online and what it made now is stored."""

    async def is_online() -> bool:
        overview = await rig.centre(f"/api/v1/mines/{MINE}")
        return any(link["online"] for link in overview.get("links", ()))

    await until(is_online, "the gateway is online", LIMIT_S)
    commits = rig.truth.commits
    await until(lambda: rig.truth.commits > commits, "something is committed", LIMIT_S)


def ms_of(text: str) -> int:
    """An instant of the API."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
