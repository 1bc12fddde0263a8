"""The drop folder of the personnel positioning system: files appear there as it writes them, and old ones go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from contract.errors import Transient
from simulators.personnel_files import File, PersonnelFiles
from simulators.shifts import HOUR_MS

log = logging.getLogger(__name__)

EVERY_MS: Final = 30_000
"""Virtual time between two snapshots."""
LISTS_MS: Final = HOUR_MS
"""Virtual time between two lists of people and zones."""
KEPT_MAX: Final = 240
"""Files of ours that stay; beyond it the oldest are removed."""
TICK_S: Final = 0.05


class PersonnelFolder:
    """Writes what is due; a snapshot that was missed is not made up for."""

    def __init__(self, files: PersonnelFiles, folder: Path) -> None:
        self.files = files
        self.folder = folder
        self.snapshot_at = self.lists_at = -1
        self.kept: list[str] = []

    def write_due(self, now_ms: int) -> None:
        """Write the files of the present interval, if that is not done yet.

        Raises `OSError` if it cannot be done; then the next interval's are tried.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if now_ms // LISTS_MS != self.lists_at:
            self.lists_at = now_ms // LISTS_MS
            self.put(self.files.zones(now_ms))
            self.put(self.files.people(now_ms))
        if now_ms // EVERY_MS != self.snapshot_at:
            self.snapshot_at = now_ms // EVERY_MS
            snapshot = self.files.snapshot(self.snapshot_at * EVERY_MS)
            if snapshot:
                self.put(snapshot)

    def put(self, file: File) -> None:
        """Write under another name, then rename: who reads sees whole files only."""
        target = self.folder / file.name
        written = target.with_suffix(".tmp")
        written.write_text(file.text, encoding="utf-8", newline="")
        written.replace(target)
        if file.name not in self.kept:
            self.kept.append(file.name)
        while len(self.kept) > KEPT_MAX:
            (self.folder / self.kept.pop(0)).unlink(missing_ok=True)  # who reads may have taken it

    async def run(self, now_ms: Callable[[], int]) -> None:
        """Write for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self.write_due(now_ms())
            except OSError as error:
                log.warning("cannot write personnel files into %s: %s", self.folder, error.strerror)


@asynccontextmanager
async def personnel_folder(
    files: PersonnelFiles, folder: Path, *, now_ms: Callable[[], int]
) -> AsyncIterator[PersonnelFolder]:
    """Write files into a folder until the block ends; the first ones are there when it begins.

    Raises `Transient` if nothing can be written there.
    """
    writer = PersonnelFolder(files, folder)
    try:
        writer.write_due(now_ms())
    except OSError as error:
        raise Transient(f"cannot write personnel files into {folder}: {error.strerror}") from error
    writing = asyncio.create_task(writer.run(now_ms), name="simulator.personnel")
    try:
        yield writer
    finally:
        writing.cancel()
        await asyncio.wait([writing])
    if not writing.cancelled():
        writing.result()
