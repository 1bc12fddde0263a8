"""Whether the primary host is there, by its STATE messages; pure (Sparkplug 3.0, chapter 5).

Rules
- Only a STATE of our host, well-formed, with a time not before the last one's counts
  (tck-id-message-flow-edge-node-birth-publish-phid-wait-id, -online, -timestamp). An older one is an old will.
- Without a configured host there is nothing to wait for: it counts as online.
- Each server keeps its own STATE: neither what was heard on one nor when means anything on the next
  (tck-id-operational-behavior-host-application-multi-server-timestamp).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(slots=True)
class PrimaryHost:
    """What is known of the host on the present connection."""

    host_id: str | None
    is_online: bool = False
    server: str = ""
    at_ms: dict[str, int] = field(default_factory=dict)
    """The time of the last STATE that counted on each server; it holds over connections."""
    ignored: int = 0
    """STATE messages that did not count."""

    def connected(self, server: str) -> None:
        """A new connection: nothing is known of the host until its STATE comes."""
        self.server = server
        self.is_online = self.host_id is None

    def state(self, data: bytes) -> None:
        """A STATE message of our host came."""
        told = read(data)
        if told is None or told[1] < self.at_ms.get(self.server, 0):
            self.ignored += 1
            return
        self.is_online, self.at_ms[self.server] = told


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
