"""A scene for the grader: an edge node and a host, message by message, put together field by field.

Nothing here comes from our sessions: what the grader judges good or bad must not depend on what we publish.
`scene().good()` is a tapped capture in which everything is right; tests take it and make one thing wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from contract.grading import grader
from contract.grading.capture import (
    Capture,
    Connected,
    Disconnected,
    Event,
    Published,
    Sight,
    Subscribed,
    Will,
)
from contract.grading.clause import Level
from contract.grading.report import Outcome, Report
from contract.proto.sparkplug_b_pb2 import Payload

T0 = 1_700_000_000_000
GROUP, NODE, DEVICE, HOST = "M1", "gw-1", "F1", "centre"
INT32, INT64, DOUBLE, BOOLEAN, STRING, DATASET, TEMPLATE = 3, 4, 10, 11, 12, 16, 19
TAPPED = Sight.QOS | Sight.RETAIN | Sight.CONNECTIONS
SUBSCRIBED = Sight.QOS | Sight.RETAIN
Metric = Payload.Metric
Edit = Callable[[Payload], object]


def metric(name: str = "", *, alias: int | None = None, at_ms: int | None = None, **fields: Any) -> Metric:
    """A metric; `fields` are those of the payload's definition. Without a time it gets that of its message."""
    made = Metric(**fields)
    if name:
        made.name = name
    if alias is not None:
        made.alias = alias
    if at_ms is not None:
        made.timestamp = at_ms
    return made


def bd_seq(number: int) -> Metric:
    """The session's number."""
    return metric("bdSeq", datatype=INT64, long_value=number)


REBIRTH = metric("Node Control/Rebirth", datatype=BOOLEAN, boolean_value=False)
VOLTAGE = metric("Supply/Voltage", alias=1, datatype=DOUBLE, double_value=24.0)
FLOW = metric("Pump 1/Flow", alias=10, datatype=DOUBLE, double_value=1.0)
MODE = metric("Control/Mode", alias=11, datatype=STRING, is_null=True)


def flow(value: float, **fields: Any) -> Metric:
    """A later value of `FLOW`."""
    return metric(alias=10, double_value=value, **fields)


def with_quality(made: Metric, code: int, kind: int = INT32) -> Metric:
    """A metric with the property `Quality`."""
    copy = Metric.FromString(made.SerializeToString())
    copy.properties.keys.append("Quality")
    copy.properties.values.add(type=kind, int_value=code)
    return copy


