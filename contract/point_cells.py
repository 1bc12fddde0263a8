"""The cells of a point table's row, read one by one: a bad cell is a fault, and reading goes on behind it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

Member = TypeVar("Member", bound=StrEnum)

DIGITS_MAX: Final = 9
WORD: Final = re.compile(r"\{(\w+)\}")
PERCENT: Final = "%"


class Cells:
    """One row; `faults` is what is wrong with it, and a cell that cannot be read gives its default."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row
        self.faults: list[str] = []

    def fault(self, what: str) -> None:
        """Something of the row is wrong."""
        self.faults.append(what)

    def text(self, name: str) -> str:
        """A cell as it stands; empty where there is no such column."""
        return self.row.get(name, "")

    def choice(self, name: str, members: type[Member], default: Member) -> Member:
        """A cell that names one of an enumeration; empty means the default where the cell may be empty."""
        cell = self.text(name)
        try:
            return members(cell)
        except ValueError:
            self.fault(f"{name} {cell!r} must be one of {', '.join(member.value for member in members)}")
            return default

    def whole(self, name: str, low: int, high: int) -> int:
        """A cell that holds a whole number of a range, or a sum of such (`100+12`), as device profiles have it."""
        cell = self.text(name)
        terms = [term.strip() for term in cell.split("+")]
        if all(term.isdecimal() and len(term) <= DIGITS_MAX for term in terms):
            total = sum(map(int, terms))
            if low <= total <= high:
                return total
        self.fault(f"{name} {cell!r} must be a whole number {low}…{high}")
        return low

    def number(self, name: str, default: float) -> float:
        """A cell that holds a number; empty or no column means the default."""
        cell = self.text(name)
        if not cell:
            return default
        value = number_in(cell)
        if value is None:
            self.fault(f"{name} {cell!r} must be a number")
            return default
        return value

    def width(self, name: str, low: float | None, high: float | None) -> float:
        """A cell that holds a difference of values: in their unit, or as a share (`2%`) of the range low to high."""
        cell = self.text(name)
        value = number_in(cell.removesuffix(PERCENT).rstrip()) if cell else 0.0
        if value is None or value < 0:
            self.fault(f"{name} {cell!r} must be a number not below 0, or a share of the range as '2%'")
            return 0.0
        if not cell.endswith(PERCENT):
            return value
        if low is None or high is None:
            self.fault(f"{name} {cell!r} is a share of the range: fill in low and high")
            return 0.0
        return value * (high - low) / 100

    def numbers(self, name: str) -> tuple[float, ...]:
        """A cell that holds numbers, `1.0;1.5`, ascending."""
        cell = self.text(name)
        values = [number_in(part.strip()) for part in cell.split(";") if part.strip()]
        given = [value for value in values if value is not None]
        if len(given) != len(values):
            self.fault(f"{name} {cell!r} must be numbers as '1.0;1.5'")
        return tuple(sorted(given))

    def codes(self, name: str, example: str) -> dict[int, str]:
        """A cell that says what numbers mean: `0=local;1=remote`."""
        cell = self.text(name)
        pairs = [part.partition("=") for part in cell.split(";") if part.strip()]
        try:
            codes = [(int(code, 0), text.strip()) for code, equals, text in pairs if equals or int("no pair")]
        except ValueError:
            self.fault(f"{name} {cell!r} must be pairs as '{example}'")
            return {}
        if len(dict(codes)) < len(codes) or not all(text for _, text in codes):
            self.fault(f"{name} {cell!r} must give every number once, and a text for it")
        return dict(codes)

    def bits(self, name: str) -> int | None:
        """A cell that picks bits: `0x00F0`, `0b1100` or a plain number; empty picks all."""
        cell = self.text(name)
        if not cell:
            return None
        try:
            mask = int(cell, 0)
        except ValueError:
            mask = 0
        if not 0 < mask < 1 << 64:
            self.fault(f"{name} {cell!r} must pick bits, as '0x00F0'")
            return None
        return mask


def number_in(cell: str) -> float | None:
    """The number that a cell holds."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def filled_in(cell: str, words: Mapping[str, str]) -> str:
    """A cell of a device profile with the words of an instance, `Pump {n}/Flow`; an unknown word stays."""
    return WORD.sub(lambda found: words.get(found[1], found[0]), cell)


def open_words(cell: str) -> list[str]:
    """The words that a cell still asks for."""
    return WORD.findall(cell)
