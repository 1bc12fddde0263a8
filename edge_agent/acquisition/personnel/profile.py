"""The profile of a mine's personnel files: which field stands where, and what the flags and separators are; pure.

The defaults are the layouts that several public implementations of the standard agree on. A field that is not of
interest may be called `_`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The files that are read, in the order in which they are: a snapshot is told with the posts known by then."""

    RYQY = "RYQY"
    """区域信息: the zones of the mine."""
    RYXX = "RYXX"
    """人员信息: the people, with their posts."""
    RYSS = "RYSS"
    """人员实时: who is where, a full snapshot."""


RYSS: Final = (
    "card", "name", "flag", "entered_at", "left_at", "zone", "zone_entered_at", "station", "station_entered_at",
    "shift_system", "distance_m", "state", "leader", "special", "track",
)  # fmt: skip
RYXX: Final = ("card", "name", "trade", "post", "crew", "born_on", "education", "leader", "special")
RYQY: Final = ("zone_kind", "zone", "headcount_max", "zone_name")
HEADER: Final = ("mine", "mine_name", "at")
HEADER_RYXX: Final = (
    "mine", "mine_name", "headcount_max", "system_model", "system_name", "maker", "certified_until", "at",
)  # fmt: skip
HEADER_NEEDED: Final = ("mine", "at")
SKIPPED: Final = "_"

KNOWN: Final[Mapping[Kind, Sequence[str]]] = {Kind.RYSS: RYSS, Kind.RYXX: RYXX, Kind.RYQY: RYQY}
NEEDED: Final[Mapping[Kind, Sequence[str]]] = {
    Kind.RYSS: ("card", "flag", "zone"),
    Kind.RYXX: ("card",),
    Kind.RYQY: ("zone",),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """How a mine's files are laid out; every list has the names of the fields in their order in the file."""

    ryss: Sequence[str] = RYSS
    ryxx: Sequence[str] = RYXX
    ryqy: Sequence[str] = RYQY
    headers: Sequence[Sequence[str]] = (HEADER, HEADER_RYXX)
    """Forms of the first record, told apart by their number of fields."""
    post_from: str = "post"
    """The field of RYXX that says what a person does."""
    underground: str = "1"
    """The flag of a person who is below."""
    elsewhere: Sequence[str] = ("0", "2")
    """The flags of a person who is not."""
    field_separator: str = ";"
    record_end: str = "~"
    file_end: str = "||"

    def fields(self, kind: Kind) -> Sequence[str]:
        """The fields of a kind's records."""
        match kind:
            case Kind.RYSS:
                return self.ryss
            case Kind.RYXX:
                return self.ryxx
            case Kind.RYQY:
                return self.ryqy


STANDARD: Final = Profile()


def check_fields(kind: Kind, names: Sequence[str]) -> None:
    """Raises `ValueError` if the records of a kind cannot be read by these names."""
    check_names(names, KNOWN[kind], NEEDED[kind])


def check_headers(forms: Sequence[Sequence[str]]) -> None:
    """Raises `ValueError` if a header cannot be read by one of these forms."""
    for form in forms:
        check_names(form, HEADER_RYXX, HEADER_NEEDED)
    lengths = [len(form) for form in forms]
    if not forms or len(set(lengths)) < len(lengths):
        raise ValueError("give at least one form, and no two with the same number of fields")


def check_names(names: Sequence[str], known: Sequence[str], needed: Sequence[str]) -> None:
    """Raises `ValueError` if a name is unknown, stands twice or is missing."""
    if unknown := sorted({*names} - {*known, SKIPPED}):
        raise ValueError(
            f"unknown field {unknown[0]!r}; known are {', '.join(known)}, and {SKIPPED!r} for a field to pass over"
        )
    if twice := sorted(name for name in {*names} - {SKIPPED} if names.count(name) > 1):
        raise ValueError(f"field {twice[0]!r} stands twice")
    if missing := [name for name in needed if name not in names]:
        raise ValueError(f"field {missing[0]!r} is missing: it cannot be done without")
