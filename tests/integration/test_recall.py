"""Recall against real stores: after a restart the trackers hold the rows that they held, marks and holes too.

The host session makes the records, DuckDB or InfluxDB keeps them, and a new set of trackers gets them back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from contract.vocabulary.roles import Role
from gateway.config import GatewayConfig
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Historian, HistorianUnavailable, Point
from gateway.historian.influx import InfluxHistorian
from gateway.ingest.actions import Record
from gateway.ingest.host_session import HostSession
from gateway.ingest.points import points
from gateway.live import facts, revise
from gateway.live.faces import KEPT_US, FaceTracker
from gateway.live.late import Job
from gateway.live.recall import Recall
from gateway.live.revise import Reviser
from gateway.live.trackers import Trackers
from rules.chambers.rule import Signal, State
from rules.series import Samples, known
from rules.shift_calendar import Shift
from tests.servers import influxd
from tests.stack import until
from tests.wire.peer import DOUBLE, GROUP, STRING, Message, Peer, host, metric

NIGHT = 1_646_064_000_000  # 2022-03-01T00:00:00+08:00
MINUTE = 60_000
HOUR = 60 * MINUTE


def config(**staffing: object) -> GatewayConfig:
    """A face by its point, a face by its cards, a pump room."""
    return GatewayConfig.model_validate(
        {
            "staffing": {"stale_after_s": 120, **staffing},
            "mines": [
                {
                    "code": GROUP,
                    "name": "一矿",
                    "faces": [
                        {"code": "F1", "name": "采煤面", "kind": "mining_face"},
                        {"code": "F2", "name": "掘进面", "kind": "driving_face", "count_from": "cards"},
                    ],
                    "chambers": [{"code": "C1", "name": "水泵房", "kind": "drainage_pump_room"}],
                }
            ],
        }
    )


class Centre:
    """Session, trackers and a real store."""

    def __init__(self, historian: Historian, settings: GatewayConfig) -> None:
        self.historian, self.config = historian, settings
        self.session: HostSession = host()
        self.trackers = Trackers.of(settings)
        self.facts: list[Point] = []
        self.waiting: list[Point] = []
        self.records: list[Record] = []

    def hear(self, message: Message, now_ms: int) -> None:
        """A message from a gateway: its records to the judgement and, before long, to the store."""
        for action in self.session.message(*message, now_ms):
            if isinstance(action, Record):
                self.waiting += self.trackers.take(action, now_ms * 1000)
                self.waiting += points(action.samples, by_host=action.by_host)
                self.records.append(action)

    def judge(self, now_ms: int) -> None:
        """Judge everything; the facts go to the store."""
        for area in list(self.trackers.areas()):
            self.waiting += self.trackers.judge(area, now_ms * 1000)

    def put(self, fact: Point) -> None:
        """A fact for the store."""
        self.waiting.append(fact)

    async def flush(self) -> None:
        """Have the store take what waits."""
        await self.historian.write(self.waiting)
        for record in self.records:
            self.trackers.late.stored(record)
        self.waiting, self.records = [], []

    async def restarted(self, now_ms: int) -> Centre:
        """A new process over the same store."""
        await self.flush()
        other = Centre(self.historian, self.config)
        other.trackers = Trackers.of(self.config, is_recalled=False)
        await Recall(other.trackers, self.historian, other.facts.append).all(now_ms)
        return other

    async def revise(self, now_ms: int) -> list[Job]:
        """Do what is to be judged from the store."""
        await self.flush()
        reviser, jobs = Reviser(self.trackers, self.historian, self.put, lambda: now_ms), []
        while (job := self.trackers.late.take(now_ms * 1000 + HOUR * 1000)) is not None:
            jobs.append(job)
            await reviser.revise(job)
            await self.flush()
        return jobs

    def face(self, code: str) -> FaceTracker:
        """A face's tracker."""
        return self.trackers.mines[GROUP].faces[code]


@pytest.fixture(params=["embedded", "influx"])
async def historian(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Historian]:
    """Both stores, real ones."""
    if request.param == "embedded":
        async with EmbeddedHistorian(tmp_path / "historian.duckdb") as opened:
            yield opened
    else:
        with influxd(tmp_path) as url:
            async with InfluxHistorian(url, database="mine") as connected:
                yield connected


HEADCOUNT = 1


def born(value: float, at: int) -> Payload.Metric:
    """A headcount as a birth declares it."""
    return metric("Personnel/Headcount", alias=HEADCOUNT, at=at, datatype=DOUBLE, double_value=value)


