"""Whether the primary host is there, by its STATE messages; pure (Sparkplug 3.0, chapter 5).

Rules
- Only a STATE of our host, well-formed, with a time not before the last one's counts
  (tck-id-message-flow-edge-node-birth-publish-phid-wait-id, -online, -timestamp). An older one is an old will.
- Without a configured host there is nothing to wait for: it counts as online.
- Each server keeps its own STATE, so what was heard on one means nothing on the next.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(slots=True)
class PrimaryHost:
    """What is known of the host on the present connection."""

    host_id: str | None
    is_online: bool = False
    at_ms: int = -1
    """The time of the last STATE that counted; it holds over connections."""
    ignored: int = 0
    """STATE messages that did not count."""

    def connected(self) -> None:
        """A new connection: nothing is known of the host until its STATE comes."""
        self.is_online = self.host_id is None

    def state(self, data: bytes) -> None:
        """A STATE message of our host came."""
        told = read(data)
        if told is None or told[1] < self.at_ms:
            self.ignored += 1
            return
        self.is_online, self.at_ms = told


def read(data: bytes) -> tuple[bool, int] | None:
    """`online` and `timestamp` of a STATE payload, or `None` if it has another form (tck-id-payloads-state-birth)."""
    try:
        told = json.loads(data)
    except ValueError:  # UnicodeDecodeError is one, too
        return None
    if not isinstance(told, dict):
        return None
    online, at_ms = told.get("online"), told.get("timestamp")
    if not isinstance(online, bool) or not isinstance(at_ms, int) or isinstance(at_ms, bool):
        return None
    return online, at_ms
