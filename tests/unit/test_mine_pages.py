"""What the pages of a mine are told: shifts and why, visitors, trends, gateways; and how the routes refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.quality import Quality
from gateway.access.loopback import OpenAccess
from gateway.api.app import create
from gateway.historian.historian import Bucket, HistorianUnavailable, Point, Row, Series
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.node import MetricState, Node, NodeKey
from gateway.ingest.router import route
from gateway.live import facts, revisions
from gateway.live.views import time_of
from gateway.pages.desk import PageDesk
from gateway.pages.gateways import gateway_view
from gateway.pages.trends import good_shares, lines_of, quoted, spells
from gateway.pages.visits import Visitors
from rules.explained import pieces
from rules.headcount import CardRows, presence
from rules.series import MINUTE_US, Samples, known
from rules.staffing import FaceRule, StaffingRule, evaluate_shift
from tests.live_centre import MINE, LiveCentre, MemoryHistorian
from tests.unit.test_http import StandIn
from tests.unit.test_live_restart import CARDED, COUNTED, HOUR_MS, MINUTE_MS, ROOM, START_MS, config
from tests.wire.peer import born

ZONE = ZoneInfo("Asia/Shanghai")
FACE = FaceRule(kind="mining_face", intelligent=True, hazard="other")
RULE = StaffingRule(stale_after_s=120, handover_min=30)
NOON = START_MS + 12 * HOUR_MS


# What decided a shift


def test_the_pieces_of_a_shift_are_what_is_unknown_too_many_or_lasted() -> None:
    at_nine_us = (START_MS + 9 * HOUR_MS) * 1000
    (shift,) = LiveCentre(config()).face(COUNTED).calendar.shifts_between(COUNTED, at_nine_us, at_nine_us + 1)
    begin = shift.starts_us

    def at(minute: float) -> int:
        return begin + round(minute * MINUTE_US)

    rows = [(at(m), 7.0) for m in range(100)] + [(at(m), 11.0) for m in range(100, 110)]
    rows += [(at(m), 26.0) for m in range(110, 112)] + [(at(m), 7.0) for m in range(130, 481)]
    headcount = known(
        Samples.of_rows(rows), stale_after_us=RULE.stale_after_us, now_us=shift.ends_us
    ).joined()
    record = evaluate_shift(shift, FACE, RULE, headcount=headcount, cards=None, now_us=shift.ends_us)
    found = [
        (
            (piece.from_us - begin) // MINUTE_US,
            (piece.to_us - begin) // MINUTE_US,
            piece.headcount,
            piece.part,
            piece.why,
        )
        for piece in pieces(record, headcount, RULE)
    ]
    assert found == [
        (0, 30, 7, "handover", "sustained_run"),
        (100, 110, 11, "judged", "over_limit"),
        (110, 111, 26, "judged", "over_statutory"),
        (110, 111, 26, "judged", "sustained_run"),
        (111, 130, None, "judged", "unknown"),
        (450, 480, 7, "handover", "sustained_run"),
    ]


# Who was there


def test_visitors_have_their_first_and_last_time_and_whether_they_count() -> None:
    minute = MINUTE_US
    rows = CardRows.of_rows(
        [(at * minute, card, post) for at in range(0, 61, 5) for card, post in there(at)], {"leader"}
    )
    who = presence(rows, reentry_us=15 * minute, stale_after_us=10 * minute, now_us=60 * minute)
    visitors = Visitors(who, ("a", "b", "c"), {"a": "driver", "c": "leader"})
    rule = StaffingRule(dwell_min=10, exempt_dwell_min=30, exempt_posts=("leader",))
    found = visitors.within(0, 60 * minute, rule)
    assert [(one["card"], one["post"], one["minutes"], one["exempt"], one["counted"]) for one in found] == [
        ("a", "driver", 60, False, True),
        ("b", "", 5, False, False),
        ("c", "leader", 20, True, False),
    ]
    assert (found[1]["from"], found[1]["to"]) == ("1970-01-01T00:10:00.000Z", "1970-01-01T00:15:00.000Z")
    assert visitors.within(0, 5 * minute, rule) == [
        found[0] | {"to": "1970-01-01T00:05:00.000Z", "minutes": 5, "counted": False}
    ]


def there(minute: int) -> list[tuple[str, str]]:
    """`a` all the time, `b` for five minutes, `c`, who is exempt, for twenty."""
    found = [("a", "driver")]
    found += [("b", "")] if minute == 10 else []
    return found + ([("c", "leader")] if 30 <= minute < 50 else [])


# Revisions


async def test_every_revision_is_kept_beside_the_newest_record() -> None:
    centre = LiveCentre(config())
    rows = [(START_MS + m * MINUTE_MS, 7.0) for m in range(0, 8 * 60, 10) if not 100 < m < 200]
    centre.take(COUNTED, "Personnel/Headcount", rows, START_MS + 8 * HOUR_MS)
    centre.judge(START_MS + 8 * HOUR_MS + MINUTE_MS)
    late = [(START_MS + m * MINUTE_MS, 7.0) for m in range(100, 210, 10)]
    centre.take(COUNTED, "Personnel/Headcount", late, START_MS + 9 * HOUR_MS)
    centre.judge(START_MS + 9 * HOUR_MS)
    face = centre.face(COUNTED)
    (shift,) = face.calendar.shifts_between(COUNTED, START_MS * 1000, START_MS * 1000 + 1)
    for _ in range(2):
        told = await revisions.of_shift(centre.historian, (MINE, COUNTED), shift, ZONE)
        assert [(record.revision, at_ms) for record, at_ms in told] == [
            (1, START_MS + 8 * HOUR_MS + MINUTE_MS),
            (2, START_MS + 9 * HOUR_MS),
        ]
        assert told[0][0].coverage < told[1][0].coverage
        newest = centre.historian.facts("shift_record")[
            facts.shift_series(MINE, COUNTED, shift.name), START_MS
        ]
        assert newest["revision"] == 2.0
        centre.historian.put(revisions.points(MINE, told[1][0], ZONE, (START_MS + 9 * HOUR_MS) * 1000))


# Trends


@pytest.mark.parametrize(
    ("source", "host", "buckets", "expected"),
    [
        ([], [], [], {}),
        ([(15, False), (25, True)], [], [], {1: 0.5, 2: 0.5}),
        ([(-100, False), (5, True)], [], [], {0: 0.5}),
        ([(95, False)], [], [], {9: 0.5}),
        ([(-100, False), (-50, True)], [], [], {}),
        ([], [(20, False)], [], dict.fromkeys(range(2, 10), 0.0)),
        ([(40, True)], [(20, False)], [], {2: 0.0, 3: 0.0}),
        ([(40, True)], [(20, False)], [30], {2: 0.0}),
        ([(200, False)], [], [], {}),
    ],
)
def test_the_good_share_of_a_bucket_is_the_time_that_no_mark_covers(
    source: list[tuple[int, bool]],
    host: list[tuple[int, bool]],
    buckets: list[int],
    expected: dict[int, float],
) -> None:
    filled = [Bucket(at, 1, 0.0, 0.0, 0.0) for at in buckets]
    assert good_shares(filled, source, host, span=(0, 100, 10)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(-50, 150), st.booleans()), max_size=30), st.integers(1, 40))
def test_good_shares_add_up_to_the_time_that_is_not_marked(marks: list[tuple[int, bool]], width: int) -> None:
    source = sorted(dict(marks).items())
    shares = good_shares([], source, [], span=(0, 100, width))
    bad = sum((1 - share) * min(width, 100 - place * width) for place, share in shares.items())
    state, expected = True, 0
    said = dict(source)
    for at in range(-50, 100):
        state = said.get(at, state)
        expected += at >= 0 and not state
    assert bad == pytest.approx(expected)
    assert all(from_ms < to_ms for from_ms, to_ms in spells(source, 100))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", "auto"),
        ('a"b', '"a""b"'),
        ("a,b", '"a,b"'),
        ("=1+1", "'=1+1"),
        ("@x,y", '"\'@x,y"'),
        ("", ""),
    ],
)
def test_a_text_in_a_file_is_quoted_and_never_run(text: str, expected: str) -> None:
    assert quoted(text) == expected


def test_rows_of_a_file_have_their_quality() -> None:
    target = route(MINE, "", "F1", "Pump 1/Flow", 10)
    metric = MetricState("Pump 1/Flow", 10, target, unit="m³/h")
    rows = [
        Row(START_MS, {"flow": 7.0}),
        Row(START_MS + 1, {"flow_q": 0.0}),
        Row(START_MS + 2, {"flow_host_q": 500.0}),
    ]
    assert lines_of("F1/Pump 1/Flow", metric, rows).splitlines() == [
        "2022-03-01T00:00:00.000+08:00,F1/Pump 1/Flow,7,m³/h,192",
        "2022-03-01T00:00:00.001+08:00,F1/Pump 1/Flow,,m³/h,0",
        "2022-03-01T00:00:00.002+08:00,F1/Pump 1/Flow,,m³/h,500",
    ]


# Gateways


def test_a_gateway_tells_what_is_missing_below_its_newest_batch() -> None:
    session, _ = born()
    (node,) = session.nodes.values()
    node.ledger = BatchLedger("e1", 0)
    for number in (1, 2, 5, 9):
        node.ledger.add(number)
    node.ledger.give_up(3, 3)
    metric = node.devices["F1"].metrics["Control/Mode"]
    metric.quality, metric.value = Quality.STALE, None
    view: Any = gateway_view(node, {"F1": "采煤面"})
    assert view["batches"] == {
        "epoch": "e1", "first": 1, "committed": 3, "highest": 9, "stored": 4, "given_up": 1, "missing": 4,
    }  # fmt: skip
    (device,) = view["devices"]
    assert (device["area_name"], device["points"]) == ("采煤面", 2)
    assert device["quality"] == {"good": 1, "bad": 0, "stale": 1, "never": 0}
    assert gateway_view(Node(NodeKey(MINE, "gw-2")), {})["batches"] is None


# Routes


class Store(MemoryHistorian):
    """Refuses to be read while it is told to."""

    refuses = False

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Rows."""
        if self.refuses:
            raise HistorianUnavailable("told to refuse")
        return await super().read(series, fields, from_ms, to_ms)


