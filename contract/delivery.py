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
"""In NDATA: batches given up by policy, in the form of `Loss`."""
THINNED: Final = "Delivery/Thinned"
"""In NDATA, in the same form: batches that are still kept, but for their raw samples."""
LOST: Final = "Delivery/Lost"
"""In NBIRTH and NDATA: how many readings were given up since the epoch began, whole batches or part of them."""
LOSS_FORM: Final = re.compile(
    r"(?P<first>[0-9]{1,19})-(?P<last>[0-9]{1,19}) (?P<reason>[^;]*)"
    r"(?:; readings=(?P<readings>[0-9]{1,19}))?(?:; from=(?P<from>[0-9]{1,15}); to=(?P<to>[0-9]{1,15}))?",
    re.DOTALL,
)
REBIRTH: Final = "Node Control/Rebirth"
BD_SEQ: Final = "bdSeq"


@dataclass(frozen=True, slots=True)
class Loss:
    """A run of batches of which readings were given up: `first` to `last` inclusive, why, how many, and of when.

    The times are when the readings were made, in UTC milliseconds, as closely as the edge knows it.
    """

    first: int
    last: int
    reason: str
    readings: int = 0
    from_ms: int = 0
    to_ms: int = 0

    def __str__(self) -> str:
        """As it goes on the wire."""
        span = f"; from={self.from_ms}; to={self.to_ms}" if self.to_ms else ""
        return f"{self.first}-{self.last} {self.reason.replace(';', ',')}; readings={self.readings}{span}"

    @classmethod
    def parse(cls, text: str) -> Loss | None:
        """The run announced by `text`, or `None` if it is none."""
        form = LOSS_FORM.fullmatch(text)
        if form is None or int(form["first"]) > int(form["last"]):
            return None
        numbers = [int(form[name] or 0) for name in ("readings", "from", "to")]
        return cls(int(form["first"]), int(form["last"]), form["reason"], *numbers)
