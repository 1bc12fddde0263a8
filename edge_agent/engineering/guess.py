"""What a variable of an OPC UA server may be in our vocabulary, by the names on the way to it; pure.

Rules
- The last name that is of equipment (`LocalFan1`, `Pump 2`, `主排水泵2`) and what stands behind it, which must be a
  quantity (`CuttingCurrent`, `水位`), make the metric. Names may be joined by points, in `Pump2.Flow` or the like.
- The name in front of the equipment may be the area.
- What is not of the vocabulary is left empty: a wrong name is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from contract.topic import is_valid_id
from contract.vocabulary import equipment, quantities

PARTS: Final = re.compile(r"[./\\:]+")
WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W0-9A-Za-z_]+")
"""`LocalFan1` in words: `Local`, `Fan`, `1`; Chinese has no blanks and stays whole."""
EQUIPMENT: Final = {
    name: kind.word for kind in equipment.KINDS for name in (kind.word.casefold(), kind.zh.casefold())
}
QUANTITY: Final = {
    name: quantity.word
    for quantity in reversed(quantities.QUANTITIES)
    for name in (quantity.word.casefold(), quantity.zh.casefold())
}


def guess(names: Sequence[str]) -> tuple[str, str]:
    """Area and metric of a variable with these browse names, each empty where nothing tells."""
    parts = [part for name in names for part in PARTS.split(name) if part]
    for at in range(len(parts) - 2, -1, -1):
        machine, quantity = machine_in(parts[at]), quantity_in("".join(parts[at + 1 :]))
        if machine and quantity:
            area = parts[at - 1] if at else ""
            return area if is_valid_id(area) else "", f"{machine}/{quantity}"
    return "", ""


def machine_in(name: str) -> str:
    """Equipment with its number, or nothing."""
    words = list(words_in(name))
    number = int(words.pop()) if words and words[-1].isdecimal() else None
    kind = EQUIPMENT.get(" ".join(words)) or EQUIPMENT.get("".join(words))
    if kind is None or number == 0:  # a count from 0 could mean either of two machines
        return ""
    return kind if number is None else f"{kind} {number}"


def quantity_in(name: str) -> str:
    """A quantity, or nothing."""
    words = list(words_in(name))
    return QUANTITY.get(" ".join(words)) or QUANTITY.get("".join(words)) or ""


def words_in(name: str) -> Iterator[str]:
    """The words of a name, as people write several in one."""
    return (found[0].casefold() for found in WORDS.finditer(name))
