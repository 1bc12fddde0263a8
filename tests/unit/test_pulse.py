"""What the centre writes of the present again and again: unknown is told as such, and has no figure."""

from __future__ import annotations

import pytest

from gateway.config import GatewayConfig
from gateway.historian.historian import FieldValue, why_refused
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.node import Node, NodeKey
from gateway.live.pulse import pulse
from tests.live_centre import MINE, LiveCentre

NOW_MS = 1_795_600_000_000
MINUTE_MS = 60_000
CONFIG = GatewayConfig.model_validate({
    "mines": [{
        "code": MINE,
        "name": "演示一矿",
        "faces": [{"code": "F1", "name": "一面", "kind": "mining_face", "hazard": "severe"}],
        "chambers": [{"code": "C1", "name": "泵房", "kind": "drainage_pump_room", "declared": "unattended"}],
    }],
})  # fmt: skip
Told = dict[tuple[str, str | None], dict[str, FieldValue]]


def told(centre: LiveCentre, *nodes: Node, now_ms: int = NOW_MS) -> Told:
    """The fields of every point, by measurement and area or gateway."""
    points = pulse(centre.trackers, nodes, {"messages_total": 7.0}, now_ms)
    found: Told = {}
    for point in points:
        assert point.at_ms == now_ms
        assert not any(why_refused(name, value) for name, value in point.fields.items())
        tags = dict(point.series.tags)
        found[point.series.measurement, tags.get("area") or tags.get("gateway")] = dict(point.fields)
    return found


def face_with(count: float | None) -> LiveCentre:
    """A face whose newest headcounts are these, in a production shift."""
    centre = LiveCentre(CONFIG)
    rows = [(NOW_MS - minute * MINUTE_MS, count) for minute in range(20, -1, -1)]
    centre.take("F1", "Personnel/Headcount", rows, NOW_MS)
    centre.judge(NOW_MS)
    return centre


@pytest.mark.parametrize(
    ("count", "state", "over"), [(8.0, "within", 0.0), (10.0, "over", 1.0), (30.0, "hazard", 1.0)]
)
def test_a_face(count: float, state: str, over: float) -> None:
    """State, headcount, limit, and what a threshold can be set on."""
    assert told(face_with(count))["face_now", "F1"] == {
        "state_text": state, "over": over, "known": 1.0, "limit": 9.0, "headcount": count
    }  # fmt: skip


@pytest.mark.parametrize("centre", [face_with(None), LiveCentre(CONFIG)], ids=["bad", "never heard"])
def test_unknown_is_told_and_has_no_headcount(centre: LiveCentre) -> None:
    """Neither −1 nor the last one that was known."""
    assert told(centre)["face_now", "F1"] == {
        "state_text": "unknown",
        "over": 0.0,
        "known": 0.0,
        "limit": 9.0,
    }


def test_a_chamber() -> None:
    """State and what is declared."""
    assert told(LiveCentre(CONFIG))["chamber_now", "C1"] == {
        "state_text": "unknown", "known": 0.0, "declared_text": "unattended"
    }  # fmt: skip


def test_an_area_that_is_not_recalled_yet_is_left_out() -> None:
    """Nobody knows yet what the store knows of it."""
    centre = LiveCentre(CONFIG)
    centre.face("F1").is_recalled = False
    assert set(told(centre)) == {("chamber_now", "C1"), ("centre_now", None)}


def test_a_gateway() -> None:
    """What was never measured has no field; a clock that is ahead makes no negative age."""
    node = Node(NodeKey(MINE, "gw-1"), online=True)
    assert told(LiveCentre(CONFIG), node)["gateway_now", "gw-1"] == {"online": 1.0, "readings_lost": 0.0}
    node.latency_ms, node.clock_offset_ms, node.last_data_ms = 120.0, -3.5, NOW_MS + 10
    node.ledger, node.readings_lost = BatchLedger("epoch", 0), 4
    node.ledger.add(1)
    node.ledger.add(4)
    assert told(LiveCentre(CONFIG), node)["gateway_now", "gw-1"] == {
        "online": 1.0, "readings_lost": 4.0, "delivered": 0.5, "latency_ms": 120.0, "clock_offset_ms": -3.5,
        "data_age_s": 0.0,
    }  # fmt: skip


def test_the_centre_itself() -> None:
    """Its figures as they are, without tags."""
    assert told(LiveCentre(CONFIG))["centre_now", None] == {"messages_total": 7.0}
