"""Compressed payloads: the same comes out, broken and hostile ones are refused, hosts and foreign codecs read them."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import compression
from contract.payload import MalformedPayload
from contract.proto.sparkplug_b_pb2 import Payload
from tests.wire.edge import T0


def data(values: list[float]) -> bytes:
    """A data message."""
    metrics = [
        Payload.Metric(alias=alias, timestamp=T0, double_value=value) for alias, value in enumerate(values)
    ]
    return Payload(timestamp=T0, seq=7, metrics=metrics).SerializeToString()


@given(st.lists(st.floats(allow_nan=False), max_size=200))
def test_the_same_comes_out(values: list[float]) -> None:
    sent = data(values)
    wrapped = compression.compressed(sent)
    outer = Payload.FromString(wrapped)
    assert len(wrapped) <= len(sent)
    assert (outer.timestamp, outer.seq) == (T0, 7)
    assert compression.opened(outer).SerializeToString() == Payload.FromString(sent).SerializeToString()


def test_short_payloads_stay_as_they_are() -> None:
    assert compression.compressed(data([1.0])) == data([1.0])


def test_repetition_is_worth_it() -> None:
    sent = data([12.5] * 100)
    assert len(compression.compressed(sent)) < len(sent) / 4


def wrapped(body: bytes, algorithm: str = "DEFLATE") -> Payload:
    """An outer payload."""
    metric = Payload.Metric(name="algorithm", datatype=12, string_value=algorithm)
    return Payload(timestamp=T0, seq=9, uuid=compression.UUID, body=body, metrics=[metric])


def test_gzip_is_read_too() -> None:
    """Other edge nodes choose it."""
    inner = compression.opened(wrapped(gzip.compress(data([1.0])), "GZIP"))
    assert (len(inner.metrics), inner.seq) == (1, 9)


@pytest.mark.parametrize(
    "outer",
    [
        wrapped(b"rubbish"),
        wrapped(zlib.compress(data([1.0]))[:-5]),
        wrapped(zlib.compress(b"\xff\xff rubbish")),
        wrapped(zlib.compress(data([1.0])), "LZMA"),
        wrapped(b""),
        wrapped(zlib.compress(bytes(compression.INFLATED_MAX + 1))),
    ],
    ids=["rubbish", "cut", "no payload", "unknown", "empty", "bomb"],
)
def test_broken_and_hostile_bodies_are_refused(outer: Payload) -> None:
    with pytest.raises(MalformedPayload):
        compression.opened(outer)
