"""A report as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from contract.grading.clause import Level
from contract.grading.report import Outcome, Report, Result, Violation
from ninebelow.wire import words


def as_json(report: Report) -> str:
    """The whole report."""
    must = {outcome.value: len(report.of(outcome, Level.MUST)) for outcome in Outcome}
    return json.dumps(
        {
            "standard": "Sparkplug 3.0.0",
            "conformant": report.is_conformant,
            "events": report.events,
            "other_namespaces": report.strangers,
            "from": time_text(report.from_ms),
            "to": time_text(report.to_ms),
            "nodes": report.nodes,
            "hosts": report.hosts,
            "must": must,
            "should_violated": len(report.of(Outcome.VIOLATED, Level.SHOULD)),
            "clauses": [clause_json(result) for result in report.results],
        },
        ensure_ascii=False,
        indent=1,
    )


def clause_json(result: Result) -> dict[str, object]:
    """One clause's."""
    return {
        "id": f"tck-id-{result.clause.id}",
        "title": result.clause.title,
        "level": result.clause.level.value,
        "outcome": result.outcome.value,
        "judged": result.judged,
        "violated": result.violated,
        "violations": [
            {"event": one.index, "at": time_text(one.at_ms), "where": one.where, "what": one.what}
            for one in result.first
        ],
        "reason": result.reason or None,
    }


def print_report(report: Report, *, whole: bool) -> None:
    """The table of what was violated, or of every clause; then each violation in words, and the sum."""
    from ninebelow.offline.grid import print_grid

    shown = [result for result in report.results if whole or result.outcome is Outcome.VIOLATED]
    if shown:
        print_grid(words.TITLE, words.HEADS, map(row, shown), text_columns=3)
    for result in shown:
        for line in lines(result):
            print(line)
    counts = {outcome.value: len(report.of(outcome, Level.MUST)) for outcome in Outcome}
    print(
        words.SUMMARY.format(
            events=report.events,
            seconds=(report.to_ms - report.from_ms) / 1000,
            nodes=len(report.nodes),
            hosts=len(report.hosts),
            not_followed=len(report.of(Outcome.VIOLATED, Level.SHOULD)),
            **counts,
        )
    )
    print(words.VERDICT_GOOD if report.is_conformant else words.VERDICT_BAD.format(**counts))
    if not whole:
        print(words.ALL_HINT)


def row(result: Result) -> tuple[str, ...]:
    """A line of the table."""
    is_advice = result.outcome is Outcome.VIOLATED and result.clause.level is not Level.MUST
    outcome = words.NOT_FOLLOWED if is_advice else words.OUTCOMES[result.outcome]
    return (
        result.clause.id,
        words.LEVELS[result.clause.level],
        outcome,
        str(result.judged),
        str(result.violated),
    )


def lines(result: Result) -> Iterator[str]:
    """What there is to say of a clause."""
    yield f"{result.clause.id}: {result.clause.title}"
    if result.reason:
        yield f"  {result.reason}"
    for one in result.first:
        yield f"  {fault_text(one)}"
    if result.violated > len(result.first):
        yield f"  … {result.violated - len(result.first)} more"


def fault_text(violation: Violation) -> str:
    """A violation in words."""
    return words.FAULT.format(
        index=violation.index, at=time_text(violation.at_ms), where=violation.where, what=violation.what
    )


def time_text(at_ms: int) -> str:
    """An instant in UTC, to the millisecond."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
