"""The gateways of a mine: their devices, how good what they send is, and what is still missing of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from contract.quality import Quality
from gateway.ingest.host_session import NOT_VALUES
from gateway.ingest.node import Device, Node
from gateway.live.views import View, link_view, time_of

WORDS = {Quality.GOOD: "good", Quality.BAD: "bad", Quality.STALE: "stale"}


def gateway_view(node: Node, areas: Mapping[str, str]) -> View:
    """A gateway; `areas` are the names of faces and chambers by code."""
    ledger = node.ledger
    return link_view(node) | {
        "readings_stored": node.readings_stored,
        "reordering": len(node.waiting),
        "batches": None
        if ledger is None
        else {
            "epoch": ledger.epoch,
            "first": ledger.first,
            "committed": ledger.committed,
            "highest": ledger.highest,
            "stored": ledger.stored,
            "given_up": ledger.gone,
            "missing": sum(last - first + 1 for first, last in ledger.holes(ledger.highest)),
        },
        "devices": [
            device_view(device, areas)
            for device in sorted(node.devices.values(), key=lambda device: device.name or "")
            if device.name is not None
        ],
    }


def device_view(device: Device, areas: Mapping[str, str]) -> View:
    """A device, which is an area: how many of its points are good now, and when one was read last."""
    metrics = [metric for name, metric in device.metrics.items() if name not in NOT_VALUES]
    qualities = Counter(
        "never" if metric.quality is None else WORDS.get(metric.quality, "bad") for metric in metrics
    )
    newest_ms = max((metric.at_ms for metric in metrics), default=-1)
    return {
        "area": device.name,
        "area_name": areas.get(device.name or "", device.name),
        "online": device.online,
        "points": len(metrics),
        "unread": len(device.unread),
        "newest_at": time_of(newest_ms) if newest_ms >= 0 else None,
        "quality": {word: qualities[word] for word in ("good", "bad", "stale", "never")},
    }
