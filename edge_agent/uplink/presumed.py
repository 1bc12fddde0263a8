"""Delivery to hosts that never commit (`mode = "sparkplug"`): what was sent is presumed to have arrived; pure.

Sparkplug sends data at QoS 0, and a dead link is noticed only after one and a half keep-alives: what was sent in that
time may be lost. So a batch counts as delivered once the link has held for so long after it; on the next connection
everything younger is sent again, as historical. Duplicates are possible, a hole is not, while the host is there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

NOTICED_KEEPALIVES: Final = 1.5


@dataclass(slots=True)
class Presumed:
    """Batches sent on this connection, and when."""

    hold_ms: int
    sent: deque[tuple[int, int]] = field(default_factory=deque)
    """Highest batch sent so far, and when it went."""

    def connected(self) -> None:
        """What the last connection sent is not presumed any more."""
        self.sent.clear()

    def went(self, number: int, now_ms: int) -> None:
        """Batches up to `number` were sent."""
        if not self.sent or number > self.sent[-1][0]:
            self.sent.append((number, now_ms))

    def arrived(self, now_ms: int) -> int | None:
        """The highest batch that counts as delivered now, or `None` if no further one does."""
        number = None
        while self.sent and self.sent[0][1] <= now_ms - self.hold_ms:
            number = self.sent.popleft()[0]
        return number
