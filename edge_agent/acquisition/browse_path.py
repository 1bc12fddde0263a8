"""Browse paths: how the point table names an OPC UA node by the names on the way to it; pure.

`nsu=http://example.com/mine;/F1/Shearer/Position` goes from the Objects folder along hierarchical references. A name
without an index of its own is of the namespace before the `;` (of namespace 0 where none is given); `2:Shearer` is of
the namespace with that index. `&` stands before a character that belongs to a name and would mean something else:
`/`, `:` and `&` (OPC UA Part 4, A.2 has the same sign).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SPLIT: Final = re.compile(r"(nsu=[^;]+|ns=[0-9]+);(.*)", re.DOTALL)
STEP: Final = re.compile(r"/(?:([0-9]+):)?((?:&.|[^&/])+)", re.DOTALL)
ESCAPED: Final = re.compile(r"&(.)", re.DOTALL)
RESERVED: Final = re.compile(r"[/:&]")
INDEX_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class Step:
    """A name on the way, and its namespace: an index, or `None` for that of the path."""

    name: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class BrowsePath:
    """A way from the Objects folder to a node; `namespace` is a URI or an index."""

    namespace: str | int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        """As it stands in a point table."""
        before = f"nsu={self.namespace};" if isinstance(self.namespace, str) else f"ns={self.namespace};"
        return before + "".join(map(written, self.steps))


def is_path(text: str) -> bool:
    """Whether a node of the point table is given by its path."""
    _, rest = split(text)
    return rest.startswith("/")


def parse(text: str) -> BrowsePath:
    """The path in a cell of the point table; raises `ValueError`."""
    before, rest = split(text)
    steps, at = [], 0
    while found := STEP.match(rest, at):
        index, name = found.groups()
        steps.append(Step(ESCAPED.sub(r"\1", name), None if index is None else int(index)))
        at = found.end()
    indexes = [step.index for step in steps if step.index is not None]
    namespace = before.removeprefix("nsu=") if before.startswith("nsu=") else int(before.removeprefix("ns="))
    if isinstance(namespace, int):
        indexes.append(namespace)
    if not steps or at != len(rest) or max(indexes, default=0) > INDEX_MAX:
        raise ValueError(f"{text!r} is no browse path such as 'nsu=http://example.com/mine;/F1/Shearer'")
    return BrowsePath(namespace, tuple(steps))


def split(text: str) -> tuple[str, str]:
    """The namespace of a node, `ns=0` where none is given, and the rest."""
    found = SPLIT.fullmatch(text)
    return (found[1], found[2]) if found else ("ns=0", text)


def written(step: Step) -> str:
    """A step as it stands in a path."""
    name = RESERVED.sub(r"&\g<0>", step.name)
    return f"/{name}" if step.index is None else f"/{step.index}:{name}"


def path_of(names: Sequence[tuple[int, str]], namespaces: Sequence[str]) -> BrowsePath | None:
    """The path of qualified names (index, name) for a point table.

    `None` where there is none that outlives a restart of the server: names of several namespaces besides the
    standard's need indexes, and those may be others then.
    """
    own = {index for index, _ in names if index}
    if not names or len(own) > 1 or not all(index < len(namespaces) and name for index, name in names):
        return None
    if not own:
        return BrowsePath(0, tuple(Step(name) for _, name in names))
    index = own.pop()
    return BrowsePath(namespaces[index], tuple(Step(name, 0 if at != index else None) for at, name in names))
