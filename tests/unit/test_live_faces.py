"""A face's tracker against the slow reference: any rows, in any order, split, repeated or late, say the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contract import card_list
from contract.datatype import Value
from contract.vocabulary.roles import Role
from gateway.config import Face
from gateway.live.cards import settled_at, settled_from
from gateway.live.faces import KEPT_US, FaceTracker, as_rows
from rules.count import parse_count
from rules.series import HOUR_US, MINUTE_US, SECOND_US, Samples, known
from rules.shift_calendar import Calendar, ShiftCalendar, ShiftTimes
from rules.staffing import FaceRule, StaffingRule
from rules.time_text import parse_time
from tests.unit.reference_staffing import evaluate
from tests.unit.test_staffing_reference import cases

Row = tuple[int, Role, Value | None]
FACE = "F1"
LOOKED_AT = 0.15
"""Share of the steps at which a tracker is compared."""


def tracker_of(case: dict[str, Any], face: str) -> FaceTracker:
    """The tracker of a case's face."""
    given_calendar = case["calendar"]
    calendars = tuple(
        Calendar(
            effective_on=each["effective_on"],
            face=each.get("face"),
            shifts=tuple(ShiftTimes(**times) for times in each["shifts"]),
        )
        for each in given_calendar["calendar"]
    )
    figures = {key: value for key, value in case["rule"].items() if key != "faces"}
    rule = StaffingRule.model_validate(figures)
    return FaceTracker(
        Face(code=face, name=face, kind="mining_face"),
        FaceRule.model_validate(case["rule"]["faces"][face]),
        rule,
        ShiftCalendar(ZoneInfo(given_calendar["timezone"]), calendars),
    )


def rows_of(case: dict[str, Any], face: str) -> list[Row]:
    """The case's rows of a face as the live side takes them, each instant once."""
    counts: dict[int, float | None] = {}
    for at_us, of, text, quality in case["headcount"]:
        if of == face:
            counts[at_us] = parse_count(text) if quality.lower() == "good" else None
    lists: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for at_us, of, card, post in case["cards"] or ():
        if of == face:
            lists[at_us] |= {card: post} if card else {}
    rows: list[Row] = [(at_us, Role.HEADCOUNT, count) for at_us, count in counts.items()]
    rows += [(at_us, Role.CARDS, card_list.text_of(cards)) for at_us, cards in lists.items()]
    return rows


def expected_of(case: dict[str, Any], face: str, rows: list[Row], now_us: int) -> list[dict[str, Any]]:
    """What the reference says of the shifts that are the tracker's: ended within the kept time, after the first row."""
    first, end, _ = case["period"]
    period = (first - timedelta(days=2), end + timedelta(days=2), now_us)
    faces = case["rule"]["faces"]
    alone = case | {"rule": case["rule"] | {"faces": {face: faces[face]}}, "period": period}
    counts_cards = faces[face].get("count_from") == "cards"
    first_us = {
        role: min((at for at, of, _ in rows if of is role and at <= now_us), default=None) for role in Role
    }
    counted_from = first_us[Role.CARDS if counts_cards else Role.HEADCOUNT]
    expected = []
    for record in evaluate(**alone):
        ends_us = parse_time(record["ends_at"], ZoneInfo("UTC"))
        assert ends_us is not None
        if counted_from is None or not counted_from < ends_us or ends_us <= now_us - KEPT_US:
            continue
        cards_from = first_us[Role.CARDS]
        has_cards = cards_from is not None and cards_from < ends_us
        if not counts_cards and not has_cards:
            record |= {"distinct_persons": None}
        expected.append(record)
    return expected


def recorded(tracker: FaceTracker, now_us: int) -> list[dict[str, Any]]:
    """What the tracker has recorded, in the reference's words and order."""
    tracker.judge(now_us)
    shifts = [shift for shift in tracker.around if shift in tracker.book.ended]
    return [tracker.book.ended[shift].as_json(tracker.calendar.zone) | {"revision": 1} for shift in shifts]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.data())
