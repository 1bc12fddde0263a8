"""Pins a Modbus source from its config file on: what each option does, and how faults of it are told."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from contract.errors import Misconfigured
from contract.point import Point
from contract.quality import Quality
from edge_agent import config
from edge_agent.acquisition.read_plan import ReadLimits
from edge_agent.config import EdgeConfig
from edge_agent.source_config import modbus as source_config
from edge_agent.sources import modbus
from edge_agent.sources.modbus_transport import SerialTransport, TcpTransport
from edge_agent.sources.modbus_units import Terms
from tests.certificates import Authority
from tests.modbus_device import device, serial_line
from tests.modbus_sources import now_ms
from tests.taken import Taken, running

GOOD = Quality.GOOD
HEAD = """
[node]
mine = "990000000001"
gateway = "gw-1"

[outbox]
path = "outbox.sqlite"

[[sources]]
protocol = "modbus"
name = "plc"
points = "points.csv"
"""
SOURCE_LINE = HEAD.count("\n") - 3
"""Of `[[sources]]`."""
TABLE = "area,metric,unit_id,table,address,type\nF1,Pump 1/Flow,1,holding,1,uint32\nF1,Pump 2/Flow,2,holding,5,uint16\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a point table."""
    (tmp_path / "points.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def loaded(folder: Path, source: str) -> tuple[EdgeConfig, tuple[Point, ...]]:
    """A config with this in its source."""
    path = folder / "edge.toml"
    path.write_text(HEAD + source, encoding="utf-8")
    whole, points = config.load(path)
    return whole, points["plc"]


def source_in(folder: Path, source: str) -> modbus.ModbusSource:
    """The source that the agent makes of it."""
    whole, points = loaded(folder, source)
    (made,) = whole.sources
    assert isinstance(made, source_config.ModbusSource)
    return modbus.of_config(made, points, now=now_ms, rng=Random(1))  # noqa: S311 (jitter)


def faults_in(folder: Path, source: str) -> list[tuple[int | None, str]]:
    """What `edge check` finds wrong in the source: lines from `[[sources]]` on, and words."""
    with pytest.raises(Misconfigured) as caught:
        loaded(folder, source)
    return [(fault.line and fault.line - SOURCE_LINE, fault.what) for fault in caught.value.faults]


def test_the_defaults_are_those_of_the_protocol(folder: Path) -> None:
    """A host is all that must be given."""
    source = source_in(folder, 'host = "10.0.0.1"')
    assert source.transport == TcpTransport("10.0.0.1", 502)
    assert {unit.terms for unit in source.units} == {Terms(ReadLimits(125, 2000, 16, 64), 1.0, 0.0)}
    assert [unit.unit_id for unit in source.units] == [1, 2]


@pytest.mark.parametrize(("source", "transport"), [
    ('host = "h"\nport = 1502', TcpTransport("h", 1502)),
    ('transport = "rtu_over_tcp"\nhost = "h"\nport = 4001', TcpTransport("h", 4001, is_rtu=True)),
    (
        'transport = "serial"\n[sources.serial]\ndevice = "/dev/ttyS1"',
        SerialTransport("/dev/ttyS1", 9600, "even", 1),
    ),
    (
        'transport = "serial"\nserial = {device = "/dev/ttyS1", baud_rate = 19200, parity = "none", stop_bits = 2}',
        SerialTransport("/dev/ttyS1", 19_200, "none", 2),
    ),
])  # fmt: skip
def test_each_transport(folder: Path, source: str, transport: object) -> None:
    """From its words in the config."""
    assert source_in(folder, source).transport == transport


def test_tls(folder: Path) -> None:
    """On the port of Modbus/TCP Security, its files beside the config."""
    Authority(folder)
    source = source_in(
        folder, 'transport = "tls"\nhost = "h"\ntls = {ca_file = "ca.crt", server_name = "plc"}'
    )
    tls = source_config.Tls(ca_file=folder / "ca.crt", server_name="plc")
    assert source.transport == TcpTransport("h", 802, tls=tls)


def test_limits_of_the_connection_and_of_single_units(folder: Path) -> None:
    """A unit has its own where they are given, and the connection's in the rest."""
    source = source_in(
        folder,
        """
host = "h"
timeout_s = 2.0
gap_ms = 30
registers_max = 100
bits_max = 500
hole_max = 8
bit_hole_max = 32

[[sources.units]]
unit_id = 2
registers_max = 20
bits_max = 16
hole_max = 0
gap_ms = 50
timeout_s = 3.5

[[sources.units]]
unit_id = 1
gap_ms = 10
""",
    )
    one, two = source.units
    assert one.terms == Terms(ReadLimits(100, 500, 8, 32), 2.0, 0.03)
    assert two.terms == Terms(ReadLimits(20, 16, 0, 32), 3.5, 0.05)
    assert source.terms.timeout_s == 2.0
    assert {group.quarantine.limits for group in source.groups} == {one.terms.limits, two.terms.limits}


@pytest.mark.parametrize(("source", "faults"), [
    ("", [(0, "transport 'tcp' needs a host")]),
    ('transport = "rtu_over_tcp"', [(0, "transport 'rtu_over_tcp' needs a host")]),
    (
        'transport = "serial"\nhost = "h"',
        [(0, "needs a table [sources.serial]; host and port do not go with transport 'serial'")],
    ),
    ('transport = "serial"\nport = 5\nserial = {device = "/dev/ttyS1"}', [(0, "host and port do not go")]),
    ('host = "h"\nserial = {device = "/dev/ttyS1"}', [(0, "[sources.serial] goes with transport 'serial' only")]),
    ('transport = "tls"\nhost = "h"', [(0, "transport 'tls' needs a table [sources.tls]")]),
    ('host = "h"\ntls = {ca_file = "ca.crt"}', [(0, "[sources.tls] goes with transport 'tls' only")]),
    ('transport = "udp"\nhost = "h"', [(4, "'tcp', 'rtu_over_tcp', 'tls' or 'serial' (found 'udp')")]),
    ('host = "h"\nregisters_max = 126', [(5, "less than or equal to 125 (found 126)")]),
    ('host = "h"\nregister_max = 20', [(5, "unknown key")]),
    ('host = "h"\naddress_base = 2', [(5, "0 or 1 (found 2)")]),
    ('host = "h"\norder = "ACBD"', [(5, "'ABCD', 'CDAB', 'BADC' or 'DCBA' (found 'ACBD')")]),
    ('host = "h"\ngap_ms = -1', [(5, "greater than or equal to 0 (found -1")]),
    ('host = "h"\ntimeout_s = 0', [(5, "greater than 0 (found 0")]),
    (
        'transport = "serial"\n[sources.serial]\nparity = "mark"\nstop_bits = 3',
        [(5, "device: missing"), (6, "'none', 'even' or 'odd' (found 'mark')"), (7, "1 or 2 (found 3)")],
    ),
    (
        'transport = "tls"\nhost = "h"\n[sources.tls]\nca_file = "ca.crt"\nkey_file = "k"',
        [(6, "certificate_file and key_file go together: give both or neither")],
    ),
    (
        'host = "h"\n[[sources.units]]\nunit_id = 1\n[[sources.units]]\nunit_id = 1\n',
        [(0, "units: a unit_id stands twice")],
    ),
    (
        'host = "h"\n[[sources.units]]\nunit_id = 256\nhole_max = 125\n[[sources.units]]\ngap_ms = 5\n',
        [(6, "less than or equal to 255"), (7, "less than or equal to 124"), (8, "unit_id: missing")],
    ),
])  # fmt: skip
def test_faults_are_told_with_their_line(
    folder: Path, source: str, faults: Sequence[tuple[int, str]]
) -> None:
    """All at once, each where it stands, and what would be right."""
    told = faults_in(folder, source)
    assert [line for line, _ in told] == [line for line, _ in faults]
    for (_, what), (_, part) in zip(told, faults, strict=True):
        assert part in what


def test_one_connection_to_a_place(folder: Path) -> None:
    """Two sources on one line would talk across each other."""
    line = 'transport = "serial"\nserial = {device = "/dev/ttyS1"}\n'
    second = '[[sources]]\nprotocol = "modbus"\nname = "other"\npoints = "other.csv"\n'
    (folder / "other.csv").write_text(TABLE.replace("F1", "F2"), encoding="utf-8")
    ((_, what),) = faults_in(folder, line + second + line)
    assert what.startswith("sources 'plc' and 'other'")
    assert what.endswith("put their points in one")


TLS = 'transport = "tls"\nhost = "h"\n[sources.tls]\nca_file = "ca.crt"\n'
OWN = 'certificate_file = "edge.crt"\nkey_file = "edge.key"\n'


def test_certificates_that_can_be_used(folder: Path) -> None:
    """Nothing to tell."""
    authority = Authority(folder)
    authority.issue("edge")
    loaded(folder, TLS)
    loaded(folder, TLS + OWN)


def test_files_that_are_not_there(folder: Path) -> None:
    """Each with its line, before anything is connected."""
    assert faults_in(folder, TLS + OWN) == [
        (7, f"ca_file: there is no file {folder / 'ca.crt'}"),
        (8, f"certificate_file: there is no file {folder / 'edge.crt'}"),
        (9, f"key_file: there is no file {folder / 'edge.key'}"),
    ]


def test_files_that_are_something_else(folder: Path) -> None:
    """Not PEM, a key of another certificate, a key with a password: told, and never asked for on the terminal."""
    authority = Authority(folder)
    certificate, key = authority.issue("edge")
    _, other = authority.issue("other")
    own = key.read_bytes()
    subprocess.run(
        ["openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", str(key), "-out", str(folder / "locked.key")],
        check=True, capture_output=True,
    )  # fmt: skip
    for wrong in (other.read_bytes(), (folder / "locked.key").read_bytes(), b"no key"):
        key.write_bytes(wrong)
        ((line, what),) = faults_in(folder, TLS + OWN)
        assert line == 6
        assert "the key that of the certificate and without a password" in what
    key.write_bytes(own)
    authority.ca_file.write_text("no certificate")
    ((_, what),) = faults_in(folder, TLS + OWN)
    assert "must be PEM" in what
    assert certificate.exists()


async def test_from_config_to_values(folder: Path) -> None:
    """Address base and order of the device, over TCP, RTU over TCP and a serial line."""
    base = 'address_base = 1\norder = "CDAB"\n'
    expected = [(1 << 16, GOOD), (4, GOOD)]  # registers 0 and 1 hold 0 and 1, the low word first
    async with (
        device(units={1, 2}) as plain,
        device(units={1, 2}, is_rtu=True) as framed,
        serial_line(folder / "ttyS1", units={1, 2}),
    ):
        for text in (
            f'host = "127.0.0.1"\nport = {plain.port}\n{base}',
            f'transport = "rtu_over_tcp"\nhost = "127.0.0.1"\nport = {framed.port}\n{base}',
            f'transport = "serial"\n{base}serial = {{device = "{folder}/ttyS1", parity = "none"}}',
        ):
            source, taken = source_in(folder, text), Taken()
            async with running(source, taken):
                await taken.until_all(source.points)
                assert [taken.last(point) for point in source.points] == expected
