"""`ninebelow user …` and the first start, as they are typed: passwords by stdin only."""

from __future__ import annotations

import io
import json
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ninebelow.app import main
from tests.access_scene import OWN
from tests.certificates import Authority
from tests.servers import free_port

PROGRAM = Path(sys.executable).with_name("ninebelow")
PASSWORD = "correct horse battery"  # noqa: S105  (a test's)
LIMIT_S = 90.0
CONFIG = """\
[mqtt]
port = 1
[http]
host = "{host}"
port = {port}
{more}
[store]
kind = "embedded"
[[mines]]
code = "990000000001"
name = "示例一矿"
"""


@dataclass
class Ended:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Beyond loopback."""
    file = tmp_path / "gateway.toml"
    file.write_text(CONFIG.format(host="0.0.0.0", port=free_port(), more=""), encoding="utf-8")  # noqa: S104
    return file


@pytest.fixture
def run(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over the config, with something on stdin."""

    def ran(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["ninebelow", *arguments, "--config", str(config)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return ran


def test_the_first_start_says_what_to_run(run: Run, config: Path) -> None:
    """Exit code 2 and the command, which then works as it is written."""
    refused = run("gateway", "run")
    assert refused.returncode == 2
    command = f"ninebelow user add NAME --role admin --scope province --config {config}"
    assert command in refused.stderr
    typed = command.replace("NAME", "zhang").replace("ninebelow ", "").split(" --config")[0].split()
    assert run(*typed, stdin=f"{PASSWORD}\n").returncode == 0
    assert (config.parent / "var" / "access.sqlite").exists()


def test_users_from_the_cradle(run: Run) -> None:
    """Added, listed, given another password, closed; every fault with exit code 2, in words."""
    add = ("user", "add", "zhang", "--role", "operator", "--scope", f"mine:{OWN}", "--title", "张三")
    short = run(*add, stdin="short\n")
    assert (short.returncode, "10" in short.stderr) == (2, True)
    assert run(*add, stdin="").returncode == 2
    added = run(*add, stdin=f"{PASSWORD}\nmore\n")
    assert (added.returncode, added.stdout) == (0, f"已添加用户 / user added: zhang (operator, mine:{OWN})\n")
    again = run(*add, stdin=f"{PASSWORD}\n")
    assert (again.returncode, "zhang" in again.stderr) == (1, True)
    assert run("user", "password", "zhang", stdin="another horse battery\n").returncode == 0
    assert run("user", "password", "li", stdin=f"{PASSWORD}\n").returncode == 1
    for role, scope in (
        ("boss", "province"),
        ("operator", "city:x"),
        ("admin", f"mine:{OWN}"),
        ("kiosk", f"mine:{OWN}"),
    ):
        wrong = run("user", "add", "li", "--role", role, "--scope", scope, stdin=f"{PASSWORD}\n")
        assert (wrong.returncode, bool(wrong.stderr)) == (2, True), (role, scope)
        assert "Traceback" not in wrong.stderr
    change = ("user", "change", "zhang", "--role", "engineer", "--scope", "province", "--title", "张三丰")
    assert run(*change).stdout == "已更改 / changed: zhang (engineer, province)\n"
    assert run("user", "change", "li", "--role", "engineer", "--scope", "province").returncode == 1
    assert run("user", "change", "zhang", "--role", "admin", "--scope", f"mine:{OWN}").returncode == 2
    assert run("user", "close", "zhang").returncode == 0
    assert run("user", "close", "zhang").returncode == 1
    (user,) = json.loads(run("user", "list", "--json").stdout)["users"]
    assert (user["name"], user["title"], user["role"]) == ("zhang", "张三丰", "engineer")
    assert user["closed"] is not None
    assert "张三丰" in run("user", "list").stdout


def test_a_scope_that_the_registry_does_not_know_is_pointed_out(run: Run) -> None:
    """It may come later; until then nothing is seen."""
    told = run(
        "user", "add", "li", "--role", "enterprise", "--scope", "enterprise:某公司", stdin=f"{PASSWORD}\n"
    )
    assert (told.returncode, "某公司" in told.stderr) == (0, True)


def test_a_walls_link_is_printed_alone(run: Run) -> None:
    """So that a script can take it; only for a mine of the config."""
    made = run("user", "kiosk", OWN, "--title", "调度室")
    assert made.returncode == 0
    assert made.stdout.count("\n") == 1
    assert "/wall?token=" in made.stdout
    (kiosk,) = json.loads(run("user", "list", "--json").stdout)["kiosks"]
    assert (kiosk["mine"], kiosk["title"], kiosk["opened"]) == (OWN, "调度室", None)
    assert made.stdout.strip().rpartition("=")[2] not in json.dumps(kiosk)
    assert run("user", "close", kiosk["name"]).returncode == 0
    assert run("user", "kiosk", "990000000009").returncode == 2


def test_no_option_takes_a_password(run: Run) -> None:
    """What stands on a command line stands in everybody's list of processes."""
    for command in ("add", "password"):
        told = run("user", command, "zhang", "--password", PASSWORD)
        assert told.returncode == 2
        assert "No such option" in told.stderr


def test_changes_beside_a_running_centre_hold_at_once(run: Run, config: Path, tmp_path: Path) -> None:
    """Over https too: signed in as the page does, closed from the command line, and out; a wall opened."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("console")
    port = free_port()
    more = f'certificate = "{certificate}"\nkey = "{key}"'
    config.write_text(CONFIG.format(host="0.0.0.0", port=port, more=more), encoding="utf-8")  # noqa: S104
    add = ("user", "add", "zhang", "--role", "admin", "--scope", "province")
    assert run(*add, stdin=f"{PASSWORD}\n").returncode == 0
    trusted = ssl.create_default_context(cafile=authority.ca_file)
    with (
        running(config),
        httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, trust_env=False) as http,
    ):
        until(lambda: answers(http))
        assert http.get("/wall").headers["location"] == "/sign-in?next=%2Fwall"
        signed_in = http.post("/api/v1/session", json={"name": "zhang", "password": PASSWORD})
        assert signed_in.status_code == 200
        assert "Secure" in signed_in.headers["set-cookie"].split("; ")
        assert http.get("/api/v1/mines").json()[0]["code"] == OWN
        assert run("user", "close", "zhang").returncode == 0
        assert http.get("/api/v1/mines").status_code == 401
        link = run("user", "kiosk", OWN).stdout.strip()
        assert link.startswith(f"https://0.0.0.0:{port}/wall?token=")
        assert http.get(link.partition(str(port))[2]).status_code == 303
        assert http.get("/api/v1/session").json()["person"]["role"] == "kiosk"


@contextmanager
def running(config: Path) -> Iterator[None]:
    """The centre; its end is orderly."""
    with (config.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "gateway", "run", "--config", config], stdout=log, stderr=log, cwd=config.parent
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT_S) == 0
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.1)


def answers(http: httpx.Client) -> bool:
    """Is it up?"""
    try:
        return http.get("/healthz").status_code in {200, 503}
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    "more", ['certificate = "a.crt"', 'certificate = "a.crt"\nkey = "a.key"', 'token = "long-and-secret"']
)
def test_what_the_check_finds(run: Run, config: Path, more: str) -> None:
    """A certificate without its key, files that are not there, and the token of earlier versions."""
    config.write_text(CONFIG.format(host="127.0.0.1", port=8080, more=more), encoding="utf-8")
    checked = run("gateway", "check")
    assert checked.returncode == 2
    assert more.split(" ", maxsplit=1)[0] in checked.stderr
