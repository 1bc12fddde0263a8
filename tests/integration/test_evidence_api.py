"""Evidence and bulletins over HTTP: the demo registry, a real store with what was recorded, all as of a day."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest

from gateway import config
from gateway.access.loopback import OpenAccess
from gateway.api.app import create
from gateway.api.center import Center
from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import Historian, Point, Row, Series
from gateway.live import chamber_facts, facts
from gateway.live.chamber_facts import RecordedDay
from gateway.registry import demo
from gateway.registry.desk import FixedSource, PlanDesk, RegistrySource
from gateway.registry.repository import opened
from gateway.reports import desk as desks
from gateway.reports.desk import WAITING_MAX, Form, ReportDesk
from gateway.reports.inputs import Span
from rules.chambers.presence import Earlier
from rules.chambers.records import DayRecord, days_between
from rules.chambers.rule import Kind, Level, State
from rules.plan.project import Project
from rules.plan.register import Register
from rules.plan.table import Kind as ProjectKind
from rules.shift_calendar import Shift, ShiftCalendar
from rules.staffing import Reason, ShiftRecord, Verdict
from tests.bulletin_scene import AS_OF
from tests.live_centre import MemoryHistorian

MINE = config.Mine(
    code="990000000001",
    name="演示一矿",
    faces=(
        config.Face(code="F14031", name="14031 采煤面", kind="mining_face"),
        config.Face(code="F12090", name="12090 掘进面", kind="driving_face"),
        config.Face(code="F99999", name="未登记掘进面", kind="driving_face"),
    ),
    chambers=(
        config.Chamber(code="C-FAN", name="主通风机房", kind=Kind.MAIN_FAN_HOUSE),
        config.Chamber(code="C-ELSE", name="未登记硐室", kind=Kind.OTHER, declared=Level.UNATTENDED),
    ),
)
CONFIG = config.GatewayConfig(mines=[MINE])
ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = ShiftCalendar(ZONE, MINE.calendars)
A_DAY = timedelta(days=1)
NOW = datetime(2022, 12, 24, 12, tzinfo=ZONE)


class StandIn:
    """What the routes ask of a centre."""

    def today(self) -> date:
        """Fixed."""
        return AS_OF


def record(shift: Shift, verdict: Verdict, reason: Reason | None = None) -> Point:
    """A shift's record as the centre stores it."""
    of = ShiftRecord(
        shift=shift,
        limit=9,
        headcount_max=11 if verdict == "exceeded" else 8,
        headcount_max_handover=12,
        over_limit_us=0,
        first_over_us=shift.starts_us + 3_600_000_000 if verdict == "exceeded" else None,
        distinct_persons=None,
        person_us=0.0,
        statutory_limit=20,
        statutory_over_us=0,
        statutory_first_over_us=None,
        major_hazard=False,
        coverage=1.0,
        coverage_judged=1.0,
        verdict=verdict,
        reason=reason,
        revision=1,
        final=True,
    )
    return facts.shift_record(MINE.code, of, ZONE)


def shifts_of(face: str, days: int, last_on: date = AS_OF) -> list[Shift]:
    """The production shifts of a face's last days."""
    shifts = CALENDAR.shifts(face, last_on - A_DAY * (days - 1), last_on + A_DAY)
    return [shift for shift in shifts if shift.kind == "production"]


def chamber_days(chamber: str, state: State, count: int) -> list[Point]:
    """Days that a chamber spent in one state."""
    points = []
    for day in days_between(AS_OF - A_DAY * (count - 1), AS_OF + A_DAY, ZONE):
        time_us = {**dict.fromkeys(State, 0), state: day.to_us - day.from_us}
        told = DayRecord(chamber, day, time_us, 0, 0, 3, 0, 0)
        points.append(chamber_facts.day(MINE.code, RecordedDay(told, Earlier(), state, day.from_us)))
    return points


