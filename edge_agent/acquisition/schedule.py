"""When to poll what; pure, monotonic seconds are an argument.

Each job has a period and keeps to its own grid (start + n × period): no drift, however long a poll takes. A job
that comes late is done once, and the instants it missed are counted, never caught up in a burst.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


class Schedule:
    """The next instants of a number of jobs, named by their index."""

    def __init__(self, periods_s: Sequence[float], start_s: float) -> None:
        """Every job is due at `start_s` for the first time."""
        self.periods_s = tuple(periods_s)
        self.start_s = start_s
        self.due_at_s = [start_s] * len(self.periods_s)
        self.missed: Counter[int] = Counter()
        """By job: instants that passed before it could be done."""

    def next_at_s(self) -> float:
        """When a job is due next; infinite without jobs."""
        return min(self.due_at_s, default=math.inf)

    def due(self, now_s: float) -> list[int]:
        """The jobs to do now, longest waiting first; each is put on its next instant after now."""
        jobs = sorted((due_at_s, job) for job, due_at_s in enumerate(self.due_at_s) if due_at_s <= now_s)
        for due_at_s, job in jobs:
            self.due_at_s[job] = self.next_after(job, now_s)
            if (missed := round((self.due_at_s[job] - due_at_s) / self.periods_s[job]) - 1) > 0:
                self.missed[job] += missed
        return [job for _, job in jobs]

    def put_off(self, job: int, at_s: float) -> None:
        """Do a job at this instant next, and then on its grid again."""
        self.due_at_s[job] = at_s

    def next_after(self, job: int, now_s: float) -> float:
        """The first instant of a job's grid after `now_s`."""
        period_s = self.periods_s[job]
        at_s = self.start_s + (math.floor((now_s - self.start_s) / period_s) + 1) * period_s
        return at_s if at_s > now_s else at_s + period_s


class Patience:
    """How much time the units that do not answer may cost those that share a connection with them.

    A try in vain takes its time from all. Besides a credit for a few of them, tries in vain may take only a `share`
    of the time, however many units are silent or come and go: each books when its unit is to be tried next.
    """

    def __init__(self, share: float, credit_s: float) -> None:
        """`credit_s` is time lost that is not held against anybody, and is gained again as time passes."""
        self.share = share
        self.grace_s = credit_s / share
        self.booked_to_s = -math.inf

    def next_try_at_s(self, lost_s: float, now_s: float) -> float:
        """From when on a unit may be tried again after a try that ended now and lost so much time; maybe at once."""
        self.booked_to_s = max(self.booked_to_s, now_s - self.grace_s) + lost_s / self.share
        return self.booked_to_s
