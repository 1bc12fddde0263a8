"""Rows of a chamber's signals for tests: what they say from when on, repeated as a source must."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rules.chambers.rule import CONTROL_MODES, Signal
from rules.series import SECOND_US, Samples

Says = Sequence[tuple[float, str | None]]
"""From which second on, which word (`None` unknown); the last one ends the rows."""

HEALTHY = {"control_mode": "auto", "video": "1", "protections": "1", "link": "1", "door": "1"}
REPEAT_S = 300


def micro(seconds: float) -> int:
    """Microseconds of a number of seconds that is whole in microseconds."""
    return round(seconds * SECOND_US)


def coded(signal: str, word: str | None) -> float | None:
    """The number a word stands for in a series."""
    if word is None:
        return None
    return CONTROL_MODES[word] if signal == "control_mode" else float(word)


def samples(signal: str, says: Says) -> Samples:
    """The series of one signal: each word at its instant and every five minutes until the next."""
    rows: list[tuple[int, float | None]] = []
    for (at, word), (until, _) in pairwise(says):
        repeats = range(micro(at), micro(until), micro(REPEAT_S))
        rows += [(at_us, coded(signal, word)) for at_us in repeats]
    rows.append((micro(says[-1][0]), coded(signal, says[-1][1])))
    return Samples.of_rows(rows)


def chamber_signals(end: float, **says: Says | str) -> dict[Signal, Samples]:
    """Healthy machines and nobody there from second 0 to `end`, but for what is said of a signal."""
    words: dict[str, Says | str] = {"occupancy": "0", **HEALTHY, **says}
    return {
        Signal(signal): samples(signal, [(0, word), (end, word)] if isinstance(word, str) else word)
        for signal, word in words.items()
    }
