"""`ninebelow dashboards build`: the files, a second run, the comparison; and the client that is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dashboards.grafana.bundle import files

PROGRAM = Path(sys.executable).with_name("ninebelow")


def dashboards(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """One run."""
    return subprocess.run(
        [PROGRAM, "dashboards", *options], capture_output=True, text=True, check=False, timeout=60
    )


def test_build_writes_what_differs(tmp_path: Path) -> None:
    """All of it, then nothing, then the one that somebody changed; others' files stay."""
    (tmp_path / "notes.txt").write_text("ours")
    first, second = dashboards("build", tmp_path, "--json"), dashboards("build", tmp_path)
    assert sorted(json.loads(first.stdout)["written"]) == sorted(files())
    assert second.stdout.startswith("写入 0 个文件")
    changed = tmp_path / "dashboards" / "mine.json"
    changed.write_text("{}")
    assert json.loads(dashboards("build", tmp_path, "--json").stdout)["written"] == ["dashboards/mine.json"]
    assert changed.read_text(encoding="utf-8") == files()["dashboards/mine.json"]
    assert (tmp_path / "notes.txt").read_text() == "ours"


def test_check_compares_only(tmp_path: Path) -> None:
    """Exit code 3 and the file's name where one differs, and nothing is written."""
    dashboards("build", tmp_path)
    assert dashboards("build", tmp_path, "--check").returncode == 0
    (tmp_path / "dashboards" / "face.json").unlink()
    compared = dashboards("build", tmp_path, "--check")
    assert (compared.returncode, "face.json" in compared.stdout) == (3, True)
    assert not (tmp_path / "dashboards" / "face.json").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Told with its name, exit code 2."""
    (tmp_path / "dashboards").write_text("a file")
    told = dashboards("build", tmp_path)
    assert told.returncode == 2
    assert "无法写入 / cannot be written" in told.stderr
    assert "Traceback" not in told.stderr


def test_without_the_client_the_mend_is_said() -> None:
    """This environment has none, so that `urllib3` stays what it is."""
    told = dashboards("provision", "--url", "http://127.0.0.1:1", "--token-file", "none")
    assert told.returncode == 1
    assert "ninebelow[grafana]" in told.stderr
    assert len(told.stderr.splitlines()) == 1
