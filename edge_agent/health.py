"""The agent's own numbers, for probes and Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge_agent.sources.source import Source, SourceHealth

if TYPE_CHECKING:
    from edge_agent.app import EdgeAgent

PREFIX: Final = "ninebelow_edge"
DEVICE: Final = ("source", "device")


def text(agent: EdgeAgent) -> bytes:
    """Everything in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(AgentMetrics(agent))
    return generate_latest(registry)


def summary(agent: EdgeAgent) -> dict[str, object]:
    """Whether the agent does its work: what it reads reaches the disk. The rest of the world may fail; that is told.

    A device or a broker that is away is no fault of the agent's, and to restart it would mend nothing.
    """
    sources = {source.name: source.health.connected for source in agent.sources.sources()}
    told = [f"source {name} does not answer" for name, is_connected in sources.items() if not is_connected]
    if not agent.uplink.health.connected:
        told.append("the broker does not answer: readings are kept in the outbox")
    if agent.journal.is_refused:
        told.append("the outbox cannot be written: free disk space; readings wait in memory")
    return {
        "ok": not agent.journal.is_refused,
        "told": told,
        "sources": sources,
        "broker": agent.uplink.health.connected,
        "outbox_readings": agent.outbox.readings,
        "inbox_readings": len(agent.journal.inbox),
    }


class AgentMetrics(Collector):
    """Reads the parts' counters when it is scraped; the parts know nothing of Prometheus."""

    def __init__(self, agent: EdgeAgent) -> None:
        self.agent = agent

    def collect(self) -> Iterable[Metric]:
        """Every metric family."""
        yield from self.devices()
        yield from self.journal()
        yield from self.uplink()
        yield from self.clock()

    def devices(self) -> Iterator[Metric]:
        """Per device: what is read, what goes wrong, how long it takes, how old the last good value is."""
        reads = family("reads", "Requests to a device, or publications of it", DEVICE)
        readings = family("readings", "Values read", DEVICE)
        busy = family(
            "busy_seconds", "Time spent waiting for a device's answers; its rate is the duty", DEVICE
        )
        errors = family("errors", "Errors by kind", (*DEVICE, "kind"))
        connected = GaugeMetricFamily(f"{PREFIX}_connected", "1 while a device answers", labels=DEVICE)
        latency = GaugeMetricFamily(
            f"{PREFIX}_read_latency_seconds", "Smoothed time of an answer", labels=DEVICE
        )
        age = GaugeMetricFamily(
            f"{PREFIX}_last_good_age_seconds",
            "Time since the last good value; absent before the first",
            labels=DEVICE,
        )
        now_ms = self.agent.now_ms()
        for source, device, health in devices_of(self.agent.sources.sources()):
            labels = (source, device)
            reads.add_metric(labels, health.reads)
            readings.add_metric(labels, health.readings)
            busy.add_metric(labels, health.busy_s)
            connected.add_metric(labels, health.connected)
            latency.add_metric(labels, health.read_latency_ms / 1000)
            if health.last_good_at_ms is not None:
                age.add_metric(labels, (now_ms - health.last_good_at_ms) / 1000)
            for kind, count in health.errors.items():
                errors.add_metric((*labels, kind), count)
        return iter((reads, readings, busy, errors, connected, latency, age))

    def journal(self) -> Iterator[Metric]:
        """From reading to disk."""
        health = self.agent.journal.health
        yield counter("readings_produced", "Readings that were to be reported", health.produced)
        yield counter("readings_written", "Readings on disk", health.written)
        yield counter("readings_dropped", "Readings that found the inbox full", health.dropped)
        yield counter("disk_errors", "Writes that the disk refused", health.disk_errors)
        yield gauge("inbox_readings", "Readings that wait for the disk", len(self.agent.journal.inbox))
        yield gauge(
            "outbox_readings",
            "Readings on disk that the centre has not stored yet",
            self.agent.outbox.readings,
        )

    def uplink(self) -> Iterator[Metric]:
        """From disk to the centre."""
        health = self.agent.uplink.health
        yield gauge("broker_connected", "1 while connected to the broker", health.connected)
        for name, what, value in (
            ("connections", "Connections to the broker", health.connections),
            ("messages", "MQTT messages sent", health.messages),
            ("bytes", "MQTT payload bytes sent", health.bytes),
            ("historical_batches", "Batches sent again as history", health.historical),
            ("rebirths", "Births on request", health.rebirths),
            ("commits", "Commits taken", health.commits),
            ("commits_ignored", "Commits of another epoch, or of batches never sent", health.commits_ignored),
            ("commands_dropped", "Commands that found the queue full", health.commands_dropped),
            ("commands_malformed", "Commands that could not be read", health.commands_malformed),
        ):
            yield counter(name, what, value)

    def clock(self) -> Iterator[Metric]:
        """Whose time readings have."""
        clock = self.agent.clock
        if clock is None:
            return
        yield counter("clock_jumps", "Jumps of this computer's clock", clock.jumps)
        yield counter("clock_jumps_believed", "Jumps that the centre confirmed", clock.jumps_believed)
        yield gauge(
            "clock_wall_ahead_seconds", "This computer's clock ahead of readings", clock.wall_ahead_ms / 1000
        )
        if clock.centre_ahead_ms is not None:
            ahead_s = clock.centre_ahead_ms / 1000
            yield gauge("clock_centre_ahead_seconds", "The centre's clock ahead of readings", ahead_s)


def devices_of(sources: Iterable[Source]) -> Iterator[tuple[str, str, SourceHealth]]:
    """Every device by source and name; a source that is one device has no name besides its own."""
    for source in sources:
        if source.health.devices:
            for device, health in source.health.devices.items():
                yield source.name, device, health
        else:
            yield source.name, "", source.health


def family(name: str, what: str, labels: Iterable[str]) -> CounterMetricFamily:
    """Totals by label."""
    return CounterMetricFamily(f"{PREFIX}_{name}", what, labels=tuple(labels))


def counter(name: str, what: str, value: float) -> Metric:
    """A total since the start."""
    return CounterMetricFamily(f"{PREFIX}_{name}", what, value=value)


def gauge(name: str, what: str, value: float) -> Metric:
    """A value of now."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", what, value=value)
