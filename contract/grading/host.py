"""What a host application has said of itself on one server: its STATE, by the times that it gives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from contract.grading.connection import Connection

OFFLINE_WORD: Final = b"OFFLINE"
"""What Sparkplug 2.2 published as text."""


@dataclass(frozen=True, slots=True)
class State:
    """A STATE payload; `fault` says why it is none of Sparkplug 3.0, and then only `online` is a guess."""

    online: bool
    at_ms: int = 0
    fault: str = ""


def read_state(data: bytes) -> State:
    """The state in these bytes."""
    guess = not data.strip().upper().startswith(OFFLINE_WORD)
    try:
        found = json.loads(data.decode())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return State(guess, fault=f"the payload {data[:40]!r} is not JSON in UTF-8")
    if not isinstance(found, dict):
        return State(guess, fault=f"the payload {data[:40]!r} is no JSON object")
    online, at_ms = found.get("online"), found.get("timestamp")
    if not isinstance(online, bool):
        return State(guess, fault=f"'online' is {online!r}, neither true nor false")
    if isinstance(at_ms, bool) or not isinstance(at_ms, int | float):
        return State(online, fault=f"'timestamp' is {at_ms!r}, no number")
    return State(online, int(at_ms))


@dataclass(slots=True)
class Host:
    """One host id on one server. `online` is what an edge node that heeds the times makes of its STATE."""

    name: str
    server: str
    online: bool | None = None
    at_ms: int = 0
    """The time within the newest STATE."""
    changed_at_ms: int = 0
    """When the present state was seen to begin."""
    stale_at_ms: int | None = None
    """When the last STATE came that was older than what was known; `None`: never."""
    is_stale_online: bool = False
    """That last one said `online`."""
    connection: Connection | None = None
    """The one that last said `online`."""
    denied_at_ms: int | None = None
    """Its connection stands, yet a STATE came that calls it offline; awaited since then: the truth again."""

    def take(self, state: State, now_ms: int, connection: Connection | None) -> None:
        """A STATE message."""
        if state.online:
            self.connection, self.denied_at_ms = connection or self.connection, None
        elif self.connection and self.connection.is_open and connection is not self.connection:
            self.denied_at_ms = now_ms
        if state.fault:
            return
        if self.online is not None and state.at_ms < self.at_ms:
            self.stale_at_ms, self.is_stale_online = now_ms, state.online
            return
        if self.online is not state.online:
            self.changed_at_ms = now_ms
        self.online, self.at_ms = state.online, state.at_ms
