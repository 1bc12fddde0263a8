"""What every source with a point table has in its config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contract.config_form import Section

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Port = Annotated[int, Field(gt=0, lt=65536)]


class TableSource(Section):
    """A source whose points stand in a table (CSV or XLSX)."""

    name: Annotated[str, Field(min_length=1)]
    points: Path
    instances: tuple[Mapping[str, str | int], ...] = ()
    """With these the table is a device profile: each instance gives the words for the `{word}` in its cells."""
