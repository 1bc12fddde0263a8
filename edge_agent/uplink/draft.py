"""What the journal writes and the outbox keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch without a number yet: a device's readings as encoded Sparkplug metrics."""

    device: str
    readings: int
    body: bytes
    newest_ms: int = 0
    """The time of its newest reading, which a source's clock may have put ahead of ours."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A numbered batch."""

    number: int
    device: str
    readings: int
    body: bytes
    newest_ms: int = 0
    """As in its draft; unknown, 0, of one that was read back from the disk."""
