"""Errors sorted by what the caller should do about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class NinebelowError(Exception):
    """Root of every error of ours."""


class Transient(NinebelowError):
    """The other side cannot answer now: back off and try again."""


class Rejected(NinebelowError):
    """The other side refused this one thing for good: mark it and go on with the rest."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend: file, line (1-based; `None`: the whole file), what is wrong and how to mend it."""

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        """As compilers print it: `file:line: what`."""
        return f"{self.file}: {self.what}" if self.line is None else f"{self.file}:{self.line}: {self.what}"


class Misconfigured(NinebelowError):
    """Input that a person wrote is wrong; carries every fault at once. A process ends with exit code 2."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
