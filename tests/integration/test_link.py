"""The centre's own connection to a broker, against real ones: mosquitto in both versions, amqtt, TLS, and bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from gateway.config import Mqtt
from gateway.ingest import link as link_module
from gateway.ingest.link import TAKE_MAX, Link, LinkLost, Message, opened
from ninebelow.broker import amqtt_broker
from tests.certificates import Authority
from tests.servers import free_port, mosquitto, mosquitto_broker

LIMIT_S = 20.0
CREDENTIALS = {"username": "u", "password": "p"}
WILL = Message("spBv1.0/STATE/c", b'{"online": false}')
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def config_of(**settings: object) -> Mqtt:
    """The centre's `[mqtt]` with these keys."""
    return Mqtt.model_validate(settings)


@asynccontextmanager
async def broker_of(kind: str, directory: Path) -> AsyncIterator[dict[str, object]]:
    """A running broker, as the config takes it."""
    if kind == "amqtt":
        async with amqtt_broker() as broker:
            yield {"port": broker.port, "version": broker.version}
    else:
        with mosquitto(directory) as port:
            yield {"port": port, "version": kind}


def vanish(link: Link) -> None:
    """The connection breaks without a word."""
    socket = link.client.socket()
    assert socket is not None
    socket.close()


async def until(link: Link, wanted: int) -> list[Message]:
    """So many messages."""
    came: list[Message] = []
    async with asyncio.timeout(LIMIT_S):
        while len(came) < wanted:
            came += await link.messages()
    return came


@pytest.mark.parametrize("kind", ["5", "3.1.1", "amqtt"])
async def test_what_is_published_comes_back(kind: str, tmp_path: Path) -> None:
    """Subscribed at QoS 0: our own messages of either QoS and an empty one come, in order."""
    async with broker_of(kind, tmp_path) as settings, opened(config_of(**settings), WILL) as link:
        await link.subscribe("#")
        sent = [Message("a/甲", b"1"), Message("b", b""), Message("c", bytes(70_000))]
        assert all(link.publish(message, at_least_once=message.topic == "b") for message in sent)
        came = [message for message in await until(link, 3) if not message.topic.startswith("$SYS")]
        assert came == sent
        link.goodbye()


@pytest.mark.parametrize("kind", ["5", "3.1.1"])
async def test_a_backlog_comes_whole_and_in_order(kind: str, tmp_path: Path) -> None:
    """Several times what is read at once, while nobody reads: the broker waits, nothing is dropped here."""
    size, count = 300, 2 * TAKE_MAX
    with mosquitto(tmp_path, config=("max_queued_messages 100000",)) as port:
        async with opened(config_of(port=port, version=kind), WILL) as link:
            await link.subscribe("x")
            async with aiomqtt.Client("127.0.0.1", port) as sender:
                for number in range(count):
                    await sender.publish("x", number.to_bytes(4, "big") + bytes(size), qos=1)
            came = await until(link, count)
            assert [int.from_bytes(message.payload[:4], "big") for message in came] == list(range(count))


@pytest.mark.parametrize("kind", ["5", "3.1.1"])
@pytest.mark.parametrize("says_goodbye", [True, False])
async def test_the_will(kind: str, says_goodbye: bool, tmp_path: Path) -> None:
    """A connection that vanishes leaves its will with the broker, retained; one that says goodbye does not."""
    with mosquitto(tmp_path) as port:
        async with opened(config_of(port=port, version=kind), WILL) as link:
            if says_goodbye:
                link.goodbye()
            else:
                vanish(link)
        async with opened(Mqtt(port=port), Message("other", b"")) as watcher:
            async with asyncio.timeout(LIMIT_S):
                came: list[Message] = []
                while not came:
                    await watcher.subscribe(WILL.topic)
                    watcher.publish(Message(WILL.topic, b"mark"))
                    came = await watcher.messages()
        assert came[0] == (Message(WILL.topic, b"mark") if says_goodbye else WILL)


@pytest.mark.parametrize("kind", ["5", "3.1.1"])
async def test_a_wrong_password_is_said(kind: str, tmp_path: Path) -> None:
    """The refusal says what to check."""
    with (
        mosquitto(tmp_path, config=("allow_anonymous false",)) as port,
        pytest.raises(LinkLost, match="user name"),
    ):
        async with opened(config_of(port=port, version=kind, **CREDENTIALS), WILL):
            pass


async def test_nobody_there() -> None:
    """No broker at all."""
    with pytest.raises(LinkLost):
        async with opened(Mqtt(port=free_port()), WILL):
            pass


async def test_a_proxy_without_its_broker() -> None:
    """It accepts the connection and closes it before any answer: that is said at once."""

    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with serving(closes) as port, asyncio.timeout(link_module.ANSWER_S / 2):
        with pytest.raises(LinkLost, match="ended the connection"):
            async with opened(Mqtt(port=port), WILL):
                pass


async def test_the_broker_stops(tmp_path: Path) -> None:
    """Its end is noticed at once."""
    with mosquitto_broker(tmp_path) as broker:
        async with opened(Mqtt(port=broker.port), WILL) as link:
            await link.subscribe("#")
            await asyncio.to_thread(broker.stop)
            with pytest.raises(LinkLost):
                await until(link, 1_000)


async def test_a_mute_broker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts the connection and never answers."""
    monkeypatch.setattr(link_module, "ANSWER_S", 0.2)

    async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(mute) as port:
        with pytest.raises(LinkLost, match="does not answer"):
            async with opened(Mqtt(port=port), WILL):
                pass


async def test_a_half_open_connection_is_noticed() -> None:
    """After its yes the broker is never heard again: pings go unanswered, and the link is given up."""

    async def yes_and_no_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x20\x03\x00\x00\x00")
        await reader.read()

    async with serving(yes_and_no_more) as port, opened(Mqtt(port=port, keepalive_s=1), WILL) as link:
        async with asyncio.timeout(LIMIT_S):
            with pytest.raises(LinkLost):
                await link.messages()


async def test_a_broker_that_does_not_read_is_refused_messages() -> None:
    """What waits to be written is bounded."""
    go = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x20\x03\x00\x00\x00")
        await go.wait()

    async with serving(deaf) as port, opened(Mqtt(port=port), WILL) as link:
        assert not all(link.publish(Message("a", bytes(100_000))) for _ in range(1_000))
        go.set()


# paho leaves the socket of a failed handshake to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_with_certificates_on_both_sides(tmp_path: Path) -> None:
    """Our certificate is our name; without it, or with a broker of another authority, there is no connection."""
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    certificate, key = ours.issue("centre")
    port = free_port()
    server_certificate, server_key = ours.issue("broker")
    config = (
        f"cafile {ours.ca_file}",
        f"certfile {server_certificate}",
        f"keyfile {server_key}",
        "require_certificate true",
        "use_identity_as_username true",
    )
    with mosquitto(tmp_path, port=port, config=config):
        good = {"port": port, "ca_file": ours.ca_file, "certificate_file": certificate, "key_file": key}
        async with opened(config_of(**good), WILL) as link:
            await link.subscribe("#")
            link.publish(Message("a", b"1"))
            assert await until(link, 1) == [Message("a", b"1")]
            link.goodbye()
        for bad in ({"port": port, "ca_file": ours.ca_file}, good | {"ca_file": theirs.ca_file}):
            with pytest.raises(LinkLost):
                async with opened(config_of(**bad), WILL):
                    pass


@asynccontextmanager
async def serving(serve: Serving) -> AsyncIterator[int]:
    """A TCP server of the test's own."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
