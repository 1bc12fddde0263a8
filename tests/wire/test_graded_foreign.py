"""Edge nodes of others over a real mosquitto, tapped and graded: their known deviations, each of them and no other.

Each was read in the library's source and against the clause's text:
PyPI pysparkplug 0.6.1: will at QoS 0; no `Node Control/Rebirth`; the farewell carries the *next* bdSeq; a new process
begins at bdSeq 0 again; datatypes in data.
npm sparkplug-client 3.2.4: will at QoS 0; bdSeq is 0 for ever, as UInt64, and has no time in births; NCMD subscribed at
QoS 0; datatypes in data.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract.grading.capture import Capture, Event, Published, Sight
from contract.grading.report import Report
from tests.fakes import FakeHistorian
from tests.graded import graded, passed
from tests.grading_scene import violated
from tests.servers import mosquitto
from tests.stack import Centre, now_ms, until
from tests.wire.foreign import npm, pypi
from tests.wire_tap import Tap

GROUP, NODE = "990000000001", "other"
WILL_AT_QOS_0 = {
    "message-flow-edge-node-birth-publish-will-message-qos",
    "payloads-ndeath-will-message-qos",
}
SAME_BD_SEQ = {
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "topics-nbirth-bdseq-increment",
}
NO_REBIRTH = {
    "operational-behavior-data-commands-rebirth-datatype",
    "operational-behavior-data-commands-rebirth-name",
    "operational-behavior-data-commands-rebirth-value",
    "payloads-nbirth-rebirth-req",
    "topics-nbirth-rebirth-metric",
}
TYPES_IN_DATA = {"payloads-metric-datatype-not-req"}
PYSPARKPLUG = WILL_AT_QOS_0 | SAME_BD_SEQ | NO_REBIRTH | TYPES_IN_DATA | {"payloads-ndeath-bdseq"}
SPARKPLUG_CLIENT = (
    WILL_AT_QOS_0
    | SAME_BD_SEQ
    | TYPES_IN_DATA
    | {
        "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
        "message-flow-edge-node-ncmd-subscribe",
        "payloads-name-birth-data-requirement",
    }
)
OF_CONNECTIONS = WILL_AT_QOS_0 | {
    "message-flow-edge-node-birth-publish-will-message-payload-bdSeq",
    "message-flow-edge-node-ncmd-subscribe",
}
"""What a subscriber does not see."""
HELD = {
    "payloads-sequence-num-incrementing",
    "payloads-dbirth-order",
    "payloads-ddata-order",
    "topics-nbirth-seq-num",
    "topics-dbirth-metric-reqs",
    "operational-behavior-edge-node-intentional-disconnect-ndeath",
    "principles-persistence-clean-session-311",
}
"""What both do right."""


@dataclass
class Stage:
    """A broker behind two taps that write one capture: cutting the edge node's leaves the host's alone."""

    centre: Centre
    edge: Tap

    def count(self, kind: str) -> int:
        """How many messages of a type there are."""
        return sum(isinstance(event, Published) and f"/{kind}/" in event.topic for event in self.edge.events)

    async def report(self, known: set[str]) -> Report:
        """The report once the edge node has gone."""
        await self.edge.left()
        return graded(self.edge.capture, allowed=known)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Ready for an edge node."""
    events: list[Event] = []
    with mosquitto(tmp_path) as port:
        host, edge = Tap(port, events=events), Tap(port, events=events)
        host.wills = edge.wills
        async with (
            host.running(),
            edge.running(),
            Centre(host.port, "5", FakeHistorian()).running() as centre,
        ):
            await until(centre.collector.subscribed.is_set)
            yield Stage(centre, edge)


def overheard(capture: Capture) -> Capture:
    """The same as a subscriber sees it."""
    published = [replace(event, client=None) for event in capture.events if isinstance(event, Published)]
    return Capture(Sight.QOS | Sight.RETAIN, published)


async def test_pysparkplug(stage: Stage) -> None:
    """A start and a kill, a start and an orderly end."""
    with pypi("edge.py", str(stage.edge.port), GROUP, NODE) as edge:
        await until(lambda: stage.count("DBIRTH") == 1)  # it sends data before births where it is told to
        for number in range(2, 8):
            edge.tell({"set": {"Pump 1/Flow": float(number)}})
        await until(lambda: stage.count("DDATA") == 6)
        edge.process.kill()
        await until(lambda: stage.count("NDEATH") == 1)
    with pypi("edge.py", str(stage.edge.port), GROUP, NODE) as edge:
        await until(lambda: stage.count("DBIRTH") == 2)
        edge.tell({"set": {"Pump 1/Flow": 9.0}})
        edge.tell({"leave": True})
        edge.tell({"stop": True})

    report = await stage.report(PYSPARKPLUG)
    assert violated(report) == PYSPARKPLUG
    assert passed(report) >= HELD | {"topics-ddeath-seq-num"}
    assert (
        violated(graded(overheard(stage.edge.capture), allowed=PYSPARKPLUG)) == PYSPARKPLUG - OF_CONNECTIONS
    )


def flow(value: float) -> dict[str, object]:
    """The device's metric."""
    return {"name": "Pump 1/Flow", "type": "Double", "value": value, "timestamp": now_ms()}


async def test_sparkplug_client(stage: Stage) -> None:
    """Births, data past the wrap of `seq`, a cut link, births again, an orderly end."""
    rebirth = {"name": "Node Control/Rebirth", "type": "Boolean", "value": False, "timestamp": now_ms()}
    with npm("edge.cjs", str(stage.edge.port), GROUP, NODE) as edge:
        edge.tell({"birth": [rebirth], "device": [flow(1.0)]})
        await until(lambda: stage.count("DBIRTH"))
        for number in range(2, 300):
            edge.tell({"data": [flow(float(number))]})
        await until(lambda: stage.count("DDATA") == 298)
        stage.edge.cut()
        await until(lambda: stage.count("NDEATH"))
        await until(lambda: stage.count("DBIRTH") == 2)
        edge.tell({"data": [flow(0.5)]})
        await until(lambda: stage.count("DDATA") == 299)
        edge.tell({"stop": True})
        await until(lambda: stage.count("NDEATH") == 2)

    known = SPARKPLUG_CLIENT
    report = await stage.report(known)
    assert violated(report) == known
    assert passed(report) >= HELD
    assert violated(graded(overheard(stage.edge.capture), allowed=known)) == known - OF_CONNECTIONS
