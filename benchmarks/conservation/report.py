"""What a run has shown, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.conservation.truth import Balance


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the centre says of the same run."""

    told: dict[str, bool]
    """By fault of the first scene: whether it stands in the gap ledger, with its cause, times and outcome."""
    readings_lost_centre: int
    readings_lost_outbox: int
    """Both of the last epoch."""
    delivered: float | None
    batches_given_up: int
    """Of the last epoch, whole."""
    lines_refused: int
    """By the database, for good; one that was tried twice counts twice."""
    gaps: dict[str, int]
    """Entries by cause, over the whole run."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run."""

    seed: int
    seconds: float
    faults: dict[str, int]
    balance: Balance
    windows: int
    """Sudden deaths of the agent."""
    window_readings: int
    """What was in memory then."""
    window_longest_ms: int
    longest_outage_s: float
    """The longest that a batch waited on the disk which was stored in the end."""
    drain_s: float
    outboxes: int
    clock_jumps: int
    clock_jumps_believed: int
    ledger: Ledger
    namespace: str
    violations: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every law held."""
        return not self.violations


def table(report: Report) -> str:
    """For people."""
    return "\n".join(f"{name:34}{text}" for name, text in lines(report))


def lines(report: Report) -> Iterator[tuple[str, str]]:
    """Name and figure."""
    balance, ledger = report.balance, report.ledger
    yield "seed", str(report.seed)
    yield "time", f"{report.seconds:.0f} s, drained in {report.drain_s:.1f} s"
    yield "faults", f"{sum(report.faults.values())}"
    for kind, count in sorted(report.faults.items()):
        yield f"  {kind}", str(count)
    yield "network namespace", report.namespace
    yield "readings produced", f"{balance.produced:,}"
    yield "  on the disk", f"{balance.written:,}"
    yield "  stored", f"{balance.stored:,}"
    yield "  accounted, not stored", f"{sum(balance.accounted.values()):,}"
    for reason, count in sorted(balance.accounted.items()):
        yield f"    {reason}", f"{count:,}"
    yield "  in memory at a kill -9", f"{balance.in_memory:,}"
    yield "lost", str(balance.lost)
    yield "stored, never produced", str(balance.invented)
    yield "duplicated", str(balance.duplicated)
    yield "out of order", str(balance.disordered)
    yield "given up, stored all the same", f"{balance.stored_after_all:,}"
    yield "said again by births", f"{balance.restated:,}"
    yield (
        "journalling window",
        f"{report.windows} deaths, {report.window_readings} readings, longest {report.window_longest_ms} ms",
    )
    yield "longest outage bridged", f"{report.longest_outage_s:.1f} s"
    yield "outboxes", str(report.outboxes)
    yield "clock jumps, believed", f"{report.clock_jumps}, {report.clock_jumps_believed}"
    yield (
        "in the gap ledger",
        ", ".join(f"{fault} {'yes' if told else 'NO'}" for fault, told in ledger.told.items()),
    )
    yield "  entries", ", ".join(f"{cause} {count}" for cause, count in sorted(ledger.gaps.items()))
    yield (
        "readings lost, centre and outbox",
        f"{ledger.readings_lost_centre:,}, {ledger.readings_lost_outbox:,}",
    )
    yield "delivered (last epoch)", str(ledger.delivered)
    yield "verdict", "every law held" if report.holds else "VIOLATED"
    for violation in report.violations:
        yield "", violation
