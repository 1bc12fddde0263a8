"""Readings that a real InfluxDB takes no more: they hold up nothing, and their batches do not count as delivered."""

from __future__ import annotations

from pathlib import Path

import httpx

from gateway.historian.influx import InfluxHistorian
from tests.graded import graded_broker
from tests.readings import reading
from tests.servers import influxd
from tests.stack import FLOW, METHANE, Centre, edge_agent, edge_settings, now_ms, until

DAY_MS = 86_400_000


async def test_what_is_older_than_the_store_keeps_is_lost_and_told(tmp_path: Path) -> None:
    """A backlog of two months meets a database that keeps one."""
    with influxd(tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            made = 'CREATE DATABASE "ninebelow" WITH DURATION 30d REPLICATION 1 NAME "month"'
            (await client.post("/query", data={"q": made})).raise_for_status()
        async with (
            graded_broker(tmp_path) as broker,
            InfluxHistorian(url, database="ninebelow") as store,
            Centre(broker.port, "5", store).running() as centre,
            edge_agent(tmp_path, edge_settings(broker.port, "5")) as agent,
        ):
            await until(lambda: agent.uplink.health.connected)
            agent.feed(5)
            await until(agent.at_rest)
            old_ms = now_ms() - 60 * DAY_MS
            agent.emit([reading(one, 1.0, old_ms + place) for place in range(4) for one in (FLOW, METHANE)])
            agent.feed(5)
            await until(agent.at_rest)
            (node,) = centre.session.nodes.values()
            assert node.ledger is not None
            assert node.ledger.gone == centre.session.counts["batches_refused"] > 0
            assert node.ledger.delivered == node.ledger.stored / node.ledger.highest < 1
            health = centre.writer.health
            assert (health.refused, health.stored) == (8, agent.produced - 8)
            assert node.readings_stored == agent.produced - 8
