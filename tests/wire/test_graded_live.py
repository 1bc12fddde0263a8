"""`ninebelow wire grade` at a real mosquitto: it sees what is published, and publishes nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from contract.errors import Rejected
from contract.grading import grader
from contract.grading.capture import Capture, Connected, Disconnected, Published, Sight, Subscribed
from ninebelow.wire.broker_url import Broker
from ninebelow.wire.recorder import EVENTS_MAX, Recorder
from tests.certificates import Authority
from tests.fakes import FakeHistorian
from tests.graded import NOT_FOLLOWED, graded, passed
from tests.grading_scene import Scene, violated
from tests.servers import free_port, mosquitto
from tests.stack import Centre, Version, edge_agent, edge_settings, now_ms, until
from tests.wire_tap import Tap

COMMAND = [str(Path(sys.executable).with_name("ninebelow")), "wire", "grade"]
LIMIT_S = 60
PASSWORD = "十九"  # noqa: S105  (of a test)
BOTH = pytest.mark.parametrize("version", ["3.1.1", "5"])


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A mosquitto's."""
    with mosquitto(tmp_path) as port:
        yield port


@asynccontextmanager
async def recording(
    port: int, version: Version = "5", events_max: int = EVENTS_MAX
) -> AsyncIterator[Recorder]:
    """A recorder that has begun."""
    broker = Broker("127.0.0.1", port, None, None, None, version)
    recorder = Recorder(broker, ["spBv1.0/#"], now_ms, events_max=events_max)
    task = asyncio.create_task(recorder.run())
    await until(lambda: recorder.begun.is_set() or task.done())
    try:
        yield recorder
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(port: int, scene: Scene, password: str | None = None) -> None:
    """The messages of a scene, over one connection."""
    user = "engineer" if password else None
    async with aiomqtt.Client("127.0.0.1", port, username=user, password=password) as client:
        for event in scene.events:
            if isinstance(event, Published):
                await client.publish(event.topic, event.payload, qos=event.qos, retain=event.retain)


def scene() -> Scene:
    """An edge node that speaks now."""
    made = Scene(now_ms=now_ms(), sees=Sight.QOS | Sight.RETAIN)
    return made.says(True, made.now_ms).born().ddata().ndata().ndeath()


def topics(recorder: Recorder) -> list[str]:
    """What came live, in order."""
    return [event.topic for event in recorder.events if isinstance(event, Published) and not event.stored]


@BOTH
async def test_our_own_run_as_a_subscriber_sees_it(tmp_path: Path, port: int, version: Version) -> None:
    async with recording(port, version) as recorder:
        async with Centre(port, version, FakeHistorian()).running() as centre:
            await until(centre.collector.subscribed.is_set)
            async with edge_agent(tmp_path, edge_settings(port, version)) as agent:
                for _ in range(5):
                    agent.feed(1)
                    await until(agent.at_rest)
        await until(lambda: any("/NDEATH/" in topic for topic in topics(recorder)))

    report = graded(Capture(recorder.sees, recorder.events), allowed=NOT_FOLLOWED)
    assert passed(report) >= {"topics-nbirth-seq-num", "payloads-ddata-qos", "host-topic-phid-birth-qos"}
    assert ("payloads-ddata-retain" in passed(report)) is (version == "5")
    assert recorder.sees == (Sight.QOS | Sight.RETAIN if version == "5" else Sight.QOS)


async def test_qos_and_retain_flag_are_those_of_the_publisher(port: int) -> None:
    """Also where the broker delivers less by default."""
    async with recording(port) as recorder:
        wrong = Scene(now_ms=now_ms(), sees=Sight.QOS | Sight.RETAIN)
        wrong.nbirth(qos=2).dbirth(retain=True).says(True, wrong.now_ms, qos=0).says(
            True, wrong.now_ms, retain=False
        )
        await publish(port, wrong)
        await until(lambda: len(topics(recorder)) == 4)

    report = grader.grade(Capture(recorder.sees, recorder.events))
    assert violated(report) == {
        "topics-nbirth-mqtt",
        "payloads-nbirth-qos",
        "message-flow-edge-node-birth-publish-nbirth-qos",
        "topics-dbirth-mqtt",
        "payloads-dbirth-retain",
        "message-flow-device-birth-publish-dbirth-retained",
        "host-topic-phid-birth-qos",
        "host-topic-phid-birth-retain",
        "operational-behavior-host-application-connect-birth-qos",
        "operational-behavior-host-application-connect-birth-retained",
        "payloads-state-birth",
    }


