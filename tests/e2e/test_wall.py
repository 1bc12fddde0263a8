"""The wall over the real centre: a foreign gateway's value becomes an alarm on every screen; what a visit costs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from playwright.sync_api import Browser, Locator, Page, expect

from contract.proto.sparkplug_b_pb2 import Payload
from tests.e2e.demo import running_demo, wait_for_line
from tests.servers import free_port
from tests.wire.peer import DOUBLE, Message, Peer, metric

pytestmark = pytest.mark.browser

SOON_MS = 15_000
FIRST_VISIT_BYTES = 500_000
FACE = "F14031"
GAS = "Gas 4/Methane"  # of a gateway that the demo does not have


class Demo:
    """Where a running demo's console and broker are."""

    def __init__(self, port: int, broker_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.broker_port = broker_port


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A demo that has begun to store."""
    port = free_port()
    with running_demo("--port", str(port)) as process:
        broker = wait_for_line(process, "MQTT   broker")
        wait_for_line(process, "first reading stored")
        yield Demo(port, int(broker.rsplit(":", 1)[1].split()[0]))


@contextmanager
def gateway(broker_port: int) -> Iterator[Client]:
    """A foreign gateway's connection."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def send(client: Client, message: Message) -> None:
    """Publish, and wait until the broker may have it."""
    client.publish(*message).wait_for_publish(10)


def now_ms() -> int:
    """The wall clock, which the demo runs by."""
    return time.time_ns() // 1_000_000


def methane(value: float) -> Payload.Metric:
    """A reading of it."""
    return metric(GAS, at=now_ms(), datatype=DOUBLE, double_value=value)


def alarm_of(page: Page) -> Locator:
    """The row of the foreign sensor's alarm."""
    return page.locator(".alarm").filter(has_text=re.compile("瓦斯 4# 甲烷|gas 4 methane"))


def test_one_acknowledges_for_every_screen(browser: Browser, demo: Demo) -> None:
    """Raised, seen, acknowledged, over: two screens in two languages tell the same."""
    complaints: list[str] = []
    pages = [browser.new_page(viewport={"width": 1920, "height": 1080}) for _ in range(2)]
    for page, lang in zip(pages, ("zh", "en"), strict=True):
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{demo.url}/wall?lang={lang}")
        expect(page.locator(".number").first).to_be_visible(timeout=SOON_MS)
    here, there = pages
    peer = Peer(node="gw-foreign")
    with gateway(demo.broker_port) as client:
        send(client, peer.nbirth(at=now_ms()))
        send(client, peer.dbirth(methane(1.7), device=FACE, at=now_ms()))
        for page in pages:
            expect(alarm_of(page)).to_have_attribute("data-state", "unacknowledged", timeout=SOON_MS)
            expect(page.locator(".gas[data-tone] .figure").first).to_have_text("1.70")

        alarm_of(here).locator("button").click()
        expect(alarm_of(there)).to_have_attribute("data-state", "acknowledged", timeout=SOON_MS)
        expect(alarm_of(there).locator(".by")).to_contain_text("demo")
        expect(alarm_of(here).locator("button")).not_to_be_visible()

        send(client, peer.ddata(methane(0.2), device=FACE, at=now_ms()))
        for page in pages:
            expect(alarm_of(page)).to_have_count(0, timeout=SOON_MS)
    for page in pages:
        page.close()
    assert complaints == []


def test_a_first_visit_is_small_and_a_second_asks_for_no_file(browser: Browser, demo: Demo) -> None:
    """Everything as it travels, the live stream's first overview included; the second time files are there."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    first, files = visit(context.new_page(), demo.url)
    assert first < FIRST_VISIT_BYTES
    assert len(files) > 20
    _, files = visit(context.new_page(), demo.url)
    assert files == set()
    context.close()


def visit(page: Page, url: str) -> tuple[int, set[str]]:
    """Bytes received until the wall stands there, and the files that were fetched for it."""
    sizes: dict[str, int] = {}
    files: set[str] = set()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def answered(event: dict[str, Any]) -> None:
        response = event["response"]
        if "/assets/" in response["url"] and not response.get("fromDiskCache"):
            files.add(response["url"])

    def part(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = sizes.get(event["requestId"], 0) + event["encodedDataLength"]

    def whole(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.dataReceived", part)  # the stream never finishes
    session.on("Network.loadingFinished", whole)
    page.goto(f"{url}/wall")
    page.locator("body[data-frames]").wait_for(timeout=SOON_MS)
    return sum(sizes.values()), files


def test_files_are_compressed_and_kept_the_stream_is_neither(demo: Demo) -> None:
    """A page names its files at addresses that hold as long as they are the same; events come as they are made."""
    with httpx.Client(base_url=demo.url, trust_env=False, timeout=20) as client:
        page = client.get("/wall")
        assert (page.headers["content-encoding"], page.headers["cache-control"]) == ("gzip", "no-cache")
        named = re.search(r'src="(/assets/v-[0-9a-f]+/wall/wall.js)"', page.text)
        assert named is not None
        file = client.get(named[1])
        assert file.headers["content-encoding"] == "gzip"
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        with client.stream("GET", "/api/v1/live", params={"mine": "990000000001"}) as live:
            assert "content-encoding" not in live.headers
            lines = live.iter_lines()
            assert "event: overview" in (next(lines), next(lines))
