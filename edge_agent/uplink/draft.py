"""What the journal writes and the outbox keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch without a number yet: a device's readings as encoded Sparkplug metrics."""

    device: str
    readings: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """A numbered batch."""

    number: int
    device: str
    readings: int
    body: bytes
