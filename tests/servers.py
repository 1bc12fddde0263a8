"""Real servers as plain processes on free loopback ports, in a directory of the test; ended by their pid.

`with influxd(tmp_path) as url`, `with mosquitto(tmp_path) as port`: up until the block ends. A test that stops,
kills or restarts one uses `influx_server` or `mosquitto_broker`; what they keep stays in the directory.
`with postgres() as url`: a PostgreSQL of its own, in a directory of its own, as the unprivileged user it wants.
"""

from __future__ import annotations

import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg

START_S = 20.0
WORKERS = 4
_given: deque[int] = deque(maxlen=200)
"""Ports that were given lately: what they are for may not listen yet."""
STOP_S = 10.0


class Server:
    """A process that listens on one loopback port. It can be started again, on the same port and files."""

    def __init__(
        self,
        command: list[str],
        *,
        port: int,
        log: Path,
        user: str | None = None,
        end: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.port = port
        self._command = command
        self._log = log
        self._user = user
        self._end = end
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **_as_user(self._user)
            )
        deadline = time.monotonic() + START_S
        while not _accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                log_end = self._log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self._command[0]} did not start:\n{log_end}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as an operator would; kill it if it does not end."""
        if self._process is None:
            return
        self._process.send_signal(self._end)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def influx_server(directory: Path, *, port: int | None = None, auth: bool = False) -> Server:
    """InfluxDB 1.x with its files in `directory`, not yet started; `auth`: it asks for a user."""
    port = port or free_port()
    config = directory / "influxdb.conf"
    config.write_text(f"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{free_port()}"
        [meta]
        dir = "{directory}/meta"
        [data]
        dir = "{directory}/data"
        wal-dir = "{directory}/wal"
        query-log-enabled = false
        [monitor]
        store-enabled = false
        [http]
        bind-address = "127.0.0.1:{port}"
        log-enabled = false
        auth-enabled = {str(auth).lower()}
        [logging]
        level = "warn"
    """)
    return Server(
        [_binary("influxd"), "run", "-config", str(config)], port=port, log=directory / "influxd.log"
    )


@contextmanager
def influxd(directory: Path, *, port: int | None = None, auth: bool = False) -> Iterator[str]:
    """A running InfluxDB 1.x; gives its url."""
    with influx_server(directory, port=port, auth=auth) as server:
        yield f"http://127.0.0.1:{server.port}"


def mosquitto_broker(directory: Path, *, port: int | None = None, config: Iterable[str] = ()) -> Server:
    """A mosquitto that lets everyone in, not yet started; lines of `config` follow those of its listener."""
    port = port or free_port()
    file = directory / "mosquitto.conf"
    # Started by root it would give up its rights, and with them the files of the test.
    lines = (f"user {getpass.getuser()}", f"listener {port} 127.0.0.1", "allow_anonymous true", *config)
    file.write_text("".join(f"{line}\n" for line in lines))
    return Server([_binary("mosquitto"), "-c", str(file)], port=port, log=directory / "mosquitto.log")


@contextmanager
def mosquitto(directory: Path, *, port: int | None = None, config: Iterable[str] = ()) -> Iterator[int]:
    """A running mosquitto; gives its port."""
    with mosquitto_broker(directory, port=port, config=config) as broker:
        yield broker.port


@contextmanager
def postgres() -> Iterator[str]:
    """A running PostgreSQL with an empty database; gives its url. Root becomes the user `postgres`: it refuses root."""
    user = "postgres" if os.geteuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="ninebelow-postgres-", dir="/tmp"))
    try:
        if user is not None:
            shutil.chown(directory, user)
        data, port = directory / "data", free_port()
        made = subprocess.run(
            [
                _postgres_binary("initdb"),
                "-D",
                data,
                "-U",
                "ninebelow",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ],
            capture_output=True,
            text=True,
            cwd=directory,
            check=False,
            **_as_user(user),
        )
        assert made.returncode == 0, made.stderr
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        command = [
            _postgres_binary("postgres"),
            "-D",
            str(data),
            *(f"--{name}={value}" for name, value in options.items()),
        ]
        with Server(command, port=port, log=directory / "log", user=user, end=signal.SIGINT):
            url = f"postgresql://ninebelow@127.0.0.1:{port}/postgres"
            _until_it_answers(url)
            yield url
    finally:
        shutil.rmtree(directory)


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections take; no other worker is given it."""
    chance = random.SystemRandom()  # Hypothesis seeds the other one, alike in every process
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    for _ in range(200):
        port = 20_000 + WORKERS * chance.randrange(12_000 // WORKERS) + worker
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.append(port)
            return port
    raise RuntimeError("no free port between 20000 and 32000")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until_it_answers(url: str) -> None:
    """PostgreSQL takes connections some time before it serves them."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _as_user(user: str | None) -> dict[str, Any]:
    """What `subprocess` needs to run as another user; nothing for our own."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def _postgres_binary(name: str) -> str:
    """The newest PostgreSQL's program; Debian keeps each version in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(found[-1]) if found else _binary(name)


def _binary(name: str) -> str:
    """The program's path; Debian keeps servers in sbin, which may not be on a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(
            f"{name} is not installed; scripts/test installs it (Debian packages influxdb, mosquitto, postgresql)"
        )
    return found
