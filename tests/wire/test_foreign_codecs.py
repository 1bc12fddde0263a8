"""Payloads of ours read by codecs of others, and theirs by ours.

npm sparkplug-payload 1.0.3: gives data without a datatype no value; UInt32 in the 64-bit field; negative integers
sign-extended to 32 bits; writes no null where a value is left out; `type` of a property by name only.
PyPI pysparkplug 0.6.1: raises NotImplementedError on data by alias without a datatype unless it is given the birth;
refuses sign-extended integers.
Hence `data_datatype = "include"`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract import datatype, payload
from contract.datatype import DataType, Value
from contract.quality import Quality
from edge_agent.uplink.session import Latest
from gateway.ingest.host_session import HostSession
from gateway.ingest.router import route
from tests.wire.edge import GOOD_FLOW, T0, edge_session, online
from tests.wire.foreign import Program, npm, pypi
from tests.wire.peer import values

READ = {
    1: GOOD_FLOW, 2: Latest("自动", Quality.GOOD, T0 - 500), 3: Latest(True, Quality.GOOD, T0 - 300),
    4: Latest(-7, Quality.GOOD, T0 - 100),
}  # fmt: skip


@pytest.fixture(scope="module")
def npm_codec() -> Iterator[Program]:
    """Npm sparkplug-payload."""
    with npm("codec.cjs") as program:
        yield program


@pytest.fixture
def pypi_codec() -> Iterator[Program]:
    """PyPI pysparkplug, which remembers the last birth."""
    with pypi("codec.py") as program:
        yield program


# npm


def test_npm_reads_our_births(npm_codec: Program) -> None:
    nbirth, f1, c1 = [
        npm_codec.ask({"decode": message.payload.hex()}) for message in edge_session(READ).births(42, T0)
    ]
    assert (nbirth["seq"], f1["seq"], c1["seq"], nbirth["timestamp"]) == ("0", "1", "2", str(T0))
    node = {metric["name"]: metric for metric in nbirth["metrics"]}
    assert (node["bdSeq"]["value"], node["bdSeq"]["type"]) == ("0", "Int64")
    assert (node["Node Control/Rebirth"]["value"], node["Delivery/Oldest"]["value"]) == (False, "42")
    assert node["Delivery/Epoch"]["value"] == "epoch-1"
    seen = {
        metric["name"]: (metric["value"], metric["type"], metric["alias"])
        for metric in [*f1["metrics"], *c1["metrics"]]
    }
    assert seen["Control/Mode"] == ("自动", "String", "2")
    assert seen["Door/Closed"] == (True, "Boolean", "3")
    assert seen["Pump 1/Flow"] == ("-7", "Int64", "4")
    assert f1["metrics"][1]["value"] == 1.5
    assert f1["metrics"][1]["properties"]["unit"] == {"value": "m³/h", "type": "String"}


def test_npm_reads_null_and_quality(npm_codec: Program) -> None:
    f1 = npm_codec.ask({"decode": edge_session().births(1, T0)[1].payload.hex()})
    flow = next(metric for metric in f1["metrics"] if metric["name"] == "Pump 1/Flow")
    assert flow["value"] is None
    assert flow["properties"]["Quality"] == {"value": 500, "type": "Int32"}


def test_npm_reads_our_data_only_with_its_type(npm_codec: Program) -> None:
    found = []
    for with_type in (True, False):
        refresh = online(READ, with_type=with_type).refresh("F1", {1, 2}, T0)
        assert refresh is not None
        found.append(
            [metric.get("value") for metric in npm_codec.ask({"decode": refresh.payload.hex()})["metrics"]]
        )
    assert found == [["自动", 1.5], [None, None]]


SENT: list[tuple[str, object, DataType, Value]] = [
    ("Int8", -2, DataType.INT8, -2),
    ("Int16", -300, DataType.INT16, -300),
    ("Int32", -70_000, DataType.INT32, -70_000),
    ("Int64", -5, DataType.INT64, -5),
    ("UInt8", 255, DataType.UINT8, 255),
    ("UInt16", 65_535, DataType.UINT16, 65_535),
    ("UInt32", 4_294_967_295, DataType.UINT32, 4_294_967_295),
    ("UInt64", 2**53 - 1, DataType.UINT64, 2**53 - 1),
    ("Float", 1.5, DataType.FLOAT, 1.5),
    ("Double", 0.42, DataType.DOUBLE, 0.42),
    ("Boolean", False, DataType.BOOLEAN, False),
    ("String", "自动", DataType.STRING, "自动"),
    ("Text", "x", DataType.TEXT, "x"),
    ("DateTime", T0, DataType.DATETIME, T0),
]


@pytest.mark.parametrize(("kind", "value", "ours", "meaning"), SENT)
def test_we_read_what_npm_writes(
    npm_codec: Program, kind: str, value: object, ours: DataType, meaning: Value
) -> None:
    sent = {
        "timestamp": T0,
        "seq": 3,
        "metrics": [{"name": "x", "type": kind, "value": value, "timestamp": T0}],
    }
    message = payload.parse(bytes.fromhex(npm_codec.ask({"encode": sent})["hex"]))
    (metric,) = message.metrics
    assert (message.seq, metric.name, metric.datatype, metric.timestamp) == (3, "x", ours, T0)
    assert datatype.get(metric, metric.datatype) == meaning


def test_we_read_nulls_and_qualities_of_npm(npm_codec: Program) -> None:
    sent = {"timestamp": T0, "metrics": [
        {"name": "a", "type": "Double", "value": None},
        {"name": "b", "type": "Double", "value": 1.5, "properties": {"Quality": {"type": "Int32", "value": 500}}},
    ]}  # fmt: skip
    null, stale = payload.parse(bytes.fromhex(npm_codec.ask({"encode": sent})["hex"])).metrics
    assert (null.is_null, payload.quality_of(null)) == (True, Quality.BAD)
    assert payload.quality_of(stale) is Quality.STALE


def test_a_birth_of_npm_opens_a_session(npm_codec: Program) -> None:
    host = HostSession(route)

    def send(kind: str, seq: int, *metrics: dict[str, object]) -> list[tuple[str, object, int]]:
        sent = {"timestamp": T0, "seq": seq, "metrics": list(metrics)}
        data = bytes.fromhex(npm_codec.ask({"encode": sent})["hex"])
        return values(host.message(f"spBv1.0/m/{kind}/n" + ("" if kind[0] == "N" else "/F1"), data, T0 + 9))

    send("NBIRTH", 0, {"name": "bdSeq", "type": "UInt64", "value": 0})
    flow = {"name": "Pump 1/Flow", "type": "Int16", "value": -3, "timestamp": T0}
    assert send("DBIRTH", 1, flow) == [("Pump 1/Flow", -3, 0)]
    assert send("DDATA", 2, flow | {"value": -4, "timestamp": T0 + 5}) == [("Pump 1/Flow", -4, 5)]
    assert send("DDATA", 3, {"name": "Pump 1/Flow", "type": "Int16", "value": -5}) == [
        ("Pump 1/Flow", -5, 9)
    ]  # no time


# PyPI


def test_pypi_reads_our_births_and_data(pypi_codec: Program) -> None:
    session = edge_session(READ, with_type=True)
    for message in session.births(1, T0)[:2]:
        kind = message.topic.split("/")[2]
        seen = {
            name: (value, null)
            for name, value, null, _ in pypi_codec.ask({"kind": kind, "hex": message.payload.hex()})
        }
    assert seen["Pump 1/Flow"] == (1.5, False)
    assert seen["Control/Mode"] == ("自动", False)
    assert seen["Delivery/Batch"] == (None, True)
    batch = session.data("F1", b"", 9, T0)
    assert pypi_codec.ask({"kind": "DDATA", "hex": batch.payload.hex()}) == [["Delivery/Batch", 9, False, T0]]
    refresh = session.refresh("F1", {1, 2}, T0)
    assert refresh is not None
    assert pypi_codec.ask({"kind": "DDATA", "hex": refresh.payload.hex()}) == [
        ["Control/Mode", "自动", False, T0 - 500], ["Pump 1/Flow", 1.5, False, T0 - 200],
    ]  # fmt: skip


def test_pypi_without_the_birth_cannot_read_data_without_its_type(pypi_codec: Program) -> None:
    found = []
    for with_type in (True, False):
        message = online(READ, with_type=with_type).data("F1", b"", 9, T0)
        found.append(pypi_codec.ask({"kind": "DDATA", "hex": message.payload.hex()}))
    assert found == [[[None, 9, False, T0]], {"raised": "NotImplementedError"}]
