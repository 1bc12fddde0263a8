"""OPC UA sources for tests, with short waits, and points on the variables of the test server."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from contract.point import Point
from edge_agent.sources.opcua import OpcUaSource
from tests.opcua_server import URI
from tests.points import opcua_point


def now_ms() -> int:
    """The clock."""
    return time.time_ns() // 1_000_000


def source_of(url: str, points: Sequence[Point], **settings: object) -> OpcUaSource:
    """A source with short waits."""
    fields: dict[str, object] = {"timeout_s": 2.0, "retry_s": 0.3, "connect_wait_s": (0.05, 0.2), **settings}
    return OpcUaSource(
        name="test", url=url, points=points, now=now_ms, rng=Random(1),  # noqa: S311 (jitter)
        **fields,  # type: ignore[arg-type]  # settings by name
    )  # fmt: skip


def point(name: str, **fields: object) -> Point:
    """A point on a variable of the test server."""
    return replace(opcua_point(f"nsu={URI};s={name}"), **fields)  # type: ignore[arg-type]  # fields by name