class Pages:
    """The routes over trackers and a store in memory; the time is noon."""

    def __init__(self) -> None:
        self.store = Store()
        self.centre = LiveCentre(config(), self.store)
        self.session, _ = born()
        desk = PageDesk.of(self.centre.trackers, self.session.nodes, self.store, lambda: NOON)
        app = create(StandIn(), None, access=OpenAccess(), pages=desk)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=f"http://centre/api/v1/mines/{MINE}"
        )

    async def get(self, path: str, **query: object) -> Any:
        """A good answer."""
        answer = await self.http.get(path, params=query)  # type: ignore[arg-type]  # what a test gives
        assert answer.status_code == 200, answer.text
        return answer.json()


def fed() -> Pages:
    """A night shift and half a day of headcounts, cards and signals."""
    pages = Pages()
    centre = pages.centre
    span = range(START_MS, NOON, 10 * MINUTE_MS)
    centre.take(COUNTED, "Personnel/Headcount", [(at, 7.0) for at in span], NOON)
    centre.take(CARDED, "Personnel/Cards", [(at, "a=driver;b=矿领导") for at in span], NOON)
    for metric, value in (
        ("Personnel/Headcount", 0.0), ("Control/Mode", "auto"), ("Video/Online", True),
        ("Protection/Healthy", True), ("Link/Healthy", True),
    ):  # fmt: skip
        centre.take(ROOM, metric, [(at, value) for at in span], NOON)
    centre.judge(NOON)
    return pages


