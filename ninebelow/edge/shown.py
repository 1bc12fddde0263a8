"""Values in tables for people."""

from __future__ import annotations

from typing import Final

from contract.datatype import Value

TEXT_MAX: Final = 60


def shown(value: Value | None) -> str:
    """A value for people: a float with the digits that one of 32 bits has, a long text cut short."""
    if value is None:
        return "—"
    text = f"{value:.7g}" if isinstance(value, float) else str(value)
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"
