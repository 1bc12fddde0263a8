"""The real centre over a store in memory, with mines in every state and without a broker: what mine pages talk to.

`990000000001` has three days of shifts and two gateways; `…2` is as wrong as it gets; `…3` has areas and no data;
`…4` has nothing at all. The clock begins at NOW, in the middle of a production shift, and runs.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from contract.card_list import text_of
from contract.datatype import DataType
from contract.proto.sparkplug_b_pb2 import Payload
from dashboards.web import ASSETS
from gateway.access.loopback import OpenAccess
from gateway.app import Gateway
from gateway.config import GatewayConfig
from gateway.historian.historian import FieldValue, HistorianUnavailable, Point, Row, Series
from gateway.ingest.mqtt import Collector
from gateway.ingest.router import route
from gateway.live import revisions
from gateway.live.faces import FaceTracker
from gateway.live.shifts import judged
from gateway.registry.desk import FixedSource, PlanDesk
from rules.plan.register import Register
from rules.series import Samples
from tests.live_centre import MemoryHistorian
from tests.wire.peer import BOOLEAN, DOUBLE, INT64, STRING, Message, Peer, metric

NOW: Final = 1_646_114_400_000  # 2022-03-01T14:00:00+08:00
FIRST: Final = date(2022, 2, 26)
TODAY: Final = date(2022, 3, 1)
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
FILLED, WRONG, SILENT, BARE = (f"99000000000{number}" for number in (1, 2, 3, 4))
LONG_NAME: Final = "14031 智能化综采放顶煤工作面（上分层，回风巷侧，原东翼一采区）"


class Store(MemoryHistorian):
    """Refuses to be read while it is told to."""

    refuses = False

    async def read(self, series: Series, fields: Any, from_ms: int, to_ms: int) -> list[Row]:
        """Rows."""
        if self.refuses:
            raise HistorianUnavailable("told to refuse")
        return await super().read(series, fields, from_ms, to_ms)


def areas() -> dict[str, object]:
    """A face by its point, one by its cards, two chambers."""
    return {
        "faces": [
            {"code": "F1", "name": "14031 采煤面", "kind": "mining_face"},
            {"code": "F2", "name": "12090 掘进面", "kind": "driving_face", "count_from": "cards"},
        ],
        "chambers": [
            {"code": "C1", "name": "中央水泵房", "kind": "drainage_pump_room", "declared": "unattended"},
            {"code": "C2", "name": "中央变电所", "kind": "central_substation", "declared": "central_control"},
        ],
    }


def settings(folder: Path) -> GatewayConfig:
    """Four mines."""
    wrong = areas()
    wrong["faces"] = [
        {"code": "F1", "name": LONG_NAME, "kind": "mining_face"},
        {"code": "F2", "name": "12090 掘进面", "kind": "driving_face", "intelligent": False},
    ]
    return GatewayConfig.model_validate(
        {
            "alarms": {"journal": folder / "alarms.sqlite"},
            "plan": {"demo": True},
            "staffing": {"exempt_posts": ["矿领导"]},
            "mines": [
                {"code": FILLED, "name": "演示一矿", **areas()},
                {"code": WRONG, "name": "演示二矿", **wrong},
                {"code": SILENT, "name": "演示三矿", **areas()},
                {"code": BARE, "name": "演示四矿"},
            ],
        }
    )


def rows_of(store: Store, mine: str, area: str, name: str, rows: list[tuple[int, FieldValue]]) -> None:
    """Stored readings of one metric."""
    is_text = bool(rows) and isinstance(rows[0][1], str)
    target = route(mine, "", area, name, DataType.STRING if is_text else DataType.DOUBLE)
    store.put(Point(target.series, at_ms, {target.field: value}) for at_ms, value in rows)


def headcounts(seed: int, *, is_wrong: bool) -> list[tuple[int, FieldValue]]:
    """A headcount every minute up to now; a wrong one exceeds now and then, and has holes."""
    dice = random.Random(seed)  # noqa: S311  (scenery)
    begin = NOW - 75 * HOUR
    rows: list[tuple[int, FieldValue]] = []
    for at in range(begin, NOW, MINUTE):
        hour = (at - begin) // HOUR
        if is_wrong and hour % 11 == 5:
            continue
        count = 26.0 if is_wrong and hour % 17 == 3 else 11.0 if is_wrong and hour % 7 == 4 else 7.0
        rows.append((at, count + dice.choice((-1.0, 0.0, 0.0, 1.0))))
    return rows


def cards(seed: int) -> list[tuple[int, FieldValue]]:
    """Six who stay, a leader who looks in."""
    dice = random.Random(seed)  # noqa: S311  (scenery)
    rows: list[tuple[int, FieldValue]] = []
    for at in range(NOW - 75 * HOUR, NOW, 5 * MINUTE):
        there = {f"c{number:04d}": "掘进工" for number in range(6) if dice.random() < 0.98}
        if at // HOUR % 5 == 0:
            there["c9000"] = "矿领导"
        rows.append((at, text_of(there)))
    return rows


def signals(store: Store, mine: str, chamber: str, *, is_wrong: bool) -> None:
    """A chamber that is alone but for two patrols a shift; a wrong one is run by hand, and blind for a while."""
    span = range(NOW - 75 * HOUR, NOW, 5 * MINUTE)
    hour = [(at, at // HOUR) for at in span if not (is_wrong and at // HOUR % 13 == 2)]
    people: list[tuple[int, FieldValue]] = [
        (at, 2.0 if h % 4 == 1 and at % HOUR < 10 * MINUTE else 5.0 if is_wrong and h % 9 == 0 else 0.0)
        for at, h in hour
    ]
    modes: list[tuple[int, FieldValue]] = [
        (at, "local" if is_wrong and h % 6 == 0 else "auto") for at, h in hour
    ]
    rows_of(store, mine, chamber, "Personnel/Headcount", people)
    rows_of(store, mine, chamber, "Control/Mode", modes)
    for name in ("Video/Online", "Protection/Healthy", "Link/Healthy"):
        rows_of(store, mine, chamber, name, [(at, 1.0) for at, _ in hour])


def recorded(store: Store, mine: str, face: FaceTracker, rows: list[tuple[int, FieldValue]]) -> None:
    """Records of the ended shifts, one of them revised."""
    samples = Samples.of_rows([(at * 1000, float(value)) for at, value in rows])
    for place, shift in enumerate(face.calendar.shifts(face.face.code, FIRST, TODAY)):
        record = judged(shift, face.face_rule, face.rule, samples, None, now_us=shift.ends_us + 7_200_000_000)
        zone = face.calendar.zone
        if place == 1:
            before = replace(record, verdict="no_verdict", reason="coverage", coverage=0.61)
            store.put(revisions.points(mine, before, zone, shift.ends_us))
            record = replace(record, revision=2)
        store.put(revisions.points(mine, record, zone, shift.ends_us + 3_600_000_000))


def fill(store: Store, gateway: Gateway) -> None:
    """Three days of the first two mines."""
    for mine, is_wrong in ((FILLED, False), (WRONG, True)):
        tracker = gateway.trackers.mines[mine].faces["F1"]
        rows = headcounts(1, is_wrong=is_wrong)
        rows_of(store, mine, "F1", "Personnel/Headcount", rows)
        recorded(store, mine, tracker, rows)
        rows_of(store, mine, "F2", "Personnel/Cards", cards(2))
        for chamber in ("C1", "C2"):
            signals(store, mine, chamber, is_wrong=is_wrong)
    methane = [
        (at, 0.3 + 0.1 * ((at // MINUTE) % 60) / 60) for at in range(NOW - 30 * HOUR, NOW, MINUTE // 2)
    ]
    rows_of(store, FILLED, "F1", "Gas 1/Methane", [*methane])
    hole = route(FILLED, "", "F1", "Gas 1/Methane", DataType.DOUBLE)
    store.put([Point(hole.series, NOW - 2 * HOUR, {hole.quality_field: 0.0})])
    store.put([Point(hole.series, NOW - 2 * HOUR + 20 * MINUTE, {hole.quality_field: 192.0})])


def births(now: int, *, is_wrong: bool) -> dict[str, tuple[Payload.Metric, ...]]:
    """What a gateway declares, by area."""

    def number(name: str, alias: int, value: float) -> Payload.Metric:
        return metric(name, alias=alias, at=now, datatype=DOUBLE, double_value=value)

    def chamber(first: int) -> tuple[Payload.Metric, ...]:
        mode = "local" if is_wrong else "auto"
        flags = ("Video/Online", "Protection/Healthy", "Link/Healthy")
        return (
            number("Personnel/Headcount", first, 5.0 if is_wrong else 0.0),
            metric("Control/Mode", alias=first + 1, at=now, datatype=STRING, string_value=mode),
            *(
                metric(name, alias=first + 2 + place, at=now, datatype=BOOLEAN, boolean_value=not is_wrong)
                for place, name in enumerate(flags)
            ),
            number("Pump 1/Flow", first + 8, 186.0),
        )

    at_work = "c0001=掘进工;c0002=掘进工;c9000=矿领导"
    people, methane = (26.0, 1.7) if is_wrong else (8.0, 0.4)
    return {
        "F1": (number("Personnel/Headcount", 1, people), number("Gas 1/Methane", 2, methane)),
        "F2": (metric("Personnel/Cards", alias=3, at=now, datatype=STRING, string_value=at_work),),
        "C1": chamber(20),
        "C2": chamber(40),
    }


def hear(gateway: Gateway, now: int) -> None:
    """The gateways of the first two mines are born; of the second one, one goes and a device is lost."""
    for mine, is_wrong in ((FILLED, False), (WRONG, True)):
        peer = Peer(group=mine)
        numbered = (
            metric("Delivery/Epoch", datatype=STRING, string_value="e1", at=now),
            metric("Delivery/Oldest", datatype=INT64, long_value=1, at=now),
        )
        messages = [peer.nbirth(*numbered, at=now)]
        messages += [
            peer.dbirth(*metrics, device=area, at=now)
            for area, metrics in births(now, is_wrong=is_wrong).items()
        ]
        if is_wrong:
            other = Peer(group=mine, node="gw-2")
            messages += [peer.ddeath("C2", at=now), other.nbirth(at=now), other.ndeath()]
        for message in messages:
            gateway.take(gateway.session.message(*message, now), now)


class NoBroker(Collector):
    """In the place of a broker: the gateways are born once."""

    loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Until cancelled."""
        assert isinstance(self.sink, Gateway)
        self.loop = asyncio.get_running_loop()
        hear(self.sink, self.sink.now_ms())
        self.health.connected = True
        await asyncio.Event().wait()