def recorded() -> list[Point]:
    """F14031 exceeds in every tenth shift, F12090 is within but for a week without records, C-FAN is attended."""
    first, second = shifts_of("F14031", 60), shifts_of("F12090", 60)
    week = {shift.shift_on for shift in shifts_of("F12090", 7, AS_OF - 10 * A_DAY)}
    return [
        *(
            record(shift, *(("exceeded", "sustained") if place % 10 == 0 else ("within", None)))
            for place, shift in enumerate(first)
        ),
        *(record(shift, "within") for shift in second if shift.shift_on not in week),
        *chamber_days("C-FAN", State.ATTENDED, 20),
        *chamber_days("C-ELSE", State.UNATTENDED, 20),
    ]


@pytest.fixture(scope="module")
def registry_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo registry lies."""
    return tmp_path_factory.mktemp("demo") / "registry.sqlite"


@asynccontextmanager
async def served(plan: PlanDesk, historian: Historian) -> AsyncIterator[httpx.AsyncClient]:
    """The application over a plan and a store."""
    desk = ReportDesk(CONFIG, plan, historian, lambda: round(NOW.timestamp() * 1000))
    app = create(cast("Center", StandIn()), None, access=OpenAccess(), plan=plan, reports=desk)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
        yield http


@pytest.fixture
async def http(registry_file: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Over the demo registry and a store that holds what was recorded."""
    async with opened(registry_file) as registry, EmbeddedHistorian(tmp_path / "h.duckdb") as historian:
        if not (await registry.head()).number:
            await demo.fill(registry)
        await historian.write(recorded())
        async with served(PlanDesk(RegistrySource(registry), registry=registry), historian) as client:
            yield client


def named(faces: Sequence[dict[str, Any]], code: str) -> dict[str, Any]:
    """The face of that code in the demo mine."""
    return next(
        each for each in faces if (each["face"]["mine_code"], each["face"]["face"]) == (MINE.code, code)
    )


async def test_evidence_joins_registry_and_store(http: httpx.AsyncClient) -> None:
    """The registry's acceptance beside the store's verdicts; a hole in the records has no verdict."""
    told = (await http.get("/api/v1/evidence")).json()
    assert (told["demo"], told["as_of"]) == (True, "2022-10-31")
    first, second, third = (named(told["faces"], code) for code in ("F14031", "F12090", "F99999"))
    assert first["face"]["accepted_on"] == "2022-08-31"
    assert first["tally"] == {"within": 81, "exceeded": 9, "no_verdict": 0}
    assert (first["performance"], first["ground"]) == ("not_performing", "exceeded")
    assert second["tally"] == {"within": 76, "exceeded": 0, "no_verdict": 14}
    assert (second["performance"], second["ground"]) == ("unproven", "unknown")
    assert (third["face"]["project"], third["face"]["enterprise"]) == (None, "河南能源化工集团")
    assert (third["performance"], third["why"]["zh"]) == ("unproven", "没有生产班记录")
    doubtful = [(each["mine_code"], each["face"]) for each in told["accepted_in_doubt"]]
    assert doubtful[0] == (MINE.code, "F14031")
    assert (MINE.code, "F12090") in doubtful
    assert (MINE.code, "F99999") not in doubtful


async def test_only_faces_that_the_config_names_are_watched(http: httpx.AsyncClient) -> None:
    """The registry has more of the demo mine, which no gateway sends of."""
    told = (await http.get("/api/v1/evidence")).json()
    ours = [each["face"] for each in told["faces"] if each["face"]["mine"] == MINE.name]
    watched = {face["face"] for face in ours if face["mine_code"] == MINE.code}
    assert watched == {face.code for face in MINE.faces}
    assert len(ours) > len(watched)


async def test_chambers_are_judged_beside_their_declaration(http: httpx.AsyncClient) -> None:
    """Attended every day is not there yet; what is not registered has the config's declaration."""
    told = (await http.get("/api/v1/evidence")).json()
    ours = {each["chamber"]: each for each in told["chambers"] if each["mine"] == "演示一矿"}
    fans, other = ours["C-FAN"], ours["C-ELSE"]
    assert (fans["declared"], fans["observed"], fans["agrees"]) == ("central_control", "not_yet", False)
    assert (other["declared"], other["observed"], other["agrees"]) == ("unattended", "unattended", True)
    assert {each["observed"] for each in told["chambers"] if each["mine"] != "演示一矿"} == {None}


