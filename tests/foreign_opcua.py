"""A source that reads a foreign OPC UA server, and that server's nodes, with as little ceremony as possible."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random

from contract.point import Point
from edge_agent.sources.opcua import OpcUaSource
from tests.foreign_servers import ForeignServer
from tests.points import opcua_point

MINE, DRIVES = "http://vendor.example/mine", "urn:vendor.example:drives"
"""Its namespaces."""
LIMIT_S = 60.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def source_of(server: ForeignServer, points: Sequence[Point], **settings: object) -> OpcUaSource:
    """A source with short waits."""
    fields: dict[str, object] = {"timeout_s": 3.0, "retry_s": 0.3, "connect_wait_s": (0.05, 0.2), **settings}
    url = f"opc.tcp://127.0.0.1:{server.port}/mine"
    return OpcUaSource(
        name="test", url=url, points=points, now=now_ms, rng=Random(1),  # noqa: S311 (jitter)
        **fields,  # type: ignore[arg-type]  # settings by name
    )  # fmt: skip


def point(name: str, *, uri: str = MINE, **fields: object) -> Point:
    """A point on a node that has its path for an id."""
    return opcua_point(f"nsu={uri};s={name}", **fields)  # type: ignore[arg-type]  # fields by name


def node(name: str, kind: str, value: object, *, uri: str = MINE, **fields: object) -> dict[str, object]:
    """A node as the server is told to make it."""
    return {"uri": uri, "path": name, "id": f"s={name}", "type": kind, "value": value, **fields}


def set_to(name: str, value: object, *, uri: str = MINE, **fields: object) -> dict[str, list[object]]:
    """What the server is told to set a node to; `fields` are `status` and `at`."""
    return {"set": [{"uri": uri, "path": name, "value": value, **fields}]}


def sessions(server: ForeignServer) -> int:
    """How many the server keeps."""
    return int(server.ask({"counts": True})["sessions"])