@BOTH
async def test_what_lies_retained_is_told_from_what_is_published(port: int, version: Version) -> None:
    """A birth that lies at the broker is a fault; it is no birth of now, and a STATE belongs there."""
    old = Scene(now_ms=now_ms(), sees=Sight.QOS | Sight.RETAIN)
    await publish(port, old.says(True, old.now_ms).nbirth(retain=True))
    async with recording(port, version) as recorder:
        await until(lambda: len(recorder.events) == 2)
        await publish(port, Scene(now_ms=now_ms(), sees=old.sees, seq=7).ddata().ddata())
        await until(lambda: len(topics(recorder)) == 2)

    stored = [event.stored for event in recorder.events if isinstance(event, Published)]
    report = grader.grade(Capture(recorder.sees, recorder.events))
    assert stored == [True, True, False, False]
    assert violated(report) == {
        "topics-nbirth-mqtt",
        "payloads-nbirth-retain",
        "message-flow-edge-node-birth-publish-nbirth-retained",
    }


@BOTH
async def test_it_publishes_nothing(port: int, version: Version) -> None:
    """No message, no will: the broker is sent CONNECT, SUBSCRIBE and DISCONNECT, and acknowledgements."""
    async with Tap(port).running() as tap:
        async with recording(tap.port, version) as recorder:
            await publish(port, scene())
            await until(lambda: any("/NDEATH/" in topic for topic in topics(recorder)))
        await tap.left()

    assert {type(event) for event in tap.events} == {Connected, Subscribed, Disconnected}
    for event in tap.events:
        if isinstance(event, Connected):
            assert (event.will, event.clean_start, event.session_expiry_s) == (None, True, 0)
        if isinstance(event, Subscribed):
            assert (event.filter, event.qos) == ("spBv1.0/#", 2)


async def test_it_stops_at_its_limit(port: int) -> None:
    async with recording(port, events_max=3) as recorder:
        await publish(port, scene())
        await until(lambda: recorder.is_full)

    assert len(recorder.events) == 3


def run(*options: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of the command."""
    done = subprocess.run(
        [*COMMAND, *options],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env=environment or None,
    )
    return done.returncode, done.stdout, done.stderr


def running(*options: str) -> subprocess.Popen[str]:
    """The command, when it has begun to listen."""
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert "recording" in process.stderr.readline()
    return process


def let_in(passwords: Path) -> None:
    """A password file of mosquitto's for the engineer."""
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "engineer", PASSWORD], check=True)


def is_kept(file: Path, text: str) -> bool:
    """The file has it."""
    return file.exists() and text in file.read_text(encoding="utf-8")


async def heard(
    file: Path, process: subprocess.Popen[str], port: int, said: Scene, password: str | None = None
) -> str:
    """Says it until the file has it, as the command may not have subscribed yet; then ends the command by Ctrl-C."""

    async def said_and_kept() -> bool:
        assert process.poll() is None
        await publish(port, said, password)
        return is_kept(file, "/NDEATH/")

    await until(said_and_kept)
    process.send_signal(signal.SIGINT)
    out, _ = await asyncio.to_thread(process.communicate, timeout=LIMIT_S)
    return out


