"""What is to be judged from the historian: shifts and days that late data came for and memory no longer holds. Pure.

Rules
- A job is one shift or day of one face or chamber, by its begin. Whoever asks twice before it is done asks once.
- It waits until the rows that asked for it are in the store, and until no further ones have come for a while; but not
  for ever, since a back-fill may last for hours.
- An area's jobs are done in the order of time: a day hangs on the one before it.
- Each job is noted in the store when it is asked for and when it is done, so that a restart forgets none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rules.series import SECOND_US

Area = tuple[str, str]
"""Mine and area."""

SETTLE_US: Final = 3 * SECOND_US
PATIENCE_US: Final = 60 * SECOND_US
JOBS_MAX: Final = 200_000
"""A province's faces and chambers for five weeks; further jobs are counted and dropped."""
RECORDS_MAX: Final = 50_000
"""Records on their way to the store that are remembered; without an oldest one its job may come too soon."""


class Job(NamedTuple):
    """Judge the shift or day that begins at `at_us`."""

    area: Area
    at_us: int
    touched_us: int
    """The newest row that asked for it, or the end of all that may have."""


@dataclass(slots=True)
class Waiting:
    """A job that is not done, by the centre's clock."""

    touched_us: int
    first_us: int
    last_us: int


@dataclass(slots=True)
class LateWork:
    """The jobs of all areas."""

    waiting: dict[Area, dict[int, Waiting]] = field(default_factory=dict)
    unstored: dict[int, Area] = field(default_factory=dict)
    """Records with late rows that are not in the store yet, by identity."""
    size: int = 0
    """How many wait."""
    counts: Counter[str] = field(default_factory=Counter)

    def ask(self, area: Area, at_us: int, touched_us: int, now_us: int) -> bool:
        """A job is to be done; true if it was not asked for already."""
        jobs = self.waiting.setdefault(area, {})
        if job := jobs.get(at_us):
            job.touched_us, job.last_us = max(job.touched_us, touched_us), now_us
            return False
        if self.size >= JOBS_MAX:
            self.counts["jobs_dropped"] += 1
            return False
        jobs[at_us] = Waiting(touched_us, now_us, now_us)
        self.size += 1
        self.counts["jobs"] += 1
        return True

    def hold(self, record: object, area: Area) -> None:
        """The rows of this record are not in the store yet."""
        self.unstored[id(record)] = area
        if len(self.unstored) > RECORDS_MAX:
            del self.unstored[next(iter(self.unstored))]

    def stored(self, record: object) -> None:
        """They are now, or never will be."""
        self.unstored.pop(id(record), None)

    def take(self, now_us: int) -> Job | None:
        """The next job that need not wait any more; it is the caller's from here on.

        One of which rows are still on their way stays, to be done again when they have come.
        """
        held = set(self.unstored.values())
        for area, jobs in self.waiting.items():
            if not jobs:
                continue
            at_us = min(jobs)
            job = jobs[at_us]
            is_patient = 0 <= now_us - job.first_us < PATIENCE_US
            if is_patient and (area in held or 0 <= now_us - job.last_us < SETTLE_US):
                continue
            if area in held:
                job.first_us = now_us
            else:
                del jobs[at_us]
                self.size -= 1
            self.waiting[area] = self.waiting.pop(area)  # the others' turn comes first
            return Job(area, at_us, job.touched_us)
        self.waiting = {area: jobs for area, jobs in self.waiting.items() if jobs}
        return None

    def is_waiting(self, job: Job) -> bool:
        """Has the same been asked for again meanwhile?"""
        return job.at_us in self.waiting.get(job.area, {})