async def test_leagues_as_the_bulletin_has_them(http: httpx.AsyncClient) -> None:
    """The same lines; the mine that is watched has shifts, others none rather than 0."""
    told = (await http.get("/api/v1/plan/leagues?period=quarter")).json()
    printed = (await http.get("/api/v1/plan/bulletin?period=quarter&format=json")).json()
    assert (told["staffing"], told["chambers"]) == (printed["staffing"], printed["chambers"])
    assert (told["demo"], told["period"]["title"], told["period"]["from_on"]) == (
        True,
        "2022年第四季度",
        "2022-10-01",
    )
    by_mine = {line["mine"]: line for line in told["staffing"]["mines"]}
    assert by_mine["演示一矿"]["shifts"]["exceeded"] > 0
    assert by_mine["演示二矿"]["shifts"] is by_mine["演示二矿"]["rank"] is None


async def test_days_of_another_age_are_refused_and_the_first_and_the_last_are_answered(
    http: httpx.AsyncClient,
) -> None:
    """Told by their range, before anything reckons with them."""
    for path in (
        "evidence",
        f"evidence/{MINE.code}/F14031",
        "plan/leagues",
        "plan/bulletin",
        "plan/progress",
    ):
        for day in ("0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"):
            answer = await http.get(f"/api/v1/{path}", params={"as_of": day})
            assert (answer.status_code, "as_of" in answer.text) == (422, True), (path, day)
        for day in ("2000-01-01", "2100-12-31"):
            answer = await http.get(f"/api/v1/{path}", params={"as_of": day})
            assert answer.status_code == 200, (path, day)


async def test_where_config_and_registry_differ(http: httpx.AsyncClient) -> None:
    """What is watched and not registered, and the other way round, by its mine and code."""
    told = (await http.get("/api/v1/registry/check/config")).json()
    assert told["demo"] is True
    found = {(each["area"], each["en"]) for each in told["differences"]}
    assert ("F99999", "a face of the config that is not registered") in found
    assert ("C-ELSE", "a chamber of the config that is not registered") in found
    assert any(what == "a registered face that is not watched" for _, what in found)
    assert {each["mine"] for each in told["differences"]} == {MINE.code}


async def test_a_face_down_to_its_shifts(http: httpx.AsyncClient) -> None:
    """Each with its record, why, and where its headcounts are; the shifts without a record too."""
    told = (await http.get(f"/api/v1/evidence/{MINE.code}/F12090")).json()
    assert len(told["shifts"]) == 90
    blind = [shift for shift in told["shifts"] if shift["record"] is None]
    assert len(blind) == 14
    assert {(shift["verdict"], shift["why"]["zh"][:6]) for shift in blind} == {("no_verdict", "没有班次记录")}
    over = (await http.get(f"/api/v1/evidence/{MINE.code}/F14031")).json()["shifts"]
    exceeded = next(shift for shift in over if shift["verdict"] == "exceeded")
    assert (exceeded["record"]["headcount_max"], exceeded["record"]["reason"]) == (11, "sustained")
    assert "持续人数 11，超过限员 9" in exceeded["why"]["zh"]
    starts = datetime.fromisoformat(exceeded["record"]["starts_at"])
    assert exceeded["trend"] == {
        "mine": MINE.code,
        "area": "F14031",
        "metric": "Personnel/Headcount",
        "from_ms": round(starts.timestamp() * 1000),
        "to_ms": round(starts.timestamp() * 1000) + 8 * 3_600_000,
    }


@pytest.mark.parametrize(
    ("as_of", "tally"),
    [
        # four days are recorded; the last shift of the day is not final at its end
        ("2022-09-05", {"within": 6, "exceeded": 1, "no_verdict": 0}),
        # the centre had stopped long before: silence counts, and is no compliance
        ("2022-12-20", {"within": 0, "exceeded": 0, "no_verdict": 90}),
    ],
)
async def test_evidence_is_as_of_its_day(http: httpx.AsyncClient, as_of: str, tally: dict[str, int]) -> None:
    """Nothing of later days, and everything up to the day."""
    told = (await http.get("/api/v1/evidence", params={"as_of": as_of})).json()
    first = named(told["faces"], "F14031")
    assert (first["tally"], first["performance"]) == (tally, "unproven")


