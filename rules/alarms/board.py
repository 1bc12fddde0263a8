"""All alarms of the centre: what is open, what floods, what is due by time. Pure; its owner calls it with the time.

Rules
- An alarm is kept while it is open, and as long as its last raises count for chattering.
- A flood alarm stands for its members: it has the priority of the worst, and each worse one asks for another
  acknowledgement. Acknowledging it acknowledges all of them. While it is held back, what gets worse or is new stands
  alone, so that a shelf hides nothing that its owner has not seen. It is over when none of its members is open.
- Maintenance is looked at before an alarm is raised, and again at every look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from rules.alarms import life
from rules.alarms.alarm import (
    Alarm,
    AlarmKey,
    Change,
    Definition,
    Hold,
    Level,
    Policy,
    Priority,
    Quiet,
    Record,
    Value,
)
from rules.alarms.flood import Floods, Group
from rules.alarms.life import Step

FLOOD: Final = "flood"
FLOOD_LEVELS: Final = tuple(
    Level(priority, "短时间内大量报警", "many alarms at once") for priority in Priority
)
Maintenance = Callable[[AlarmKey, Quiet, int], str | None]
"""Which maintenance suppresses an alarm at an instant, if any."""


def no_maintenance(_key: AlarmKey, _quiet: Quiet, _now_us: int) -> str | None:
    """None."""
    return None


@dataclass(slots=True)
class Board:
    """Alarms by key; `records` is what happened since somebody took them."""

    policy: Policy = field(default_factory=Policy)
    maintenance: Maintenance = no_maintenance
    alarms: dict[AlarmKey, Alarm] = field(default_factory=dict)
    ids: dict[str, AlarmKey] = field(default_factory=dict)
    members: dict[AlarmKey, set[AlarmKey]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    counts: Counter[Change] = field(default_factory=Counter)
    floods: Floods = field(init=False)

    def __post_init__(self) -> None:
        """Nothing floods yet."""
        self.floods = Floods(self.policy.flood_raises, self.policy.flood_us)

    def restore(self, alarms: Iterable[Alarm], doubt: str, now_us: int) -> None:
        """Alarms of an earlier run: until they are judged again nobody knows whether they still hold."""
        for alarm in alarms:
            self.keep(alarm)
            if alarm.under is not None:
                self.members.setdefault(alarm.under, set()).add(alarm.key)
            if alarm.definition.key.code != FLOOD and alarm.level:
                self.take(life.doubted(alarm, doubt, now_us))

    # What is judged

    def judge(
        self,
        definition: Definition,
        level: int,
        at_us: int,
        *,
        value: Value | None = None,
        limit: float | None = None,
        group: str = "",
    ) -> None:
        """An alarm's condition is at this level."""
        alarm = self.alarms.get(definition.key)
        if alarm is None:
            if level == 0:
                return
            alarm = Alarm(definition)
        elif alarm.definition != definition:
            self.keep(alarm := replace(alarm, definition=definition))
        if level and not alarm.level:
            alarm = replace(alarm, group=group or definition.key.area)
        if level > alarm.level:
            why = self.maintenance(definition.key, definition.quiet, at_us)
            alarm = self.take(life.suppressed(alarm, why, at_us)) if why != alarm.suppressed else alarm
        after = self.take(life.judged(alarm, level, at_us, self.policy, value=value, limit=limit))
        if level > alarm.level and not after.is_held:
            self.rose(alarm, after, at_us)

    def rose(self, before: Alarm, after: Alarm, at_us: int) -> None:
        """An alarm was raised or got worse: is it one of a flood?"""
        if after.under is not None and not self.is_held(after.under):
            self.judge_flood(after.under, after.priority, at_us)
        elif after.under is not None:
            self.members[after.under].discard(after.key)
            self.keep(replace(after, under=None))
        elif before.level == 0:
            group = Group(after.key.mine, after.group)
            for key in self.floods.raised(group, after.key, at_us):
                self.fold(key, flood_key(group), at_us)

    def fold(self, key: AlarmKey, under: AlarmKey, at_us: int) -> None:
        """From now on a flood alarm stands for this one."""
        alarm = self.alarms.get(key)
        if alarm is None or not alarm.is_open or alarm.is_held or self.is_held(under):
            return
        self.take(life.folded(alarm, under, at_us))
        self.members.setdefault(under, set()).add(key)
        self.judge_flood(under, alarm.priority, at_us)

    def judge_flood(self, key: AlarmKey, priority: Priority, at_us: int) -> None:
        """A flood alarm's level is the priority of its worst member."""
        flood = self.alarms.get(key)
        if flood is not None and flood.level >= priority:
            self.take(life.joined(flood, at_us))
            return
        definition = Definition(key, FLOOD_LEVELS, key.source, key.source, quiet=Quiet.NEVER)
        self.judge(definition, int(priority), at_us, group=FLOOD)

    def doubt(self, key: AlarmKey, why: str, at_us: int) -> None:
        """An alarm cannot be judged now."""
        if alarm := self.alarms.get(key):
            self.take(life.doubted(alarm, why, at_us))

    def retire(self, key: AlarmKey, why: str, at_us: int) -> None:
        """Nothing judges an alarm any more."""
        if alarm := self.alarms.get(key):
            self.take(life.retired(alarm, why, at_us))

    # What people do

    def acknowledge(self, key: AlarmKey, who: str, note: str, at_us: int) -> None:
        """Seen, with all that it stands for."""
        for one in [key, *sorted(self.members.get(key, ()))]:
            if alarm := self.alarms.get(one):
                self.take(life.acknowledged(alarm, who, note, at_us))

    def shelve(self, key: AlarmKey, hold: Hold) -> None:
        """Put aside until a time, `shelf_max_us` at most."""
        latest_us = hold.from_us + self.policy.shelf_max_us
        until_us = min(hold.until_us or latest_us, latest_us)
        self.take(life.shelved(self.alarms[key], replace(hold, until_us=until_us)))

    def unshelve(self, key: AlarmKey, who: str, at_us: int) -> None:
        """Back before its time."""
        self.take(life.unshelved(self.alarms[key], who, at_us))

    def take_out(self, key: AlarmKey, hold: Hold) -> None:
        """Out of service."""
        self.take(life.taken_out(self.alarms[key], hold))

    def put_back(self, key: AlarmKey, who: str, at_us: int) -> None:
        """In service again."""
        self.take(life.put_back(self.alarms[key], who, at_us))

    # What time does

    def look(self, now_us: int) -> None:
        """Shelves and maintenance that end or begin, escalations, floods that are over, what may be forgotten."""
        for key in list(self.alarms):
            alarm = self.alarms[key]
            if alarm.is_open or alarm.suppressed is not None:
                self.look_at(alarm, now_us)
            elif not alarm.raises or now_us - alarm.raises[-1] > self.policy.chatter_us:
                del self.alarms[key], self.ids[key.id]
        for key, members in list(self.members.items()):
            members -= {one for one in members if not self.is_under(one, key)}
            if not members:
                del self.members[key]
                if flood := self.alarms.get(key):
                    self.take(life.judged(flood, 0, now_us, self.policy))
        self.floods.forget(now_us)

    def look_at(self, alarm: Alarm, now_us: int) -> None:
        """One alarm."""
        was_held, shelf = alarm.is_held, alarm.shelf
        if shelf is not None and shelf.until_us is not None and now_us >= shelf.until_us:
            alarm = self.take(life.unshelved(alarm, "", now_us))
        why = self.maintenance(alarm.key, alarm.definition.quiet, now_us)
        if (why is None) != (alarm.suppressed is None):
            alarm = self.take(life.suppressed(alarm, why, now_us))
        if was_held and alarm.level and not alarm.is_held:
            self.rose(
                replace(alarm, level=0), alarm, now_us
            )  # many at once are a flood, whatever held them back
        if alarm.under is None:
            self.take(life.escalated(alarm, now_us, self.policy))

    def is_held(self, key: AlarmKey) -> bool:
        """Whether somebody holds an alarm back."""
        alarm = self.alarms.get(key)
        return alarm is not None and alarm.is_held

    def is_under(self, key: AlarmKey, flood: AlarmKey) -> bool:
        """Whether a flood alarm still stands for an alarm."""
        alarm = self.alarms.get(key)
        return alarm is not None and alarm.is_open and alarm.under == flood

    # What it keeps

    def take(self, step: Step) -> Alarm:
        """Keep an alarm as it is after an event, and remember what happened."""
        alarm, records = step
        if records:
            self.keep(alarm)
            self.records += records
            self.counts.update(record.change for record in records)
        return alarm

    def keep(self, alarm: Alarm) -> None:
        """Under its key and its id."""
        self.alarms[alarm.key] = alarm
        self.ids[alarm.key.id] = alarm.key

    def take_records(self, count: int | None = None) -> list[Record]:
        """What happened since the last call, so many at most."""
        taken = self.records[:count]
        del self.records[: len(taken)]
        return taken

    def find(self, mine: str, alarm_id: str) -> Alarm | None:
        """The open alarm of this id, if it is of this mine or of the centre itself."""
        key = self.ids.get(alarm_id)
        if key is None or key.mine not in ("", mine):
            return None
        alarm = self.alarms[key]
        return alarm if alarm.is_open else None

    def open(self, mine: str) -> Iterator[Alarm]:
        """The open alarms of a mine and of the centre itself."""
        return (alarm for key, alarm in self.alarms.items() if alarm.is_open and key.mine in ("", mine))


def flood_key(group: Group) -> AlarmKey:
    """The alarm that stands for a flood of this group."""
    return AlarmKey(group.mine, "", group.name, FLOOD)
