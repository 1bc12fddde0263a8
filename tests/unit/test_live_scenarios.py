"""The virtual mine's scenarios through the live trackers: records and states are what the scenario files say."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from contract.card_list import text_of
from contract.datatype import Value
from contract.vocabulary.roles import BY_METRIC, Role
from gateway.config import GatewayConfig
from gateway.live.chambers import SIGNALS
from simulators.cards import cards_of
from simulators.mine import Mine
from simulators.plant import AREAS, CHAMBERS, FACES
from simulators.scenario_form import ExpectedChamber, ExpectedShift
from simulators.shifts import HOUR_MS, MINUTE_MS, shift_at
from tests.live_centre import MINE, LiveCentre
from tests.unit.test_simulated_scenarios import HEADCOUNT, RUNS, form, mine_of

STEP_MS = 20_000
JUDGED_MS = 60_000
SCENARIOS = ("overstaffed_shift", "intruder", "sensor_death")


def config(count_from: str) -> GatewayConfig:
    """The demo mine; one face may be counted by its cards."""
    faces = [
        {"code": a.code, "name": a.name, "kind": a.kind, "hazard": "severe", "count_from": count_from}
        for a in FACES
    ]
    chambers = [{"code": a.code, "name": a.name, "kind": a.kind} for a in CHAMBERS]
    return GatewayConfig.model_validate(
        {"mines": [{"code": MINE, "name": "演示一矿", "faces": faces, "chambers": chambers}]}
    )


def cases(part: str) -> list[object]:
    """What the files expect, for each run."""
    return [
        pytest.param(name, expected, start_ms, seed, id=f"{name}-{number}-seed{seed}")
        for name in SCENARIOS
        for number, expected in enumerate(getattr(form(name).expected, part))
        for start_ms, seed in RUNS
    ]


def readings(mine: Mine, area: str, metrics: Iterable[str], at_ms: int) -> list[tuple[str, Value | None]]:
    """What the sources of an area read at an instant."""
    mine.advance(at_ms)
    return [
        (metric, cards_text(mine, area, at_ms) if metric == "Personnel/Cards" else mine.value(area, metric))
        for metric in metrics
        if metric == "Personnel/Cards" or (area, metric) in mine.signals
    ]


def cards_text(mine: Mine, area: str, at_ms: int) -> str:
    """Who is there by the positioning system, with posts."""
    return text_of(
        {
            card.code: card.post
            for person, card in cards_of(mine.code, mine.people, AREAS).items()
            if mine.people.place(person, at_ms) == area
        }
    )


@pytest.mark.parametrize("count_from", ["headcount", "cards"])
@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("shift"))
def test_shifts_are_recorded_as_expected(
    name: str, expected: ExpectedShift, start_ms: int, seed: int, count_from: str
) -> None:
    """As it passes, from ten minutes before the shift until it is final; by headcounts and by cards."""
    mine, shift = mine_of(name, start_ms, seed), shift_at(expected.shift.at_ms(start_ms))
    centre = LiveCentre(config(count_from))
    metric = "Personnel/Cards" if count_from == "cards" else HEADCOUNT
    for now_ms in range(shift.start_ms - 10 * MINUTE_MS, shift.end_ms + HOUR_MS + 1, STEP_MS):
        for name_of, value in readings(mine, expected.face, [metric], now_ms):
            centre.take(expected.face, name_of, [(now_ms, value)], now_ms)
        if now_ms % JUDGED_MS < STEP_MS:
            centre.judge(now_ms)
    face = centre.face(expected.face)
    (record,) = [r for s, r in face.book.ended.items() if s.starts_us == shift.start_ms * 1000]
    assert (record.verdict, record.reason) == (expected.verdict, expected.reason)
    assert (record.coverage, record.revision, record.final) == (1.0, 1, True)
    assert (record.distinct_persons is not None) == (count_from == "cards")


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("chamber"))
def test_chambers_are_shown_as_expected(
    name: str, expected: ExpectedChamber, start_ms: int, seed: int
) -> None:
    """Nine hours before the time are taken too, so that a patrol is known."""
    span, mine = expected.span(start_ms), mine_of(name, start_ms, seed)
    centre, shown = LiveCentre(config("headcount")), []
    metrics = [metric for metric, role in BY_METRIC.items() if role in SIGNALS and role is not Role.CARDS]
    for now_ms in range(span.from_ms - 9 * HOUR_MS, span.to_ms, STEP_MS):
        for metric, value in readings(mine, expected.chamber, metrics, now_ms):
            centre.take(expected.chamber, metric, [(now_ms, value)], now_ms)
        if now_ms % JUDGED_MS < STEP_MS:
            centre.judge(now_ms)
            if now_ms >= span.from_ms + JUDGED_MS:
                shown.append(centre.chamber(expected.chamber).now.state.value)
    there = [state for state in shown if state in expected.states]
    assert len(there) >= expected.share * len(shown) > 0
