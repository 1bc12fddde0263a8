"""`ninebelow dashboards provision` by grafana-client itself, in the environment of the extra, against a stand-in.

The client is foreign, the server is ours, after Grafana's documentation: no Grafana was at hand (docs/grafana.md).
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from dashboards.grafana.alerts import RULES
from dashboards.grafana.bundle import PAGES, bundle
from tests.grafana_server import TOKEN, StandIn, grafana
from tests.servers import free_port
from tests.wire.foreign import PEERS

PROGRAM = PEERS / "grafana" / "bin" / "ninebelow"
PASSWORD = "geheim-2"  # noqa: S105  (of a test)
PARTS = 2 + len(PAGES) + 1


@dataclass(frozen=True)
class Told:
    """What a run said."""

    code: int
    out: str
    err: str

    @property
    def account(self) -> dict[str, Any]:
        """Its JSON."""
        return dict(json.loads(self.out))


def provision(url: str, folder: Path, *options: str, token: str = TOKEN, as_json: bool = True) -> Told:
    """One run; whatever it says holds neither token nor password."""
    assert PROGRAM.exists(), "the peers are not installed: run scripts/test, or tests/peers/install"
    (folder / "token").write_text(f"{token}\n")
    (folder / "password").write_text(f"{PASSWORD}\n")
    command: list[str | Path] = [
        PROGRAM, "dashboards", "provision", "--url", url, "--token-file", folder / "token",
        "--influx-url", "http://influxdb:8086", "--user", "grafana", "--secret-file", folder / "password",
        *options, *(["--json"] if as_json else []),
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    for secret in (TOKEN, token, PASSWORD):
        assert secret not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return Told(done.returncode, done.stdout, done.stderr)


def test_everything_is_put_there(tmp_path: Path) -> None:
    """Folder, data source with its secret, dashboards in the folder, and the rules."""
    with grafana(StandIn()) as server:
        told = provision(server.url, tmp_path)
    assert (told.code, told.account["changed"]) == (0, PARTS), told.err
    assert [folder["title"] for folder in server.folders.values()] == ["井下九人 ninebelow"]
    assert server.secrets == {"ninebelow": {"password": PASSWORD}}
    assert set(server.dashboards) == {page.UID for page in PAGES}
    assert {held["meta"]["folderUid"] for held in server.dashboards.values()} == {"ninebelow"}
    (group,) = server.groups.values()
    assert {rule["uid"] for rule in group["rules"]} == {rule.uid for rule in RULES}


@pytest.mark.parametrize("migrates_to", [None, 99])
def test_a_second_run_writes_nothing_and_says_so(tmp_path: Path, migrates_to: int | None) -> None:
    """Counted by requests; also where a newer Grafana keeps dashboards in another form."""
    with grafana(StandIn(migrates_to=migrates_to)) as server:
        assert provision(server.url, tmp_path).code == 0
        before = server.requests.copy()
        told = provision(server.url, tmp_path)
        asked = server.requests - before
        worded = provision(server.url, tmp_path, as_json=False)
    assert (told.code, told.account["changed"]) == (0, 0)
    assert asked == {"GET": 1 + PARTS}
    assert {part["done"] for part in told.account["parts"]} == {"unchanged"}
    assert "没有变化 / nothing was changed" in worded.out


def test_what_was_changed_is_mended_and_nothing_else(tmp_path: Path) -> None:
    """A panel's query and a rule's mark that somebody changed, and a dashboard that was moved."""
    with grafana(StandIn()) as server:
        provision(server.url, tmp_path)
        server.dashboards["ninebelow-mine"]["dashboard"]["panels"][0]["targets"][0]["query"] = "SELECT 1"
        server.dashboards["ninebelow-face"]["meta"]["folderUid"] = "elsewhere"
        server.groups["ninebelow", "ninebelow"]["rules"][0]["noDataState"] = "OK"
        server.dashboards["ninebelow-fleet"]["dashboard"]["id"] = 4711
        told = provision(server.url, tmp_path)
        again = provision(server.url, tmp_path)
    changed = [part["name"] for part in told.account["parts"] if part["done"] == "updated"]
    assert changed == ["煤矿 / Mine", "工作面 / Face", "ninebelow"]
    assert again.account["changed"] == 0


def test_the_secret_is_written_when_it_is_asked_for(tmp_path: Path) -> None:
    """Grafana never tells it, so it is not compared: another one needs `--renew-secret`."""
    with grafana(StandIn()) as server:
        provision(server.url, tmp_path)
        server.secrets["ninebelow"]["password"] = "old"  # noqa: S105  (of a test)
        assert provision(server.url, tmp_path).account["changed"] == 0
        assert provision(server.url, tmp_path, "--renew-secret").account["changed"] == 1
        assert server.secrets["ninebelow"]["password"] == PASSWORD
        server.sources["ninebelow"] |= {"secureJsonFields": {}, "isDefault": True}
        assert provision(server.url, tmp_path).account["changed"] == 1
    assert server.sources["ninebelow"]["isDefault"], "a choice of theirs"


@pytest.mark.parametrize(("version", "scheme"), [(2, "Token"), (3, "Bearer")])
def test_newer_influxdb_by_a_token_header(tmp_path: Path, version: int, scheme: str) -> None:
    """The header's name is an option, its value one of the encrypted fields."""
    with grafana(StandIn()) as server:
        told = provision(server.url, tmp_path, "--influx-version", str(version), "--database", "mines")
    assert told.code == 0, told.err
    options = server.sources["ninebelow"]["jsonData"]
    assert (options["dbName"], options["httpHeaderName1"]) == ("mines", "Authorization")
    assert server.secrets["ninebelow"] == {"httpHeaderValue1": f"{scheme} {PASSWORD}"}


