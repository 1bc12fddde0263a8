"""The virtual mine's scenarios through the live trackers: records and states are what the scenario files say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from contract.card_list import text_of
from contract.datatype import Value
from contract.vocabulary.roles import BY_METRIC, Role
from edge_agent.acquisition.personnel.grammar import Incomplete
from edge_agent.acquisition.personnel.muster import Layout, Muster
from edge_agent.acquisition.personnel.profile import Kind
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from gateway.config import GatewayConfig
from gateway.live.chambers import SIGNALS
from simulators import scenarios
from simulators.cards import cards_of
from simulators.mine import Mine
from simulators.personnel_folder import EVERY_MS
from simulators.plant import AREAS, CHAMBERS, FACES
from simulators.scenario_form import ExpectedChamber, ExpectedFace, ExpectedShift, ExpectedShifts
from simulators.shifts import HOUR_MS, MINUTE_MS, Shift, shift_at
from tests.live_centre import MINE, LiveCentre
from tests.unit.test_simulated_scenarios import HEADCOUNT, RUNS, form, mine_of

CARDS = "Personnel/Cards"
STEP_MS = 20_000
JUDGED_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS
LOOSE_MS = 5 * MINUTE_MS
"""Between two readings of a week."""


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
        for name in scenarios.names()
        for number, expected in enumerate(getattr(form(name).expected, part))
        for start_ms, seed in RUNS
    ]


def readings(mine: Mine, area: str, metrics: Iterable[str], at_ms: int) -> list[tuple[str, Value | None]]:
    """What the sources of an area read at an instant."""
    mine.advance(at_ms)
    return [
        (metric, cards_text(mine, area, at_ms) if metric == CARDS else mine.value(area, metric))
        for metric in metrics
        if metric == CARDS or (area, metric) in mine.signals
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
    metric = CARDS if count_from == "cards" else HEADCOUNT
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


@pytest.mark.parametrize(("name", "expected", "start_ms", "seed"), cases("shifts"))
def test_as_many_shifts_are_recorded_within_as_expected(
    name: str, expected: ExpectedShifts, start_ms: int, seed: int
) -> None:
    """A whole week, judged as it passes; of the production shifts every one has its record."""
    span, mine = expected.span(start_ms), mine_of(name, start_ms, seed)
    centre = LiveCentre(config("headcount"))
    first, last = shift_at(span.from_ms).index, shift_at(span.to_ms - 1).index
    for now_ms in range(Shift(first).start_ms, Shift(last).end_ms + HOUR_MS + 1, LOOSE_MS):
        for metric, value in readings(mine, expected.face, [HEADCOUNT], now_ms):
            centre.take(expected.face, metric, [(now_ms, value)], now_ms)
        centre.judge(now_ms)
    verdicts = {
        at_ms: line["verdict_text"]
        for (series, at_ms), line in centre.historian.facts("shift_record").items()
        if dict(series.tags)["area"] == expected.face and line["kind_text"] == "production"
    }
    wanted = [Shift(index).start_ms for index in range(first, last + 1) if Shift(index).is_production]
    assert sorted(verdicts) == wanted
    assert set(verdicts.values()) <= {"within", "exceeded"}
    assert [*verdicts.values()].count("within") / len(verdicts) >= expected.within_share


@dataclass
class Positions:
    """The positioning system's files, read and judged as the agent does it."""

    mine: Mine
    face: str
    layout: Layout = field(init=False)
    muster: Muster = field(init=False)

    def __post_init__(self) -> None:
        """The face's zones make one area."""
        self.files = self.mine.personnel_files()
        zones = [zone.code for zone in self.files.positioning.zones if zone.place == self.face]
        assert len(zones) > 1
        self.layout = Layout(self.mine.code, Pseudonyms(b"a key of no mine"))
        self.muster = Muster({self.face: zones})

    def readings(self, now_ms: int) -> Iterator[tuple[str, int, Value | None]]:
        """What the file of now adds; a file that is no data adds nothing."""
        file = self.files.snapshot(now_ms)
        if file is None:
            return
        try:
            contents = self.layout.contents(Kind.RYSS, file.text.encode())
        except Incomplete:
            return
        if self.muster.take(Kind.RYSS, contents, now_ms).verdict.is_accepted:
            cards = self.muster.census[self.face]
            yield HEADCOUNT, contents.at_ms, None if cards is None else len(cards)
            yield CARDS, contents.at_ms, None if cards is None else text_of(cards)


@pytest.mark.parametrize(("start_ms", "seed"), RUNS)
@pytest.mark.parametrize("name", [name for name in scenarios.names() if form(name).expected.face])
def test_faces_are_shown_as_expected(name: str, start_ms: int, seed: int) -> None:
    """From files to a screen, by headcount and by cards: what is no data is unknown, neither nobody nor as before."""
    mine, expected = mine_of(name, start_ms, seed), form(name).expected.face
    spans = [(each, each.span(start_ms)) for each in expected]
    files = [Positions(mine, face) for face in dict.fromkeys(each.face for each in expected)]
    centres = [LiveCentre(config(count_from)) for count_from in ("headcount", "cards")]
    shown: dict[ExpectedFace, set[str]] = {each: set() for each in expected}
    for now_ms in range(start_ms - QUARTER_MS, max(span.to_ms for _, span in spans), EVERY_MS):
        mine.advance(now_ms)
        told = [(each.face, *reading) for each in files for reading in each.readings(now_ms)]
        for centre in centres:
            for face, metric, at_ms, value in told:
                centre.take(face, metric, [(at_ms, value)], now_ms)
            centre.judge(now_ms)
            for each, span in spans:
                if span.from_ms <= now_ms < span.to_ms:
                    now = centre.face(each.face).now
                    assert (now.headcount is None) == (now.state == "unknown")
                    shown[each].add(now.state)
    for each, states in shown.items():
        assert states
        assert states <= set(each.states), each


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
