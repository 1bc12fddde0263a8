"""The servers of the tests themselves: they come up, obey, come back on the same port, and end."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import aiomqtt
import pytest

from tests.servers import influx_server, mosquitto, mosquitto_broker


async def test_mosquitto_comes_back_on_the_same_port(tmp_path: Path) -> None:
    with mosquitto_broker(tmp_path) as broker:
        for end in (broker.stop, broker.kill):
            async with aiomqtt.Client("127.0.0.1", broker.port) as client:
                await client.publish("spBv1.0/STATE/centre", b"{}")
            end()
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", broker.port)).close()
            broker.start()


async def test_mosquitto_obeys_further_lines_and_may_read_the_files_of_a_test(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite open/#\n")
    with mosquitto(tmp_path, config=[f"acl_file {acl}"]) as port:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("#", qos=1)
            for topic in ("closed/1", "open/1"):
                await client.publish(topic, b"{}", qos=1)
            message = await asyncio.wait_for(anext(client.messages), 20.0)
            assert str(message.topic) == "open/1"


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nonsense"), mosquitto(tmp_path, config=["nonsense true"]):
        pass


def test_a_missing_server_says_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(RuntimeError, match="scripts/test"):
        influx_server(tmp_path)