async def test_every_shift_of_the_days_is_listed_with_its_record_or_without() -> None:
    pages = fed()
    found = await pages.get(f"/faces/{COUNTED}/shifts", days=2)
    assert [
        (one["shift"]["on"], one["shift"]["name"], one["running"], one["record"] and one["record"]["verdict"])
        for one in found["shifts"]
    ] == [
        ("2022-02-28", "零点班", False, None),
        ("2022-02-28", "八点班", False, None),
        ("2022-02-28", "四点班", False, None),
        ("2022-03-01", "零点班", False, "not_judged"),
        ("2022-03-01", "八点班", True, None),
    ]
    record = found["shifts"][3]["record"]
    assert (record["starts_at"], record["headcount_max"]) == ("2022-02-28T16:00:00.000Z", 7)
    assert found["face"]["limit"] == 9


async def test_a_shift_is_judged_from_the_store_with_all_that_it_rests_on() -> None:
    pages = fed()
    found = await pages.get(f"/faces/{COUNTED}/shifts/2022-03-01/零点班")
    assert found["record"] | {"revision": 1} == found["recorded"]
    assert found["headcount"] == [["2022-02-28T16:00:00.000Z", "2022-03-01T00:00:00.000Z", 7]]
    assert [one["record"]["revision"] for one in found["revisions"]] == [1]
    assert found["persons"] is None
    running = await pages.get(f"/faces/{COUNTED}/shifts/2022-03-01/八点班")
    assert running["running"]
    assert running["recorded"] is None
    assert running["until"] == "2022-03-01T04:00:00.000Z"
    assert all(piece["to"] <= running["until"] for piece in running["why"])


async def test_people_of_a_shift_and_of_now() -> None:
    pages = fed()
    found = await pages.get(f"/faces/{CARDED}/shifts/2022-03-01/零点班")
    assert [(one["card"], one["post"], one["counted"]) for one in found["persons"]] == [
        ("a", "driver", True),
        ("b", "矿领导", True),
    ]
    now = await pages.get(f"/faces/{CARDED}/persons")
    assert [one["card"] for one in now["persons"]] == ["a", "b"]
    assert not (await pages.get(f"/faces/{COUNTED}/persons"))["cards"]


