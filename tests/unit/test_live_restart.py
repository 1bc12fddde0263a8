"""The live judgement over days, with outages, back-fill days later and restarts: in the end all is as offline.

The same deliveries are judged by a centre that runs through and by one that is started anew again and again; what the
store holds in the end must not differ by a single field, and its records must be those of all rows at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from contract import card_list
from contract.datatype import Value
from contract.vocabulary.roles import BY_METRIC
from gateway.config import GatewayConfig
from gateway.historian.historian import FieldValue, Point, Series
from gateway.live import chamber_facts, facts
from gateway.live.chambers import SIGNALS, coded
from gateway.live.faces import count
from rules.chambers.presence import NOTHING_EARLIER
from rules.chambers.records import day_records, days_between, level_record
from rules.chambers.rule import Signal, State
from rules.chambers.state import course
from rules.headcount import Presence, presence_in
from rules.series import EMPTY, Samples, known
from rules.staffing import StaffingRule, evaluate_shift, headcount_known
from tests.live_centre import MINE, LiveCentre

ZONE = ZoneInfo("Asia/Shanghai")
START_MS = 1_646_064_000_000  # 2022-03-01T00:00:00+08:00
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
DAYS = 5
COUNTED, CARDED, ROOM = "F1", "F2", "C1"
SIGNAL_METRICS = [metric for metric, role in BY_METRIC.items() if role in SIGNALS]
Tag = tuple[str, str]
Facts = dict[tuple[Series, int], dict[str, FieldValue]]


def config(**staffing: object) -> GatewayConfig:
    """Two faces, one counted by cards, and a pump room."""
    return GatewayConfig.model_validate(
        {
            "staffing": {"stale_after_s": 1200, "exempt_posts": ["矿领导"], **staffing},
            "chambers": {"stale_after_s": 1200, "window_days": 3, "days_min": 2},
            "mines": [
                {
                    "code": MINE, "name": "一矿",
                    "faces": [
                        {"code": COUNTED, "name": "采煤面", "kind": "mining_face"},
                        {"code": CARDED, "name": "掘进面", "kind": "driving_face", "count_from": "cards"},
                    ],
                    "chambers": [
                        {"code": ROOM, "name": "水泵房", "kind": "drainage_pump_room", "declared": "unattended"}
                    ],
                }
            ],
        }
    )  # fmt: skip


@dataclass
class World:
    """What the mine measured, when each row comes to the centre, and when the centre lost the gateway."""

    rows: dict[Tag, dict[int, Value | None]] = field(default_factory=lambda: defaultdict(dict))
    comes: dict[int, list[tuple[Tag, int]]] = field(default_factory=lambda: defaultdict(list))
    """By the instant of its coming (ms): tag and instant of each row."""
    losses: list[int] = field(default_factory=list)
    """When the centre lost the gateway."""
    marks: dict[Tag, list[int]] = field(default_factory=lambda: defaultdict(list))
    """When it marked a metric by that: those that had come alive before."""
    end_ms: int = START_MS + DAYS * 24 * HOUR_MS


def world(seed: int) -> World:
    """Days of a small mine: people come and go, links break for hours or days, some readings never come."""
    chance = Random(seed)  # noqa: S311  (no secret)
    made = World()
    outages = []
    at_ms = START_MS
    while at_ms < made.end_ms:
        at_ms += round(chance.choice([2, 7, 20, 30]) * HOUR_MS * chance.random())
        until_ms = at_ms + round(chance.choice([0.1, 0.2, 1, 8, 30]) * HOUR_MS * chance.random()) + MINUTE_MS
        comes_ms = until_ms + chance.choice([0, 0, 1, 40]) * HOUR_MS
        outages.append((at_ms, until_ms, min(comes_ms, made.end_ms), chance.random() < 0.2))
        at_ms = until_ms
    made.losses = [from_ms + 90_000 for from_ms, _, _, _ in outages if from_ms + 90_000 < made.end_ms]
    tags = [(COUNTED, "Personnel/Headcount"), (CARDED, "Personnel/Cards")]
    tags += [(ROOM, metric) for metric in SIGNAL_METRICS]
    if chance.random() < 0.5:
        tags.append((COUNTED, "Personnel/Cards"))
    for tag in tags:
        begin_ms = START_MS + round(chance.choice([0, 0, 3, 11]) * HOUR_MS)
        for row_ms, value in says(tag[1], begin_ms, made.end_ms, chance):
            lost = next((o for o in outages if o[0] <= row_ms < o[1]), None)
            if lost is not None and lost[3]:
                continue  # never read
            made.rows[tag][row_ms] = value
            comes_ms = (
                row_ms + chance.randrange(3_000) if lost is None else lost[2] + chance.randrange(60_000)
            )
            made.comes[comes_ms].append((tag, row_ms))
    return made


def says(metric: str, at_ms: int, end_ms: int, chance: Random) -> list[tuple[int, Value | None]]:
    """The rows of one metric: a value for a while, repeated as a source must; now and then not good."""
    rows: list[tuple[int, Value | None]] = []
    while at_ms < end_ms:
        until_ms = at_ms + round(chance.choice([0.2, 0.6, 2, 6]) * HOUR_MS)
        value = None if chance.random() < 0.06 else value_of(metric, chance)
        for each_ms in range(at_ms, min(until_ms, end_ms), chance.choice([4, 9, 10]) * MINUTE_MS):
            rows += [(each_ms, value)]
        at_ms = until_ms
    return rows


def value_of(metric: str, chance: Random) -> Value:
    """Something that the metric may say."""
    match metric:
        case "Personnel/Headcount":
            return chance.choice([0, 0, 0, 2, 5, 8, 9, 10])
        case "Personnel/Cards":
            cards = {f"m{n}": "采煤工" for n in range(chance.randrange(5, 10))}
            return card_list.text_of(cards | {f"l{n}": "矿领导" for n in range(chance.choice([0, 0, 1, 3]))})
        case "Control/Mode":
            return chance.choice(["auto", "auto", "auto", "remote", "local"])
        case "Robot/Present":
            return chance.choice([False, False, True])
        case _:
            return chance.random() < 0.95


def run(
    made: World, seed: int, settings: GatewayConfig, *, restarts: bool, away: range = range(0)
) -> LiveCentre:
    """Let a centre live through it; late work is done at the same instants, restarted or not.

    While it is away nothing comes; its gateways send it all when it is back.
    """
    chance = Random(seed)  # noqa: S311  (no secret)
    centre = LiveCentre(settings)
    instants = sorted({*made.comes, *(lost_ms for lost_ms in made.losses if lost_ms not in away)})
    now_ms = START_MS
    while now_ms < made.end_ms + 2 * HOUR_MS:
        if now_ms in away:
            now_ms = away.stop
            centre.restart(now_ms)
            centre.judge(now_ms)
        while instants and instants[0] <= now_ms:
            at_ms = instants.pop(0)
            come(centre, made, at_ms, away.stop if at_ms in away else at_ms)
        centre.judge(now_ms)
        works, begins = chance.random() < 0.1, chance.random() < 0.1
        if works:
            settle(centre, now_ms)
        if begins and restarts:
            centre.restart(now_ms)
            centre.judge(now_ms)
        now_ms += round(chance.choice([0.1, 1, 5, 12, 40]) * MINUTE_MS)
    settle(centre, now_ms)
    return centre


def come(centre: LiveCentre, made: World, at_ms: int, now_ms: int) -> None:
    """What was to come to the centre at an instant comes now."""
    if at_ms in made.losses:
        for area in (COUNTED, CARDED, ROOM):
            lost = centre.lose(area, [metric for of, metric in made.rows if of == area], at_ms)
            for sample in lost.samples:
                made.marks[area, sample.metric.name].append(at_ms)
    by_tag: dict[Tag, list[int]] = defaultdict(list)
    for tag, row_ms in made.comes.get(at_ms, ()):
        by_tag[tag].append(row_ms)
    for tag, row_instants in by_tag.items():
        centre.take(*tag, [(row_ms, made.rows[tag][row_ms]) for row_ms in row_instants], now_ms)


def settle(centre: LiveCentre, now_ms: int) -> None:
    """Until nothing is left to be judged."""
    while centre.revise(now_ms):
        centre.judge(now_ms)


# What it must come to


def series(made: World, tag: Tag, stale_us: int) -> dict[int, Value | None]:
    """The rows of a tag by microseconds, the centre's marks among them where the source left a hole."""
    rows = {at_ms * 1000: value for at_ms, value in made.rows[tag].items()}
    instants = sorted(rows)
    for mark_us in (mark * 1000 for mark in made.marks[tag]):
        before = [at for at in instants if at <= mark_us]
        after = [at for at in instants if at > mark_us]
        if before and (not after or after[0] - before[-1] > stale_us // 2) and before[-1] < mark_us:
            rows[mark_us] = None
    return rows


def expected_shifts(made: World, centre: LiveCentre, now_us: int) -> Facts:
    """The records of every shift that ended after its face's first row."""
    found: Facts = {}
    rule = centre.config.staffing
    for code in (COUNTED, CARDED):
        face = centre.face(code)
        rows = series(made, (code, "Personnel/Headcount"), rule.stale_after_us)
        counts = Samples.of_rows((at_us, count(value)) for at_us, value in rows.items())
        lists = series(made, (code, "Personnel/Cards"), rule.stale_after_us)
        who = presence_of(lists, rule, now_us)
        first_us = min(lists if face.counts_cards else rows)
        samples = EMPTY if face.counts_cards else counts
        for shift in face.calendar.shifts_between(code, START_MS * 1000, now_us):
            if first_us < shift.ends_us <= now_us:
                has_cards = face.counts_cards or any(at_us < shift.ends_us for at_us in lists)
                cards = who if has_cards else None
                headcount = headcount_known(face.face_rule, rule, samples, cards, now_us)
                record = evaluate_shift(
                    shift, face.face_rule, rule, headcount=headcount, cards=cards, now_us=now_us
                )
                found |= as_facts([facts.shift_record(MINE, record, ZONE)])
    return found


def presence_of(lists: dict[int, Value | None], rule: StaffingRule, now_us: int) -> Presence:
    """Snapshot by snapshot, as the offline command has it, but for snapshots that are not good."""
    texts = [lists[at_us] for at_us in sorted(lists)]
    numbered = Samples.of_rows(
        (at_us, None if lists[at_us] is None else float(place)) for place, at_us in enumerate(sorted(lists))
    )
    snapshots = known(numbered, stale_after_us=rule.stale_after_us, now_us=now_us)
    held = [card_list.cards_in(str(texts[int(place)])) for place in snapshots.value.tolist()]
    numbers = {card: number for number, card in enumerate({card for cards in held for card in cards})}
    return presence_in(
        snapshots,
        [len(cards) for cards in held],
        np.array([numbers[card] for cards in held for card in cards], dtype=np.int32),
        np.array([post in rule.exempt_posts for cards in held for post in cards.values()], dtype=np.bool_),
        reentry_us=rule.reentry_us,
    )


def expected_days(made: World, centre: LiveCentre, now_us: int) -> tuple[Facts, Facts]:
    """The records of every day since the chamber's first row, and of the level at the end of each."""
    chamber = centre.chamber(ROOM)
    signals: dict[Signal, Samples] = {}
    for metric in SIGNAL_METRICS:
        signal = SIGNALS[BY_METRIC[metric]]
        rows = series(made, (ROOM, metric), chamber.rule.stale_after_us)
        signals[signal] = Samples.of_rows((at_us, coded(signal, value)) for at_us, value in rows.items())
    judged = course(chamber.chamber, signals, chamber.rule, now_us=now_us)
    days = day_records(judged, days_between(date(2022, 3, 1), date(2022, 3, 1 + DAYS + 1), ZONE))
    levels = [
        chamber_facts.RecordedLevel(level, day.day.to_us, 1)
        for number, day in enumerate(days, start=1)
        if (level := level_record(chamber.chamber, days[:number], chamber.rule, declared=chamber.declared))
    ]
    told = [chamber_facts.RecordedDay(day, NOTHING_EARLIER, State.UNKNOWN, 0) for day in days]
    return (
        as_facts(chamber_facts.day(MINE, each) for each in told),
        as_facts(chamber_facts.level(MINE, each) for each in levels),
    )


def as_facts(written: Iterable[Point]) -> Facts:
    """As the store has them."""
    return {(point.series, point.at_ms): dict(point.fields) for point in written}


def without(found: Facts, *names: str) -> Facts:
    """The same, but for some fields."""
    return {
        key: {name: value for name, value in line.items() if name not in names} for key, line in found.items()
    }


ALL_FACTS = ("shift_record", "chamber_day", "chamber_level", "face_staffing", "chamber_status")
OF_THE_NEXT_DAY = ("earlier_text", "state_text", "state_since_us")


def is_as_offline(made: World, centre: LiveCentre, now_us: int) -> None:
    """Every record in the store is that of all rows at once."""
    shifts = centre.historian.facts("shift_record")
    assert without(shifts, "revision") == without(expected_shifts(made, centre, now_us), "revision")
    days, levels = expected_days(made, centre, now_us)
    found = centre.historian.facts("chamber_day")
    assert without(found, "revision", *OF_THE_NEXT_DAY) == without(days, "revision", *OF_THE_NEXT_DAY)
    assert without(centre.historian.facts("chamber_level"), "revision") == without(levels, "revision")


@pytest.mark.parametrize("seed", [*range(9), 26, 76, 116])
def test_in_the_end_all_is_as_offline_and_a_restart_changes_nothing(seed: int) -> None:
    """Shift records, days, levels and states; the restarted centre's to the field, revisions too."""
    made = world(seed)
    settings = config(exempt_dwell_min=[30, 240][seed % 2], reentry_min=[15, 90][seed % 3 // 2])
    straight = run(made, seed, settings, restarts=False)
    now_us = (made.end_ms + 3 * HOUR_MS) * 1000
    shifts = straight.historian.facts("shift_record")
    is_as_offline(made, straight, now_us)
    assert max(float(line["revision"]) for line in shifts.values()) > 1

    restarted = run(made, seed, settings, restarts=True)
    for measurement in ALL_FACTS:
        assert restarted.historian.facts(measurement) == straight.historian.facts(measurement)
    for centre in (straight, restarted):
        assert not any(line["due"] for line in centre.historian.facts("judgement").values())
    for one, other in ((straight.face(code), restarted.face(code)) for code in (COUNTED, CARDED)):
        assert one.now == other.now
    rooms = [replace(centre.chamber(ROOM).now, visit_age_us=None) for centre in (straight, restarted)]
    assert rooms[0] == rooms[1]
    assert straight.chamber(ROOM).book.level == restarted.chamber(ROOM).book.level


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hours", [7, 30, 75])
def test_a_centre_that_was_away_for_days_makes_good_for_them(seed: int, hours: int) -> None:
    """Also for the shifts and days that ended meanwhile, of some of which not a single row comes."""
    made = world(seed)
    begin_ms = START_MS + (20 + 3 * seed) * HOUR_MS
    away = range(begin_ms, begin_ms + hours * HOUR_MS)
    settings = config()
    centre = run(made, seed, settings, restarts=seed % 2 == 1, away=away)
    is_as_offline(made, centre, (made.end_ms + 3 * HOUR_MS) * 1000)


def test_a_shift_longer_than_what_is_kept_is_judged_from_the_store() -> None:
    """Thirty hours, each overlapping the next; the centre keeps twenty-six."""
    made = World(end_ms=START_MS + 3 * 24 * HOUR_MS)
    chance = Random(1)  # noqa: S311  (no secret)
    for tag in ((COUNTED, "Personnel/Headcount"), (CARDED, "Personnel/Cards"), (ROOM, "Control/Mode")):
        ends_ms = (
            START_MS + 44 * HOUR_MS if tag[0] == COUNTED else made.end_ms
        )  # no row when a shift of it ends
        for row_ms, value in says(tag[1], START_MS, ends_ms, chance):
            made.rows[tag][row_ms] = value
            made.comes[row_ms].append((tag, row_ms))
    long_shift = {"name": "长班", "start": "00:00", "minutes": 1800, "kind": "production"}
    calendar = [{"effective_on": date(2022, 1, 1), "shifts": [long_shift]}]
    settings = config()
    mine = settings.mines[0].model_validate(settings.mines[0].model_dump() | {"calendar": calendar})
    centre = run(made, 1, settings.model_copy(update={"mines": [mine]}), restarts=False)

    now_us = (made.end_ms + 3 * HOUR_MS) * 1000
    shifts = centre.historian.facts("shift_record")
    assert len(shifts) == 2 * 3  # that of the day before the first row ended in it
    assert without(shifts, "revision") == without(expected_shifts(made, centre, now_us), "revision")


def test_a_day_is_not_recorded_before_the_days_before_it() -> None:
    """After two days away: what yesterday began with is judged first, so that nothing has to be taken back."""
    centre = LiveCentre(config())
    healthy: dict[str, Value] = {metric: True for metric in SIGNAL_METRICS if metric != "Robot/Present"}
    healthy |= {"Control/Mode": "auto", "Personnel/Headcount": 1}

    def live(from_h: int, to_h: int) -> None:
        for now_ms in range(START_MS + from_h * HOUR_MS, START_MS + to_h * HOUR_MS, 10 * MINUTE_MS):
            for metric, value in healthy.items():
                centre.take(ROOM, metric, [(now_ms, value)], now_ms)
            centre.judge(now_ms)

    def days() -> list[float]:
        return [float(line["revision"]) for line in centre.historian.facts("chamber_day").values()]

    live(0, 30)
    assert days() == [1.0]
    back_ms = START_MS + 100 * HOUR_MS
    centre.restart(back_ms)
    live(100, 101)
    assert days() == [1.0]
    settle(centre, START_MS + 101 * HOUR_MS)
    assert days() == [1.0] * 4