def test_any_order_gives_the_reference_s_records(case: dict[str, Any], data: st.DataObject) -> None:
    """Rows shuffled, some given twice, judged at any instants in between: as if all had been there in time."""
    face = data.draw(st.sampled_from(list(case["rule"]["faces"])))
    rows = rows_of(case, face)
    first_us = min((at for at, _, _ in rows), default=case["period"][2])
    now_us = first_us + data.draw(st.sampled_from([3000, 10_800, 36_000, 72_000])) * SECOND_US
    expected = expected_of(case, face, rows, now_us)
    assume(expected)
    tracker = tracker_of(case, face)
    chance = Random(data.draw(st.integers(0, 2**32)))  # noqa: S311  (no secret)
    given_rows = [*rows, *chance.sample(rows, min(len(rows), 20))]
    chance.shuffle(given_rows)
    looks = sorted(chance.uniform(first_us, now_us) for _ in range(4))
    for number, (at_us, role, value) in enumerate(given_rows):
        if looks and number % 97 == 0:
            tracker.judge(int(looks.pop(0)))
        tracker.take(role, at_us, value)

    assert recorded(tracker, now_us) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.data())
def test_a_judgement_is_that_of_the_rows_alone(case: dict[str, Any], data: st.DataObject) -> None:
    """Step by step, rows on time or late: at each step the tracker says what a new one says that is fed at once."""
    face = data.draw(st.sampled_from(list(case["rule"]["faces"])))
    rows = rows_of(case, face)
    assume(rows)
    chance = Random(data.draw(st.integers(0, 2**32)))  # noqa: S311  (no secret)
    late_s = data.draw(st.sampled_from([0, 1, 30, 700]))
    arrivals = sorted(
        ((at + round(chance.choice([0, 0, 0, chance.random()]) * late_s * SECOND_US), (at, role, value))
         for at, role, value in rows), key=lambda each: each[0],
    )  # fmt: skip
    tracker, seen = tracker_of(case, face), list[Row]()
    now_us, end_us = arrivals[0][0], arrivals[-1][0] + 1500 * SECOND_US
    while now_us <= end_us:
        while arrivals and arrivals[0][0] <= now_us:
            seen.append(arrivals.pop(0)[1])
            at_us, role, value = seen[-1]
            tracker.take(role, at_us, value)
        tracker.judge(now_us)
        now_us += round(chance.choice([0.5, 5, 5, 60, 300, 301]) * SECOND_US)
        if chance.random() < LOOKED_AT:
            is_that_of_its_rows(case, tracker, seen)


def is_that_of_its_rows(case: dict[str, Any], tracker: FaceTracker, seen: list[Row]) -> None:
    """A new tracker that is given the rows at once says the same."""
    now_us = tracker.seen_at_us
    fresh = tracker_of(case, tracker.face.code)
    for at_us, role, value in seen:
        fresh.take(role, at_us, value)
    fresh.judge(now_us)
    assert tracker.now == fresh.now
    assert recorded(tracker, now_us) == recorded(fresh, now_us)


# Cards, by hand

START = 1_646_092_800_000_000  # 2022-03-01T08:00:00+08:00


def by_cards(*starts: int, **figures: Any) -> FaceTracker:
    """A face that counts cards, in one production shift a day, or in short ones that start at these hours."""
    shifts = tuple(
        ShiftTimes(name=f"{hour}", start=f"{hour:02}:00", minutes=120 if starts else 480, kind="production")
        for hour in starts or (8,)
    )
    calendar = ShiftCalendar(
        ZoneInfo("Asia/Shanghai"), (Calendar(effective_on=date(2020, 1, 1), shifts=shifts),)
    )
    return FaceTracker(
        Face(code=FACE, name=FACE, kind="mining_face", count_from="cards"),
        FaceRule(kind="mining_face", intelligent=True, hazard="other", count_from="cards"),
        StaffingRule.model_validate({"exempt_posts": ["矿领导"]} | figures),
        calendar,
    )


def snapshot(tracker: FaceTracker, at_us: int, miners: int, leaders: int = 0) -> None:
    """Who is there at an instant."""
    cards = {f"m{number}": "采煤工" for number in range(miners)}
    cards |= {f"l{number}": "矿领导" for number in range(leaders)}
    tracker.take(Role.CARDS, at_us, card_list.text_of(cards))


def snapshots(tracker: FaceTracker, from_us: int, to_us: int, miners: int, leaders: int = 0) -> None:
    """The same every 30 seconds."""
    for at_us in range(from_us, to_us, 30 * SECOND_US):
        snapshot(tracker, at_us, miners, leaders)


def test_leaders_count_when_they_stay() -> None:
    """Two leaders beside eight miners are within for half an hour, then over; no row is needed for that."""
    tracker = by_cards()
    begin = START + 60 * MINUTE_US
    snapshots(tracker, START, begin, 8)
    snapshots(tracker, begin, begin + 29 * MINUTE_US + 40 * SECOND_US, 8, leaders=2)
    half_past = begin + 30 * MINUTE_US

    tracker.judge(half_past - 10 * SECOND_US)
    assert (tracker.now.state, tracker.now.headcount) == ("within", 8)
    assert tracker.look_us == half_past
    tracker.judge(half_past)
    assert (tracker.now.state, tracker.now.headcount, tracker.now.since_us) == ("over", 10, half_past)


