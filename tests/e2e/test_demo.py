"""The demo from outside: its account, its console in a real browser, its end at Ctrl-C, its answers to mistakes."""

from __future__ import annotations

import signal
import socket
import subprocess

import httpx
import pytest
from playwright.sync_api import Browser, expect

from simulators import plant
from tests.e2e.demo import COMMAND, demo_account, running_demo, wait_for_line
from tests.servers import free_port


def test_account_of_a_run() -> None:
    """Readings went all the way, none is lost, and every face and chamber is known."""
    code, account, errors = demo_account("--for", "15s")

    assert code == 0, errors
    readings = account["readings"]
    assert readings["produced"] > 100
    assert readings["lost"] == 0
    assert readings["produced"] == readings["stored"] + readings["outbox"]
    assert 0 < account["latency_ms"]["p50"] <= account["latency_ms"]["p99"]
    assert {face["code"]: face["limit"] for face in account["faces"]} == {
        "F14031": 9,
        "F12090": 9,
        "F12110": 9,
    }
    assert all(isinstance(face["headcount"], int) for face in account["faces"])
    assert [chamber["code"] for chamber in account["chambers"]] == [area.code for area in plant.CHAMBERS]
    assert all(chamber["state"] != "unknown" for chamber in account["chambers"])
    totals = {(row["enterprise"], row["kind"], row["year"]): row["planned"] for row in account["plan"]}
    assert totals["合计", "mining_face", "2021-2023"] == 87
    assert totals["合计", "driving_face", "2021-2023"] == 216
    assert totals["合计", "demonstration_mine", "2021-2023"] == 24


def test_account_with_the_embedded_broker() -> None:
    """A newcomer without mosquitto gets the same."""
    code, account, errors = demo_account("--for", "12s", "--broker", "amqtt")

    assert code == 0, errors
    assert "amqtt" in account["broker"]
    assert account["readings"]["lost"] == 0


def test_time_may_run_faster() -> None:
    """At 60 times the speed of time nothing is lost either, and headcounts stay known."""
    code, account, errors = demo_account("--for", "10s", "--speed", "60")

    assert code == 0, errors
    assert account["readings"]["lost"] == 0


def test_a_run_without_a_broker_did_not_run() -> None:
    """Without a broker the run says so by its exit code: the job did not run."""
    code, account, _ = demo_account("--for", "4s", "--mqtt-url", f"mqtt://127.0.0.1:{free_port()}")

    assert code == 3
    assert account["ran"] is False
    assert account["readings"]["stored"] == 0
    assert account["readings"]["lost"] == 0  # all of it waits in the outbox
    assert account["readings"]["outbox"] == account["readings"]["produced"]


def loop_lag_s(port: int) -> float:
    """How late the event loop was at worst lately, by the centre's own metric."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    name = "ninebelow_gateway_event_loop_lag_seconds "
    return float(next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name))


@pytest.mark.browser
def test_console_shows_the_mine_live(browser: Browser) -> None:
    """The page opens without a complaint, shows the faces, and changes by itself; Ctrl-C ends the demo clean."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    port = free_port()
    with running_demo("--port", str(port)) as process:
        wait_for_line(process, "first reading stored")
        page.goto(f"http://127.0.0.1:{port}/")

        expect(page.get_by_text("14031 采煤面").first).to_be_visible()
        expect(page.get_by_text("12090 掘进面").first).to_be_visible()
        expect(page.get_by_text("中央水泵房").first).to_be_visible()
        expect(page.get_by_text("演示数据").first).to_be_visible()
        first = page.locator("body").inner_text()
        page.wait_for_timeout(2500)
        assert page.locator("body").inner_text() != first

        assert loop_lag_s(port) < 1.0

        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert complaints == [] or all("ERR_" in text for text in complaints)  # the stream broke at the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stop_from_outside_is_orderly(number: signal.Signals) -> None:
    """Asked to end, or its terminal closed: it says farewell and leaves no broker behind."""
    with running_demo("--port", "0") as process:
        broker = wait_for_line(process, "MQTT   broker")
        wait_for_line(process, "first reading stored")
        process.send_signal(number)
        assert process.wait(30) == 0
    port = int(broker.rsplit(":", 1)[1].split()[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_taken_port_is_a_mistake_with_a_mend() -> None:
    """Exit code 2 and one line, no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [*COMMAND, "--for", "5s", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"port" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--mqtt-url", "http://somewhere"),
        ("--influx-url", "influx"),
        ("--for", "soon"),
        ("--start", "noon"),
        ("--start", "0001-01-01T00:00"),
        ("--mqtt-url", "mqtt://[::1"),
        ("--influx-url", "http://[::1"),
        ("--speed", "1000"),
        ("--port", "-1"),
    ],
)
def test_wrong_options_end_at_once(options: tuple[str, str]) -> None:
    """Exit code 2, the option named, no traceback."""
    done = subprocess.run([*COMMAND, *options], capture_output=True, timeout=60, check=False)

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert options[0].encode() in done.stderr
