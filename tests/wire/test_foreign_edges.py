"""Edge nodes of others feed our collector through a real mosquitto; what they do otherwise is tolerated.

PyPI pysparkplug 0.6.1: no `Node Control/Rebirth` in its birth and no answer to one, so a centre that comes late waits
for its next start; will and farewell at QoS 0; its farewell carries the *next* bdSeq, which says nothing of the
session that ends: the link stays up until its values go stale; the bdSeq counter is shared in the process.
npm sparkplug-client 3.2.4: bdSeq is 0 for ever, as UInt64; will at QoS 0; NCMD subscribed at QoS 0; no farewell
unless asked for; compressed payloads (an option) are not read here.
Neither numbers batches, so nothing is committed and nothing asked for again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.quality import Quality
from gateway.historian.historian import FieldValue
from gateway.ingest.node import NodeKey
from tests.fakes import FakeHistorian
from tests.servers import mosquitto
from tests.stack import Centre, now_ms, until
from tests.wire.foreign import Program, npm, pypi

GROUP, NODE = "990000000001", "other"
KEY = NodeKey(GROUP, NODE)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    """A centre with its broker."""
    with mosquitto(tmp_path) as port:
        async with Centre(port, "5", FakeHistorian()).running() as running:
            await until(running.collector.subscribed.is_set)
            yield running


def stored(centre: Centre, measurement: str, field: str) -> list[FieldValue]:
    """The values of a field in order of time."""
    assert isinstance(centre.historian, FakeHistorian)
    found = [
        (at_ms, line[field])
        for (series, at_ms), line in centre.historian.lines.items()
        if series.measurement == measurement and field in line
    ]
    return [value for _, value in sorted(found)]


def newest(centre: Centre, metric: str) -> tuple[object, Quality | None]:
    """What the host sees of a metric of the device."""
    state = centre.session.nodes[KEY].devices["F1"].metrics[metric]
    return state.value, state.quality


# PyPI pysparkplug


def pypi_edge(centre: Centre) -> Program:
    """A node that connects at once."""
    return pypi("edge.py", str(centre.port), GROUP, NODE)


async def test_births_and_data_of_pysparkplug_are_stored(centre: Centre) -> None:
    with pypi_edge(centre) as edge:
        await until(lambda: stored(centre, "pump", "flow"))
        assert stored(centre, "personnel", "headcount") == [-1.0]
        assert stored(centre, "control", "mode_text") == ["auto"]
        for number in range(2, 30):
            edge.tell({"set": {"Pump 1/Flow": float(number)}})
        edge.tell({"set": {"Door/Closed": False, "Control/Mode": "local"}})
        await until(lambda: stored(centre, "control", "mode_text") == ["auto", "local"])
        assert stored(centre, "pump", "flow") == [float(number) for number in range(1, 30)]
        assert stored(centre, "door", "closed") == [1.0, 0.0]
        assert centre.session.counts["out_of_order"] == 0
        assert centre.session.counts["rebirth_requests"] == 0
        node = centre.session.nodes[KEY]
        assert (node.online, node.ledger) == (True, None)
        edge.tell({"stop": True})


async def test_ddeath_of_pysparkplug_makes_the_device_stale(centre: Centre) -> None:
    with pypi_edge(centre) as edge:
        await until(lambda: stored(centre, "pump", "flow"))
        edge.tell({"leave": True})
        await until(lambda: newest(centre, "Pump 1/Flow") == (None, Quality.STALE))
        await until(lambda: stored(centre, "pump", "flow_q")[-1:] == [500.0])
        edge.tell({"stop": True})


async def test_farewell_of_pysparkplug_names_another_session_and_is_ignored(centre: Centre) -> None:
    with pypi_edge(centre) as edge:
        await until(lambda: stored(centre, "pump", "flow"))
        edge.tell({"stop": True})
        await until(lambda: centre.session.counts["old_death"])
    assert centre.session.nodes[KEY].online


async def test_will_of_pysparkplug_ends_its_session(centre: Centre) -> None:
    with pypi_edge(centre) as edge:
        await until(lambda: stored(centre, "pump", "flow"))
        edge.process.kill()
        await until(lambda: not centre.session.nodes[KEY].online)
        assert newest(centre, "Pump 1/Flow") == (None, Quality.STALE)
    with pypi_edge(centre) as edge:
        await until(lambda: newest(centre, "Pump 1/Flow") == (1.0, Quality.GOOD))
        edge.tell({"stop": True})


async def test_a_centre_that_comes_late_hears_pysparkplug_at_its_next_start(centre: Centre) -> None:
    late = Centre(centre.port, "5", FakeHistorian())
    with pypi_edge(centre) as edge:
        await until(lambda: stored(centre, "pump", "flow"))
        async with late.running():
            await until(late.collector.subscribed.is_set)
            edge.tell({"set": {"Pump 1/Flow": 2.0}})
            await until(lambda: late.session.counts["rebirth_requests"])
            assert not late.session.nodes[KEY].online
            edge.tell({"stop": True})
            with pypi_edge(centre) as again:
                await until(lambda: stored(late, "pump", "flow"))
                again.tell({"stop": True})


# npm sparkplug-client


def metrics(flow: float) -> list[dict[str, object]]:
    """The device's metrics; a time is only written where it is given."""
    at_ms = now_ms()
    return [
        {"name": "Pump 1/Flow", "type": "Double", "value": flow, "timestamp": at_ms},
        {"name": "Personnel/Headcount", "type": "Int8", "value": 9, "timestamp": at_ms},
    ]


def npm_edge(centre: Centre) -> Program:
    """A node that connects at once and waits to be told its births."""
    return npm("edge.cjs", str(centre.port), GROUP, NODE)


REBIRTH = {"name": "Node Control/Rebirth", "type": "Boolean", "value": False}


async def test_births_and_data_of_sparkplug_client_are_stored(centre: Centre) -> None:
    with npm_edge(centre) as edge:
        edge.tell({"birth": [REBIRTH], "device": metrics(1.0)})
        await until(lambda: stored(centre, "pump", "flow"))
        for number in range(2, 300):  # past the wrap of seq
            edge.tell({"data": [metrics(float(number))[0] | {"timestamp": now_ms() + number}]})
        await until(lambda: len(stored(centre, "pump", "flow")) == 299)
        assert stored(centre, "personnel", "headcount") == [9.0]
        assert centre.session.counts["out_of_order"] == 0
        assert centre.session.nodes[KEY].bd_seq == 0
        edge.tell({"stop": True})
        await until(lambda: not centre.session.nodes[KEY].online)
        assert newest(centre, "Pump 1/Flow") == (None, Quality.STALE)


async def test_sparkplug_client_answers_a_centre_that_comes_late(centre: Centre) -> None:
    late = Centre(centre.port, "3.1.1", FakeHistorian())
    with npm_edge(centre) as edge:
        edge.tell({"birth": [REBIRTH], "device": metrics(1.0)})
        await until(lambda: stored(centre, "pump", "flow"))
        async with late.running():
            await until(late.collector.subscribed.is_set)
            edge.tell({"data": metrics(2.0)})
            await until(lambda: stored(late, "pump", "flow"))
            assert late.session.counts["rebirth_requests"] == 1
            edge.tell({"data": metrics(3.0)})
            await until(lambda: 3.0 in stored(late, "pump", "flow"))
        edge.tell({"stop": True})
