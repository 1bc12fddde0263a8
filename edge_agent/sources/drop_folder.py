"""The folder that a positioning system drops its files into: what lies there, its contents, and putting it away.

Everything here may wait for a disk or a network share: it runs in a thread. A folder is taken as it is, whoever
else writes, renames or deletes in it meanwhile; of no kind more than the newest `files_max` names are remembered.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contract.errors import Transient
from edge_agent.acquisition.personnel.grammar import FileName, file_name
from edge_agent.acquisition.personnel.intake import After, Found, Signature
from edge_agent.acquisition.personnel.profile import Kind

DONE: Final = "done"
"""Where files go that are moved, below the folder."""


class NoFolder(Transient):
    """The folder cannot be listed; `kind` is the word it is counted under."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


@dataclass(slots=True)
class Newest:
    """The names with the newest stamps of those that were added, `size` at most."""

    size: int
    heap: list[tuple[str, FileName]] = field(default_factory=list)

    def add(self, name: FileName) -> None:
        """One more name."""
        if len(self.heap) < self.size:
            heapq.heappush(self.heap, (name.stamp, name))
        else:
            heapq.heappushpop(self.heap, (name.stamp, name))


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in the folder: files of the mine by kind, and the names of files of other mines."""

    files: Mapping[Kind, Sequence[Found]]
    foreign: frozenset[str]


@dataclass(frozen=True, slots=True)
class DropFolder:
    """One mine's files in a folder."""

    path: Path
    mine: str
    files_max: int
    file_bytes_max: int

    def listing(self) -> Listing:
        """The newest files of each kind; raises `NoFolder`."""
        newest = {kind: Newest(self.files_max) for kind in Kind}
        foreign = Newest(self.files_max)
        try:
            with os.scandir(self.path) as entries:
                for name in filter(None, (file_name(entry.name) for entry in entries)):
                    if name.mine != self.mine:
                        foreign.add(name)
                    elif name.kind in newest:
                        newest[Kind(name.kind)].add(name)
        except FileNotFoundError as error:
            raise NoFolder("folder_missing", f"{self.path} does not exist") from error
        except OSError as error:
            raise NoFolder("folder_unreadable", f"{self.path}: {error.strerror}") from error
        files = {kind: list(self.found(names)) for kind, names in newest.items()}
        return Listing(files, frozenset(name.text for _, name in foreign.heap))

    def found(self, names: Newest) -> Iterator[Found]:
        """Those of the names that are files and still there."""
        for _, name in names.heap:
            try:
                status = (self.path / name.text).stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield Found(name, signature_of(status))

    def read(self, name: FileName) -> tuple[bytes, Signature]:
        """A file; of one that is too large, a byte more than it may have. Raises `Transient` if it cannot be read."""
        try:
            with (self.path / name.text).open("rb") as file:
                content = file.read(self.file_bytes_max + 1)
                status = os.fstat(file.fileno())
        except OSError as error:
            raise Transient(f"it cannot be read: {error.strerror}") from error
        return content, signature_of(status)

    def put_away(self, name: FileName, after: After) -> None:
        """Move or delete a file; raises `Transient` if it has to stay."""
        path = self.path / name.text
        try:
            if after is After.DELETE:
                path.unlink(missing_ok=True)
            elif after is After.MOVE:
                (self.path / DONE).mkdir(exist_ok=True)
                path.replace(self.path / DONE / name.text)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Transient(f"{path} cannot be put away: {error.strerror}") from error


def signature_of(status: os.stat_result) -> Signature:
    """What tells a file from the same one later."""
    return Signature(status.st_size, status.st_mtime_ns)