def say(gateway: Gateway, message: Message) -> None:
    """A message from a gateway to the running centre, from another thread."""
    assert isinstance(gateway.collector, NoBroker)
    assert gateway.collector.loop is not None
    now = gateway.now_ms()
    gateway.collector.loop.call_soon_threadsafe(
        lambda: gateway.take(gateway.session.message(*message, now), now)
    )


@contextmanager
def mine_centre(folder: Path) -> Iterator[tuple[str, Store, Gateway]]:
    """The address of a centre that serves while the block runs, its store, and itself."""
    began, store = time.monotonic(), Store()
    listener = socket.create_server(("127.0.0.1", 0))
    plan = PlanDesk(FixedSource(Register(), demo=True))
    gateway = Gateway(
        settings(folder),
        store,
        plan,
        listener,
        access=OpenAccess(),
        now_ms=lambda: NOW + round((time.monotonic() - began) * 1000),
        assets=ASSETS,
    )
    gateway.collector = NoBroker(gateway.config.mqtt, gateway.session, gateway, gateway.now_ms)
    fill(store, gateway)
    loop = asyncio.new_event_loop()
    task = loop.create_task(gateway.run())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        for kept in list(loop._transports.values()):  # type: ignore[attr-defined]  # the browser keeps some open
            kept.abort()
        loop.run_until_complete(asyncio.sleep(0))

    thread = threading.Thread(target=run, name="mine-centre")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", store, gateway
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.close()
        listener.close()
