"""`python -m benchmarks.ingest [--seconds 20] [--mines 200] [--shape face|wide] [--json]`: what the centre takes in.

200 mines × 6 faces, 20 values a message by alias with batch numbers, through a real mosquitto and
`ninebelow gateway run` into a real InfluxDB 1.x. Each part is a process of its own, so that CPU is told apart.
First at a fixed 20,000 values a second, then at saturation; ends with exit code 1 if a value that was sent is not in
the database. `--profile FILE` runs the collector under cProfile.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Self, cast, get_args

import httpx

from benchmarks.ingest import traffic
from benchmarks.ingest.traffic import FACES, Sent, Shape
from benchmarks.proc import cpu_s, rss
from contract.vocabulary import equipment
from tests.servers import Server, free_port, influx_server, mosquitto_broker

TOKEN: Final = "benchmark"  # noqa: S105  (opens the metrics of a centre that lives for a minute)
FIXED_RATE: Final = 20_000
BROKER: Final = ("max_queued_messages 1000000", "persistence false", "log_type error", "max_connections -1")
DATABASE: Final = "ninebelow"
START_S: Final = 120.0
STOP_S: Final = 30.0
MEASUREMENTS: Final = frozenset(kind.measurement for kind in equipment.KINDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One phase: what was sent and stored, and the CPU seconds of each process per million values."""

    phase: str
    seconds: float
    values_sent: int
    values_stored: int
    lost: int
    values_per_s: float
    messages_per_s: float
    collector_cpu_s_per_million: float
    influxd_cpu_s_per_million: float
    ratio: float
    mosquitto_cpu_s_per_million: float
    traffic_cpu_s_per_million: float
    collector_cpu_share: float
    collector_rss_mib: int


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--mines", type=int, default=200)
    parser.add_argument("--shape", choices=get_args(Shape), default="face")
    parser.add_argument("--phase", choices=("fixed", "saturated", "both"), default="both")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    rates = {"fixed": FIXED_RATE, "saturated": 0}
    chosen = {name: rate for name, rate in rates.items() if given.phase in (name, "both")}
    mines = [f"{990_000_000_000 + number}" for number in range(1, given.mines + 1)]
    with (
        tempfile.TemporaryDirectory(prefix="ninebelow-ingest-") as folder,
        Bench(Path(folder), mines, given.shape, given.profile) as bench,
    ):
        idle = bench.idle_share(5.0)
        outcomes = [bench.run(name, rate, given.seconds) for name, rate in chosen.items()]
        counted = bench.events()
    if given.json:
        document = {"shape": given.shape, "mines": given.mines, "idle_share": idle}
        print(json.dumps(document | {"phases": [asdict(o) for o in outcomes], "events": counted}, indent=2))
    else:
        print(
            f"{given.mines} mines × {len(FACES)} faces, shape {given.shape}; collector idle: {idle:.1%} of a core"
        )
        for outcome in outcomes:
            print(said(outcome))
        print("session events:", counted)
    if any(outcome.lost for outcome in outcomes):
        sys.exit(1)


def said(outcome: Outcome) -> str:
    """A phase in words."""
    return (
        f"{outcome.phase}: {outcome.values_per_s:,.0f} values/s stored ({outcome.messages_per_s:,.0f} messages/s), "
        f"sent {outcome.values_sent:,}, stored {outcome.values_stored:,}, lost {outcome.lost}\n"
        f"  CPU s per million values: collector {outcome.collector_cpu_s_per_million:.2f}, "
        f"influxd {outcome.influxd_cpu_s_per_million:.2f} (ratio {outcome.ratio:.2f}), "
        f"mosquitto {outcome.mosquitto_cpu_s_per_million:.2f}, "
        f"traffic {outcome.traffic_cpu_s_per_million:.2f}\n"
        f"  collector: {outcome.collector_cpu_share:.0%} of a core, {outcome.collector_rss_mib} MiB"
    )