def test_who_is_there() -> None:
    """Pseudonyms, posts and since when, for a page; nobody once the list no longer holds."""
    tracker = by_cards()
    snapshots(tracker, START, START + 10 * MINUTE_US, 2, leaders=1)
    snapshots(tracker, START + 10 * MINUTE_US, START + 20 * MINUTE_US, 1, leaders=1)
    now_us = START + 20 * MINUTE_US

    assert [(one.card, one.post, one.since_us, one.is_exempt) for one in tracker.persons(now_us)] == [
        ("l0", "矿领导", START, True),
        ("m0", "采煤工", START, False),
    ]
    assert tracker.persons(now_us + HOUR_US) == []
    tracker.take(Role.CARDS, now_us, None)
    assert tracker.persons(now_us) == []


def test_no_list_of_cards_is_no_snapshot() -> None:
    """Part of a list would pass for people who have left: it is unknown, and counted."""
    tracker = by_cards()
    snapshots(tracker, START, START + MINUTE_US, 8)
    tracker.take(Role.CARDS, START + MINUTE_US, "m0=采煤工;=")
    tracker.judge(START + MINUTE_US)

    assert (tracker.now.state, tracker.now.headcount) == ("unknown", None)
    assert tracker.cards.counts["no_card_list"] == 1


def test_the_trend_of_cards_reads_as_rows() -> None:
    """Each in time after the one before, the last at the instant that it was asked for."""
    tracker = by_cards()
    snapshots(tracker, START, START + 15 * MINUTE_US, 8)
    snapshots(tracker, START + 40 * MINUTE_US, START + 45 * MINUTE_US, 9)
    tracker.judge(START + 45 * MINUTE_US)
    trend = [(round((at - START) / MINUTE_US), value) for at, value in tracker.trend()]

    assert trend[:2] == [(0, 8.0), (10, 8.0)]
    assert trend[2][0] == 14
    assert trend[2][1] != trend[2][1]
    assert trend[3:] == [(40, 9.0), (45, 9.0)]


@given(st.lists(st.tuples(st.integers(1, 40), st.one_of(st.none(), st.integers(0, 3))), max_size=30))
def test_stretches_as_rows_say_the_same(steps: list[tuple[int, int | None]]) -> None:
    rows, at_s = list[tuple[int, float | None]](), 0
    for step_s, value in steps:
        at_s += step_s
        rows.append((at_s * SECOND_US, value))
    stretches = known(Samples.of_rows(rows), stale_after_us=20 * SECOND_US, now_us=at_s * SECOND_US).joined()
    again = known(
        Samples.of_rows(as_rows(stretches, 20 * SECOND_US)),
        stale_after_us=20 * SECOND_US,
        now_us=at_s * SECOND_US,
    ).joined()
    assert again.from_us.tolist() == stretches.from_us.tolist()
    assert again.to_us.tolist() == stretches.to_us.tolist()
    assert again.value.tolist() == stretches.value.tolist()


# What memory may forget


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.sampled_from(["headcount", "cards"]))
def test_what_is_forgotten_decides_nothing(seed: int, count_from: Literal["headcount", "cards"]) -> None:
    """A shift that the kept rows judge is judged as by all rows, whatever outages and long visits came before."""
    chance = Random(seed)  # noqa: S311  (no secret)
    figures = {
        "reentry_min": chance.choice([0, 5, 15, 120, 600]),
        "exempt_dwell_min": chance.choice([5, 30, 300, 600]),
        "dwell_min": 0,
    }
    tracker, whole = (replace_face(by_cards(*range(0, 24, 2), **figures), count_from) for _ in range(2))
    at_us, now_us = START - 3 * 24 * HOUR_US, START + 9 * HOUR_US
    while at_us < now_us:
        miners, leaders = chance.choice([6, 7, 8]), chance.choice([0, 1, 2, 3])
        kind = chance.choice(["there"] * 5 + ["away", "gone", "bad"])
        until_us = at_us + round(chance.choice([0.1, 0.5, 2, 5, 14]) * HOUR_US)
        step_us = chance.choice([5, 10]) * MINUTE_US
        for each_us in range(at_us, min(until_us, now_us), step_us):
            for one in (tracker, whole):
                if kind == "bad":
                    one.take(Role.CARDS, each_us, None)
                elif kind != "gone":
                    snapshot(one, each_us, miners, leaders if kind == "there" else 0)
                    one.take(Role.HEADCOUNT, each_us, miners)
            if chance.random() < 0.3:
                tracker.judge(each_us)
        at_us = until_us

    tracker.judge(now_us)
    kept = [shift for shift in tracker.around if shift.ends_us <= now_us and tracker.is_kept(shift)]
    assert tracker.headcounts.rows().at_us.size < whole.headcounts.rows().at_us.size
    for shift in kept:
        told = whole.record(shift, whole.cards.presence(now_us), now_us)
        assert tracker.record(shift, tracker.cards.presence(now_us), now_us) == told
        assert replace(tracker.book.ended[shift], revision=1) == told