@pytest.mark.parametrize("path", ["m9/F14031", f"{MINE.code}/F1", "演示二矿/F1"])
async def test_what_is_not_watched_is_not_found(http: httpx.AsyncClient, path: str) -> None:
    """404, with the names."""
    answer = await http.get(f"/api/v1/evidence/{path}")
    assert answer.status_code == 404
    assert path.split("/")[1] in answer.text


@pytest.mark.parametrize(
    ("form", "magic"),
    [("json", b"{"), ("pdf", b"%PDF-1.7"), ("docx", b"PK\x03\x04"), ("xlsx", b"PK\x03\x04")],
)
async def test_bulletin_as_a_file(http: httpx.AsyncClient, form: Form, magic: bytes) -> None:
    """Its type, its name and its id; marked as demo data."""
    wanted = {"period": "quarter", "as_of": "2022-10-31", "format": form}
    answer = await http.get("/api/v1/plan/bulletin", params=wanted)
    assert answer.status_code == 200
    assert answer.content.startswith(magic)
    told = (await http.get("/api/v1/plan/bulletin", params=wanted | {"format": "json"})).json()
    assert answer.headers["ETag"] == f'"{told["id"]}-{form}"'
    assert told["demo"]
    if form != "json":
        disposition = answer.headers["Content-Disposition"]
        assert f'filename="bulletin-2022-10-31.{form}"' in disposition
        assert "%E6%BC%94%E7%A4%BA" in disposition


async def test_bulletin_has_the_stores_league(http: httpx.AsyncClient) -> None:
    """October's shifts of the demo mine, chambers observed, balances of the registry's payments."""
    told = (await http.get("/api/v1/plan/bulletin", params={"period": "month"})).json()
    mine = next(line for line in told["staffing"]["mines"] if line["mine"] == "演示一矿")
    assert sum(mine["shifts"].values()) == 2 * 2 * 31 - 2
    assert (mine["faces"], mine["silent_faces"]) == (
        len([f for f in told["evidence"]["faces"] if f["face"]["mine"] == "演示一矿"]),
        mine["faces"] - 2,
    )
    assert told["balances"]["units"]
    progress = (await http.get("/api/v1/plan/progress")).json()
    assert told["progress"]["rows"] == progress["rows"]


@pytest.mark.parametrize("wanted", [{"period": "week"}, {"format": "odt"}, {"as_of": "2022-13-01"}])
async def test_what_cannot_be_asked_for(http: httpx.AsyncClient, wanted: dict[str, str]) -> None:
    """422."""
    assert (await http.get("/api/v1/plan/bulletin", params=wanted)).status_code == 422


async def test_without_a_registry_the_watched_faces_are_there_all_the_same(tmp_path: Path) -> None:
    """Under the config's name, with the unit of the mine's projects; nobody knows of an acceptance."""
    project = Project("甲", "郑煤集团", "演示一矿", ProjectKind.MINING_FACE, 2022)
    plan = PlanDesk(FixedSource(Register(projects=(project,)), demo=False))
    async with EmbeddedHistorian(tmp_path / "h.duckdb") as historian, served(plan, historian) as http:
        await historian.write([record(shift, "within") for shift in shifts_of("F14031", 60)])
        told = (await http.get("/api/v1/evidence")).json()
    first = named(told["faces"], "F14031")
    assert (first["face"]["enterprise"], first["face"]["accepted_on"]) == ("郑煤集团", None)
    assert [each["face"] for each in told["performing_unaccepted"]] == ["F14031"]
    assert len(told["faces"]) == len(MINE.faces)


