"""Does a face perform as an accepted one must? What its last shifts show, beside its acceptance paper.

Rules (definitions.md §3, Evidence)
- Looked at are the last `shifts` final production shifts of a face, maintenance shifts aside. What counts of them is
  within, exceeded and no_verdict; a shift before the face was an intelligent one was not judged and says nothing.
- First that fits: too few shifts, or none with a verdict: *unproven*. Exceeded too often among those with a verdict:
  *not performing*. No verdict too often: *unproven*. Else *performing*. Silence is never compliance.
- Shares are compared exactly with the decimal numbers that were configured. The figures are defaults without authority.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field

from rules.plan.table import Kind
from rules.shift_calendar import Shift
from rules.staffing import Reason, Verdict

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class EvidenceFigures(BaseModel):
    """The figures of the judgement, to be set by who judges."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    shifts: Annotated[int, Field(ge=1)] = 90
    shifts_min: Annotated[int, Field(ge=1)] = 30
    exceeded_share_max: Share = 0.05
    no_verdict_share_max: Share = 0.05


DEFAULT_FIGURES: Final = EvidenceFigures()


class Performance(StrEnum):
    """What a face's last shifts show of it."""

    PERFORMING = "performing"
    NOT_PERFORMING = "not_performing"
    UNPROVEN = "unproven"


class Ground(StrEnum):
    """Which line of the definition decided."""

    TOO_FEW = "too_few"
    NO_VERDICTS = "no_verdicts"
    EXCEEDED = "exceeded"
    UNKNOWN = "unknown"
    WITHIN = "within"


class JudgedShift(Protocol):
    """What evidence reads of a shift; a `ShiftRecord` has it."""

    @property
    def shift(self) -> Shift:
        """Which one."""

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""

    @property
    def reason(self) -> Reason | None:
        """And why."""

    @property
    def final(self) -> bool:
        """Late data changes it no more."""


@dataclass(frozen=True, slots=True)
class FaceName:
    """A face; `project` is the one of the plan that made it intelligent, `accepted_on` as of the day asked about.

    `mine_code` is the mine's name on the wire, `None` for one that is not watched.
    """

    mine: str
    mine_code: str | None
    face: str
    title: str
    enterprise: str
    kind: Kind
    project: str | None
    accepted_on: date | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many shifts were within, exceeded and without verdict."""

    within: int = 0
    exceeded: int = 0
    no_verdict: int = 0

    @property
    def shifts(self) -> int:
        """All of them."""
        return self.within + self.exceeded + self.no_verdict

    @property
    def judged(self) -> int:
        """Those with a verdict."""
        return self.within + self.exceeded


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """A face and what its last shifts show; `from_on` and `to_on` are the first and last day among them."""

    face: FaceName
    tally: Tally
    from_on: date | None
    to_on: date | None
    performance: Performance
    ground: Ground


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every face, and the two lists that an authority opens."""

    faces: tuple[FaceEvidence, ...]
    accepted_in_doubt: tuple[FaceEvidence, ...]
    """Accepted, but not performing or unproven."""
    performing_unaccepted: tuple[FaceEvidence, ...]


def evidence(faces: Iterable[FaceEvidence]) -> Evidence:
    """The lists; not performing before unproven, else in the order given."""
    judged = tuple(faces)
    doubtful = [
        each
        for each in judged
        if each.face.accepted_on is not None and each.performance is not Performance.PERFORMING
    ]
    return Evidence(
        faces=judged,
        accepted_in_doubt=tuple(sorted(doubtful, key=lambda each: each.performance is Performance.UNPROVEN)),
        performing_unaccepted=tuple(
            each
            for each in judged
            if each.face.accepted_on is None and each.performance is Performance.PERFORMING
        ),
    )


def face_evidence(
    face: FaceName, shifts: Iterable[JudgedShift], figures: EvidenceFigures = DEFAULT_FIGURES
) -> FaceEvidence:
    """What the shifts of a face, in any order, show of it."""
    looked_at = last_shifts(shifts, figures)
    counts = tally(looked_at)
    performance, ground = _performance(counts, figures)
    days = [each.shift.shift_on for each in looked_at]
    return FaceEvidence(face, counts, min(days, default=None), max(days, default=None), performance, ground)


def last_shifts(shifts: Iterable[JudgedShift], figures: EvidenceFigures) -> Sequence[JudgedShift]:
    """The shifts that evidence rests on, the earliest first."""
    final = [each for each in shifts if each.final and each.shift.kind == "production"]
    final.sort(key=lambda each: (each.shift.starts_us, each.shift.ends_us))
    return final[-figures.shifts :]


def tally(shifts: Iterable[JudgedShift]) -> Tally:
    """Count verdicts; shifts that are not judged do not count."""
    counts = Counter(each.verdict for each in shifts)
    return Tally(counts["within"], counts["exceeded"], counts["no_verdict"])


def _performance(counts: Tally, figures: EvidenceFigures) -> tuple[Performance, Ground]:
    if counts.shifts < figures.shifts_min:
        return Performance.UNPROVEN, Ground.TOO_FEW
    if counts.judged == 0:
        return Performance.UNPROVEN, Ground.NO_VERDICTS
    if _is_above(counts.exceeded, counts.judged, figures.exceeded_share_max):
        return Performance.NOT_PERFORMING, Ground.EXCEEDED
    if _is_above(counts.no_verdict, counts.shifts, figures.no_verdict_share_max):
        return Performance.UNPROVEN, Ground.UNKNOWN
    return Performance.PERFORMING, Ground.WITHIN


def _is_above(part: int, whole: int, share_max: float) -> bool:
    """Whether part / whole > share_max, compared as the decimal number that was written."""
    above, below = Decimal(repr(share_max)).as_integer_ratio()
    return part * below > above * whole
