"""Config: TOML text into a frozen pydantic model, with every fault at once and its line.

Lines are found by reading the text a second time as lines: TOML keys stand at the start of a line, tables in
brackets. A key inside an inline table or a multi-line array is reported at the line where that begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from contract.errors import Fault, Misconfigured

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]

TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
KEY: Final = re.compile(r"""\s*("[^"]+"|'[^']+'|[A-Za-z0-9_.-]+)\s*=""")
SYNTAX: Final = re.compile(r"(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)")


class Section(BaseModel):
    """Base of every config model: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def load(model: type[Model], text: str, file: str) -> Model:
    """The config in `text`; raises `Misconfigured` with every fault."""
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        found = SYNTAX.match(str(error))
        line = int(found["line"]) if found else None
        raise Misconfigured([Fault(file, line, f"not TOML: {found['what'] if found else error}")]) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = dict(lines_of(text))
        raise Misconfigured(
            Fault(file, line_of(fault["loc"], lines), f"{dotted(fault['loc'])}: {said(fault)}")
            for fault in error.errors()
        ) from error


def said(fault: Mapping[str, object]) -> str:
    """What is wrong, in words for who wrote the file."""
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key; see deploy/config/*.sample.toml for the known ones"
        case "missing":
            return "missing"
        case _:
            return f"{fault['msg']} (found {fault['input']!r})"


def dotted(path: Sequence[str | int]) -> str:
    """A path as people write it: `sources[0].host`."""
    return (
        "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "config"
    )


def line_of(path: Sequence[str | int], lines: Mapping[Path, int]) -> int | None:
    """The line of a path, or of the nearest table around it.

    Pydantic puts the tag of a discriminated union into the path; parts that no table has are skipped.
    """
    best: Path = ()
    for part in path:
        if (*best, part) in lines:
            best = (*best, part)
    return lines.get(best)


def lines_of(text: str) -> Iterator[tuple[Path, int]]:
    """Every table and key with its 1-based line."""
    table: Path = ()
    entries: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := TABLE.match(line):
            table = resolve(split(header[2]), entries, starts_entry=header[1] == "[[")
            yield table, number
        elif key := KEY.match(line):
            names = split(key[1])
            yield from (((*table, *names[:end]), number) for end in range(1, len(names) + 1))


def resolve(names: Sequence[str], entries: dict[Path, int], *, starts_entry: bool) -> Path:
    """The path of a table header, with the index of the entry wherever an array of tables stands."""
    path: Path = ()
    for depth, name in enumerate(names):
        path = (*path, name)
        if starts_entry and depth == len(names) - 1:
            entries[path] = entries.get(path, -1) + 1
        if path in entries:
            path = (*path, entries[path])
    return path


def split(dotted_key: str) -> list[str]:
    """The parts of a possibly dotted, possibly quoted key."""
    return [part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', dotted_key)]
