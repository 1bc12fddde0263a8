"""Pins Modbus over TLS: who is let in by whom, and that nothing is read where a name or certificate does not fit."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

import pytest
from pymodbus.server import ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

from contract.quality import Quality
from edge_agent.source_config.modbus import Tls
from edge_agent.sources.modbus_transport import TcpTransport
from tests.certificates import Authority
from tests.modbus_device import device
from tests.modbus_sources import registers, source_over
from tests.taken import Taken, running

GOOD, STALE = Quality.GOOD, Quality.STALE
TIMEOUT_S = 5.0
"""Long enough for handshakes on a busy machine."""


class Place:
    """An authority with a server's certificate of its own, and who may come in."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.server = self.authority.issue("plc")
        self.agent = self.authority.issue("edge")

    def inside(self, *, wants_certificate: bool = False) -> ssl.SSLContext:
        """The server's side."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.server)
        if wants_certificate:
            context.load_verify_locations(self.authority.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def outside(self, *, with_certificate: bool = False, server_name: str | None = None) -> Tls:
        """The agent's side, as its config has it."""
        certificate, key = self.agent if with_certificate else (None, None)
        return Tls(
            ca_file=self.authority.ca_file,
            certificate_file=certificate,
            key_file=key,
            server_name=server_name,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """One of them."""
    return Place(tmp_path)


@pytest.mark.parametrize("with_certificate", [False, True])
async def test_a_server_that_is_vouched_for(place: Place, with_certificate: bool) -> None:
    """With a certificate of ours where it asks for one, and without."""
    points, taken = registers(range(10)), Taken()
    async with device(tls=place.inside(wants_certificate=with_certificate)) as plc:
        transport = TcpTransport("127.0.0.1", plc.port, tls=place.outside(with_certificate=with_certificate))
        source = source_over(transport, points, timeout_s=TIMEOUT_S)
        async with running(source, taken):
            await taken.until(lambda: all(len(taken.of(point)) >= 3 for point in points))
            assert [taken.changes(point) for point in points] == [[(at, GOOD)] for at in range(10)]
            plc.drop()
            await taken.until(lambda: (None, STALE) in taken.of(points[0]))
            await taken.until_all(points)
        assert source.health.errors.keys() <= {"connection_lost", "poll_missed"}


async def test_a_pymodbus_server(place: Place) -> None:
    """One that is not ours: frames over TLS are those of Modbus/TCP."""
    held = SimDevice(id=1, simdata=[SimData(0, values=[*range(40)], datatype=DataType.REGISTERS)])
    server = ModbusTlsServer(held, sslctx=place.inside(), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        port = server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # an asyncio.Server
        points, taken = registers(range(40)), Taken()
        transport = TcpTransport("127.0.0.1", port, tls=place.outside())
        async with running(source_over(transport, points, timeout_s=TIMEOUT_S), taken):
            await taken.until_all(points)
            assert [taken.last(point) for point in points] == [(at, GOOD) for at in range(40)]
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped


async def test_a_server_of_somebody_else(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another authority: nothing is read, and the log says why once."""
    stranger_folder = tmp_path / "other"
    stranger_folder.mkdir()
    stranger = Place(stranger_folder)
    (point,), taken = registers([0]), Taken()
    async with device(tls=stranger.inside()) as plc:
        transport = TcpTransport("127.0.0.1", plc.port, tls=place.outside())
        source = source_over(transport, [point], timeout_s=TIMEOUT_S)
        with caplog.at_level(logging.WARNING, "edge_agent"):
            async with running(source, taken):
                await taken.until(lambda: source.health.errors.get("tls", 0) >= 2)
        assert taken.of(point) == [(None, STALE)]
        assert plc.functions == set()
        (told,) = [record.getMessage() for record in caplog.records if "lost" in record.getMessage()]
        assert "certificate verify failed" in told


@pytest.mark.parametrize(
    ("name", "fits"), [(None, True), ("localhost", True), ("plc-9.example", False), ("plc", False)]
)
async def test_the_name_in_the_certificate(place: Place, name: str | None, fits: bool) -> None:
    """It must be the host's, or the one that the config gives instead; a bare CN is none."""
    (point,), taken = registers([0]), Taken()
    async with device(tls=place.inside()) as plc:
        transport = TcpTransport("127.0.0.1", plc.port, tls=place.outside(server_name=name))
        source = source_over(transport, [point], timeout_s=TIMEOUT_S)
        async with running(source, taken):
            await taken.until(lambda: taken.last(point) == (0, GOOD) or source.health.errors.get("tls"))
        assert (taken.last(point) == (0, GOOD)) is fits
        assert bool(plc.functions) is fits


async def test_a_server_that_wants_a_certificate_and_gets_none(place: Place) -> None:
    """TLS 1.3 tells it after the handshake; no value, and no busy loop."""
    (point,), taken = registers([0]), Taken()
    async with device(tls=place.inside(wants_certificate=True)) as plc:
        transport = TcpTransport("127.0.0.1", plc.port, tls=place.outside())
        source = source_over(transport, [point], timeout_s=TIMEOUT_S)
        async with running(source, taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 3)
        assert source.health.errors.keys() <= {"tls", "connection_lost", "connect"}
        assert taken.of(point) == [(None, STALE)]
        assert plc.functions == set()


async def test_a_server_without_tls(place: Place) -> None:
    """It says nothing to a handshake: no value, and nothing in the clear from us."""
    (point,), taken = registers([0]), Taken()
    async with device() as plc:
        transport = TcpTransport("127.0.0.1", plc.port, tls=place.outside())
        source = source_over(transport, [point], timeout_s=0.3)
        async with running(source, taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 2)
        assert taken.of(point) == [(None, STALE)]
        assert plc.functions == set()


async def test_renewed_certificates_are_used_from_the_next_connection_on(place: Place) -> None:
    """Nobody restarts an agent for them; files that are gone at work are told, and waited for."""
    points, taken = registers(range(3)), Taken()
    tls = place.outside(with_certificate=True)
    async with device(tls=place.inside(wants_certificate=True)) as plc:
        source = source_over(TcpTransport("127.0.0.1", plc.port, tls=tls), points, timeout_s=TIMEOUT_S)
        async with running(source, taken):
            await taken.until_all(points)
            kept = {path: path.read_bytes() for path in place.agent}
            for path in kept:
                path.unlink()
            plc.drop()
            await taken.until(lambda: source.health.errors.get("tls", 0) >= 2)
            await taken.until_all(points, STALE)
            for path, held in kept.items():
                path.write_bytes(held)
            await taken.until_all(points)