class Slow:
    """Makes bulletins when it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.threads: list[threading.Thread] = []

    def __call__(self, *_: object) -> bytes:
        """Waits in whatever thread it was put."""
        self.threads.append(threading.current_thread())
        assert self.go.wait(20)
        return b"made"


async def test_bulletins_are_made_beside_the_event_loop_and_not_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other in a thread; beyond the bound whoever asks is told to come back."""
    slow = Slow()
    monkeypatch.setattr(desks, "printed_as", slow)
    plan = PlanDesk(FixedSource(Register(), demo=True))
    async with EmbeddedHistorian(tmp_path / "h.duckdb") as historian, served(plan, historian) as http:
        asked = [asyncio.create_task(http.get("/api/v1/plan/bulletin")) for _ in range(WAITING_MAX + 3)]
        refused, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        assert {task.result().status_code for task in refused} == {503}
        slow.go.set()
        codes = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert codes.count(503) == 3
    assert codes.count(200) == WAITING_MAX
    assert threading.main_thread() not in slow.threads


async def test_a_template_that_is_not_there_is_an_answer(tmp_path: Path) -> None:
    """422 with the file, no crash."""
    plan = PlanDesk(FixedSource(Register(), demo=True))
    reports = CONFIG.reports.model_copy(update={"docx_template": tmp_path / "own.docx"})
    async with EmbeddedHistorian(tmp_path / "h.duckdb") as historian:
        desk = ReportDesk(CONFIG.model_copy(update={"reports": reports}), plan, historian, lambda: 0)
        app = create(cast("Center", StandIn()), None, access=OpenAccess(), plan=plan, reports=desk)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://centre") as http:
            answer = await http.get("/api/v1/plan/bulletin", params={"format": "docx"})
    assert answer.status_code == 422
    assert "own.docx" in answer.text


class Counting(MemoryHistorian):
    """Notes every question."""

    questions = 0

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """Counted, unless it is a part of one that was."""
        self.questions += 1
        return await super().read(series, fields, from_ms, to_ms)

    async def read_many(
        self,
        series: Sequence[Series],
        fields: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        newest_only: bool = False,
    ) -> dict[Series, list[Row]]:
        """One question, of however many series."""
        before = self.questions
        found = await super().read_many(series, fields, from_ms, to_ms, newest_only=newest_only)
        self.questions = before + 1
        return found


async def test_the_store_is_asked_a_few_questions_whatever_there_is_and_not_twice_in_a_moment() -> None:
    """A province has thousands of faces and chambers, and its page asks for evidence and leagues at once."""
    mines = [
        MINE.model_copy(update={"code": f"99{number:010d}", "name": f"演示{number}矿"}) for number in range(9)
    ]
    for some in (mines[:1], mines):
        store = Counting()
        plan = PlanDesk(FixedSource(Register(projects=()), demo=True))
        desk = ReportDesk(
            config.GatewayConfig(mines=some), plan, store, lambda: round(NOW.timestamp() * 1000)
        )
        evidence, leagues = await asyncio.gather(desk.evidence(AS_OF), desk.leagues(Span.MONTH, AS_OF))
        assert len(cast("Sequence[object]", evidence["faces"])) == 3 * len(some)
        assert leagues["staffing"] is not None
        assert store.questions == 3
        await desk.evidence(AS_OF)
        assert store.questions == 3


async def test_a_record_from_before_the_time_asked_about_makes_later_silence_count() -> None:
    """Of one face one record, months ago: no shift since has a verdict. Of another there was never any."""
    store = Counting()
    [old, *_] = shifts_of("F14031", 1, AS_OF - 200 * A_DAY)
    await store.write([record(old, "within")])
    plan = PlanDesk(FixedSource(Register(projects=()), demo=True))
    desk = ReportDesk(CONFIG, plan, store, lambda: round(NOW.timestamp() * 1000))
    told = cast("Sequence[dict[str, Any]]", (await desk.evidence(AS_OF))["faces"])
    looked_at = CONFIG.evidence.shifts
    assert named(told, "F14031")["tally"] == {"within": 0, "exceeded": 0, "no_verdict": looked_at}
    assert sum(named(told, "F12090")["tally"].values()) == 0