async def test_the_command_records_until_ctrl_c_and_grades(tmp_path: Path, port: int) -> None:
    """What it kept gives the same report again."""
    file = tmp_path / "kept.jsonl"
    process = running("--mqtt", f"mqtt://127.0.0.1:{port}", "--for", "5m", "--out", str(file), "--json")
    out = await heard(file, process, port, scene())

    assert json.loads(out) == json.loads(run("--capture", str(file), "--json")[1])
    assert json.loads(out)["nodes"] == ["M1/gw-1"]
    assert process.returncode in {0, 3}


async def test_the_command_ends_by_itself(port: int) -> None:
    """Nothing was said in that time, and that is no success."""
    code, out, err = await asyncio.to_thread(run, "--mqtt", f"mqtt://127.0.0.1:{port}", "--for", "1s")

    assert (code, out) == (1, "")
    assert "no Sparkplug message was seen" in err


def test_a_broker_that_is_away_ends_it_with_1() -> None:
    code, out, err = run("--mqtt", f"mqtt://127.0.0.1:{free_port()}")

    assert (code, out) == (1, "")
    assert "连不上代理" in err


async def test_a_broker_that_goes_away_ends_it_with_1(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    with mosquitto(tmp_path) as port:
        process = running("--mqtt", f"mqtt://127.0.0.1:{port}", "--out", str(file))
        await until(file.exists)
    _, err = await asyncio.to_thread(process.communicate, timeout=LIMIT_S)

    assert process.returncode == 1
    assert f"代理 mqtt://127.0.0.1:{port}" in err.splitlines()[-1]


async def test_with_tls_and_a_password(tmp_path: Path) -> None:
    """The broker wants a certificate and a password; the password is in a file, or in the environment."""
    authority = Authority(tmp_path)
    cert, key = authority.issue("broker")
    own_cert, own_key = authority.issue("engineer")
    passwords, secret = tmp_path / "passwords", tmp_path / "secret"
    await asyncio.to_thread(let_in, passwords)
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    plain = free_port()
    config = [
        f"cafile {authority.ca_file}", f"certfile {cert}", f"keyfile {key}", "require_certificate true",
        f"listener {plain} 127.0.0.1", "allow_anonymous false", f"password_file {passwords}",
    ]  # fmt: skip
    with mosquitto(tmp_path, config=config) as port:
        options = ["--mqtt", f"mqtts://engineer@127.0.0.1:{port}", "--ca", str(authority.ca_file)]
        options += ["--cert", str(own_cert), "--key", str(own_key)]
        file = tmp_path / "kept.jsonl"
        process = running(*options, "--password-file", str(secret), "--out", str(file), "--json")
        out = await heard(file, process, plain, scene(), PASSWORD)
        assert json.loads(out)["nodes"] == ["M1/gw-1"]
        code, _, err = await asyncio.to_thread(
            run, *options, "--for", "1s", NINEBELOW_MQTT_PASSWORD=PASSWORD[:1]
        )
        assert (code, "连不上代理" in err) == (1, True)
        code, _, err = await asyncio.to_thread(run, *options, "--for", "1s", NINEBELOW_MQTT_PASSWORD=PASSWORD)
        assert code == 0, err  # the STATE that lies retained


class Granting:
    """A connection to a broker that grants what it is told."""

    def __init__(self, code: int) -> None:
        self.code = code

    async def subscribe(self, _filter: str, **_options: object) -> tuple[int, ...]:
        """SUBACK."""
        return (self.code,)


async def test_a_broker_that_grants_less_than_qos_2_hides_qos() -> None:
    recorder = Recorder(Broker("h", 1, None, None, None, "5"), ["spBv1.0/#"], now_ms)
    await recorder.subscribe(Granting(1), None)  # type: ignore[arg-type]  # plays the client's part

    assert recorder.sees == Sight.NOTHING


async def test_a_broker_that_refuses_is_named() -> None:
    recorder = Recorder(Broker("h", 1, None, None, None, "5"), ["spBv1.0/#"], now_ms)

    with pytest.raises(Rejected, match=r"mqtt://h:1 不允许订阅 spBv1\.0/#"):
        await recorder.subscribe(Granting(135), None)  # type: ignore[arg-type]  # plays the client's part
