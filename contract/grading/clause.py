"""Clauses: one per tck-id of the standard, with its rules or with the reason why no capture can judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from contract.grading.capture import Sight
from contract.grading.moment import Kind, Moment

Thing = TypeVar("Thing")

Faults = tuple[str, ...]
"""What is wrong, in words; none: the clause held."""
HELD: Final[Faults] = ()
Rule = Callable[[Moment], Faults | None]
"""Judges one moment; `None`: this moment says nothing of the clause."""
FAULTS_TOLD: Final = 3


class Level(StrEnum):
    """How the standard words it."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: it is judged at moments of these kinds, by rules that must all hold."""

    id: str
    """Without the `tck-id-` before it."""
    title: str
    """Our own summary."""
    level: Level
    on: frozenset[Kind] = frozenset()
    rules: tuple[Rule, ...] = ()
    needs: Sight = Sight.NOTHING
    """What a capture must show for `passed` to mean anything."""
    is_raw: bool = False
    """Judged also where the payload could not be read."""
    beyond: str = ""
    """Why no capture can judge it; then there is no rule."""


Clauses = tuple[Clause, ...]


def clauses_of(level: Level) -> Callable[..., Clauses]:
    """Makes clauses of one level that ask for the same thing."""

    def made(
        titles: Mapping[str, str],
        on: Iterable[Kind],
        *rules: Rule,
        needs: Sight = Sight.NOTHING,
        raw: bool = False,
    ) -> Clauses:
        kinds = frozenset(on)
        return tuple(Clause(name, title, level, kinds, rules, needs, raw) for name, title in titles.items())

    return made


must: Final = clauses_of(Level.MUST)
should: Final = clauses_of(Level.SHOULD)
may: Final = clauses_of(Level.MAY)
"""Seen used, it has passed."""


def beyond(why: str, titles: Mapping[str, str], level: Level = Level.MUST) -> Clauses:
    """Clauses that no capture can judge."""
    return tuple(Clause(name, title, level, beyond=why) for name, title in titles.items())


def holds(condition: bool, fault: str) -> Faults:
    """Held, or that fault."""
    return HELD if condition else (fault,)


def each(faults: Iterable[str]) -> Faults:
    """The distinct faults of a message, the first few in words."""
    found = list(dict.fromkeys(faults))
    more = len(found) - FAULTS_TOLD
    return (*found[:FAULTS_TOLD], f"and {more} more") if more > 0 else tuple(found)


def every(select: Callable[[Moment], Sequence[Thing]], fault: Callable[[Thing], str]) -> Rule:
    """A rule: each thing selected is free of that fault (empty: it is); nothing selected, nothing judged."""

    def rule(moment: Moment) -> Faults | None:
        found = moment.select(select)
        return each(what for one in found if (what := fault(one))) if found else None

    return rule


def some(select: Callable[[Moment], Iterable[object]]) -> Rule:
    """A rule that holds wherever anything is selected: for what may be, and for what the encoding enforces."""

    def rule(moment: Moment) -> Faults | None:
        return HELD if any(True for _ in select(moment)) else None

    return rule
