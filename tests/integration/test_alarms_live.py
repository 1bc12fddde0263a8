"""The whole centre over a real mosquitto: a value becomes an alarm, people act on it, a restart forgets nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from gateway.access.loopback import OpenAccess
from gateway.access.person import DEMO
from gateway.app import Gateway, bound
from gateway.config import GatewayConfig, Http
from gateway.registry.desk import FixedSource, PlanDesk
from rules.alarms.alarm import Change
from rules.plan.register import Register
from tests.fakes import FakeHistorian
from tests.graded import GradedBroker, graded_broker
from tests.message_servers import Webhook, webhook
from tests.readings import point, reading
from tests.servers import free_port
from tests.stack import MINE, FedAgent, edge_agent, edge_settings, now_ms, until

GAS, HEADCOUNT = point("Gas 1/Methane"), point("Personnel/Headcount")
SPARE = tuple(point(f"Pump {number}/Vibration", "C1") for number in range(1, 41))
POINTS = (GAS, HEADCOUNT, *SPARE)
NO_PLAN = PlanDesk(FixedSource(Register(), demo=False))
OWN_RULES = """
[[limit]]
metric = "Pump/Vibration"
alarm = 4.5
"""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[GradedBroker]:
    """A mosquitto; the whole run is graded."""
    async with graded_broker(tmp_path) as graded:
        yield graded


class Centre:
    """A running centre and a client of it."""

    def __init__(self, gateway: Gateway, http: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.http = http

    async def alarms(self) -> dict[str, dict[str, Any]]:
        """The open alarms by code."""
        listed = (await self.http.get("/alarms")).json()
        return {alarm["code"]: alarm for alarm in listed["alarms"]}

    async def has(self, code: str, **fields: object) -> bool:
        """Whether an alarm is open and as wanted."""
        alarm = (await self.alarms()).get(code)
        return alarm is not None and all(alarm[name] == value for name, value in fields.items())

    async def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """What somebody does."""
        return await self.http.post(f"/alarms{path}", json=body)


def settings(folder: Path, broker: GradedBroker, hook: Webhook | None) -> GatewayConfig:
    """One mine with a face and a chamber."""
    rules = folder / "own.toml"
    rules.write_text(OWN_RULES, encoding="utf-8")
    routes = [{"name": "调度室", "urls": [f"json://127.0.0.1:{hook.port}/"]}] if hook else []
    return GatewayConfig.model_validate(
        {
            "mqtt": {"port": broker.port, "retry_s": 0.1},
            "http": {"port": free_port()},
            "session": {"reorder_ms": 300, "rebirth_pause_ms": 300},
            "staffing": {"sustain_s": 1},
            "alarms": {"journal": folder / "alarms.sqlite", "rules": rules, "flood_alarms": 5},
            "notify": {"routes": routes, "retry_s": 0.1},
            "mines": [
                {
                    "code": MINE,
                    "name": "示例一矿",
                    "calendar": [
                        {
                            "effective_on": date(2020, 1, 1),
                            "shifts": [
                                {"name": "班", "start": "00:00", "minutes": 2880, "kind": "production"}
                            ],
                        }
                    ],
                    "faces": [{"code": "F1", "name": "采煤面", "kind": "mining_face"}],
                    "chambers": [{"code": "C1", "name": "水泵房", "kind": "drainage_pump_room"}],
                }
            ],
        }
    )


@asynccontextmanager
async def centre(
    folder: Path, broker: GradedBroker, store: FakeHistorian, hook: Webhook | None = None
) -> AsyncIterator[Centre]:
    """Running until the block ends."""
    config = settings(folder, broker, hook)
    with bound(Http(port=config.http.port)) as listener:
        gateway = Gateway(config, store, NO_PLAN, listener, access=OpenAccess(), now_ms=now_ms)
        task = asyncio.create_task(gateway.run())
        base = f"http://127.0.0.1:{config.http.port}/api/v1/mines/{MINE}"
        async with httpx.AsyncClient(base_url=base, timeout=20, trust_env=False) as http:
            try:
                await until(gateway.collector.subscribed.is_set)
                yield Centre(gateway, http)
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def say(agent: FedAgent, *readings: Reading) -> None:
    """Readings of now."""
    agent.emit(list(readings))


def gas(value: float | None, quality: Quality = Quality.GOOD) -> Reading:
    """The methane of now."""
    return reading(GAS, value, now_ms(), quality)


async def test_from_a_reading_to_a_message_and_back(tmp_path: Path, broker: GradedBroker) -> None:
    """Raised, told, acknowledged, cleared; in the list, the history, the store, the message log and on screens."""
    store = FakeHistorian()
    with webhook() as hook:
        async with (
            centre(tmp_path, broker, store, hook) as one,
            edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent,
        ):
            await until(lambda: agent.uplink.health.connected)
            say(agent, gas(0.4))
            await until(lambda: one.gateway.session.nodes)
            began = now_ms()
            say(agent, gas(1.62))
            await until(lambda: one.has("high", state="unacknowledged"))
            assert now_ms() - began < 2_000
            alarm = (await one.alarms())["high"]
            assert (alarm["value"], alarm["limit"], alarm["unit"], alarm["priority"]) == (
                1.62,
                1.5,
                "%",
                "critical",
            )
            assert (alarm["zh"], alarm["area_name"]) == ("上隅角甲烷 达到上限断电值", "采煤面")
            await until(lambda: hook.bodies)
            assert hook.bodies[0]["title"] == "[紧急] 示例一矿 采煤面 · 报警"
            overview = json.loads(one.gateway.overview(MINE))["alarms"]
            assert (overview["counts"]["critical"], overview["waiting"]) == (1, 1)
            assert overview["shown"][0]["id"] == alarm["id"]

            answer = await one.post(f"/{alarm['id']}/ack", {"note": "已撤人"})
            assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
            say(agent, gas(0.5))
            await until(lambda: one.gateway.alarms.alarms.board.counts[Change.CLEARED])
            assert await one.alarms() == {}
            await one.gateway.alarms.commit()
            changes = [row["change"] for row in (await one.http.get("/alarms/history")).json()]
            assert changes == ["cleared", "acknowledged", "raised"]
            messages = (await one.http.get("/alarms/messages")).json()
            assert [(row["route"], row["sent"], row["alarms"]) for row in messages] == [
                ("调度室", True, [alarm["id"]])
            ]
            await until(lambda: len(facts_of(store)) == 3)
            assert [fact["change_text"] for fact in facts_of(store)] == changes[::-1]
            assert [fact["who_text"] for fact in facts_of(store)] == ["", DEMO.signature, ""]


def facts_of(store: FakeHistorian) -> list[dict[str, Any]]:
    """What the store holds of alarms, in order of time."""
    lines = [(at, fields) for (series, at), fields in store.lines.items() if series.measurement == "alarm"]
    return [fields for _, fields in sorted(lines, key=lambda line: line[0])]


async def test_screens_see_alarms_come_and_go(tmp_path: Path, broker: GradedBroker) -> None:
    """The overview first; then a tick with alarms when one is raised and when one is acknowledged, and only then."""
    async with (
        centre(tmp_path, broker, FakeHistorian()) as one,
        edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent,
        one.http.stream(
            "GET", f"http://127.0.0.1:{one.http.base_url.port}/api/v1/live?mine={MINE}"
        ) as stream,
    ):
        lines = stream.aiter_lines()
        first = await told(lines)
        assert first["alarms"]["shown"] == []
        await until(lambda: agent.uplink.health.connected)
        say(agent, gas(1.2))
        raised = await told(lines, with_alarms=True)
        assert raised["alarms"]["counts"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
        (shown,) = raised["alarms"]["shown"]
        await one.post(f"/{shown['id']}/ack", {})
        seen = await told(lines, with_alarms=True)
        assert (seen["alarms"]["waiting"], seen["alarms"]["shown"][0]["state"]) == (0, "acknowledged")
        assert "alarms" not in await told(lines)


async def told(lines: AsyncIterator[str], *, with_alarms: bool = False) -> dict[str, Any]:
    """What the stream says next, or next of alarms."""
    async with asyncio.timeout(20):
        async for line in lines:
            if line.startswith("data:"):
                said: dict[str, Any] = json.loads(line.removeprefix("data:"))
                if "alarms" in said or not with_alarms:
                    return said
    raise AssertionError("the stream ended")


async def test_what_the_routes_refuse(tmp_path: Path, broker: GradedBroker) -> None:
    """With who in it, without why, too long, for areas and alarms that are not: told in words, nothing changed."""
    async with (
        centre(tmp_path, broker, FakeHistorian()) as one,
        edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent,
    ):
        await until(lambda: agent.uplink.health.connected)
        say(agent, gas(1.2))
        await until(lambda: one.has("high"))
        alarm = (await one.alarms())["high"]["id"]
        window = {"why": "检修", "from": "2022-01-01T08:00:00+08:00", "to": "2022-01-01T09:00:00+08:00"}
        for path, body, status in (
            (f"/{alarm}/ack", {"who": "张三"}, 422),
            (f"/{alarm}/shelve", {"minutes": 5}, 422),
            (f"/{alarm}/shelve", {"why": "x", "minutes": 481}, 422),
            ("/0123456789abcdef/ack", {}, 404),
            ("/maintenance", {**window, "area": "F9"}, 422),
            ("/maintenance", {**window, "to": "2022-01-01T07:00:00+08:00"}, 422),
            ("/maintenance", {**window, "to": "2022-01-01T09:00:00"}, 422),
        ):
            answer = await one.post(path, body)
            assert answer.status_code == status, (path, body, answer.text)
        assert (await one.http.get("/alarms/history?from=soon")).status_code == 422
        assert (
            await one.http.get(f"http://127.0.0.1:{one.http.base_url.port}/api/v1/mines/m9/alarms")
        ).status_code == 404
        assert (await one.alarms())["high"]["state"] == "unacknowledged"


async def test_shelves_maintenance_and_out_of_service(tmp_path: Path, broker: GradedBroker) -> None:
    """Held back, listed as that, and nobody is told; back, it is as new and told."""
    with webhook() as hook:
        async with (
            centre(tmp_path, broker, FakeHistorian(), hook) as one,
            edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent,
        ):
            await until(lambda: agent.uplink.health.connected)
            window = {"why": "换泵", "from": "2022-01-01T08:00:00+08:00"}
            answer = await one.post(
                "/maintenance", {**window, "area": "C1", "to": "2022-01-02T08:00:00+08:00"}
            )
            assert answer.status_code == 201
            say(agent, gas(1.2))
            await until(lambda: hook.bodies)
            alarm = (await one.alarms())["high"]["id"]
            put_aside = await one.post(f"/{alarm}/shelve", {"why": "等备件", "minutes": 30})
            assert (put_aside.json()["state"], put_aside.json()["shelved"]["why"]) == ("shelved", "等备件")
            say(agent, gas(1.7))
            await until(lambda: one.has("high", level=2, state="shelved"))
            back = await one.post(f"/{alarm}/unshelve", {})
            assert back.json()["state"] == "unacknowledged"
            await until(lambda: len(hook.bodies) == 2)
            out = await one.post(f"/{alarm}/out-of-service", {"why": "换传感器"})
            assert out.json()["state"] == "out_of_service"
            say(agent, gas(0.2))
            await until(lambda: one.has("high", level=0, state="out_of_service"))
            assert (await one.post(f"/{alarm}/in-service", {})).json()["state"] == "normal"
            assert len(hook.bodies) == 2


async def test_a_restart_forgets_nothing(tmp_path: Path, broker: GradedBroker) -> None:
    """Open and acknowledged, in doubt until the point is heard of again; then verified, or over."""
    store = FakeHistorian()
    async with edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent:
        await until(lambda: agent.uplink.health.connected)
        async with centre(tmp_path, broker, store) as one:
            say(agent, gas(1.62))
            await until(lambda: one.has("high"))
            await one.post(f"/{(await one.alarms())['high']['id']}/ack", {})
        async with centre(tmp_path, broker, store) as one:
            alarm = (await one.alarms())["high"]
            assert (alarm["state"], alarm["acknowledged"]["who"]) == ("acknowledged", DEMO.signature)
            say(agent, gas(1.3))  # between reset and trip: it goes on as a trip
            await until(lambda: one.has("high", doubt=None, level=2))
            say(agent, gas(0.3))
            await until(lambda: one.gateway.alarms.alarms.board.counts[Change.CLEARED])
            assert await one.alarms() == {}


async def test_a_burst_is_one_alarm_and_back_fill_none(tmp_path: Path, broker: GradedBroker) -> None:
    """Forty pumps at once: one alarm, one message. What was over during an outage raises nothing when it comes."""
    with webhook() as hook:
        async with (
            centre(tmp_path, broker, FakeHistorian(), hook) as one,
            edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent,
        ):
            await until(lambda: agent.uplink.health.connected)
            old = now_ms() - 3_600_000
            say(agent, *(reading(GAS, 3.0, old + second * 1000) for second in range(100)))
            await until(lambda: one.gateway.alarms.alarms.points.counts["late"] >= 100)
            assert await one.alarms() == {}
            say(agent, *(reading(pump, 9.0, now_ms()) for pump in SPARE))
            await until(lambda: one.has("flood", count=40))
            listed = (await one.http.get("/alarms")).json()["alarms"]
            top = [alarm for alarm in listed if alarm["under"] is None]
            assert (len(listed), [alarm["code"] for alarm in top]) == (41, ["flood"])
            flood = top[0]["id"]
            assert (await one.post(f"/{flood}/ack", {})).status_code == 200
            states = {alarm["state"] for alarm in (await one.http.get("/alarms")).json()["alarms"]}
            assert states == {"acknowledged"}
            say(agent, gas(1.2))
            await until(lambda: hook.bodies)
            assert all(body["title"].startswith("[") for body in hook.bodies)


async def test_over_staffing_and_a_lost_gateway(tmp_path: Path, broker: GradedBroker) -> None:
    """Sustained for a second here; the gateway's farewell puts it in doubt and is an alarm after its delay."""
    async with centre(tmp_path, broker, FakeHistorian()) as one:
        async with edge_agent(tmp_path, edge_settings(broker.port, "5"), POINTS) as agent:
            await until(lambda: agent.uplink.health.connected)
            say(agent, reading(HEADCOUNT, 21.0, now_ms()))
            await until(lambda: one.has("staffing", level=2))
            alarm = (await one.alarms())["staffing"]
            assert (alarm["value"], alarm["priority"]) == (21, "critical")
        await until(lambda: one.has("staffing", doubt="stale", level=2))
        assert one.gateway.alarms.alarms.areas.turning  # the link's delay runs
        metrics = one.gateway.metrics().decode()
        assert "ninebelow_gateway_alarms_open 1.0" in metrics
