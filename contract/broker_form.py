"""How either end reaches the broker: the keys that both configs have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from contract.config_form import Section


class BrokerForm(Section):
    """An MQTT broker, and who we are there."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65536)] = 1883
    version: Literal["3.1.1", "5"] = "5"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: Annotated[int, Field(gt=0)] = 15
