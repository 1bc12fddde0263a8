"""What open walls cost the centre, and what a wall costs its first viewer.

`python -m benchmarks.walls [--walls 50] [--seconds 30] [--views-only]` runs the demo, opens that many live streams from
another process (they read and drop every event), and prints the processor time with and without them, as shares
of one core; then it opens each page in Chromium, five times with an empty cache, and prints how long until its figures
stand there, and what was transferred: the headcounts of the wall and the mine's overview, the province's key figures.
The demo's processor time includes its virtual mine, its edge agent and its broker: what walls cost is the difference.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.proc import cpu_s

MINE = "990000000001"
VIEWS = {
    "wall": ("/wall", "body[data-frames]"),
    "mine": (f"/mine?mine={MINE}", ".card .number:not(:empty)"),
    "province": ("/province", ".cards.key:not(:has(> div.card))"),
}
"""The address of each page, and what is there once its figures stand."""
RUNS = 5
SETTLE_S = 10.0
OPEN_S = 30.0


@contextmanager
def demo(port: int, speed: int = 1) -> Iterator[subprocess.Popen[str]]:
    """The demo, storing."""
    program = str(Path(sys.executable).with_name("ninebelow"))
    command = [program, "demo", "--port", str(port), "--speed", str(speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("first reading stored" in line for line in process.stdout), "the demo has ended"
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def read_streams(port: int, count: int, stop: Event, told: Connection) -> None:
    """Open so many streams, read them all until told to stop; tell when all have begun, and how many bytes came."""
    walls = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for wall in walls:
        wall.sendall(f"GET /api/v1/live?mine={MINE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        wall.settimeout(OPEN_S)
        assert wall.recv(12).endswith(b"200"), "a stream was refused"
        wall.setblocking(False)
    told.send(None)
    received = 0
    while not stop.is_set():
        for wall in walls:
            try:
                part = wall.recv(1 << 20)
                assert part, "a stream has ended"
                received += len(part)
            except BlockingIOError:
                continue
        time.sleep(0.02)
    told.send(received)


def shares(process: subprocess.Popen[str], port: int, walls: int, seconds: float) -> dict[str, float]:
    """Processor shares of the centre's process without walls, and with them; bytes a second of one wall."""
    time.sleep(SETTLE_S)
    without = share(process.pid, seconds)
    stop = multiprocessing.Event()
    here, there = multiprocessing.Pipe()
    readers = multiprocessing.Process(target=read_streams, args=(port, walls, stop, there))
    readers.start()
    here.recv()
    time.sleep(SETTLE_S)
    with_walls = share(process.pid, seconds)
    stop.set()
    received = here.recv()
    readers.join()
    return {
        "core_share_without_walls": round(without, 3),
        "core_share_with_walls": round(with_walls, 3),
        "core_share_of_walls": round(with_walls - without, 3),
        "kB_per_wall_and_s": round(received / walls / (seconds + SETTLE_S) / 1000, 1),
    }


def share(pid: int, seconds: float) -> float:
    """Of one core, over so many seconds."""
    began_s, began = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(pid) - began_s) / (time.monotonic() - began)


def first_views(port: int) -> dict[str, dict[str, float]]:
    """Of each page: seconds until its figures are painted, and kilobytes received, with an empty cache."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "no chromium on PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        browser.new_page().goto("about:blank")  # its own start is not the page's
        found = {}
        for name, (path, ready) in VIEWS.items():
            views = [view(browser, f"http://127.0.0.1:{port}{path}", ready) for _ in range(RUNS)]
            found[name] = {
                "first_view_s_median": round(median(took for took, _ in views), 2),
                "first_view_s_worst": round(max(took for took, _ in views), 2),
                "first_transfer_kB": round(views[-1][1] / 1000),
            }
        browser.close()
    return found


def view(browser: Browser, address: str, ready: str) -> tuple[float, int]:
    """One opening of a page: seconds, bytes."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    sizes: dict[str, int] = {}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    # a stream never finishes: what has come of it counts; of all else the whole, headers included
    session.on("Network.dataReceived", lambda one: add(sizes, one, one["encodedDataLength"]))
    session.on("Network.loadingFinished", lambda one: sizes.update(length_of(one)))
    began = time.monotonic()
    page.goto(address)
    page.locator(ready).first.wait_for()
    took, received = time.monotonic() - began, sum(sizes.values())
    context.close()
    return took, received


def add(sizes: dict[str, int], event: dict[str, Any], count: int) -> None:
    """So many bytes more of a request."""
    sizes[event["requestId"]] = sizes.get(event["requestId"], 0) + count


def length_of(event: dict[str, Any]) -> dict[str, int]:
    """All of a request that has finished."""
    return {event["requestId"]: event["encodedDataLength"]}


def api_health(port: int) -> bool:
    """Whether the centre says that it is well."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return bool(json.load(answer)["ok"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="what open walls cost")
    parser.add_argument("--walls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--views-only", action="store_true")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with demo(port) as process:
        found: dict[str, Any] = {}
        if not options.views_only:
            found = {"walls": options.walls, **shares(process, port, options.walls, options.seconds)}
        found |= {"views": first_views(port), "healthy": api_health(port)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
