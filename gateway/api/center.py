"""What the API asks of the centre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from gateway.live.stream import Hub

Json = Mapping[str, object]


class Center(Protocol):
    """The running centre, read-only."""

    def mines(self) -> Sequence[Json]:
        """Code and name of every mine."""

    def hub(self, mine: str) -> Hub | None:
        """The live stream of a mine, `None` for an unknown code."""

    def overview(self, mine: str) -> str:
        """Everything a wall shows of a mine, as JSON text."""

    def gaps_of(self, mine: str) -> Sequence[Json]:
        """What is missing of a mine, the newest first."""

    def today(self) -> date:
        """The date at the centre."""

    def health(self) -> Json:
        """Is it alive, and what is missing."""

    def metrics(self) -> bytes:
        """Prometheus text."""
