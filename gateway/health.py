"""The centre's own numbers, for probes and Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.ingest.host_session import HostSession
from gateway.ingest.mqtt import CollectorHealth
from gateway.ingest.writer import WriterHealth

PREFIX = "ninebelow_gateway"


class GatewayMetrics(Collector):
    """Reads the parts' counters when it is scraped; the parts know nothing of Prometheus."""

    def __init__(
        self,
        *,
        collector: CollectorHealth,
        writer: WriterHealth,
        session: HostSession,
        gauges: Mapping[str, float],
    ) -> None:
        self.collector = collector
        self.writer = writer
        self.session = session
        self.gauges = gauges

    def collect(self) -> Iterable[Metric]:
        """Every metric family."""
        yield from self.counters()
        yield gauge("broker_connected", "1 while connected to the broker", self.collector.connected)
        yield gauge("historian_available", "1 while the historian takes data", self.writer.available)
        for name, value in self.gauges.items():
            yield gauge(name, name.replace("_", " "), value)
        events = CounterMetricFamily(
            f"{PREFIX}_session_events",
            "Sparkplug messages by type, and what was wrong with some",
            labels=["event"],
        )
        for name, count in self.session.counts.items():
            events.add_metric([str(name)], count)
        yield events
        yield from self.links()

    def counters(self) -> Iterator[Metric]:
        """Totals since the start."""
        yield counter("messages", "MQTT messages received", self.collector.messages)
        yield counter("bytes", "MQTT payload bytes received", self.collector.bytes)
        yield counter("values_written", "Values acknowledged by the historian", self.writer.written)
        yield counter(
            "readings_stored", "Readings of numbered batches stored for the first time", self.writer.stored
        )
        yield counter(
            "readings_stored_again", "Readings of batches that were stored before", self.writer.again
        )
        yield counter(
            "points_rejected",
            "Points that the historian refused for good, whole or in part",
            self.writer.rejected,
        )
        yield counter("readings_refused", "Readings of numbered batches on such points", self.writer.refused)
        yield counter(
            "values_dropped", "Values that found the queue full and come again", self.writer.dropped
        )
        yield counter(
            "values_lost", "Values that found the queue full and do not come again", self.writer.lost
        )
        yield counter("historian_retries", "Writes that had to be tried again", self.writer.retries)

    def links(self) -> Iterator[Metric]:
        """Per gateway: is it online, and what share of its batches is stored."""
        online = GaugeMetricFamily(
            f"{PREFIX}_link_online", "1 while the gateway is online", labels=["mine", "gateway"]
        )
        delivered = GaugeMetricFamily(
            f"{PREFIX}_link_delivered", "Stored batches / all batches so far", labels=["mine", "gateway"]
        )
        for node in self.session.nodes.values():
            online.add_metric(list(node.key), node.online)
            share = node.ledger.delivered if node.ledger else None
            if share is not None:
                delivered.add_metric(list(node.key), share)
        yield online
        yield delivered


def figures(metrics: Collector) -> dict[str, float]:
    """The same as names and numbers, for the store; those of single gateways are told with the gateways."""
    return {
        "_".join((sample.name.removeprefix(f"{PREFIX}_"), *sample.labels.values())): float(sample.value)
        for family in metrics.collect()
        for sample in family.samples
        if "gateway" not in sample.labels
    }


def counter(name: str, text: str, value: float) -> Metric:
    """One total."""
    return CounterMetricFamily(f"{PREFIX}_{name}", text, value=value)


def gauge(name: str, text: str, value: float) -> Metric:
    """One figure of now."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=float(value))


def exposition(metrics: Collector) -> bytes:
    """Prometheus text of one collector."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    return generate_latest(registry)
