"""The scenarios that come with the virtual mine, one TOML file each."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

SUFFIX: Final = ".toml"


def names() -> tuple[str, ...]:
    """What they are called."""
    found = (entry.name for entry in files(__name__).iterdir() if entry.name.endswith(SUFFIX))
    return tuple(sorted(name.removesuffix(SUFFIX) for name in found))


def text(name: str) -> str:
    """A scenario as it is written; `name` is one of `names`."""
    return files(__name__).joinpath(name + SUFFIX).read_text("utf-8")
