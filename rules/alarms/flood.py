"""Many alarms at once are one: a gateway that comes back raises one alarm, not a thousand. Pure.

More than `raises_max` alarms of a group (a gateway, or an area) within `within_us` are a flood. It goes on until no
alarm of the group has been raised for that long; whatever is raised meanwhile belongs to it, and so do the first ones.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.alarms.alarm import AlarmKey


class Group(NamedTuple):
    """A mine and a gateway or area of it."""

    mine: str
    name: str


@dataclass(slots=True)
class Burst:
    """What was raised lately in a group."""

    raised: deque[tuple[int, AlarmKey]] = field(default_factory=deque)
    is_flood: bool = False


@dataclass(slots=True)
class Floods:
    """The bursts of all groups; `folded` counts the alarms that a flood stands for."""

    raises_max: int
    within_us: int
    bursts: dict[Group, Burst] = field(default_factory=dict)
    folded: int = 0

    def raised(self, group: Group, key: AlarmKey, at_us: int) -> list[AlarmKey]:
        """An alarm was raised; gives those that belong to a flood now and did not before."""
        burst = self.bursts.setdefault(group, Burst())
        if burst.raised and at_us - burst.raised[-1][0] > self.within_us:
            burst.raised.clear()
            burst.is_flood = False
        while burst.raised and at_us - burst.raised[0][0] > self.within_us:
            burst.raised.popleft()
        burst.raised.append((at_us, key))
        if burst.is_flood:
            found = [key]
        elif len(burst.raised) > self.raises_max:
            burst.is_flood = True
            found = list(dict.fromkeys(key for _, key in burst.raised))
        else:
            return []
        while len(burst.raised) > self.raises_max:  # a flood needs its newest ones only
            burst.raised.popleft()
        self.folded += len(found)
        return found

    def forget(self, now_us: int) -> None:
        """Drop groups in which nothing happens any more."""
        quiet = [
            group
            for group, burst in self.bursts.items()
            if not burst.raised or now_us - burst.raised[-1][0] > self.within_us
        ]
        for group in quiet:
            del self.bursts[group]
