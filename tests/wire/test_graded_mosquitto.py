"""A run as mosquitto's own subscriber records it, graded by the command; and what its publisher does wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.grading import mosquitto_form
from tests.fakes import FakeHistorian
from tests.graded import NOT_FOLLOWED, graded, passed
from tests.servers import mosquitto
from tests.stack import GATEWAY, MINE, Centre, Version, edge_agent, edge_settings, until

GRADE = [str(Path(sys.executable).with_name("ninebelow")), "wire", "grade", "--capture"]
FORM = "%U %q %r %x %t"
LIMIT_S = 60


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A mosquitto's."""
    with mosquitto(tmp_path) as port:
        yield port


@asynccontextmanager
async def recorded(port: int, file: Path) -> AsyncIterator[None]:
    """mosquitto_sub writes the file, from its subscription to the end of the block."""
    command = ["mosquitto_sub", "-p", str(port), "-q", "2", "-t", "spBv1.0/#", "-t", "mark", "-F", FORM]
    with file.open("wb") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out)
    try:
        await marked(port, file, process)
        yield
        await marked(port, file, process)
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), LIMIT_S)


def marks(file: Path) -> int:
    """How many are written down."""
    return file.read_bytes().count(b" mark\n")


async def marked(port: int, file: Path, process: Process) -> None:
    """Until one more mark is written down, and with it everything before."""
    before = marks(file)

    async def has_come() -> bool:
        assert process.returncode is None
        await published(port, "mark", b"x")
        return marks(file) > before

    await until(has_come)


async def published(port: int, topic: str, payload: bytes, qos: int = 0) -> None:
    """By mosquitto_pub."""
    command = ["mosquitto_pub", "-p", str(port), "-t", topic, "-q", str(qos), "-s"]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE)
    await asyncio.wait_for(process.communicate(payload), LIMIT_S)


async def grade_of(file: Path, *options: str) -> tuple[int | None, Any]:
    """Exit code and report of the command."""
    process = await asyncio.create_subprocess_exec(*GRADE, file, "--json", *options, stdout=PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, json.loads(out)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_our_own_run_holds(tmp_path: Path, port: int, version: Version) -> None:
    """Births, data, a re-send, a stop: no clause is violated, and those of QoS are judged."""
    file = tmp_path / "wire.txt"
    async with recorded(port, file), Centre(port, version, FakeHistorian()).running() as centre:
        await until(centre.collector.subscribed.is_set)
        async with edge_agent(tmp_path, edge_settings(port, version)) as agent:
            for _ in range(5):
                agent.feed(1)
                await until(agent.at_rest)

    with file.open(encoding="utf-8") as lines:
        report = graded(mosquitto_form.parse(lines, "wire.txt", at_qos_2=True), allowed=NOT_FOLLOWED)
    assert passed(report) >= {"topics-nbirth-seq-num", "payloads-ddata-qos", "host-topic-phid-birth-qos"}
    code, told = await grade_of(file, "--qos-2", "--group", MINE)
    assert (code, told["nodes"]) == (0, [f"{MINE}/{GATEWAY}"])


async def test_what_is_published_wrongly_is_seen(tmp_path: Path, port: int) -> None:
    """At QoS 1; only whoever says that it was recorded at QoS 2 gets a verdict on that."""
    file = tmp_path / "wire.txt"
    async with recorded(port, file):
        await published(port, f"spBv1.0/{MINE}/DDATA/{GATEWAY}/F1", bytes.fromhex("08e80718053800"), qos=1)

    code, told = await grade_of(file, "--qos-2")
    violated = {one["id"] for one in told["clauses"] if one["outcome"] == "violated"}
    assert code == 3
    assert "tck-id-payloads-ddata-qos" in violated
    code, told = await grade_of(file)
    violated = {one["id"] for one in told["clauses"] if one["outcome"] == "violated"}
    assert "tck-id-payloads-ddata-qos" not in violated