async def test_a_chamber_tells_its_states_its_days_and_why() -> None:
    pages = fed()
    found = await pages.get(f"/chambers/{ROOM}")
    assert (found["declared"], found["name"]) == ("unattended", "水泵房")
    timeline = await pages.get(f"/chambers/{ROOM}/timeline", first="2022-02-28", days=2)
    assert [state for _, _, state in timeline["states"]] == [
        "unattended",
        "central_control",
    ]  # the patrol is overdue
    assert [on for on, _, _ in timeline["days"]] == ["2022-02-28", "2022-03-01"]
    day = await pages.get(f"/chambers/{ROOM}/days/2022-03-01")
    assert [passage["obstacles"] for passage in day["passages"]] == [[], ["visit_overdue"]]
    assert day["record"]["revision"] is None


async def test_trends_are_bounded_and_cover_what_was_asked() -> None:
    pages = fed()
    target = pages.session.nodes[NodeKey(MINE, "gw-1")].devices["F1"].metrics["Pump 1/Flow"].target
    pages.store.put(points_of(target.series, range(NOON - HOUR_MS, NOON, MINUTE_MS)))
    names = [point["point"] for point in await pages.get("/points")]
    assert names == ["F1/Pump 1/Flow", "F1/Control/Mode"]
    found = await pages.get("/trends", point="F1/Pump 1/Flow", buckets=4, **span_of(NOON - HOUR_MS, NOON))
    assert found["width_ms"] == 15 * MINUTE_MS
    values = found["trends"]["F1/Pump 1/Flow"]["values"]
    assert [(least, most, mean, count) for _, least, most, mean, count in values] == [
        (n * 15.0, n * 15 + 14.0, n * 15 + 7.0, 15) for n in range(4)
    ]
    text = (
        await pages.http.get(
            "/readings.csv", params={"point": "F1/Pump 1/Flow", **span_of(NOON - HOUR_MS, NOON)}
        )
    ).text
    assert text.startswith("\ufefftime,point,value,unit,quality\r\n")
    assert len(text.splitlines()) == 61


def points_of(series: Series, instants: range) -> list[Point]:
    """Rising values."""
    return [Point(series, at, {"flow": float(place)}) for place, at in enumerate(instants)]


def span_of(from_ms: int, to_ms: int) -> dict[str, str]:
    """As a query."""
    return {"from": iso(from_ms), "to": iso(to_ms)}


def iso(at_ms: int) -> str:
    """An instant."""
    return str(time_of(at_ms))


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/faces/F9/shifts", 404, "没有工作面 F9"),
        (f"/faces/{COUNTED}/shifts?days=0", 422, "greater than"),
        (f"/faces/{COUNTED}/shifts?days=93", 422, "less than"),
        (f"/faces/{COUNTED}/shifts/2022-03-01/九点班", 404, "九点班"),
        (f"/faces/{COUNTED}/shifts/2022-03-02/零点班", 404, "has begun"),
        (f"/faces/{COUNTED}/shifts/yesterday/零点班", 422, "date"),
        ("/faces/F9/persons", 404, "F9"),
        ("/chambers/C9", 404, "没有硐室 C9"),
        (f"/chambers/{ROOM}/timeline?first=2022-03-01&days=32", 422, "less than"),
        ("/trends", 422, "required"),
        ("/trends?point=F1/No", 404, "没有测点 F1/No"),
        ("/trends?point=F1/Control/Mode", 422, "文字测点没有曲线"),
        ("/trends?point=F1/Pump 1/Flow&buckets=2001", 422, "less than"),
        ("/trends?point=F1/Pump 1/Flow&from=2022-03-01T00:00:00Z&to=2022-03-01T00:00:00Z", 422, "须晚于"),
        ("/trends?point=F1/Pump 1/Flow&from=2021-01-01T00:00:00Z", 422, "92"),
        ("/trends?point=F1/Pump 1/Flow&from=2022-03-01T00:00:00", 422, "须带时区"),
        ("/readings.csv?point=F1/No", 404, "F1/No"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_a_reason(path: str, status: int, says: str) -> None:
    answer = await fed().http.get(path)
    assert answer.status_code == status
    assert says in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/faces/{COUNTED}/shifts",
        f"/faces/{COUNTED}/shifts/2022-03-01/零点班",
        f"/chambers/{ROOM}/timeline?first=2022-03-01",
        f"/chambers/{ROOM}/days/2022-03-01",
        "/trends?point=F1/Pump 1/Flow",
        "/readings.csv?point=F1/Pump 1/Flow",
    ],
)
async def test_a_store_that_is_away_is_told(path: str) -> None:
    pages = fed()
    pages.store.refuses = True
    answer = await pages.http.get(path)
    assert answer.status_code == 503
    assert "历史库没有应答" in answer.json()["detail"]


async def test_another_mine_is_not_found() -> None:
    pages = fed()
    for path in ("points", "gateways", "faces/F1/shifts", "trends?point=F1/Pump 1/Flow"):
        assert (await pages.http.get(f"http://centre/api/v1/mines/none/{path}")).status_code == 404
