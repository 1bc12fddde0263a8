"""What a grading found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contract.grading.clause import Clause, Level


class Outcome(StrEnum):
    """Of one clause in one capture."""

    VIOLATED = "violated"
    PASSED = "passed"
    NOT_EXERCISED = "not_exercised"
    """Nothing happened that it speaks of."""
    NOT_APPLICABLE = "not_applicable"
    """It cannot be judged from this capture, or from any."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One moment at which a clause was violated."""

    index: int
    """The event's place in the capture, from 0."""
    at_ms: int
    where: str
    """The topic, or who connected, or whose books were closed at the end of the capture."""
    what: str


@dataclass(frozen=True, slots=True)
class Result:
    """One clause's."""

    clause: Clause
    outcome: Outcome
    judged: int
    """Moments at which it was judged."""
    violated: int
    first: tuple[Violation, ...] = ()
    reason: str = ""
    """Why it is not applicable."""


@dataclass(frozen=True, slots=True)
class Report:
    """Every clause's, and what the capture was of."""

    results: tuple[Result, ...]
    events: int
    strangers: int
    """Messages of other namespaces, which were not judged."""
    nodes: tuple[str, ...]
    hosts: tuple[str, ...]
    from_ms: int
    to_ms: int

    def of(self, outcome: Outcome, level: Level | None = None) -> tuple[Result, ...]:
        """The results with this outcome, of clauses of one level if asked."""
        return tuple(
            result
            for result in self.results
            if result.outcome is outcome and level in {None, result.clause.level}
        )

    @property
    def is_conformant(self) -> bool:
        """No clause that says MUST was seen violated. Recommendations count apart."""
        return not self.of(Outcome.VIOLATED, Level.MUST)
