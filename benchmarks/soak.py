"""Whether a wall that stands open grows: `python -m benchmarks.soak [--minutes 120] [--speed 1]`.

Runs the demo, opens its wall in Chromium, lets it warm up, and then looks at it every so often: the JavaScript heap
after two forced collections, the nodes and the listeners of the document. Prints the first and the last look, how much
the heap has grown between them, and by the line through all looks, as single ones waver. Exit code 1 where that is a
tenth or more. Two things grow for a while: the code that the browser compiles of what runs often, most of it during
the warm-up, and the course of the running shift; at `--speed 60` several shifts pass while one looks.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import sys
import time
from typing import NamedTuple

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.walls import demo

WARM_UP_S = 480.0
LOOKS = 24
GROWTH_MAX = 0.10


class Look(NamedTuple):
    """A page's state after a collection; heap in bytes."""

    at_s: float
    heap: int
    nodes: int
    listeners: int
    frames: int


def look(page: Page, session: CDPSession, at_s: float) -> Look:
    """Collect, then count."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    counters = session.send("Memory.getDOMCounters")
    frames = int(page.locator("body").get_attribute("data-frames") or 0)
    return Look(at_s, round(heap), counters["nodes"], counters["jsEventListeners"], frames)


def growth(looks: list[Look]) -> float:
    """Of the heap from the first look to the last, by the line through all of them, as a share of its beginning."""
    slope, start = statistics.linear_regression([one.at_s for one in looks], [one.heap for one in looks])
    begin, end = (start + slope * one.at_s for one in (looks[0], looks[-1]))
    return (end - begin) / begin


def main() -> None:
    """Watch and print."""
    parser = argparse.ArgumentParser(description="does a wall that stands open grow?")
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--speed", type=int, default=1)
    options = parser.parse_args()
    minutes = options.minutes
    chromium = shutil.which("chromium")
    assert chromium is not None, "no chromium on PATH"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with demo(port, options.speed), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(f"http://127.0.0.1:{port}/wall")
        page.locator("body[data-frames]").wait_for()
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")
        page.wait_for_timeout(WARM_UP_S * 1000)
        began, looks = time.monotonic(), []
        for number in range(LOOKS + 1):
            page.wait_for_timeout(max(0.0, began + number * minutes * 60 / LOOKS - time.monotonic()) * 1000)
            looks.append(look(page, session, time.monotonic() - began))
        state = page.locator("body").get_attribute("data-state")
        browser.close()
    grown = growth(looks)
    found = {
        "minutes": minutes,
        "speed": options.speed,
        "first": looks[0]._asdict(),
        "last": looks[-1]._asdict(),
        "heap_growth": round(looks[-1].heap / looks[0].heap - 1, 4),
        "heap_growth_by_line": round(grown, 4),
        "state": state,
        "complaints": len(complaints),
    }
    print(json.dumps(found))
    sys.exit(grown >= GROWTH_MAX)


if __name__ == "__main__":
    main()