def counted(value: float | None, at: int, *, historical: bool = False) -> Payload.Metric:
    """A later one; `None` is not good."""
    found = metric(alias=HEADCOUNT, at=at, is_historical=historical)
    if value is None:
        found.is_null = True
    else:
        found.double_value = value
    return found


def told(samples: Samples) -> list[tuple[int, int | None]]:
    """Rows in milliseconds."""
    pairs = zip(samples.at_us.tolist(), samples.value.tolist(), strict=True)
    return [(at // 1000, None if value != value else int(value)) for at, value in pairs]  # noqa: PLR0124


def gaps(face: FaceTracker, from_ms: int, to_ms: int) -> int:
    """For how many milliseconds of a time the headcount is unknown."""
    stretches = known(face.headcounts.samples(), stale_after_us=120_000_000, now_us=to_ms * 1000)
    return to_ms - from_ms - stretches.clipped(from_ms * 1000, to_ms * 1000).known_us() // 1000


@pytest.mark.parametrize("is_filled", [True, False])
async def test_what_an_outage_leaves_unknown_is_the_same_after_a_restart(
    historian: Historian, *, is_filled: bool
) -> None:
    """Readings that come after all leave no hole at the mark of the death; without them the hole stays."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    died, back = NIGHT + 10 * MINUTE + 7_000, NIGHT + 12 * MINUTE + 31_000
    for at in range(NIGHT + MINUTE, NIGHT + 11 * MINUTE, MINUTE):
        centre.hear(peer.ddata(counted(7.0, at), at=at), at)
    centre.hear(peer.ndeath(), died)
    centre.judge(died + 1000)
    assert centre.face("F1").now.state == "unknown"
    assert centre.face("F1").now.since_us == died * 1000

    centre.hear(peer.nbirth(at=back), back)
    centre.hear(peer.dbirth(born(8.0, back), at=back), back)
    if is_filled:
        for at in range(died - 7_000 + MINUTE, back, MINUTE):
            centre.hear(peer.ddata(counted(7.0, at, historical=True), at=back), back)
    now = back + 30_000
    centre.hear(peer.ddata(counted(8.0, now), at=now), now)
    centre.judge(now)
    assert centre.face("F1").now.headcount == 8
    assert gaps(centre.face("F1"), NIGHT, now) == (0 if is_filled else back - died)
    await centre.flush()
    series = await historian.read(
        centre.session.nodes[next(iter(centre.session.nodes))].devices["F1"].metrics["Personnel/Headcount"].target.series,
        ("headcount_q", "headcount_host_q"), NIGHT, now + 1,
    )  # fmt: skip
    marks = {row.at_ms: row.fields for row in series if row.fields.get("headcount_host_q")}
    assert marks == {died: {"headcount_host_q": float(Quality.STALE)}}

    other = await centre.restarted(now)
    other.judge(now)
    assert told(other.face("F1").headcounts.samples()) == told(centre.face("F1").headcounts.samples())
    assert other.face("F1").now == centre.face("F1").now


async def test_rows_of_the_mark_s_own_instant_and_bad_ones_come_back(historian: Historian) -> None:
    """The mark has a field of its own: a reading of that very millisecond holds, whichever came first."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    died = NIGHT + 50_000
    centre.hear(peer.ddata(counted(None, NIGHT + 20_000), at=NIGHT), NIGHT + 20_000)
    centre.hear(peer.ddata(counted(7.0, NIGHT + 40_000), at=NIGHT), NIGHT + 40_000)
    centre.hear(peer.ndeath(), died)
    centre.hear(peer.nbirth(at=died + 300_000), died + 300_000)
    centre.hear(peer.dbirth(born(6.0, died + 300_000), at=died + 300_000), died + 300_000)
    centre.hear(peer.ddata(counted(9.0, died, historical=True), at=died + 300_000), died + 300_000)

    expected = [
        (NIGHT, 7), (NIGHT + 20_000, None), (NIGHT + 40_000, 7), (died, 9), (died + 300_000, 6),
    ]  # fmt: skip
    assert told(centre.face("F1").headcounts.samples()) == expected
    other = await centre.restarted(died + 300_001)
    assert told(other.face("F1").headcounts.samples()) == expected


async def test_cards_come_back(historian: Historian) -> None:
    """Lists as text, nobody as the empty text, and what is no list as unknown."""
    centre, peer = Centre(historian, config(exempt_posts=["矿领导"])), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    texts = ["m1=掘进工;l1=矿领导", "m1=掘进工;l1=矿领导;m2", "", "no;=list", "m2"]
    first = metric("Personnel/Cards", alias=2, at=NIGHT, datatype=STRING, string_value=texts[0])
    centre.hear(peer.dbirth(first, device="F2", at=NIGHT), NIGHT)
    for number, text in enumerate(texts[1:], start=1):
        at = NIGHT + number * MINUTE
        centre.hear(peer.ddata(metric(alias=2, at=at, string_value=text), device="F2", at=at), at)
    now = NIGHT + 5 * MINUTE

    other = await centre.restarted(now)
    for each in (centre, other):
        each.judge(now)
        face = each.face("F2")
        assert [
            rows and len(face.cards.lists[int(rows)]) // 4 for rows in face.cards.series.samples().value[:3]
        ] == [0, 3, 0]
        assert [(one.card, one.post) for one in face.persons(now * 1000)] == [("m2", "")]
    assert other.face("F2").now == centre.face("F2").now
    assert other.face("F2").running == centre.face("F2").running


async def test_a_chamber_comes_back_with_its_days_and_its_last_visit(historian: Historian) -> None:
    """A patrol of three days ago is known, though no row of that day is kept."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    names = {
        "Personnel/Headcount": (DOUBLE, "double_value", 0.0), "Control/Mode": (STRING, "string_value", "auto"),
        "Video/Online": (DOUBLE, "double_value", 1.0), "Protection/Healthy": (DOUBLE, "double_value", 1.0),
        "Link/Healthy": (DOUBLE, "double_value", 1.0),
    }  # fmt: skip
    births = [
        metric(name, alias=alias, at=NIGHT, datatype=kind, **{field: value})
        for alias, (name, (kind, field, value)) in enumerate(names.items(), start=1)
    ]
    centre.hear(peer.dbirth(*births, device="C1", at=NIGHT), NIGHT)
    end = NIGHT + 3 * 24 * HOUR + HOUR
    for at in range(NIGHT + 5 * MINUTE, end, 5 * MINUTE):
        people = 2.0 if HOUR <= at - NIGHT < HOUR + 10 * MINUTE else 0.0
        rows = [metric(alias=1, at=at, double_value=people), metric(alias=2, at=at, string_value="auto")]
        rows += [metric(alias=alias, at=at, double_value=1.0) for alias in (3, 4, 5)]
        centre.hear(peer.ddata(*rows, device="C1", at=at), at)
        if at % HOUR == 0:
            centre.judge(at)
    centre.judge(end)

    other = await centre.restarted(end)
    other.judge(end)
    room, again = (each.trackers.mines[GROUP].chambers["C1"] for each in (centre, other))
    assert room.now.state is State.CENTRAL_CONTROL
    assert room.now.last_visit_us == (NIGHT + HOUR + 10 * MINUTE) * 1000
    assert again.now == room.now
    assert again.book == room.book
    assert again.signals[Signal.OCCUPANCY].rows().at_us[0] == (end - 25 * HOUR) * 1000
    assert other.trackers.told == centre.trackers.told
    assert other.facts == []


async def test_late_work_is_not_forgotten_by_a_restart(historian: Historian) -> None:
    """Rows of two days ago came and were stored; the centre ended before it could judge their shift."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    outage = range(NIGHT + 8 * HOUR + MINUTE, NIGHT + 16 * HOUR, MINUTE)
    end = NIGHT + 3 * 24 * HOUR
    for at in range(NIGHT + MINUTE, end, MINUTE):
        if at not in outage:
            centre.hear(peer.ddata(counted(7.0, at), at=at), at)
        if (at - NIGHT) % HOUR == 5 * MINUTE:
            centre.judge(at)
    for at in outage:
        centre.hear(peer.ddata(counted(10.0, at, historical=True), at=end), end)
    centre.judge(end)
    assert centre.trackers.late.size == 3  # the shift, and those that its first and last rows may touch

    other = await centre.restarted(end)
    assert other.trackers.late.size == 3
    other.judge(end)
    jobs = await other.revise(end)
    assert [job.at_us // 1000 - NIGHT for job in jobs] == [0, 8 * HOUR, 16 * HOUR]
    assert all(not other.face("F1").is_kept(shift) for shift in shifts_of(other, jobs))
    series = facts.shift_series(GROUP, "F1", "八点班")
    rows = await historian.read(
        series,
        ("verdict_text", "headcount_max", "revision", "coverage"),
        NIGHT,
        NIGHT + 10 * HOUR,
    )
    assert [row.fields for row in rows] == [
        {"verdict_text": "exceeded", "headcount_max": 10.0, "revision": 2.0, "coverage": 1.0}
    ]
    third = await other.restarted(end)
    assert third.trackers.late.size == 0


def shifts_of(centre: Centre, jobs: list[Job]) -> list[Shift]:
    """The shifts of face F1 that are to be judged."""
    return [shift for job in jobs for shift in centre.face("F1").calendar.shifts_at("F1", job.at_us)]


async def test_nothing_is_recorded_before_the_past_is_known(historian: Historian) -> None:
    """A centre that starts a minute before a shift ends has not seen it; what it shows meanwhile it does not record."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    for at in range(NIGHT + MINUTE, NIGHT + 8 * HOUR, MINUTE):
        centre.hear(peer.ddata(counted(7.0, at), at=at), at)
    end = NIGHT + 8 * HOUR
    await centre.flush()
    other = Centre(historian, centre.config)
    other.trackers = Trackers.of(centre.config, is_recalled=False)
    for at in (end - MINUTE, end):
        other.trackers.mines[GROUP].faces["F1"].take(Role.HEADCOUNT, at * 1000, 7.0)
    other.judge(end)
    assert other.face("F1").now.headcount == 7
    assert other.face("F1").book.ended == {}

    await Recall(other.trackers, historian, other.facts.append).all(end)
    other.judge(end)
    (record,) = other.face("F1").book.ended.values()
    assert (record.coverage, record.revision) == (1.0, 1)


async def test_old_rows_that_come_before_the_past_is_known_ask_for_their_shift(
    historian: Historian,
) -> None:
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    end = NIGHT + 3 * 24 * HOUR
    for at in range(end - KEPT_US // 1000 - HOUR, end, MINUTE):
        centre.hear(peer.ddata(counted(7.0, at), at=at), at)
    await centre.flush()
    other = Centre(historian, centre.config)
    other.trackers = Trackers.of(centre.config, is_recalled=False)
    other.session = centre.session
    other.hear(peer.ddata(counted(8.0, NIGHT + 9 * HOUR, historical=True), at=end), end)
    assert other.trackers.late.size == 0

    await Recall(other.trackers, historian, other.facts.append).all(end)
    asked = [at_us for jobs in other.trackers.late.waiting.values() for at_us in jobs]
    assert (NIGHT + 8 * HOUR) * 1000 in asked
    assert len(other.facts) == len(asked)


async def test_a_store_that_does_not_answer_is_asked_again(historian: Historian, tmp_path: Path) -> None:
    """What was recalled before stays so."""
    centre, peer = Centre(historian, config()), Peer()
    centre.hear(peer.nbirth(at=NIGHT), NIGHT)
    centre.hear(peer.dbirth(born(7.0, NIGHT), at=NIGHT), NIGHT)
    await centre.flush()
    closed = EmbeddedHistorian(tmp_path / "other.duckdb")
    async with closed:
        pass
    trackers = Trackers.of(centre.config, is_recalled=False)
    with pytest.raises(HistorianUnavailable):
        await Recall(trackers, closed, print).all(NIGHT)
    assert not any(face.is_recalled for face in trackers.mines[GROUP].faces.values())
    rows = await Recall(trackers, historian, print).all(NIGHT + 1000)
    assert rows == 1
    assert all(face.is_recalled for face in trackers.mines[GROUP].faces.values())


async def test_the_reviser_waits_for_a_store_that_does_not_answer(
    historian: Historian,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No job is lost by that."""
    monkeypatch.setattr(revise, "RETRY_S", 0.01)
    monkeypatch.setattr(revise, "IDLE_S", 0.01)
    centre = Centre(historian, config())
    closed = EmbeddedHistorian(tmp_path / "other.duckdb")
    async with closed:
        pass
    now = NIGHT + 3 * 24 * HOUR
    centre.judge(now)
    centre.trackers.late.ask((GROUP, "F1"), NIGHT * 1000, 0, 0)
    done: list[Point] = []
    began_s = time.monotonic()
    reviser = Reviser(
        centre.trackers, closed, done.append, lambda: now + round((time.monotonic() - began_s) * 100_000)
    )
    running = asyncio.create_task(reviser.run())
    await until(lambda: "cannot be judged yet" in caplog.text)
    assert done == []
    reviser.historian = historian
    await until(lambda: done)
    running.cancel()
    assert [(point.at_ms, point.fields) for point in done] == [(NIGHT, {"due": 0.0})]
