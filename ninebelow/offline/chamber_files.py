"""What `ninebelow chambers` reads besides the rule: signals.csv and declared.csv (definitions.md §0, §2).

Rules
- Faults are collected, not raised; a file that has any is good for further checks only.
- Apart from occupancy, a good value must be one of its signal's words, to the letter: `1`, not `1.0` or ` 1`.
- Rows of chambers that the rule does not name, and rows later than now, are checked like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contract.errors import Fault
from ninebelow.offline.tables import FAULTS_MAX, Table, read_table
from rules.chambers.rule import CONTROL_MODES, DECLARABLE, Level, Signal
from rules.count import is_mostly_unreadable, parse_count
from rules.series import Samples

SIGNAL_COLUMNS: Final = ("at", "chamber", "signal", "value", "quality")
DECLARED_COLUMNS: Final = ("chamber", "level")
SIGNAL_NAMES: Final = tuple(map(str, Signal))
HEADER_LINE: Final = 1
TEXT_SHOWN_MAX: Final = 40

Flags = NDArray[np.bool_]
_FLAGS: Final[Mapping[str, float]] = {"0": 0.0, "1": 1.0}


@dataclass(frozen=True, slots=True)
class Signals:
    """The rows of signals.csv."""

    table: Table
    good: Flags
    rows_of: Mapping[str, NDArray[np.int64]]
    """The rows of each chamber in the file's order; chambers in order of first appearance."""

    def of(self, chamber: str) -> dict[Signal, Samples]:
        """The series of one chamber's signals."""
        signal, value = self.table.texts["signal"], self.table.texts["value"]
        rows = self.rows_of.get(chamber, np.empty(0, dtype=np.int64))
        series = {}
        for code, name in enumerate(signal.distinct if rows.size else ()):
            of_signal = rows[signal.code[rows] == code]
            number = value.at(of_signal).numbers(meaning(Signal(name)))
            number[~self.good[of_signal]] = np.nan
            series[Signal(name)] = Samples.of(self.table.at_us[of_signal], number)
        return series

    def has_mostly_unreadable_counts(self) -> bool:
        """Whether over half of the good, non-empty counts are no counts."""
        signal, value = self.table.texts["signal"], self.table.texts["value"]
        counts = self.good & signal.where(lambda name: name == Signal.OCCUPANCY)
        return is_mostly_unreadable(value.tally(counts))


def meaning(signal: Signal) -> Callable[[str], float | None]:
    """What the words of a signal stand for as numbers; `None` for what is not one of them."""
    match signal:
        case Signal.OCCUPANCY:
            return parse_count
        case Signal.CONTROL_MODE:
            return CONTROL_MODES.get
        case _:
            return _FLAGS.get


def read_signals(path: Path, zone: tzinfo, faults: list[Fault]) -> Signals:
    """Read signals.csv; local times are of the zone."""
    found: list[Fault] = []
    table = read_table(path, SIGNAL_COLUMNS, zone=zone, faults=found)
    good = table.texts["quality"].where(lambda quality: quality.lower() == "good")
    if all(fault.line != HEADER_LINE for fault in found):
        found.extend(_value_faults(table, good))
    faults.extend(sorted(found, key=_by_line))
    rows_of = table.texts["chamber"].rows() if table.at_us.size and not found else {}
    return Signals(table, good, rows_of)


def read_declared(path: Path, faults: list[Fault]) -> dict[str, Level | None]:
    """Read declared.csv: each chamber and what it was declared to be, `None` where that is empty."""
    found: list[Fault] = []
    table = read_table(path, DECLARED_COLUMNS, faults=found)
    declared: dict[str, Level | None] = {}
    rows = range(table.at_us.size) if all(fault.line != HEADER_LINE for fault in found) else range(0)
    for row in rows:
        chamber, level = table.texts["chamber"][row], table.texts["level"][row]
        if chamber in declared:
            found.append(table.fault(row, f"chamber {shown(chamber)} is declared twice; keep one row of it"))
        if level and level not in DECLARABLE:
            known = ", ".join(DECLARABLE)
            found.append(table.fault(row, f"unknown level {shown(level)}; write one of {known}, or nothing"))
        declared[chamber] = Level(level) if level in DECLARABLE else None
    faults.extend(sorted(found, key=_by_line))
    return declared


def _value_faults(table: Table, good: Flags) -> Iterator[Fault]:
    """Names that are no signal, and good values outside their signal's words."""
    signal, value = table.texts["signal"], table.texts["value"]
    faulty = ~signal.where(lambda name: name in SIGNAL_NAMES)
    for name in Signal:
        if name is not Signal.OCCUPANCY:
            outside = value.where(partial(_is_outside, meaning(name)))
            faulty |= good & outside & signal.where(name.__eq__)
    rows = np.flatnonzero(faulty)
    for row in rows[:FAULTS_MAX].tolist():
        yield table.fault(row, _what_is_wrong(signal[row], value[row]))
    if rows.size > FAULTS_MAX:
        yield Fault(table.file, None, f"{rows.size - FAULTS_MAX} more faulty values")


def _is_outside(of_word: Callable[[str], float | None], text: str) -> bool:
    return text != "" and of_word(text) is None


def _what_is_wrong(signal: str, value: str) -> str:
    if signal not in SIGNAL_NAMES:
        return f"unknown signal {shown(signal)}; the signals are {', '.join(SIGNAL_NAMES)}"
    words = CONTROL_MODES if signal == Signal.CONTROL_MODE else _FLAGS
    return (
        f"{signal} has the value {shown(value)}; write one of {', '.join(words)}, or nothing if it is unknown"
    )


def shown(text: str) -> str:
    """A text of the file as a fault quotes it, not longer than a line bears."""
    return repr(text if len(text) <= TEXT_SHOWN_MAX else text[:TEXT_SHOWN_MAX] + "…")


def _by_line(fault: Fault) -> int:
    return fault.line or 0
