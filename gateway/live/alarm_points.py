"""Points with alarm rules, fed with records. Which rules a point has is decided once, when it is first seen. Pure.

Rules (definitions.md §4)
- A value is live if it is not older than anything known of its point and younger than `live_age_ms` by offset-corrected
  time. Only live values raise or clear; late ones are counted.
- A mark that is not good counts whatever its age: that nobody knows is true now.
- A value that is doubted (`rules.alarms.doubt`) neither raises nor clears.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Final

from contract.vocabulary import quantities
from gateway.ingest.actions import Record
from gateway.ingest.node import FUTURE_MS, GOOD, MetricState, Node, NodeKey, Sample
from gateway.live import alarm_defined
from gateway.live.alarm_defined import Watched
from rules.alarms import doubt as doubts
from rules.alarms.alarm import Alarm, AlarmKey, Value
from rules.alarms.board import Board
from rules.alarms.doubt import Doubt
from rules.alarms.limits import Side
from rules.alarms.rule import LimitRule, PointRule, parsed
from rules.alarms.rulebook import Rulebook, Where

KindOf = Callable[[str, str], str]
"""The kind of a mine's area, empty for one that no config names."""
IsAway = Callable[[str, str | None], bool]
"""Whether nothing can be heard through a mine's gateway: it is lost, or the centre has no broker."""
LOOKED_AT_ONCE: Final = 2_000
SETTLED_AT_ONCE: Final = 200
NEVER_MS: Final = -(1 << 62)


@dataclass(eq=False, slots=True)
class Sibling:
    """A quantity of a machine that its other points are judged by; `None` while it is unknown."""

    value: Value | None = None
    followers: list[PointWatch] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class PointWatch:
    """One point: its newest value, what is to be judged of it, and by what."""

    where: Where
    state: MetricState
    gateway: str
    alarms: list[Watched] = field(default_factory=list)
    silence: Watched | None = None
    silence_us: int = 0
    itself: Sibling | None = None
    """Set where other points are judged by this one."""
    gate: Sibling | None = None
    status: Sibling | None = None
    low: float | None = None
    high: float | None = None
    other_unit: bool = False
    is_calm: bool = False
    """No alarm of it is on, turning or in doubt: the same value again, or one between these two, changes nothing."""
    calm_from: float = -inf
    calm_to: float = inf
    newest_ms: int = NEVER_MS
    live_ms: int = NEVER_MS
    """Source time of the newest live value or mark."""
    good_us: int = 0
    """When there last was a good value, or could have been none: first seen, or its gateway away."""
    value: Value | None = None
    unread: Doubt | None = None
    """Set where the newest value is not good."""
    doubt: Doubt | None = None
    """Why the newest value is not judged."""
    at_us: int = 0

    @property
    def range(self) -> tuple[float | None, float | None]:
        """What the instrument is made for: as its gateway says, else as the rule says."""
        low = self.state.low if self.state.low is not None else self.low
        return low, self.state.high if self.state.high is not None else self.high


