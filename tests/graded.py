"""Grading the runs of other tests: `graded(tap.capture)` fails with every violation in words.

Recommendations that we do not follow, on purpose:
- After a re-send the newest value of each metric is sent once more as ordinary data, changed or not, so that hosts
  which show the last message show the present (definitions.md §4).
- A commit carries datatypes, for edge nodes that look them up nowhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.grading import grader
from contract.grading.capture import Capture
from contract.grading.report import Outcome, Report
from tests.servers import Server, mosquitto_broker
from tests.stack import now_ms as real_ms
from tests.wire_tap import Tap

REFRESH: Final = frozenset({"operational-behavior-data-publish-dbirth-change", "principles-rbe-recommended"})
COMMIT: Final = frozenset({"payloads-metric-datatype-not-req"})
NOT_FOLLOWED: Final = REFRESH | COMMIT


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


@dataclass
class GradedBroker:
    """A mosquitto behind a tap; what came through it is graded in the end."""

    server: Server
    port: int
    """The tap's."""

    def start(self) -> None:
        """Start the broker; the tap takes connections all the time."""
        self.server.start()

    def stop(self) -> None:
        """End the broker as an operator would."""
        self.server.stop()

    def kill(self) -> None:
        """End the broker as a power cut would."""
        self.server.kill()


@asynccontextmanager
async def graded_broker(directory: Path, now_ms: Callable[[], int] = real_ms) -> AsyncIterator[GradedBroker]:
    """A broker for our own edge nodes and hosts: no clause may have been violated when the block ends.

    `now_ms` is the clock that they have.
    """
    with mosquitto_broker(directory) as server:
        async with Tap(server.port, now_ms=now_ms).running() as tap:
            yield GradedBroker(server, tap.port)
            await tap.left()
        assert passed(graded(tap.capture, allowed=NOT_FOLLOWED)), "nothing went over the wire"
