"""The agent's config file: `load` checks everything, opens only files, and reports all faults at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, SecretStr, field_validator, model_validator

from contract import config_form
from contract.broker_form import BrokerForm
from contract.config_form import Section
from contract.errors import Fault, Misconfigured
from contract.point import Point, Protocol
from contract.point_cells import open_words
from contract.point_form import Device, points_of
from contract.toml_lines import KeyPath, toml_lines
from contract.topic import is_valid_id
from edge_agent.point_files import points_in, rows_in, text_in
from edge_agent.source_config.files import file_faults
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.source_config.opcua import OpcUaSource
from edge_agent.source_config.personnel import PersonnelSource
from edge_agent.source_config.personnel import points_of as personnel_points
from edge_agent.source_config.table import Count, Port, Seconds

PORT_MAX: Final = 65_535
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


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


class Server(NamedTuple):
    """Where a broker is."""

    host: str
    port: int

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.host}:{self.port}"


class Mqtt(BrokerForm):
    """The broker, or several of which one at a time is used."""

    others: tuple[str, ...] = ()
    """Further brokers, as `host:port`, tried in turn when one is away or the primary host is not there."""
    primary_host: str | None = None
    """The host application without whose STATE `online` nothing is published."""
    host_wait_s: Seconds = 10.0
    """How long to wait for the primary host before the next broker is tried."""
    compression: Literal["none", "deflate"] = "none"
    """Deflated payloads, for hosts that know them (contract/compression.py); our centre does."""
    backoff_min_s: Seconds = 0.5
    backoff_max_s: Seconds = 30.0

    @field_validator("others")
    @classmethod
    def have_ports(cls, others: tuple[str, ...]) -> tuple[str, ...]:
        """Each is `host:port`."""
        for other in others:
            host, _, port = other.rpartition(":")
            if not host or not (port.isdecimal() and 0 < int(port) <= PORT_MAX):
                raise ValueError(f"{other!r} must be as broker2.example:1883")
        return others

    @property
    def servers(self) -> tuple[Server, ...]:
        """All of them, in the order in which they are tried."""
        parted = [other.rpartition(":") for other in self.others]
        return (Server(self.host, self.port), *(Server(host, int(port)) for host, _, port in parted))


class Outbox(Section):
    """The durable queue between reading and sending."""

    path: Path
    size_max_mb: Annotated[float, Field(gt=0)] = 4_096.0
    """Above it the oldest batches lose their raw samples, then go; announced and counted."""
    age_max_h: Count = 720
    """Batches that are older are dropped, announced and counted."""
    readings_per_batch_max: Count = 500
    flush_ms: Annotated[int, Field(ge=10, le=5_000)] = 100
    """Readings wait this long at most to be written together: the loss window of a power cut."""
    inbox_max: Count = 100_000
    """Readings that may wait for the disk; above it the newest are dropped and counted."""


class Delivery(Section):
    """How uncommitted batches are sent again."""

    mode: Literal["committed", "sparkplug"] = "committed"
    """`sparkplug` for hosts that never commit: what was sent counts as delivered once the link has held for 1.5
    keep-alives after it (presumed.py)."""
    commit_timeout_s: Seconds = 5.0
    resend_backoff_max_s: Seconds = 60.0
    backfill_batches_per_s: Count = 200
    backfill_window: Count = 200
    """Historical batches in flight without a commit."""
    drain_s: Annotated[float, Field(ge=0)] = 5.0
    """At a stop: how long to wait for commits."""


class Http(Section):
    """Where the agent's own health is served; beyond loopback only with a token."""

    host: str = "127.0.0.1"
    port: Port = 9108
    token: SecretStr | None = None

    @model_validator(mode="after")
    def token_beyond_loopback(self) -> Http:
        """Which machines a mine has is not for everybody."""
        if self.host not in LOOPBACK and self.token is None:
            raise ValueError(f"host {self.host} is not loopback: set token, or bind 127.0.0.1")
        return self


SourceConfig = Annotated[ModbusSource | OpcUaSource | PersonnelSource, Field(discriminator="protocol")]


class EdgeConfig(Section):
    """The whole file."""

    node: Node
    mqtt: Mqtt = Mqtt()
    outbox: Outbox
    delivery: Delivery = Delivery()
    http: Http | None = None
    """Without this table nothing is served."""
    sources: Annotated[list[SourceConfig], Field(min_length=1)]


Points = dict[str, tuple[Point, ...]]
"""Points by name of their source."""


def load(path: Path) -> tuple[EdgeConfig, Points]:
    """The config and every file it names; raises `Misconfigured` with the faults of all of them."""
    text = text_in(path)
    try:
        config = config_form.load(EdgeConfig, text, str(path))
    except Misconfigured as misconfigured:
        raise Misconfigured([*misconfigured.faults, *table_faults(text, path.parent)]) from misconfigured
    lines = toml_lines(text)
    faults = [*clashes(config.sources, str(path), lines), *file_faults(config.sources, str(path), lines)]
    try:
        points = load_points(config)
    except Misconfigured as misconfigured:
        faults.extend(misconfigured.faults)
    if faults:
        raise Misconfigured(faults)
    return config, points


def table_faults(text: str, folder: Path) -> Iterator[Fault]:
    """Faults of the plain point tables that a faulty config names all the same."""
    for protocol, table in config_form.named(text, "sources", "protocol", "points"):
        if protocol in set(Protocol):
            try:
                rows, broken = rows_in(folder / table)
                if not any(open_words(cell) for row in rows for cell in row.cells):
                    points_of(rows, Protocol(protocol), str(folder / table), Device(), broken)
            except Misconfigured as misconfigured:
                yield from misconfigured.faults


def load_points(config: EdgeConfig) -> Points:
    """Every source's points; raises `Misconfigured`."""
    points: Points = {}
    faults: list[Fault] = []
    sources: dict[tuple[str, str], str] = {}
    for source in config.sources:
        place = source.name if isinstance(source, PersonnelSource) else str(source.points)
        try:
            points[source.name] = all_points_of(source)
        except Misconfigured as misconfigured:
            faults.extend(misconfigured.faults)
        faults.extend(
            Fault(place, point.line or None,
                  f"{point.area} {point.metric} is a point of source {sources[point.key]!r} already")
            for point in points.get(source.name, ())
            if sources.setdefault(point.key, source.name) != source.name
        )  # fmt: skip
    if faults:
        raise Misconfigured(faults)
    return points


def all_points_of(source: SourceConfig) -> tuple[Point, ...]:
    """The points of a source; raises `Misconfigured`."""
    return personnel_points(source) if isinstance(source, PersonnelSource) else points_in(source)


def clashes(sources: Sequence[SourceConfig], file: str, lines: Mapping[KeyPath, int]) -> Iterator[Fault]:
    """Sources that share what each must have alone."""
    names: set[str] = set()
    owners: dict[Hashable, str] = {}
    for at, source in enumerate(sources):
        line = lines.get(("sources", at))
        if source.name in names:
            yield Fault(file, line, f"two sources have the name {source.name!r}: give each its own")
        names.add(source.name)
        for place in places_of(source):
            owner = owners.setdefault(place, source.name)
            if owner != source.name:
                yield Fault(
                    file,
                    line,
                    f"sources {owner!r} and {source.name!r} both read {place}: put their points in one",
                )


def places_of(source: SourceConfig) -> Iterator[Hashable]:
    """What a source must have alone: a connection, or a folder."""
    if isinstance(source, ModbusSource):
        host, port = source.endpoint
        yield f"{host}:{port}" if port else host
    elif isinstance(source, PersonnelSource):
        yield source.folder
    else:
        yield source.url
