"""The protections of a machine: which of them act, told as one status word.

Rules
- The word is text as a point table's `flags` gives it: the acting ones joined by `+`, or `normal`.
- Every maintenance shift each protection is tested in turn, one a minute, while the machine stands (保护试验).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulators.equipment.occasions import Occasions
from simulators.equipment.signal import Signal
from simulators.shifts import MINUTE_MS, shift_at

NORMAL: Final = "normal"
TEST_MS: Final = 20_000
"""For so long a tested protection acts."""


def tested(names: Sequence[str], at_ms: int, begin_min: int) -> str | None:
    """The protection that acts because it is tested, `begin_min` and later in a maintenance shift."""
    shift = shift_at(at_ms)
    if shift.is_production:
        return None
    number, rest_ms = divmod(at_ms - shift.start_ms - begin_min * MINUTE_MS, MINUTE_MS)
    return names[number] if 0 <= number < len(names) and rest_ms < TEST_MS else None


def trips(names: Sequence[str], begin_min: int, seldom: Mapping[str, Occasions] | None = None) -> Signal:
    """The status word of a machine's protections; `seldom` tells when some of them act in earnest."""
    earnest = seldom or {}

    def word(at_ms: int) -> str:
        test = tested(names, at_ms, begin_min)
        acting = [name for name in names if name == test or (name in earnest and earnest[name](at_ms))]
        return "+".join(acting) or NORMAL

    return word