def replace_face(tracker: FaceTracker, count_from: Literal["headcount", "cards"]) -> FaceTracker:
    """The same face, counted from there."""
    tracker.face_rule = tracker.face_rule.model_copy(update={"count_from": count_from})
    return tracker


@pytest.mark.parametrize("count_from", ["headcount", "cards"])
def test_usual_days_are_judged_from_memory(count_from: Literal["headcount", "cards"]) -> None:
    """With rows as they should come, no shift of the last day needs the historian, and no row asks for one."""
    tracker = replace_face(by_cards(), count_from)
    for at_us in range(START - 3 * 24 * HOUR_US, START + 8 * HOUR_US + 1, 5 * MINUTE_US):
        snapshot(tracker, at_us, 7)
        tracker.take(Role.HEADCOUNT, at_us, 7)
        tracker.judge(at_us)
        assert tracker.shifts_of(at_us, at_us) == []
        assert tracker.beyond(at_us) == []
    (record,) = [record for shift, record in tracker.book.ended.items() if shift.starts_us == START]
    assert (record.verdict, record.revision) == ("within", 1)
    assert len(tracker.cards.series.rows().at_us) <= (KEPT_US + HOUR_US) // (5 * MINUTE_US)


def test_cards_that_left_are_forgotten() -> None:
    """Whoever is there a day changes all the time; memory holds the cards and lists of the kept time only."""
    tracker = by_cards(reentry_min=0)
    for number, at_us in enumerate(range(START - 4 * 24 * HOUR_US, START, 5 * MINUTE_US)):
        tracker.take(Role.CARDS, at_us, f"one{number};two{number}=矿领导")
        tracker.judge(at_us)
    rows = tracker.cards.series.rows().at_us.size
    assert len(tracker.cards.lists) <= 2 * rows + 65
    assert len(tracker.cards.numbers) <= 4 * rows + 130
    assert [one.card for one in tracker.persons(START)] == [f"one{number}", f"two{number}"]


@pytest.mark.parametrize(
    ("rows", "reentry_min", "expected"),
    [
        pytest.param([(0, 1), (10, 1), (20, 1)], 15, 15 + 30, id="after so much known time, and the dwell"),
        pytest.param([(0, 1), (10, 1), (120, 1), (130, 1)], 15, 125 + 30, id="unknown time does not count"),
        pytest.param([(0, 1), (10, None), (20, 1), (30, 1)], 15, 25 + 30, id="nor what is not good"),
        pytest.param([(0, 1), (10, 1)], 15, None, id="never yet"),
        pytest.param([(0, 1), (10, 1)], 0, 0 + 30, id="at once"),
        pytest.param([], 15, None, id="no rows"),
    ],
)
def test_from_when_on_visits_hang_on_nothing_before(
    rows: list[tuple[int, float | None]], reentry_min: int, expected: int | None
) -> None:
    """In minutes; and the same read backwards, from which row on it takes rows for that."""
    rule = StaffingRule(reentry_min=reentry_min)
    samples = Samples.of_rows((at_min * MINUTE_US, value) for at_min, value in rows)
    settled_us = settled_at(samples, rule)
    assert (settled_us if settled_us is None else round(settled_us / MINUTE_US)) == expected

    last_us = int(samples.at_us[-1]) if rows else 0
    first_us = settled_from(samples, rule, last_us)
    if expected is None:
        assert first_us is None
    else:
        assert first_us is not None
        kept = samples.at_us >= first_us
        again_us = settled_at(Samples(samples.at_us[kept], samples.value[kept]), rule)
        assert again_us is not None
        assert again_us - rule.exempt_dwell_us <= last_us
