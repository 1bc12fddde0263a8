"""What an outbox file holds, read while no agent has it open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.conservation.points import TAG_OF
from contract.proto.sparkplug_b_pb2 import Payload
from edge_agent.uplink.outbox import Limits, Outbox

EVERYTHING: Final = Limits(1 << 60)


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers by tag, and how many readings the file counts as lost."""

    values: dict[int, list[int]]
    lost: int

    @property
    def readings(self) -> int:
        """How many."""
        return sum(map(len, self.values.values()))


def held_in(path: Path) -> Held:
    """Read it; nothing in it is changed."""
    values: dict[int, list[int]] = {}
    with Outbox(path, EVERYTHING) as outbox:
        extent = outbox.extent()
        tag_of = {tag.number: TAG_OF.get((tag.device, tag.metric)) for tag in outbox.kept_tags()}
        for batch in outbox.read(extent.oldest, extent.following, extent.following):
            for metric in Payload.FromString(batch.body).metrics:
                if (tag := tag_of[metric.alias]) is not None:
                    values.setdefault(tag, []).append(int(metric.string_value or metric.double_value))
        return Held(values, outbox.readings_lost)
