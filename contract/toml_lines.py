"""On which line each key and each element of a TOML text stands; `tomllib` keeps the values only.

A small second reader walks the same text once `tomllib` has accepted it, so it need not know what is wrong TOML.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Final

KeyPath = tuple[str | int, ...]

_SKIP: Final = re.compile(r"(?:\s|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_STRING: Final = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})(?!")|\'\'\'.*?\'\'\'(?:'{0,2})(?!')|"(?:\\.|[^"\\])*"|'[^']*\'''',
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^,\]}\n#]+")


def toml_lines(text: str) -> dict[KeyPath, int]:
    """The 1-based line of every table, key and array element by its path; `text` must be valid TOML."""
    return _Reader(text).lines


@dataclass(slots=True)
class _Reader:
    """One pass over the text."""

    text: str
    at: int = 0
    lines: dict[KeyPath, int] = field(default_factory=dict)
    _elements: dict[KeyPath, int] = field(default_factory=dict)  # how many of each array of tables so far
    _counted_to: int = 0
    _line: int = 1

    def __post_init__(self) -> None:
        table: KeyPath = ()
        while self._peek():
            if self._take("[["):
                table = self._header("]]", is_element=True)
            elif self._take("["):
                table = self._header("]", is_element=False)
            else:
                self._pair(table)

    def _peek(self) -> str:
        found = _SKIP.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def _take(self, token: str) -> bool:
        self._peek()
        taken = self.text.startswith(token, self.at)
        self.at += len(token) * taken
        return taken

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found, f"tomllib accepted what this reader does not know, at {self.at}"
        self.at = found.end()
        return found[0]

    def _note(self, path: KeyPath) -> None:
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        self.lines.setdefault(path, self._line)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._peek()
            key = self._match(_KEY)
            keys.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            if not self._take("."):
                return tuple(keys)

    def _header(self, close: str, *, is_element: bool) -> KeyPath:
        *outer, last = self._keys()
        self._take(close)
        path: KeyPath = ()
        for key in outer:
            path = self._inside((*path, key))
            self._note(path)
        path = (*path, last)
        if is_element:
            self._elements[path] = self._elements.get(path, 0) + 1
            self._note(path)
        path = self._inside(path)
        self._note(path)
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        return (*path, self._elements[path] - 1) if path in self._elements else path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path)
        self._take("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            index = 0
            while not self._take("]"):
                self._note((*path, index))
                self._value((*path, index))
                self._take(",")
                index += 1
        elif self._take("{"):
            while not self._take("}"):
                self._pair(path)
                self._take(",")
        else:
            self._match(_STRING if self._peek() in "\"'" else _BARE)
