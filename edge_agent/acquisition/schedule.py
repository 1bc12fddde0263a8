"""When to poll what; pure, monotonic seconds are an argument.

Each job has a period and keeps to its own grid (start + n × period): no drift, however long a poll takes. A job
that comes late is done once, and the instants it missed are counted, never caught up in a burst.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


class Schedule:
    """The next instants of a number of jobs, named by their index."""

    def __init__(self, periods_s: Sequence[float], start_s: float) -> None:
        """Every job is due at `start_s` for the first time."""
        self.periods_s = tuple(periods_s)
        self.start_s = start_s
        self.due_at_s = [start_s] * len(self.periods_s)
        self.missed = 0
        """Instants that passed before their job could be done."""

    def next_at_s(self) -> float:
        """When a job is due next; infinite without jobs."""
        return min(self.due_at_s, default=math.inf)

    def due(self, now_s: float) -> list[int]:
        """The jobs to do now, longest waiting first; each is put on its next instant after now."""
        jobs = sorted((due_at_s, job) for job, due_at_s in enumerate(self.due_at_s) if due_at_s <= now_s)
        for due_at_s, job in jobs:
            self.due_at_s[job] = self.next_after(job, now_s)
            self.missed += max(0, round((self.due_at_s[job] - due_at_s) / self.periods_s[job]) - 1)
        return [job for _, job in jobs]

    def put_off(self, job: int, at_s: float) -> None:
        """Do a job at this instant next, and then on its grid again."""
        self.due_at_s[job] = at_s

    def next_after(self, job: int, now_s: float) -> float:
        """The first instant of a job's grid after `now_s`."""
        period_s = self.periods_s[job]
        at_s = self.start_s + (math.floor((now_s - self.start_s) / period_s) + 1) * period_s
        return at_s if at_s > now_s else at_s + period_s
