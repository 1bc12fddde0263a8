"""Alarms that rules make of a point or of something judged: their levels and their names, Chinese first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contract.vocabulary import quantities
from contract.vocabulary.quantities import Kind
from rules.alarms import judged
from rules.alarms.alarm import Alarm, AlarmKey, Definition, Level, Value
from rules.alarms.condition import Condition
from rules.alarms.doubt import Doubt
from rules.alarms.judged import Judged
from rules.alarms.limits import Side
from rules.alarms.rule import FlagRule, Handling, JudgedRule, LimitRule, PointRule, parsed
from rules.alarms.rulebook import Where

LIMIT_WORDS: Final = {
    Side.HIGH: (("超上限报警", "above the alarm limit"), ("达到上限断电值", "at the upper trip limit")),
    Side.LOW: (("低于下限报警", "below the alarm limit"), ("达到下限断电值", "at the lower trip limit")),
}
NO_DATA: Final = ("无数据", "no data")
SET: Final = ("动作", "set")
NORMAL: Final = "normal"
OTHER: Final = "other"

Wants = Callable[[Value, Condition], tuple[bool, ...] | None]
"""Which levels a value wants; `None` where it is not of a kind that can be judged."""


@dataclass(eq=False, slots=True)
class Watched:
    """One alarm of a point or an area: what it is, how long its condition must hold, and what a value means."""

    definition: Definition
    condition: Condition
    wants: Wants
    marks: tuple[float | None, ...] = (None,)
    """The limit of each level, level 0 first."""
    level: int = 0
    doubt: str | None = None
    value: Value | None = None
    """What was judged last."""
    group: str = ""
    """Through whom it came."""

    def resume(self, alarm: Alarm | None) -> None:
        """Go on where an earlier run was; until it is judged again it is in doubt."""
        if alarm is not None and alarm.level:
            self.level = min(alarm.level, self.condition.levels)
            self.condition.set(self.level)
            self.doubt = alarm.doubt or Doubt.CENTRE

    def mark(self, level: int) -> float | None:
        """The limit of a level."""
        return self.marks[min(level, len(self.marks) - 1)]


def of_limit(where: Where, rule: LimitRule) -> Watched:
    """An alarm on one side of a number."""
    limits = rule.limits
    count = len(limits.marks)
    names = LIMIT_WORDS[rule.side][:count]

    def wants(value: Value, condition: Condition) -> tuple[bool, ...] | None:
        if isinstance(value, (bool, str)):
            return None
        return limits.wanted(value, [latch.is_on for latch in condition.latches])

    definition = defined(where, rule, rule.side.value, levels_of(rule, names))
    condition = Condition(count, rule.on_us, rule.off_us)
    return Watched(definition, condition, wants, tuple(limits.number(level) for level in range(count + 1)))


def of_flags(where: Where, rule: FlagRule) -> Iterator[Watched]:
    """An alarm for each word, each bit, or for a Boolean."""
    if rule.when is not None:
        yield of_flag(where, rule, "true" if rule.when else "false", SET, is_equal(rule.when))
        return
    for word, zh in rule.words.items():
        yield of_flag(where, rule, word, (zh, word), has_word(word))
    if rule.words:
        names = frozenset({NORMAL, "", *rule.words})
        yield of_flag(where, rule, OTHER, ("其他保护动作", "some other protection"), has_other(names))
    for bit, zh in rule.bits.items():
        yield of_flag(where, rule, f"bit {bit}", (zh, f"bit {bit}"), has_bit(int(bit)))


def of_flag(where: Where, rule: FlagRule, code: str, name: tuple[str, str], wants: Wants) -> Watched:
    """An alarm of one level."""
    named = (("", "set") if rule.zh else name) if rule.when is not None else name
    return Watched(
        defined(where, rule, code, levels_of(rule, (named,))),
        Condition(1, rule.on_us, rule.off_us),
        wants,
    )


def of_silence(where: Where, rule: LimitRule) -> Watched:
    """An alarm when there is no good value for too long."""
    levels = (Level(rule.priority_at(1), *NO_DATA),)
    return Watched(defined(where, rule, "no_data", levels), Condition(1), lambda _value, _condition: None)


def of_judged(key: AlarmKey, rule: JudgedRule, on_us: int) -> Watched:
    """An alarm about something judged; its value is what is wanted."""
    levels = judged.levels(rule.judged, rule.priority)
    definition = Definition(
        key,
        levels,
        *subject_of(key),
        unit=quantities.BY_WORD["Headcount"].unit if rule.judged is Judged.STAFFING else "",
        basis=rule.basis,
        latching=rule.latching,
        quiet=rule.quiet,
    )
    return Watched(definition, Condition(len(levels), on_us, rule.off_us), lambda _value, _condition: None)


def subject_of(key: AlarmKey) -> tuple[str, str]:
    """Whom a judgement is about, besides the area: a gateway, or nobody."""
    if key.code in {Judged.LINK_LOST, Judged.DEVICE_LOST}:
        return f"网关 {key.source}", f"gateway {key.source}"
    return "", ""


def defined(where: Where, rule: PointRule, code: str, levels: tuple[Level, ...]) -> Definition:
    """An alarm of a point."""
    zh, en = point_words(where.metric)
    name = parsed(where.metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    return Definition(
        AlarmKey(where.mine, where.area, where.metric, code),
        levels,
        rule.zh or zh,
        rule.en or en,
        unit=known.unit if known and known.kind is Kind.NUMBER else "",
        basis=rule.basis,
        latching=rule.latching,
        quiet=rule.quiet,
    )


def point_words(metric: str) -> tuple[str, str]:
    """A metric as people say it."""
    name = parsed(metric)
    known = quantities.BY_WORD.get(name.quantity) if name else None
    if name is None or known is None:
        return metric, metric
    number = f" {name.unit}#" if name.unit else ""
    return f"{name.equipment.zh}{number} {known.zh}", metric.replace("/", " ").lower()


def levels_of(rule: Handling, names: Sequence[tuple[str, str]]) -> tuple[Level, ...]:
    """The levels of a rule, each with its name."""
    return tuple(Level(rule.priority_at(place), zh, en) for place, (zh, en) in enumerate(names, 1))


def is_equal(wanted: bool) -> Wants:
    """A Boolean that is as it must not be."""
    return lambda value, _condition: None if isinstance(value, str) else (bool(value) is wanted,)


def has_word(word: str) -> Wants:
    """A word of a text such as `slip+smoke`."""
    return lambda value, _condition: (word in words_of(value),) if isinstance(value, str) else None


def has_other(known: frozenset[str]) -> Wants:
    """A word that no rule names."""
    return lambda value, _condition: (bool(words_of(value) - known),) if isinstance(value, str) else None


def words_of(text: str) -> set[str]:
    """The words of a status text."""
    return {word.strip() for word in text.split("+")}


def has_bit(bit: int) -> Wants:
    """A bit of a status word."""
    return lambda value, _condition: None if isinstance(value, str) else (bool(int(value) & bit),)
