"""Grading the runs of other tests: `graded(tap.capture)` fails with every violation in words."""

from __future__ import annotations

from collections.abc import Collection

from contract.grading import grader
from contract.grading.capture import Capture
from contract.grading.report import Outcome, Report


def graded(capture: Capture, *, allowed: Collection[str] = (), primary_host: str | None = None) -> Report:
    """The report on a capture in which no clause is violated, nor a recommendation, but for those allowed."""
    report = grader.grade(capture, primary_host)
    faults = [
        f"{result.clause.id} ({result.violated} of {result.judged}): #{one.index} {one.where}: {one.what}"
        for result in report.of(Outcome.VIOLATED)
        if result.clause.id not in allowed
        for one in result.first
    ]
    assert not faults, "\n".join(faults)
    return report


def passed(report: Report) -> set[str]:
    """Ids of the clauses that were judged and held."""
    return {result.clause.id for result in report.of(Outcome.PASSED)}
