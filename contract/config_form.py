"""Config: TOML text into a frozen pydantic model, with every fault at once and its line.

Used by the processes that read one config file; a key that is not there is reported at the table around it. What
was found is shown beside the fault, but for secrets and whole tables: faults end up in logs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from contract.errors import Fault, Misconfigured
from contract.toml_lines import KeyPath, toml_lines

Model = TypeVar("Model", bound=BaseModel)

SECRETS: Final = frozenset({"password", "token", "metrics_token", "urls"})
SYNTAX: Final = re.compile(r"(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)")


class Section(BaseModel):
    """Base of every config model: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def load(model: type[Model], text: str, file: str) -> Model:
    """The config in `text`, with relative paths taken from the folder of the file.

    Raises `Misconfigured` with every fault.
    """
    try:
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = SYNTAX.match(str(error))
        line = int(found["line"]) if found else None
        raise Misconfigured([Fault(file, line, f"not TOML: {found['what'] if found else error}")]) from error
    try:
        return anchored(model.model_validate(content), PurePath(file).parent)
    except ValidationError as error:
        lines = toml_lines(text)
        raise Misconfigured(
            Fault(file, line_of(fault["loc"], lines), f"{dotted(fault['loc'])}: {said(fault)}")
            for fault in error.errors()
        ) from error


def anchored(section: Model, folder: PurePath) -> Model:
    """The same config, its relative paths below `folder`."""
    changed: dict[str, object] = {}
    for name, value in section:
        if isinstance(value, PurePath):
            changed[name] = type(value)(folder / value)
        elif isinstance(value, BaseModel):
            changed[name] = anchored(value, folder)
        elif isinstance(value, (list, tuple)):
            changed[name] = type(value)(anchored(v, folder) if isinstance(v, BaseModel) else v for v in value)
    return section.model_copy(update=changed)


def named(text: str, tables: str, *keys: str) -> list[tuple[str, ...]]:
    """Text values of these keys in each entry of an array of tables, as far as a faulty file has them."""
    try:
        entries = tomllib.loads(text).get(tables)
    except tomllib.TOMLDecodeError:
        return []
    rows = ([entry.get(key) for key in keys] for entry in entries or () if isinstance(entry, dict))
    return [tuple(map(str, row)) for row in rows if all(isinstance(value, str) for value in row)]


def said(fault: Mapping[str, Any]) -> str:
    """What is wrong, in words for who wrote the file."""
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key: check its spelling, and the table that it stands in"
        case "missing":
            return "missing"
        case _ if is_showable(fault):
            return f"{fault['msg']} (found {fault['input']!r})"
        case _:
            return str(fault["msg"])


def is_showable(fault: Mapping[str, Any]) -> bool:
    """Whether a fault's input may be shown: one value, and no secret."""
    return isinstance(fault["input"], (str, int, float)) and not SECRETS & set(fault["loc"])


def dotted(path: Sequence[str | int]) -> str:
    """A path as people write it: `sources[0].host`."""
    return (
        "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "config"
    )


def line_of(path: Sequence[str | int], lines: Mapping[KeyPath, int]) -> int | None:
    """The line of a path, or of the nearest thing around it.

    Pydantic puts the tag of a discriminated union into the path; parts that the file does not have are skipped.
    """
    best: KeyPath = ()
    for part in path:
        if (*best, part) in lines:
            best = (*best, part)
    return lines.get(best)