class Bench:
    """All processes of one run, each ended by its pid when the block ends."""

    def __init__(self, folder: Path, mines: list[str], shape: Shape, profile: Path | None) -> None:
        self.folder = folder
        self.mines = mines
        self.shape = shape
        self.profile = profile
        self.http_port = free_port()
        self.stored = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.influx = stack.enter_context(influx_server(self.folder))
            self.broker = stack.enter_context(mosquitto_broker(self.folder, config=BROKER))
            self.client = stack.enter_context(httpx.Client(timeout=300.0, trust_env=False))
            self.collector = stack.enter_context(collector(self.write_config(), self.profile))
            self.until_ready()
            self.orders, self.traffic_pid = stack.enter_context(
                virtual_mines(self.broker.port, self.mines, self.shape)
            )
            self.open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.close()

    def write_config(self) -> Path:
        """The centre's config: every mine with its faces."""
        faces = ", ".join(f'{{ code = "{face}", name = "{face}", kind = "mining_face" }}' for face in FACES)
        mines = "".join(
            f'[[mines]]\ncode = "{mine}"\nname = "{mine}"\nfaces = [{faces}]\n' for mine in self.mines
        )
        file = self.folder / "gateway.toml"
        file.write_text(
            f"[mqtt]\nport = {self.broker.port}\n[http]\nport = {self.http_port}\n"
            f'[access]\nmetrics_token = "{TOKEN}"\n[store]\nkind = "influx"\n'
            f'url = "http://127.0.0.1:{self.influx.port}"\ndatabase = "{DATABASE}"\n{mines}',
            encoding="utf-8",
        )
        return file

    def until_ready(self) -> None:
        """Return once the collector is connected to the broker and has looked for its past."""
        log, deadline = self.folder / "collector.log", time.monotonic() + START_S
        while not all(word in log.read_text(errors="replace") for word in ("connected to", "recalled")):
            if time.monotonic() > deadline:
                raise RuntimeError("the collector did not start:\n" + log.read_text(errors="replace")[-2000:])
            time.sleep(0.1)

    def idle_share(self, seconds: float) -> float:
        """CPU of the collector while nothing comes in: it judges every face every few seconds."""
        time.sleep(2.0)
        before = cpu_s(self.collector.pid)
        time.sleep(seconds)
        return (cpu_s(self.collector.pid) - before) / seconds

    def run(self, name: str, rate: float, seconds: float) -> Outcome:
        """One phase."""
        pids = {
            "collector": self.collector.pid,
            "influxd": pid_of(self.influx),
            "mosquitto": pid_of(self.broker),
        }
        before = {part: cpu_s(pid) for part, pid in pids.items()}
        self.orders.send((rate, seconds))
        sent: Sent = self.orders.recv()
        cost = {part: cpu_s(pid) - before[part] for part, pid in pids.items()}
        per_million = {part: used / sent.values * 1e6 for part, used in cost.items()}
        already, self.stored = self.stored, self.count_values()
        stored = self.stored - already
        return Outcome(
            name,
            sent.seconds,
            sent.values,
            stored,
            sent.values - stored,
            stored / sent.seconds,
            sent.messages / sent.seconds,
            per_million["collector"],
            per_million["influxd"],
            per_million["collector"] / per_million["influxd"],
            per_million["mosquitto"],
            sent.cpu_s / sent.values * 1e6,
            cost["collector"] / sent.seconds,
            rss(self.collector.pid) >> 20,
        )

    def count_values(self) -> int:
        """Values in the database, quality marks and facts apart."""
        total = 0
        for measurement in MEASUREMENTS:
            question = {"db": DATABASE, "q": f'SELECT count(*) FROM "{measurement}"'}  # noqa: S608  (our own names)
            answer = self.client.post(f"http://127.0.0.1:{self.influx.port}/query", data=question).json()
            for series in answer["results"][0].get("series", ()):
                for column, value in zip(series["columns"], series["values"][0], strict=True):
                    total += value if column.startswith("count_") and not column.endswith("_q") else 0
        return total

    def events(self) -> dict[str, float]:
        """What the collector counts of trouble."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        text = self.client.get(f"http://127.0.0.1:{self.http_port}/metrics", headers=headers).text
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
        names = ("session_events", "values_dropped", "values_lost", "values_rejected", "historian_retries")
        return {
            name.removeprefix("ninebelow_gateway_"): float(value)
            for name, value in lines
            if any(part in name for part in names) and "_created" not in name
        }


@contextmanager
def collector(config: Path, profile: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    """`ninebelow gateway run` as a process."""
    command = [str(Path(sys.executable).with_name("ninebelow")), "gateway", "run", "--config", str(config)]
    python = [sys.executable, "-m", "cProfile", "-o", str(profile)] if profile else [sys.executable]
    with (config.parent / "collector.log").open("wb") as log:
        process = subprocess.Popen([*python, *command], stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        sys.stderr.write((config.parent / "collector.log").read_text(errors="replace")[-2000:])


@contextmanager
def virtual_mines(port: int, mines: list[str], shape: Shape) -> Iterator[tuple[Connection, int]]:
    """The traffic as a process; give it orders, it answers with what it sent."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=traffic.serve, args=(theirs, port, mines, shape))
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield ours, cast("int", process.pid)
        ours.send(None)
        process.join(STOP_S)
    finally:
        if process.is_alive():
            process.kill()
        process.join()


def pid_of(server: Server) -> int:
    """The process of a test server."""
    assert server._process is not None  # noqa: SLF001  (it has no other use for its pid)
    return server._process.pid  # noqa: SLF001


if __name__ == "__main__":
    main()
