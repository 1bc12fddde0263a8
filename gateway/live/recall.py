"""After a start the trackers get back from the historian what they knew: values, and unknown stretches too."""

from __future__ import annotations

from collections.abc import AsyncIterator

from contract.datatype import DataType
from contract.quality import Quality
from contract.vocabulary.roles import BY_METRIC, Role
from gateway.historian.historian import FieldValue, Historian
from gateway.ingest.router import Target, route
from gateway.live.faces import KEPT_US
from gateway.live.trackers import Trackers


async def recall(trackers: Trackers, historian: Historian, now_ms: int) -> int:
    """Feed every tracker the rows of the time it keeps; gives their number.

    Raises `HistorianUnavailable` with the trackers partly fed: call it again, rows are idempotent.
    """
    rows = 0
    for code, mine in trackers.mines.items():
        for area in (*mine.faces, *mine.chambers):
            roles = BY_METRIC if area in mine.chambers else {"Personnel/Headcount": Role.HEADCOUNT}
            for metric, role in roles.items():
                target = route(code, "", area, metric, datatype_of(role))
                async for at_ms, value in known_rows(historian, target, now_ms):
                    trackers.take_value(mine, (code, area), role, at_ms * 1000, value)
                    rows += 1
    return rows


def datatype_of(role: Role) -> DataType:
    """How a role's values are stored."""
    return DataType.STRING if role is Role.CONTROL_MODE else DataType.DOUBLE


async def known_rows(
    historian: Historian, target: Target, now_ms: int
) -> AsyncIterator[tuple[int, FieldValue | None]]:
    """Rows of a metric as the trackers took them live: the value, or `None` where quality was not good."""
    fields = (target.field, target.quality_field)
    from_ms = now_ms - KEPT_US // 1000
    before = await historian.last_before(target.series, fields, from_ms)
    rows = await historian.read(target.series, fields, from_ms, now_ms + 1)
    for row in [*([before] if before else []), *rows]:
        quality = row.fields.get(target.quality_field)
        value = row.fields.get(target.field)
        if quality is not None and quality != Quality.GOOD:
            yield row.at_ms, None
        elif value is not None:
            yield row.at_ms, value
