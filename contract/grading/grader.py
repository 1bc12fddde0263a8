"""Judges a capture: every clause at every moment that it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from contract.grading.book import Book
from contract.grading.capture import Capture, Connected, Disconnected, Event, Published, Sight
from contract.grading.clause import Clause, Faults, Rule
from contract.grading.moment import Kind, Moment
from contract.grading.registry import CLAUSES
from contract.grading.report import Outcome, Report, Result, Violation

VIOLATIONS_TOLD: Final = 5
"""Of each clause; further ones are counted."""

BY_KIND: Final[Mapping[Kind, tuple[Clause, ...]]] = {
    kind: tuple(clause for clause in CLAUSES if kind in clause.on) for kind in Kind
}
MISSING: Final = {
    Sight.QOS: "the QoS of publishers (subscribe at QoS 2)",
    Sight.RETAIN: "publishers' retain flags (MQTT 5 shows them)",
    Sight.CONNECTIONS: "connections (only a proxy before the broker sees them)",
    Sight.SERVERS: "more than one broker",
    Sight.PRIMARY_HOST: "which host the edge nodes wait for (name it)",
}


@dataclass(slots=True)
class Tally:
    """One clause's score."""

    judged: int = 0
    violated: int = 0
    first: list[Violation] = field(default_factory=list)


def grade(capture: Capture, primary_host: str | None = None) -> Report:
    """The report on a capture; `primary_host`: the host application for which all its edge nodes are to wait."""
    book = Book(capture, primary_host)
    tallies = {clause.id: Tally() for clause in CLAUSES}
    for moment in book.moments():
        verdicts: dict[Rule, Faults | None] = {}
        for clause in BY_KIND[moment.kind]:
            if moment.is_readable or clause.is_raw:
                judge(clause, moment, verdicts, tallies[clause.id])
    times = [event.at_ms for event in capture.events]
    return Report(
        tuple(result(clause, tallies[clause.id], book.known.sees) for clause in CLAUSES),
        events=len(times),
        strangers=book.strangers,
        nodes=tuple(sorted(f"{group}/{name}" for group, name in book.known.nodes)),
        hosts=tuple(sorted({name for _, name in book.known.hosts})),
        from_ms=min(times, default=0),
        to_ms=max(times, default=0),
    )


def judge(clause: Clause, moment: Moment, verdicts: dict[Rule, Faults | None], tally: Tally) -> None:
    """Score one clause at one moment; a rule that several clauses share is asked once."""
    faults: dict[str, None] = {}
    is_judged = False
    for rule in clause.rules:
        if rule not in verdicts:
            verdicts[rule] = rule(moment)
        verdict = verdicts[rule]
        if verdict is not None:
            is_judged = True
            faults |= dict.fromkeys(verdict)
    tally.judged += is_judged
    if faults:
        tally.violated += 1
        if len(tally.first) < VIOLATIONS_TOLD:
            place = where(moment, moment.event)
            tally.first.append(Violation(moment.index, moment.at_ms, place, "; ".join(faults)))


def result(clause: Clause, tally: Tally, sees: Sight) -> Result:
    """What the score comes to. What was seen violated is violated, even where not all could be seen."""
    if clause.beyond:
        return Result(clause, Outcome.NOT_APPLICABLE, 0, 0, reason=clause.beyond)
    if tally.violated:
        return Result(clause, Outcome.VIOLATED, tally.judged, tally.violated, tuple(tally.first))
    if lacks := [what for flag, what in MISSING.items() if flag in clause.needs and flag not in sees]:
        reason = f"not visible in this capture: {'; '.join(lacks)}"
        return Result(clause, Outcome.NOT_APPLICABLE, tally.judged, 0, reason=reason)
    outcome = Outcome.PASSED if tally.judged else Outcome.NOT_EXERCISED
    return Result(clause, outcome, tally.judged, 0)


def where(moment: Moment, event: Event | None) -> str:
    """What a moment was about."""
    match event:
        case Published():
            return event.topic
        case Connected():
            return f"CONNECT of {event.client!r}"
        case Disconnected():
            return f"end of {event.client!r}"
        case _:
            if moment.node:
                return f"{moment.node.group}/{moment.node.name}"
            return moment.host.name if moment.host else ""
