"""A file that a command writes: whole or not at all, and over no other without being told to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contract.errors import Fault, Misconfigured

Force = Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")]


def must_be_new(file: Path, *, force: bool) -> None:
    """Raises `Misconfigured` if the file is there and may not be overwritten."""
    if file.exists() and not force:
        raise Misconfigured(
            [Fault(str(file), None, "已存在，--force 覆盖 / exists already; --force overwrites")]
        )


def must_be_named(file: Path, *endings: str) -> None:
    """Raises `Misconfigured` if the name does not tell what will be in the file."""
    if file.suffix.lower() not in endings:
        known = ", ".join(endings)
        raise Misconfigured(
            [Fault(str(file), None, f"文件名须以 {known} 结尾 / the name must end in {known}")]
        )


def write(file: Path, content: bytes, *, force: bool) -> None:
    """Write a file; raises `Misconfigured` if that is not possible."""
    must_be_new(file, force=force)
    part = file.with_name(f".{file.name}.part")
    try:
        try:
            part.write_bytes(content)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Misconfigured(
            [Fault(str(file), None, f"无法写入 / cannot be written: {error.strerror}")]
        ) from error
