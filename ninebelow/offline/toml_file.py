"""TOML files checked against a model, every fault with its line.

What is wrong is collected, not raised, so that one run names the faults of all files.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from contract.errors import Fault
from contract.toml_lines import KeyPath, toml_lines

FILE_BYTES_MAX: Final = 64 * 2**20

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """Where things stand in a file that has been read."""

    file: str
    lines: dict[KeyPath, int]

    def line(self, *path: str | int) -> int:
        """The 1-based line of a key or element, else of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, what: str, *path: str | int) -> Fault:
        """A fault at a key."""
        return Fault(self.file, self.line(*path), what)


def read_toml(path: Path, model: type[Model], faults: list[Fault]) -> tuple[Model | None, TomlFile]:
    """Read a file as a model; if it is not one, every reason is added to `faults` and `None` comes back."""
    where = TomlFile(str(path), {})
    try:
        data = _read(path)
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        faults.append(
            Fault(str(path), data.count(b"\n", 0, error.start) + 1, "not UTF-8; save the file as UTF-8")
        )
    except OSError as error:
        faults.append(Fault(str(path), None, f"cannot be read: {error.strerror or error}"))
    except (ValueError, RecursionError) as error:
        faults.append(_syntax_fault(str(path), text, error))
    else:
        where = TomlFile(str(path), toml_lines(text))
        try:
            return model.model_validate(values), where
        except ValidationError as error:
            told = (where.fault(*_told(dict(each))) for each in error.errors(include_url=False))
            faults.extend(sorted(told))
    return None, where


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise OSError(f"larger than {FILE_BYTES_MAX >> 20} MiB")
    return data


def _syntax_fault(file: str, text: str, error: Exception) -> Fault:
    """`tomllib` tells the line in its message only."""
    if isinstance(error, RecursionError):
        return Fault(file, None, "not TOML: nested too deep")
    what = str(error)
    if found := re.search(r" \(at line (\d+), column (\d+)\)$", what):
        return Fault(file, int(found[1]), f"not TOML: {what[: found.start()]} (column {found[2]})")
    return Fault(file, text.count("\n") + 1, f"not TOML: {what}")


def _told(error: dict[str, Any]) -> tuple[str, *tuple[str | int, ...]]:
    """What to say of one of pydantic's errors, and the path of the key it is about."""
    path: KeyPath = error["loc"]
    name = ".".join(map(str, path))
    match error["type"]:
        case "missing":
            return f"missing key {name}", *path
        case "extra_forbidden":
            return f"unknown key {name}", *path
        case _:
            shown = repr(error["input"])
            return f"{name} = {shown if len(shown) <= 40 else shown[:40] + '…'}: {error['msg']}", *path  # noqa: PLR2004