@dataclass
class Scene:
    """Grows by its methods; the clock goes on by 100 ms with each event."""

    now_ms: int = T0
    events: list[Event] = field(default_factory=list)
    sees: Sight = TAPPED
    seq: int = 0
    bd_seq: int = 0
    server: str = ""
    host_since_ms: int = T0

    # the edge node

    def connects(self, **change: Any) -> Scene:
        """CONNECT with its will."""
        payload = Payload(timestamp=self.now_ms, metrics=[self.stamped(bd_seq(self.bd_seq))])
        will = Will(self.topic("NDEATH"), payload.SerializeToString(), 1, False)
        return self.add(replace(Connected(self.now_ms, NODE, "3.1.1", True, 0, will, self.server), **change))

    def subscribes(self, pattern: str = f"spBv1.0/{GROUP}/NCMD/{NODE}", qos: int = 1) -> Scene:
        """SUBSCRIBE."""
        return self.add(Subscribed(self.now_ms, NODE, pattern, qos, self.server))

    def sends(
        self, kind: str, *metrics: Metric, device: str | None = None, edit: Edit | None = None, **change: Any
    ) -> Scene:
        """A message of the edge node; `edit` changes its payload, `change` the event."""
        payload = Payload(timestamp=self.now_ms, metrics=map(self.stamped, metrics))
        if kind != "NDEATH":
            payload.seq = self.seq
            self.seq = (self.seq + 1) % 256
        if edit:
            edit(payload)
        made = Published(
            self.now_ms, self.topic(kind, device), payload.SerializeToString(), 0, False,
            client=NODE if Sight.CONNECTIONS in self.sees else None, server=self.server,
        )  # fmt: skip
        return self.add(replace(made, **change))

    def nbirth(self, *metrics: Metric, **more: Any) -> Scene:
        """NBIRTH; without metrics, a good one."""
        self.seq = 0
        return self.sends("NBIRTH", *(metrics or (bd_seq(self.bd_seq), REBIRTH, VOLTAGE)), **more)

    def dbirth(self, *metrics: Metric, device: str = DEVICE, **more: Any) -> Scene:
        """DBIRTH; without metrics, a good one."""
        return self.sends("DBIRTH", *(metrics or (FLOW, MODE)), device=device, **more)

    def ddata(self, *metrics: Metric, device: str = DEVICE, **more: Any) -> Scene:
        """DDATA; without metrics, a new value of `FLOW`."""
        return self.sends("DDATA", *(metrics or (flow(float(self.now_ms)),)), device=device, **more)

    def ndata(self, *metrics: Metric, **more: Any) -> Scene:
        """NDATA; without metrics, a new value of `VOLTAGE`."""
        return self.sends("NDATA", *(metrics or (metric(alias=1, double_value=float(self.now_ms)),)), **more)

    def ddeath(self, device: str = DEVICE, **more: Any) -> Scene:
        """DDEATH."""
        return self.sends("DDEATH", device=device, **more)

    def ndeath(self, number: int | None = None, **more: Any) -> Scene:
        """NDEATH that the node publishes itself."""
        return self.sends("NDEATH", bd_seq(self.bd_seq if number is None else number), **{"qos": 1} | more)

    def born(self) -> Scene:
        """Connected, subscribed, node and device born."""
        return self.connects().subscribes().nbirth().dbirth()

    def leaves(self, reason: int | None = 0, client: str = NODE) -> Scene:
        """The connection ends."""
        return self.add(Disconnected(self.now_ms, client, reason, self.server))

    # the host

    def host_connects(self, **change: Any) -> Scene:
        """CONNECT with its will."""
        self.host_since_ms = self.now_ms
        will = Will(f"spBv1.0/STATE/{HOST}", state(False, self.now_ms), 1, True)
        return self.add(replace(Connected(self.now_ms, HOST, "5", True, 0, will, self.server), **change))

    def host_subscribes(self, pattern: str = "spBv1.0/#", qos: int = 1) -> Scene:
        """SUBSCRIBE."""
        return self.add(Subscribed(self.now_ms, HOST, pattern, qos, self.server))

    def says(self, online: bool, at_ms: int | None = None, **change: Any) -> Scene:
        """STATE; the time, if none is given, is that of the CONNECT for a birth and the present one for a death."""
        time_ms = at_ms if at_ms is not None else self.host_since_ms if online else self.now_ms
        client = HOST if Sight.CONNECTIONS in self.sees else None
        made = Published(
            self.now_ms,
            f"spBv1.0/STATE/{HOST}",
            state(online, time_ms),
            1,
            True,
            client=client,
            server=self.server,
        )
        return self.add(replace(made, **change))

    def host_born(self) -> Scene:
        """Connected, subscribed, online."""
        return self.host_connects().host_subscribes().says(True)

    def commands(
        self, *metrics: Metric, device: str | None = None, edit: Edit | None = None, **change: Any
    ) -> Scene:
        """NCMD or DCMD; without metrics, a rebirth request."""
        asked = metrics or (metric("Node Control/Rebirth", boolean_value=True),)
        payload = Payload(timestamp=self.now_ms, metrics=map(self.stamped, asked))
        if edit:
            edit(payload)
        topic = self.topic("NCMD" if device is None else "DCMD", device)
        client = HOST if Sight.CONNECTIONS in self.sees else None
        made = Published(
            self.now_ms, topic, payload.SerializeToString(), 0, False, client=client, server=self.server
        )
        return self.add(replace(made, **change))

    # the rest

    def waits(self, seconds: float) -> Scene:
        """Time goes by."""
        self.now_ms += int(seconds * 1000)
        return self

    def add(self, event: Event) -> Scene:
        """One more event, if this capture shows its kind."""
        if isinstance(event, Published) or Sight.CONNECTIONS in self.sees:
            self.events.append(event)
        self.now_ms += 100
        return self

    def stamped(self, made: Metric) -> Metric:
        """A copy with a time."""
        copy = Metric.FromString(made.SerializeToString())
        if not copy.HasField("timestamp"):
            copy.timestamp = self.now_ms
        return copy

    def topic(self, kind: str, device: str | None = None) -> str:
        """A topic of the edge node."""
        return f"spBv1.0/{GROUP}/{kind}/{NODE}" + (f"/{device}" if device is not None else "")

    @property
    def capture(self) -> Capture:
        """What has happened."""
        return Capture(self.sees, self.events)

    def grade(self, primary_host: str | None = None) -> Report:
        """The grader's report on it."""
        return grader.grade(self.capture, primary_host)

    def faults(self, primary_host: str | None = None) -> set[str]:
        """Ids of the clauses that were violated, recommendations too."""
        return violated(self.grade(primary_host))


def state(online: bool, at_ms: float) -> bytes:
    """A STATE payload."""
    return json.dumps({"online": online, "timestamp": at_ms}).encode()


def good() -> Scene:
    """Host and edge node come, work, are asked for a rebirth, lose a device and get it back, and leave in order."""
    scene = Scene().host_born().born().ddata().ndata().ddata(flow(0.5, is_historical=True), flow(7.0))
    scene.waits(6).commands().nbirth().dbirth().ddata(with_quality(metric(alias=10, is_null=True), 0)).ddata()
    scene.ddeath().waits(1).dbirth().ddata().commands(metric(alias=10, double_value=2.0), device=DEVICE)
    return scene.ndeath().leaves().says(False).leaves(client=HOST)


def overheard(scene: Scene) -> Scene:
    """The same as a subscriber sees it."""
    events = [replace(event, client=None) for event in scene.events if isinstance(event, Published)]
    return replace(scene, events=list[Event](events), sees=SUBSCRIBED)


def violated(report: Report) -> set[str]:
    """Ids of the clauses that were violated, recommendations too."""
    return {result.clause.id for result in report.of(Outcome.VIOLATED)}


def told(report: Report, level: Level | None = None) -> str:
    """Violations in words, for a failing test."""
    return "\n".join(
        f"{result.clause.id} x{result.violated}: {one.index} {one.where}: {one.what}"
        for result in report.of(Outcome.VIOLATED, level)
        for one in result.first[:2]
    )


def without(events: Iterable[Event], index: int) -> list[Event]:
    """All but one."""
    held = list(events)
    del held[index]
    return held
