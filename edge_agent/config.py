"""The agent's config file: `load` checks everything, opens only files, and reports all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from contract import config_form, point_form
from contract.broker_form import BrokerForm
from contract.config_form import Section
from contract.errors import Fault, Misconfigured
from contract.point_form import Point, Protocol
from contract.topic import is_valid_id

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class Node(Section):
    """Who this gateway is on the wire."""

    mine: str
    gateway: str
    data_datatype: Literal["omit", "include"] = "omit"
    """Sparkplug says not to repeat the type in data; some hosts need it."""

    @field_validator("mine", "gateway")
    @classmethod
    def valid_id(cls, value: str) -> str:
        """Sparkplug ids have no + / #."""
        if not is_valid_id(value):
            raise ValueError("must be filled and free of + / #")
        return value


class Mqtt(BrokerForm):
    """The broker."""

    backoff_min_s: Seconds = 0.5
    backoff_max_s: Seconds = 30.0


class Outbox(Section):
    """The durable queue between reading and sending."""

    path: Path
    batches_max: Count = 2_000_000
    """Above it the oldest batches are dropped, announced and counted."""
    readings_per_batch_max: Count = 500
    flush_ms: Annotated[int, Field(ge=10, le=5_000)] = 100
    """Readings wait this long at most to be written together: the loss window of a power cut."""
    inbox_max: Count = 100_000
    """Readings that may wait for the disk; above it the newest are dropped and counted."""


class Delivery(Section):
    """How uncommitted batches are sent again."""

    commit_timeout_s: Seconds = 5.0
    resend_backoff_max_s: Seconds = 60.0
    backfill_batches_per_s: Count = 200
    backfill_window: Count = 200
    """Historical batches in flight without a commit."""
    drain_s: Annotated[float, Field(ge=0)] = 5.0
    """At a stop: how long to wait for commits."""


class ModbusSource(Section):
    """A Modbus TCP server and its point table."""

    protocol: Literal["modbus"]
    name: str
    host: str
    port: Annotated[int, Field(gt=0, lt=65536)] = 502
    points: Path
    timeout_s: Seconds = 1.0
    registers_max: Annotated[int, Field(ge=1, le=125)] = 125
    hole_max: Annotated[int, Field(ge=0, le=124)] = 16


class OpcUaSource(Section):
    """An OPC UA server and its point table."""

    protocol: Literal["opcua"]
    name: str
    url: str
    points: Path
    timeout_s: Seconds = 5.0


SourceConfig = Annotated[ModbusSource | OpcUaSource, Field(discriminator="protocol")]


class EdgeConfig(Section):
    """The whole file."""

    node: Node
    mqtt: Mqtt = Mqtt()
    outbox: Outbox
    delivery: Delivery = Delivery()
    sources: Annotated[list[SourceConfig], Field(min_length=1)]


Points = dict[str, tuple[Point, ...]]
"""Points by name of their source."""


def load(path: Path) -> tuple[EdgeConfig, Points]:
    """The config and every point table it names; raises `Misconfigured` with the faults of all of them."""
    text = read(path)
    try:
        config = config_form.load(EdgeConfig, text, str(path))
    except Misconfigured as misconfigured:
        raise Misconfigured([*misconfigured.faults, *table_faults(text, path.parent)]) from misconfigured
    return config, load_points(config)


def table_faults(text: str, folder: Path) -> Iterator[Fault]:
    """Faults of the point tables that a faulty config names all the same."""
    for protocol, table in config_form.named(text, "sources", "protocol", "points"):
        if protocol in set(Protocol):
            try:
                point_form.parse(read(folder / table), Protocol(protocol), str(folder / table))
            except Misconfigured as misconfigured:
                yield from misconfigured.faults


def load_points(config: EdgeConfig) -> Points:
    """Every source's point table."""
    points: Points = {}
    faults: list[Fault] = []
    tables: dict[tuple[str, str], str] = {}
    for source in config.sources:
        table = source.points
        if source.name in points:
            faults.append(
                Fault(str(table), None, f"two sources have the name {source.name!r}: give each its own")
            )
        try:
            points[source.name] = point_form.parse(read(table), Protocol(source.protocol), str(table))
        except Misconfigured as misconfigured:
            faults.extend(misconfigured.faults)
        faults.extend(
            Fault(
                str(table), point.line, f"{point.area} {point.metric} stands in {tables[point.key]} already"
            )
            for point in points.get(source.name, ())
            if tables.setdefault(point.key, str(table)) != str(table)
        )
    if faults:
        raise Misconfigured(faults)
    return points


def read(path: Path) -> str:
    """A text file of a person's; raises `Misconfigured` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error}")]) from error
