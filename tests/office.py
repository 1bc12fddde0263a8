"""Bulletins as other programs show them: LibreOffice prints, poppler draws and reads."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

DOTS_PER_INCH = 40
WHITE = 250
"""Of 255: paler is no ink."""


@dataclass(frozen=True)
class Page:
    """A page as grey dots."""

    width: int
    height: int
    dots: bytes

    @property
    def has_ink(self) -> bool:
        """Is anything on it?"""
        return any(dot < WHITE for dot in self.dots)

    def edge_is_clean(self, millimetres: float) -> bool:
        """Is nothing within that distance of the left and the right edge?"""
        margin = round(millimetres / 25.4 * DOTS_PER_INCH)
        lines = (self.dots[at : at + self.width] for at in range(0, len(self.dots), self.width))
        return all(min((*line[:margin], *line[-margin:])) >= WHITE for line in lines)


def printed(file: Path) -> Path:
    """A Word or Excel file as LibreOffice prints it: a PDF beside it."""
    profile = file.parent / "profile"
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless",
            "--convert-to", "pdf", "--outdir", str(file.parent), str(file),
        ],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return file.with_suffix(".pdf")


def pages_of(pdf: Path) -> list[Page]:
    """Every page of a PDF, drawn."""
    stem = pdf.with_suffix("")
    command = ["pdftoppm", "-gray", "-r", str(DOTS_PER_INCH), str(pdf), str(stem)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [page_in(file.read_bytes()) for file in sorted(stem.parent.glob(f"{stem.name}-*.pgm"))]


def page_in(content: bytes) -> Page:
    """A PGM file."""
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", content)
    assert head is not None
    return Page(int(head[1]), int(head[2]), content[head.end() :])


def texts_of(pdf: Path) -> list[str]:
    """What each page says, in the order in which it stands, without any blank."""
    said = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=120
    ).stdout.decode()
    return [re.sub(r"\s+", "", page) for page in said.removesuffix("\f").split("\f")]
