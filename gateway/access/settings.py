"""The config's section [access]."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from contract.config_form import Section
from gateway.access.access_file import Limits

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
Minutes = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class AccessSettings(Section):
    """Users, sessions, kiosks: where they are kept and how long they last."""

    path: Path = Path("var/access.sqlite")
    idle_min: Minutes = 60.0
    """A session ends after so long without any page open."""
    lifetime_h: Annotated[float, Field(gt=0)] = 12.0
    """A session ends so long after signing in, whatever happens."""
    password_length_min: Annotated[int, Field(ge=8, le=64)] = 10
    attempts_per_name: Count = 5
    attempts_per_address: Count = 20
    attempts_window_min: Minutes = 15.0
    sessions_max: Count = 1_000
    kiosks_max: Count = 200
    kiosk_token_h: Annotated[float, Field(gt=0)] = 24.0
    """A wall's token has to be opened within so long."""
    log_max: Count = 10_000
    """Entries of the log of sign-ins."""
    metrics_token: Annotated[SecretStr, Field(min_length=8)] | None = None
    """`Authorization: Bearer …` that opens /metrics and nothing else."""

    @property
    def limits(self) -> Limits:
        """What the file holds to."""
        return Limits(
            idle_ms=round(self.idle_min * MINUTE_MS),
            lifetime_ms=round(self.lifetime_h * HOUR_MS),
            sessions_max=self.sessions_max,
            entries_max=self.log_max,
            token_ms=round(self.kiosk_token_h * HOUR_MS),
            kiosks_max=self.kiosks_max,
        )