def test_below_a_path(tmp_path: Path) -> None:
    """Behind a reverse proxy Grafana may stand below a path."""
    with grafana(StandIn(prefix="/grafana")) as server:
        assert provision(f"{server.url}/", tmp_path).code == 0
        assert server.dashboards


def test_compare_only(tmp_path: Path) -> None:
    """`--check` reads, writes nothing, and ends with 3 where something differs."""
    with grafana(StandIn()) as server:
        told = provision(server.url, tmp_path, "--check")
        assert (told.code, told.account["changed"], told.account["checked_only"]) == (3, PARTS, True)
        assert set(server.requests) == {"GET"}
        provision(server.url, tmp_path)
        assert provision(server.url, tmp_path, "--check").code == 0


@pytest.mark.parametrize(
    ("server", "token", "says"),
    [
        (StandIn(), "wrong", "令牌无效或已过期 / the token is not valid: 401"),
        (StandIn(role="Editor"), TOKEN, "needs the role Admin"),
        (StandIn(version="10.4.2"), TOKEN, "Grafana 10.4.2 太旧"),
        (StandIn(version=""), TOKEN, "is no Grafana"),
        (StandIn(prefix="/elsewhere"), TOKEN, "is no Grafana"),
    ],
    ids=["401", "403", "too old", "no version", "404"],
)
def test_what_stops_it_is_said(tmp_path: Path, server: StandIn, token: str, says: str) -> None:
    """In one line with the mend, exit code 1."""
    with grafana(server):
        told = provision(server.url.removesuffix(server.prefix), tmp_path, token=token)
    assert told.code == 1
    assert says in told.err
    assert len(told.err.splitlines()) == 1


def test_nobody_is_there(tmp_path: Path) -> None:
    """The same."""
    told = provision(f"http://127.0.0.1:{free_port()}", tmp_path)
    assert told.code == 1
    assert "连不上 Grafana / Grafana does not answer" in told.err
    assert len(told.err.splitlines()) == 1


def test_another_server_is_there(tmp_path: Path) -> None:
    """A page of HTML for everything."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>welcome</html>")

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        told = provision(f"http://127.0.0.1:{server.server_port}", tmp_path)
        server.shutdown()
        thread.join()
    assert (told.code, "is no Grafana" in told.err) == (1, True), told.err


def test_it_breaks_off_half_way(tmp_path: Path) -> None:
    """What was done is said; the next run does the rest."""
    with grafana(StandIn(fails_at="/api/v1/provisioning")) as server:
        told = provision(server.url, tmp_path)
        assert (told.code, told.account["changed"]) == (1, PARTS - 1)
        assert "database is locked" in told.err
        server.fails_at = None
        assert provision(server.url, tmp_path).account["changed"] == 1


def test_faults_of_the_command_line_are_told_at_once(tmp_path: Path) -> None:
    """No secret in an address, readable files, exit code 2."""
    empty = tmp_path / "empty"
    empty.touch()
    done = subprocess.run(
        [
            PROGRAM, "dashboards", "provision", "--url", "http://admin:geheim@host:3000", "--token-file", empty,
            "--influx-url", "host:8086", "--secret-file", tmp_path / "none", "--ca-file", tmp_path / "none",
        ],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "geheim" not in done.stderr
    told = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert told == ["--token-file", "--secret-file", "--url", "--influx-url", "--ca-file"]


def test_the_environment_of_the_extra_is_its_own_and_whole() -> None:
    """Made by tests/peers/install from the extra; nothing in it is at odds, and the client is not in the tests' own."""
    python = PEERS / "grafana" / "bin" / "python"
    checked = subprocess.run(
        [python, "-m", "pip", "check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stdout
    code = "import grafana_client, sys, urllib3; print(sys.prefix, urllib3.__file__)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert all(Path(path).is_relative_to(PEERS / "grafana") for path in done.stdout.split())
    assert importlib.util.find_spec("grafana_client") is None


def test_the_bundle_is_the_same_in_both_environments() -> None:
    """What the client's environment builds is what the tests' does."""
    code = "import json; from dashboards.grafana.bundle import bundle; print(json.dumps(bundle().rules))"
    python = PEERS / "grafana" / "bin" / "python"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == bundle().rules
