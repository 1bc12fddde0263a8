"""Which rules hold for a point or an area: the last one of all files that fits. Pure; asked once per point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from rules.alarms.judged import Judged
from rules.alarms.rule import FlagRule, JudgedRule, LimitRule, Place, Points, RuleFile, parsed

AnyPoints = TypeVar("AnyPoints", bound=Points)


class Where(NamedTuple):
    """A point and the area it is in; `kind` is empty for an area that no config names."""

    mine: str
    area: str
    kind: str
    metric: str


@dataclass(slots=True)
class Rulebook:
    """The rules of all files, later ones over earlier ones."""

    files: tuple[RuleFile, ...]
    places: dict[str, list[Place]] = field(default_factory=dict)
    limits: dict[str, list[LimitRule]] = field(default_factory=dict)
    flags: dict[str, list[FlagRule]] = field(default_factory=dict)
    siblings: frozenset[str] = frozenset()
    """Quantities that some rule reads beside its own point."""

    def __post_init__(self) -> None:
        """Sort by what a metric's name says, so that a point looks at a few rules only."""
        for file in self.files:
            sort_in(self.places, file.place)
            sort_in(self.limits, file.limit)
            sort_in(self.flags, file.flag)
        rules = [rule for file in self.files for rule in (*file.limit, *file.flag)]
        self.siblings = frozenset({word for rule in rules for word in (rule.only_while, rule.status) if word})

    def place_of(self, where: Where) -> str:
        """The place that a sensor hangs at, empty if nobody says."""
        fitting = list(all_of(self.places, where))
        return fitting[-1].place if fitting else ""

    def limits_for(self, where: Where) -> list[LimitRule]:
        """At most one rule a side: of equal sides the last one."""
        place = self.place_of(where)
        sides = {rule.side: rule for rule in all_of(self.limits, where) if rule.place in ("", place)}
        return [rule for rule in sides.values() if not rule.off]

    def flags_for(self, where: Where) -> FlagRule | None:
        """The rule for its flags."""
        place = self.place_of(where)
        fitting = [rule for rule in all_of(self.flags, where) if rule.place in ("", place)]
        return fitting[-1] if fitting and not fitting[-1].off else None

    def judged_for(self, judged: Judged, mine: str, area: str, kind: str) -> JudgedRule | None:
        """The rule for something judged."""
        fitting = [
            rule
            for file in self.files
            for rule in file.judged
            if rule.judged is judged and rule.holds(mine, area, kind)
        ]
        return fitting[-1] if fitting and not fitting[-1].off else None


def subject(metric: str) -> str:
    """What rules are sorted by: equipment and quantity, or the whole name."""
    name = parsed(metric)
    return f"{name.equipment.word}/{name.quantity}" if name else metric


def sort_in(into: dict[str, list[AnyPoints]], rules: Iterable[AnyPoints]) -> None:
    """Add rules in order."""
    for rule in rules:
        into.setdefault(subject(rule.metric or rule.point), []).append(rule)


def all_of(rules: Mapping[str, list[AnyPoints]], where: Where) -> Iterator[AnyPoints]:
    """The rules that fit a point, in the order of the files."""
    for rule in rules.get(subject(where.metric), ()):
        if rule.names(where.metric) and rule.holds(where.mine, where.area, where.kind):
            yield rule
