"""Readings of any points of a mine over time: buckets for a chart, rows for a file.

A bucket's *good share* is the part of its time that no mark of a source covers (`_q`: bad, stale). The centre's own
mark, made when it lost a gateway, counts where no value came after all. Null: nothing was ever heard before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from contract.quality import Quality
from gateway.historian.historian import Bucket, Historian, Row
from gateway.ingest.host_session import NOT_VALUES
from gateway.ingest.node import MetricState, Node, NodeKey
from gateway.ingest.router import Target
from gateway.live.stored_rows import fields_of
from gateway.live.trackers import Trackers
from gateway.live.views import View, time_of, value_view

POINTS_MAX: Final = 8
BUCKETS_MAX: Final = 2_000
DAYS_MAX: Final = 92
SLICE_MS: Final = 6 * 3_600_000
"""Rows of a file are read so many hours at a time, so that it never stands in memory as a whole."""
CHINA: Final = timezone(timedelta(hours=8))

Marks = list[tuple[int, bool]]
"""Instants and whether the quantity is good from there on, ascending."""


@dataclass(frozen=True, slots=True)
class TrendPages:
    """What the page of trends asks."""

    trackers: Trackers
    nodes: Mapping[NodeKey, Node]
    historian: Historian
    now_ms: Callable[[], int]

    def metrics(self, mine: str) -> dict[str, MetricState]:
        """What a mine's gateways declare, by `area/metric`."""
        devices = (
            device
            for key, node in sorted(self.nodes.items())
            if key.group == mine
            for device in node.devices.values()
            if device.name is not None
        )
        return {
            f"{device.name}/{name}": metric
            for device in devices
            for name, metric in device.metrics.items()
            if name not in NOT_VALUES
        }

    def points(self, mine: str) -> list[View]:
        """Every point, with its name, unit and area."""
        known = self.trackers.mines[mine]
        names = {code: face.face.name for code, face in known.faces.items()}
        names |= {code: chamber.title for code, chamber in known.chambers.items()}
        return [
            {
                "point": point,
                "area": metric.target.area,
                "area_name": names.get(metric.target.area, metric.target.area),
                "is_text": metric.target.is_text,
                "low": metric.low,
                "high": metric.high,
                **value_view(metric),
            }
            for point, metric in self.metrics(mine).items()
        ]

    async def trend(self, metric: MetricState, from_ms: int, to_ms: int, width_ms: int) -> View:
        """One point's buckets; raises `HistorianUnavailable`."""
        target = metric.target
        buckets = await self.historian.buckets(target.series, target.field, from_ms, to_ms, width_ms)
        source, host = await asyncio.gather(
            self.marks(target, target.quality_field, from_ms, to_ms),
            self.marks(target, target.host_quality_field, from_ms, to_ms),
        )
        shares = good_shares(buckets, source, host, span=(from_ms, min(to_ms, self.now_ms()), width_ms))
        return {
            "values": [
                [time_of(bucket.at_ms), bucket.least, bucket.most, bucket.mean, bucket.values]
                for bucket in buckets
            ],
            "not_good": [
                [time_of(from_ms + place * width_ms), share] for place, share in shares.items() if share < 1
            ],
        }

    async def marks(self, target: Target, field: str, from_ms: int, to_ms: int) -> Marks:
        """What is said of a quantity's quality, the newest word before the beginning first."""
        before = await self.historian.last_before(target.series, (field,), from_ms)
        rows = await self.historian.read(target.series, (field,), from_ms, to_ms)
        return [(row.at_ms, row.fields[field] == Quality.GOOD) for row in ([before] if before else []) + rows]

    async def rows(self, metrics: Mapping[str, MetricState], from_ms: int, to_ms: int) -> AsyncIterator[str]:
        """The stored rows of some points as lines of CSV, point after point."""
        yield "\ufefftime,point,value,unit,quality\r\n"
        for point, metric in metrics.items():
            for begin_ms in range(from_ms, to_ms, SLICE_MS):
                fields = fields_of(metric.target)
                rows = await self.historian.read(
                    metric.target.series, fields, begin_ms, min(begin_ms + SLICE_MS, to_ms)
                )
                if rows:
                    yield await asyncio.to_thread(lines_of, point, metric, rows)


def good_shares(
    buckets: Sequence[Bucket], source: Marks, host: Marks, *, span: tuple[int, int, int]
) -> dict[int, float]:
    """The good share of each bucket by its place, from `from` to `to`, where it is not the whole."""
    from_ms, to_ms, width_ms = span
    filled = {(bucket.at_ms - from_ms) // width_ms for bucket in buckets}
    bad_ms: dict[int, int] = {}
    for begin_ms, end_ms in spells(source, to_ms):
        spread(bad_ms, max(begin_ms, from_ms) - from_ms, end_ms - from_ms, width_ms)
    lost_ms: dict[int, int] = {}
    heard = sorted([*host, *((at_ms, True) for at_ms, is_good in source if is_good)])
    for begin_ms, end_ms in spells(heard, to_ms):
        spread(lost_ms, max(begin_ms, from_ms) - from_ms, end_ms - from_ms, width_ms)
    for place, lasted_ms in lost_ms.items():
        if place not in filled:
            bad_ms[place] = max(bad_ms.get(place, 0), lasted_ms)
    ends_at = to_ms - from_ms
    return {
        place: max(0.0, 1 - lasted_ms / min(width_ms, ends_at - place * width_ms))
        for place, lasted_ms in sorted(bad_ms.items())
    }


def spells(marks: Iterable[tuple[int, bool]], to_ms: int) -> list[tuple[int, int]]:
    """When it was not good before an instant, from instant to instant."""
    found: list[tuple[int, int]] = []
    since_ms: int | None = None
    for at_ms, is_good in [*marks, (to_ms, True)]:
        if at_ms > to_ms:
            continue
        if is_good and since_ms is not None and since_ms < at_ms:
            found.append((since_ms, at_ms))
        since_ms = None if is_good else at_ms if since_ms is None else since_ms
    return found


def spread(into: dict[int, int], from_ms: int, to_ms: int, width_ms: int) -> None:
    """Add a stretch of time to the buckets that it touches."""
    place = from_ms // width_ms
    while place * width_ms < to_ms:
        inside_ms = min(to_ms, (place + 1) * width_ms) - max(from_ms, place * width_ms)
        into[place] = into.get(place, 0) + inside_ms
        place += 1


def lines_of(point: str, metric: MetricState, rows: Sequence[Row]) -> str:
    """Rows as CSV: the time in China, the value, and the quality where it is told."""
    target, name = metric.target, quoted(point)
    lines = []
    for row in rows:
        at = (
            datetime.fromtimestamp(row.at_ms / 1000, UTC).astimezone(CHINA).isoformat(timespec="milliseconds")
        )
        value = row.fields.get(target.field)
        quality = row.fields.get(target.quality_field, row.fields.get(target.host_quality_field))
        if quality is None and value is not None:
            quality = Quality.GOOD
        shown = "" if value is None else quoted(value) if isinstance(value, str) else f"{value:.10g}"
        lines.append(
            f"{at},{name},{shown},{quoted(metric.unit)},{'' if quality is None else int(quality)}\r\n"
        )
    return "".join(lines)


def quoted(text: str) -> str:
    """A text as a cell: none that a spreadsheet would run, quoted where it must be."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
