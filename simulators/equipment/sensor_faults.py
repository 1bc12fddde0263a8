"""Faults that real sensors have (reference values of a real longwall): wrong figures, never a missing reading.

Rules
- A fault wraps a signal for the spans that its `Occasions` give, and leaves it alone at all other times. Spans are
  given one by one (`during`), as a scenario does, or drawn by chance (`seldom`, `in_maintenance`).
- `usual_faults` is what happens in any mine over some weeks. It keeps away from what faces and chambers are judged
  by, and every fault of it is short or small, so that a day stays a day that can be judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from contract.datatype import Value
from contract.vocabulary import equipment
from simulators.chance import Chance
from simulators.equipment.occasions import Occasions, in_maintenance, seldom
from simulators.equipment.signal import Signal
from simulators.shifts import HOUR_MS, MINUTE_MS

SECOND_MS: Final = 1_000
GAS_RISING_MS: Final = 15_000
"""A catalytic sensor takes so long to follow the test gas."""


def reads(signal: Signal, occasions: Occasions, value: Value) -> Signal:
    """A broken sensor or line: the same impossible figure, as −266 m/s, −255 A or a dead 0."""
    return lambda at_ms: value if occasions(at_ms) else signal(at_ms)


def dead(signal: Signal, occasions: Occasions) -> Signal:
    """A sensor that its own station reports as failed: no value at all."""
    return lambda at_ms: None if occasions(at_ms) else signal(at_ms)


def frozen(signal: Signal, occasions: Occasions) -> Signal:
    """A sensor that keeps saying what it read when the span began."""

    def value(at_ms: int) -> Value | None:
        span = occasions(at_ms)
        return signal(span.from_ms if span else at_ms)

    return value


def drifting(signal: Signal, occasions: Occasions, per_hour: float) -> Signal:
    """A sensor that goes off by `per_hour`, in its unit, until the span ends."""

    def value(at_ms: int) -> Value | None:
        read, span = signal(at_ms), occasions(at_ms)
        if span is None or isinstance(read, bool) or not isinstance(read, int | float):
            return read
        return read + per_hour * (at_ms - span.from_ms) / HOUR_MS

    return value


def calibrated(signal: Signal, occasions: Occasions, test_gas: float) -> Signal:
    """A gas sensor that is given pure air in the span's first third, then test gas, then the mine's air again."""

    def value(at_ms: int) -> Value | None:
        span = occasions(at_ms)
        if span is None:
            return signal(at_ms)
        third_ms = (span.to_ms - span.from_ms) // 3
        step, into_ms = divmod(at_ms - span.from_ms, third_ms)
        risen = -math.expm1(-into_ms / GAS_RISING_MS)
        if step == 0:
            return 0.0
        return test_gas * (risen if step == 1 else 1.0 - risen)

    return value


def usual(
    every_days: float, lasting_ms: tuple[int, int], fault: Callable[[Signal, Occasions], Signal]
) -> Callable[[Signal, Chance], Signal]:
    """A fault that comes by chance, at any time of a day."""
    return lambda signal, chance: fault(signal, seldom(chance, every_days, lasting_ms))


def calibration(test_gas: float) -> Callable[[Signal, Chance], Signal]:
    """Every gas sensor is calibrated every ten days, in a maintenance shift."""
    lasting_ms = 3 * MINUTE_MS, 6 * MINUTE_MS
    return lambda signal, chance: calibrated(signal, in_maintenance(chance, 10, lasting_ms), test_gas)


MOMENT_MS: Final = (SECOND_MS, 3 * SECOND_MS)
NO_CURRENT: Final = usual(6.0, MOMENT_MS, lambda signal, at: reads(signal, at, -255.0))
USUAL: Final[Mapping[tuple[str, str], tuple[Callable[[Signal, Chance], Signal], ...]]] = {
    ("Gas", "Methane"): (
        calibration(30.0),
        usual(15.0, MOMENT_MS, lambda signal, at: reads(signal, at, -2.0)),
    ),
    ("Environment", "CO"): (
        usual(40.0, (8 * HOUR_MS, 20 * HOUR_MS), lambda signal, at: drifting(signal, at, 0.3)),
    ),
    ("Environment", "Air Speed"): (usual(10.0, MOMENT_MS, lambda signal, at: reads(signal, at, -266.0)),),
    ("Environment", "Humidity"): (
        usual(20.0, (10 * MINUTE_MS, 60 * MINUTE_MS), lambda signal, at: reads(signal, at, 0.0)),
    ),
    ("Environment", "Temperature"): (usual(30.0, (2 * HOUR_MS, 8 * HOUR_MS), frozen),),
    ("Environment", "Dust"): (usual(25.0, (30 * SECOND_MS, 20 * MINUTE_MS), dead),),
    ("Shearer", "Left Drum Current"): (NO_CURRENT,),
    ("Shearer", "Right Drum Current"): (NO_CURRENT,),
    ("Shearer", "Haulage Current"): (NO_CURRENT,),
    ("Roadheader", "Cutting Current"): (NO_CURRENT,),
}


def usual_faults(seed: int, signals: Mapping[tuple[str, str], Signal]) -> dict[tuple[str, str], Signal]:
    """A mine's signals, by area and metric, as its sensors give them over the weeks."""
    found = {}
    for (area, metric), signal in signals.items():
        name = equipment.parse(metric)
        faults = USUAL.get((name.equipment.word, name.quantity), ()) if name else ()
        given = signal
        for number, fault in enumerate(faults):
            given = fault(given, Chance(seed, f"{area}/{metric}/fault {number}"))
        found[area, metric] = given
    return found
