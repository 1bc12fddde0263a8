"""One look at the drop folder of a personnel positioning system, as the agent takes one at its start.

Nothing is put away, so that an agent that is at work there finds every file where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.personnel.intake import After
from edge_agent.acquisition.reading import Reading
from edge_agent.source_config.personnel import PersonnelSource
from edge_agent.sources.drop_folder import NoFolder
from edge_agent.sources.one_pass import GOOD, Pass, Read
from edge_agent.sources.personnel_files import of_config
from edge_agent.sources.source import Now

NO_SNAPSHOT: Final = "no_snapshot"
"""No file holds now that tells who is in the area."""


async def personnel_pass(config: PersonnelSource, points: Sequence[Point], now: Now) -> Pass:
    """Read every point once."""
    found = Pass(now)

    def take(readings: Sequence[Reading]) -> None:
        for reading in readings:
            is_good = reading.quality is Quality.GOOD
            found.reads[reading.point.key] = Read(reading, trouble=GOOD if is_good else NO_SNAPSHOT)

    source = of_config(config.model_copy(update={"after": After.KEEP}), points, now=now)
    try:
        await source.look(take)
    except NoFolder as trouble:
        found.failure = str(trouble)
        found.fail(points, trouble.kind, Quality.STALE)
    found.fail(points, NO_SNAPSHOT, Quality.STALE)
    return found
