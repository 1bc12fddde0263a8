"""The verdict on a file: whether it is data, and why not; pure.

A file that cannot be read as a whole has `failed`. Of any other the first that fits: `future` (made further ahead of
the agent's clock than clocks may differ), `stale` (made too long ago: what it says no longer holds), `duplicate` (no
newer than the newest of its kind that was accepted), `failed` (it has no record, or too many bad ones),
`partial` (some are bad), `ok`. Only `ok` and `partial` are accepted. Rosters and zone lists come when something
changes; they do not grow stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from edge_agent.acquisition.personnel.grammar import Contents


class Verdict(StrEnum):
    """What a file is worth."""

    OK = "ok"
    PARTIAL = "partial"
    STALE = "stale"
    DUPLICATE = "duplicate"
    FUTURE = "future"
    FAILED = "failed"

    @property
    def is_accepted(self) -> bool:
        """Whether the file is data."""
        return self in (Verdict.OK, Verdict.PARTIAL)


class Judgement(NamedTuple):
    """A verdict, with the reason in words; nothing of the file is quoted in it."""

    verdict: Verdict
    reason: str = ""


OK = Judgement(Verdict.OK)
TAKEN = Judgement(Verdict.DUPLICATE, "a file of this name was accepted already")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a file may be like."""

    stale_after_s: float = 600.0
    future_max_s: float = 300.0
    bad_share_max: float = 0.2
    """A file with this share of bad records, or more, has failed."""


@dataclass(slots=True)
class Ledger:
    """The newest file accepted of one kind."""

    bounds: Bounds
    grows_stale: bool
    newest_at_ms: int | None = None

    def take(self, contents: Contents, now_ms: int) -> Judgement:
        """Judge a file; an accepted one is the newest from now on."""
        judgement = self.of_time(contents.at_ms, now_ms) or self.of_records(contents)
        if judgement.verdict.is_accepted:
            self.newest_at_ms = contents.at_ms
        return judgement

    def of_time(self, at_ms: int, now_ms: int) -> Judgement | None:
        """What the time of a file says against it."""
        bounds, age_s = self.bounds, (now_ms - at_ms) / 1000
        if age_s < -bounds.future_max_s:
            return Judgement(Verdict.FUTURE, f"its time is {-age_s:.0f} s ahead: compare the clocks")
        if self.grows_stale and age_s > bounds.stale_after_s:
            return Judgement(Verdict.STALE, f"its time is {age_s:.0f} s ago: late, or compare the clocks")
        newest_at_ms = self.newest_at_ms
        if newest_at_ms is not None and newest_at_ms > now_ms + 1000 * bounds.future_max_s:
            # Our own clock was ahead then; what was accepted must not block the files of now.
            newest_at_ms = None
        if newest_at_ms is not None and at_ms <= newest_at_ms:
            older = f"{(newest_at_ms - at_ms) / 1000:.0f} s before " if at_ms < newest_at_ms else ""
            return Judgement(Verdict.DUPLICATE, f"its time is {older}that of one accepted already")
        return None

    def of_records(self, contents: Contents) -> Judgement:
        """What the records of a file say against it. An empty list proves nothing: whoever left stays listed."""
        if not contents.records:
            return Judgement(Verdict.FAILED, "it has no records")
        if not contents.faults:
            return OK
        first = contents.faults[0]
        reason = (
            f"{len(contents.faults)} of {contents.records} records are bad,"
            f" the first is record {first.number}: {first.what}"
        )
        is_failed = len(contents.faults) / contents.records >= self.bounds.bad_share_max
        return Judgement(Verdict.FAILED if is_failed else Verdict.PARTIAL, reason)
