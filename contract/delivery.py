"""Committed delivery: the metrics by which the centre tells the edge what it has stored (definitions.md §4).

Batches are numbered per edge node within an epoch, the id of the outbox file. Sparkplug peers that know
nothing of this see ordinary metrics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EPOCH: Final = "Delivery/Epoch"
"""In NBIRTH, and in NCMD beside `Committed`: id of the outbox."""
OLDEST: Final = "Delivery/Oldest"
"""In NBIRTH: the lowest batch that the edge still keeps (or will give next, if it keeps none)."""
BATCH: Final = "Delivery/Batch"
"""In every data message: its number. Declared in every NBIRTH and DBIRTH."""
COMMITTED: Final = "Delivery/Committed"
"""In NCMD: the highest contiguous batch stored."""
DROPPED: Final = "Delivery/Dropped"
"""In NDATA: batches given up by policy, as `first-last reason`."""
DROPPED_FORM: Final = re.compile(r"(?P<first>[0-9]{1,19})-(?P<last>[0-9]{1,19}) (?P<reason>.*)", re.DOTALL)
REBIRTH: Final = "Node Control/Rebirth"
BD_SEQ: Final = "bdSeq"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A run of batches that the edge gave up, `first` to `last` inclusive, and why."""

    first: int
    last: int
    reason: str

    def __str__(self) -> str:
        """As it goes on the wire."""
        return f"{self.first}-{self.last} {self.reason}"

    @classmethod
    def parse(cls, text: str) -> Dropped | None:
        """The run announced by `text`, or `None` if it is none."""
        form = DROPPED_FORM.fullmatch(text)
        if form is None or int(form["first"]) > int(form["last"]):
            return None
        return cls(int(form["first"]), int(form["last"]), form["reason"])
