"""Readings over time: which points there are, buckets of them for charts, rows of them as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import StreamingResponse

from gateway.api.alarms import Instant, millis
from gateway.api.records import from_store
from gateway.ingest.node import MetricState
from gateway.live.views import time_of
from gateway.pages.desk import PageDesk
from gateway.pages.trends import BUCKETS_MAX, CHINA, DAYS_MAX, POINTS_MAX

Answer = Mapping[str, object]
DAY_MS: Final = 86_400_000
SHIFT_MS: Final = 8 * 3_600_000
Points = Annotated[list[str], Query(min_length=1, max_length=POINTS_MAX)]
From = Annotated[Instant | None, Query(alias="from")]
Buckets = Annotated[int, Query(ge=1, le=BUCKETS_MAX)]


@dataclass(frozen=True, slots=True)
class Asked:
    """Points and a stretch of time that can be asked for."""

    metrics: dict[str, MetricState]
    from_ms: int
    to_ms: int

    @classmethod
    def of(
        cls, desk: PageDesk, mine: str, points: list[str], from_: datetime | None, to: datetime | None
    ) -> Asked:
        """404 for what does not exist, 422 for a time that is none."""
        known = desk.trends.metrics(known_mine(desk, mine))
        if missing := [point for point in points if point not in known]:
            raise HTTPException(404, f"没有测点 {'、'.join(missing)} / no such point: {', '.join(missing)}")
        to_ms = desk.now_ms() + 1 if to is None else millis(to)
        from_ms = to_ms - SHIFT_MS if from_ is None else millis(from_)
        if not 0 < to_ms - from_ms <= DAYS_MAX * DAY_MS:
            said = f"to 须晚于 from，且不超过 {DAYS_MAX} 天 / to must be after from, {DAYS_MAX} days at most"
            raise HTTPException(422, said)
        return cls({point: known[point] for point in points}, from_ms, to_ms)


def router(desk: PageDesk) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/mines/{mine}", tags=["trends"])

    @routes.get("/points")
    async def points(mine: str) -> list[Answer]:
        """Every point that the gateways declare, with its newest value."""
        return [*desk.trends.points(known_mine(desk, mine))]

    @routes.get("/trends")
    async def trends(
        mine: str, point: Points, from_: From = None, to: Instant | None = None, buckets: Buckets = 600
    ) -> Answer:
        """Least, most, mean and number of the values of each bucket, and where the quality was not good."""
        asked = Asked.of(desk, mine, point, from_, to)
        if texts := [name for name, metric in asked.metrics.items() if metric.target.is_text]:
            raise HTTPException(422, f"文字测点没有曲线 / texts have no trend: {', '.join(texts)}")
        width_ms = max(1, -(-(asked.to_ms - asked.from_ms) // buckets))
        found = {
            name: await from_store(desk.trends.trend(metric, asked.from_ms, asked.to_ms, width_ms))
            for name, metric in asked.metrics.items()
        }
        return {
            "from": time_of(asked.from_ms),
            "to": time_of(asked.to_ms),
            "width_ms": width_ms,
            "trends": found,
        }

    @routes.get("/readings.csv", response_class=StreamingResponse)
    async def readings(
        mine: str, point: Points, from_: From = None, to: Instant | None = None
    ) -> StreamingResponse:
        """The stored rows of some points, as they are, with their quality; times of China."""
        asked = Asked.of(desk, mine, point, from_, to)
        rows = desk.trends.rows(asked.metrics, asked.from_ms, asked.to_ms)
        head = [await anext(rows)]
        head.append(await from_store(anext(rows, "")))  # so that a store that is away is told and not cut off
        begin = datetime.fromtimestamp(asked.from_ms / 1000, CHINA)
        name = quote(f"{mine}-{begin:%Y-%m-%dT%H%M%S}.csv")
        return StreamingResponse(
            followed(head, rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    return routes


async def followed(head: list[str], rows: AsyncIterator[str]) -> AsyncIterator[str]:
    """What is here already, then the rest."""
    for text in head:
        yield text
    async for text in rows:
        yield text


def known_mine(desk: PageDesk, mine: str) -> str:
    """A mine's code; 404 for one that does not exist."""
    if not desk.has(mine):
        raise HTTPException(404, f"没有编码为 {mine} 的煤矿 / no mine has the code {mine}")
    return mine
