"""What the console takes from npm: every file is the one that the lock names, or it is not taken."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from dashboards.web import vendor

CONTENT = b"var uPlot = 1;\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def archive(folder: Path, files: dict[str, bytes]) -> Path:
    """A package as npm packs it."""
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as opened:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return path


def lock(folder: Path) -> Path:
    """A lock of one package with one file."""
    path = folder / "vendor.toml"
    path.write_text(f'[uplot]\nversion = "1.0.0"\n[uplot.files]\n"dist/a.js" = "{DIGEST}"\n', "utf-8")
    return path


def test_the_right_file_is_taken_and_then_nothing_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    assert vendor.missing(lock(tmp_path), folder) == ["uplot"]
    vendor.put(archive(tmp_path, {"dist/a.js": CONTENT}), {"dist/a.js": DIGEST}, folder / "uplot")
    assert (folder / "uplot" / "a.js").read_bytes() == CONTENT
    assert vendor.missing(lock(tmp_path), folder) == []
    assert vendor.fetch(lock(tmp_path), folder) == []  # and npm is not even asked


def test_another_file_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(vendor.NotFetched, match=r"dist/a\.js"):
        vendor.put(archive(tmp_path, {"dist/a.js": b"evil"}), {"dist/a.js": DIGEST}, tmp_path / "vendor")
    assert not (tmp_path / "vendor" / "a.js").exists()


def test_a_file_that_changed_is_missing(tmp_path: Path) -> None:
    (tmp_path / "vendor" / "uplot").mkdir(parents=True)
    (tmp_path / "vendor" / "uplot" / "a.js").write_bytes(b"other")
    assert vendor.missing(lock(tmp_path), tmp_path / "vendor") == ["uplot"]


def test_npm_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "npm"
    broken.write_text("#!/bin/sh\necho no network >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(vendor, "npm", lambda: [str(broken)])
    with pytest.raises(vendor.NotFetched, match="no network"):
        vendor.fetch(lock(tmp_path), tmp_path / "vendor")


def test_the_lock_names_a_version_a_licence_and_digests() -> None:
    for package in vendor.read(vendor.LOCK).values():
        assert package["version"]
        assert package["licence"] == "MIT"
        assert "LICENSE" in package["files"]
        assert all(len(digest) == 64 for digest in package["files"].values())