@dataclass(slots=True)
class AlarmPoints:
    """All points of all mines; `take` is called for every record."""

    rulebook: Rulebook
    board: Board
    kind_of: KindOf
    live_age_ms: int
    is_away: IsAway
    watches: dict[int, PointWatch | None] = field(default_factory=dict)
    """By the identity of a metric's state: asked for every value, so it must cost next to nothing."""
    states: dict[tuple[NodeKey, str | None, str], MetricState] = field(default_factory=dict)
    """The states behind these identities; they must not go while they stand there."""
    by_point: dict[tuple[str, str, str], PointWatch] = field(default_factory=dict)
    by_key: dict[AlarmKey, tuple[PointWatch, Watched]] = field(default_factory=dict)
    siblings: dict[tuple[str, str, str, str], Sibling] = field(default_factory=dict)
    turning: dict[Watched, PointWatch] = field(default_factory=dict)
    """What time alone may change."""
    silent: list[PointWatch] = field(default_factory=list)
    restored: dict[tuple[str, str, str], list[AlarmKey]] = field(default_factory=dict)
    """Alarms of an earlier run, by point, until the point is seen."""
    gateways: dict[tuple[str, str], str] = field(default_factory=dict)
    """Through which gateway an area came last."""
    counts: Counter[str] = field(default_factory=Counter)

    def expect(self, alarms: Iterable[Alarm]) -> None:
        """Alarms of an earlier run."""
        for alarm in alarms:
            self.restored.setdefault(alarm.key[:3], []).append(alarm.key)

    def take(self, record: Record, node: Node, now_ms: int) -> None:
        """The values of a record."""
        offset_ms = round(node.clock_offset_ms or 0.0)
        watches = self.watches
        for sample in record.samples:
            try:
                watch = watches[id(sample[0])]
            except KeyError:
                watch = self.meet(record, sample[0], now_ms)
            if watch is not None:
                self.take_value(watch, sample, offset_ms, now_ms)

    # One value

    def take_value(self, watch: PointWatch, sample: Sample, offset_ms: int, now_ms: int) -> None:
        """Is it live? Then judge it."""
        _, at_ms, value, quality, _ = sample
        is_good = quality is GOOD
        if at_ms < watch.newest_ms or (is_good and now_ms - at_ms - offset_ms >= self.live_age_ms):
            self.counts["late"] += 1
            watch.newest_ms = max(watch.newest_ms, at_ms)
            return
        watch.live_ms = at_ms
        # a time from the future must not keep what comes after it from being the newest
        watch.newest_ms = at_ms if at_ms <= now_ms + FUTURE_MS else now_ms
        watch.at_us = at_us = min(at_ms + offset_ms, now_ms) * 1000
        is_calm = watch.is_calm and (
            value == watch.value or (type(value) is float and watch.calm_from < value < watch.calm_to)
        )
        watch.value, watch.unread = value, None if is_good else doubts.by_quality(quality)
        if is_good:
            watch.good_us = at_us
            self.end_silence(watch)
            if is_calm:
                return
        if watch.itself is not None:
            self.tell(watch.itself, value, at_us, now_ms)
        if watch.alarms:
            self.judge(watch, at_us, now_ms)

    def tell(self, sibling: Sibling, value: Value | None, at_us: int, now_ms: int) -> None:
        """A machine's own state changed: what is judged by it is judged again."""
        if value == sibling.value:
            return
        sibling.value = value
        for follower in sibling.followers:
            # a value from before a calibration's end says nothing: the next one does
            if follower.gate is sibling or (value is not None and doubts.by_status(value)):
                self.judge(follower, at_us, now_ms)

    def judge(self, watch: PointWatch, at_us: int, now_ms: int) -> None:
        """A point's newest value, or why it is none."""
        value = watch.value
        doubt = watch.doubt = watch.unread or self.doubt_of(watch)
        stopped = watch.gate is not None and watch.gate.value is False
        for watched in watch.alarms:
            condition = watched.condition
            wanted = None
            if stopped:
                wanted = (False,) * condition.levels
            elif doubt is None and value is not None:
                wanted = watched.wants(value, condition)
            if wanted is None:
                self.cannot_judge(watched, doubt or Doubt.BAD, at_us)
            else:
                condition.take(wanted, at_us)
                self.settle(watched, watch, at_us, now_ms * 1000)
        watch.is_calm = (
            doubt is None
            and (watch.silence is None or not watch.silence.level)
            and all(
                one.level == 0 and one.doubt is None and not one.condition.is_turning for one in watch.alarms
            )
        )

    def doubt_of(self, watch: PointWatch) -> Doubt | None:
        """Why a good value is not judged all the same."""
        if watch.other_unit:
            return Doubt.UNIT
        if watch.status is not None and watch.status.value is not None:
            told = doubts.by_status(watch.status.value)
            if told is not None:
                return told
        if watch.gate is not None and watch.gate.value is None:
            return Doubt.MACHINE
        value = watch.value
        if isinstance(value, (bool, str)) or value is None:
            return None
        return doubts.by_range(value, *watch.range)

    def cannot_judge(self, watched: Watched, doubt: Doubt, at_us: int) -> None:
        """Its condition stands still."""
        watched.condition.pause(at_us)
        if watched.doubt != doubt:
            watched.doubt = doubt
            self.board.doubt(watched.definition.key, doubt, at_us)

    def settle(self, watched: Watched, watch: PointWatch, at_us: int, now_us: int) -> None:
        """Turn what is due, and tell the board where something changed."""
        level = watched.condition.settle(now_us)
        if level != watched.level or watched.doubt is not None:
            watched.level, watched.doubt = level, None
            limit = watched.mark(level or 1)
            self.board.judge(
                watched.definition, level, at_us, value=watch.value, limit=limit, group=watch.gateway
            )
        if watched.condition.is_turning:
            self.turning[watched] = watch
        else:
            self.turning.pop(watched, None)

    # What time does

    def tick(self, now_us: int) -> Iterator[None]:
        """Conditions that have held for long enough; yields now and then, so that the event loop may go on."""
        for place, (watched, watch) in enumerate(list(self.turning.items())):
            if watched.doubt is None and watched in self.turning:
                self.settle(watched, watch, now_us, now_us)
            if place % SETTLED_AT_ONCE == SETTLED_AT_ONCE - 1:
                yield

    def look_for_silence(self, now_us: int) -> Iterator[None]:
        """Points without a good value for too long while they could be heard; yields now and then."""
        for place, watch in enumerate(list(self.silent)):
            silence = watch.silence
            if self.is_away(watch.where.mine, watch.gateway):
                watch.good_us = now_us
            elif silence is not None and silence.level == 0 and now_us - watch.good_us >= watch.silence_us:
                silence.level = 1
                self.board.judge(silence.definition, 1, now_us, group=watch.gateway)
            if place % LOOKED_AT_ONCE == LOOKED_AT_ONCE - 1:
                yield

    def end_silence(self, watch: PointWatch) -> None:
        """There is a value."""
        if watch.silence is not None and watch.silence.level:
            watch.silence.level = 0
            self.board.judge(watch.silence.definition, 0, watch.at_us)

    def blind(self, at_us: int) -> None:
        """The centre hears nothing any more: nothing that is open or turning is sure."""
        for key in [alarm.key for alarm in self.board.alarms.values() if alarm.level]:
            if known := self.by_key.get(key):
                self.cannot_judge(known[1], Doubt.CENTRE, at_us)
        for watched in list(self.turning):
            self.cannot_judge(watched, Doubt.CENTRE, at_us)

    # Points seen for the first time

    def meet(self, record: Record, state: MetricState, now_ms: int) -> PointWatch | None:
        """Decide what is to be judged of a metric, once for all its values."""
        key = record.key
        place = (key, record.device, state.name)
        if (before := self.states.get(place)) is not None:
            self.watches.pop(id(before), None)
        self.states[place] = state
        area = record.device or key.node
        self.gateways[key.group, area] = key.node
        point = (key.group, area, state.name)
        watch = self.by_point.get(point)
        if watch is None:
            where = Where(key.group, area, self.kind_of(key.group, area), state.name)
            watch = self.watch(where, state, key.node, now_ms * 1000)
            if watch is not None:
                self.by_point[point] = watch
        else:
            watch.state, watch.gateway = state, key.node
        self.watches[id(state)] = watch
        return watch

    def watch(self, where: Where, state: MetricState, gateway: str, now_us: int) -> PointWatch | None:
        """A watch over a metric; `None` if nobody asks for it."""
        limits, flags = self.rulebook.limits_for(where), self.rulebook.flags_for(where)
        watch = PointWatch(where, state, gateway, good_us=now_us)
        rules: list[PointRule] = [*limits, *([flags] if flags else [])]
        for rule in limits:
            self.add(watch, alarm_defined.of_limit(where, rule))
            self.limit_settings(watch, rule)
        for watched in alarm_defined.of_flags(where, flags) if flags else ():
            self.add(watch, watched)
        for one in rules:
            watch.gate = self.follow(watch, one.only_while) or watch.gate
            watch.status = self.follow(watch, one.status) or watch.status
        watch.itself = self.own_sibling(where)
        watch.is_calm = not watch.alarms and watch.itself is None
        self.retire_others(where, watch, now_us)
        return watch if rules or watch.itself is not None or state.target.role is not None else None

    def limit_settings(self, watch: PointWatch, rule: LimitRule) -> None:
        """The range, the unit and the silence of a number's rule."""
        watch.low = rule.range_low if rule.range_low is not None else watch.low
        watch.high = rule.range_high if rule.range_high is not None else watch.high
        if rule.side is Side.HIGH:
            watch.calm_to = min(watch.calm_to, rule.alarm)
        else:
            watch.calm_from = max(watch.calm_from, rule.alarm)
        low, high = watch.range
        watch.calm_from = watch.calm_from if low is None else max(watch.calm_from, low)
        watch.calm_to = watch.calm_to if high is None else min(watch.calm_to, high)
        watch.other_unit = not same_unit(watch.state.unit, unit_of(watch.where.metric))
        if rule.no_data_s:
            watch.silence = alarm_defined.of_silence(watch.where, rule)
            watch.silence_us = round(rule.no_data_s * 1_000_000)
            self.resume(watch.silence)
            self.by_key[watch.silence.definition.key] = (watch, watch.silence)
            self.silent.append(watch)

    def add(self, watch: PointWatch, watched: Watched) -> None:
        """An alarm of a point; one that is open already goes on where it was."""
        self.resume(watched)
        watch.alarms.append(watched)
        self.by_key[watched.definition.key] = (watch, watched)

    def resume(self, watched: Watched) -> None:
        """Go on where an earlier run was."""
        watched.resume(self.board.alarms.get(watched.definition.key))

    def follow(self, watch: PointWatch, quantity: str) -> Sibling | None:
        """The quantity of the same machine, for a watch that is judged by it."""
        key = machine_of(watch.where, quantity)
        if not quantity or key is None:
            return None
        sibling = self.siblings.setdefault(key, Sibling())
        sibling.followers.append(watch)
        return sibling

    def own_sibling(self, where: Where) -> Sibling | None:
        """Where other points may be judged by this one."""
        name = parsed(where.metric)
        if name is None or name.quantity not in self.rulebook.siblings:
            return None
        key = machine_of(where, name.quantity)
        return self.siblings.setdefault(key, Sibling()) if key else None

    def retire_others(self, where: Where, watch: PointWatch, now_us: int) -> None:
        """Alarms of an earlier run that no rule makes any more."""
        own = {watched.definition.key for watched in watch.alarms}
        if watch.silence is not None:
            own.add(watch.silence.definition.key)
        for key in self.restored.pop((where.mine, where.area, where.metric), ()):
            if key not in own:
                self.board.retire(key, "没有规则 / no rule", now_us)

    # What others ask

    def live_us(self, mine: str, area: str, metric: str) -> int:
        """Source time of the newest live value or mark of a point."""
        watch = self.by_point.get((mine, area, metric))
        return watch.live_ms * 1000 if watch else NEVER_MS

    def unjudged(self, mine: str) -> Iterator[PointWatch]:
        """Points with alarm rules whose newest value is not judged."""
        return (
            watch
            for watch in self.by_point.values()
            if watch.where.mine == mine and watch.alarms and watch.doubt is not None
        )


def machine_of(where: Where, quantity: str) -> tuple[str, str, str, str] | None:
    """Mine, area, machine and a quantity of it."""
    machine, _, _ = where.metric.rpartition("/")
    return (where.mine, where.area, machine, quantity) if machine else None


def unit_of(metric: str) -> str:
    """The vocabulary's unit."""
    name = parsed(metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    return known.unit if known else ""


def same_unit(declared: str, wanted: str) -> bool:
    """Whether both mean the same, written ℃ or °C; nothing declared is no contradiction."""
    return (
        not declared
        or not wanted
        or unicodedata.normalize("NFKC", declared).lower() == unicodedata.normalize("NFKC", wanted).lower()
    )
