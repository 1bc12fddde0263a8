"""Compressed payloads, as Sparkplug's reference implementation has them: a payload whose body is another one, deflated.

The outer payload carries the time and `seq` of the inner one, `uuid` `SPBV1.0_COMPRESSED`, and the metric `algorithm`,
`DEFLATE` (zlib, RFC 1950) or `GZIP` (RFC 1952). The specification's text does not have it; hosts that know nothing of
it see a payload without values, so it is off unless the config asks for it.
"""

from __future__ import annotations

import zlib
from typing import Final

from contract import payload
from contract.datatype import DataType
from contract.payload import MalformedPayload
from contract.proto.sparkplug_b_pb2 import Payload

UUID: Final = "SPBV1.0_COMPRESSED"
ALGORITHM: Final = "algorithm"
DEFLATE: Final = "DEFLATE"
GZIP: Final = "GZIP"
WINDOW: Final = {DEFLATE: zlib.MAX_WBITS, GZIP: zlib.MAX_WBITS | 16}
WORTHWHILE: Final = 120
"""Below so many bytes the wrapping costs more than it saves."""
INFLATED_MAX: Final = 64_000_000
"""More than a whole mine's births; what inflates beyond it is no payload but an attack."""


def compressed(data: bytes) -> bytes:
    """The payload in `data`, wrapped, if that is shorter; else as it is."""
    if len(data) < WORTHWHILE:
        return data
    inner = Payload.FromString(data)
    outer = Payload(timestamp=inner.timestamp, uuid=UUID, body=zlib.compress(data, level=6))
    if inner.HasField("seq"):
        outer.seq = inner.seq
    payload.add(outer, DEFLATE, DataType.STRING, at_ms=inner.timestamp, name=ALGORITHM)
    wrapped = outer.SerializeToString()
    return wrapped if len(wrapped) < len(data) else data


def opened(outer: Payload) -> Payload:
    """The payload inside, or the same one where nothing is compressed; raises `MalformedPayload`."""
    if outer.uuid != UUID:
        return outer
    named = next((metric.string_value for metric in outer.metrics if metric.name == ALGORITHM), DEFLATE)
    if named not in WINDOW:
        raise MalformedPayload(f"compressed by {named!r}; known are {', '.join(WINDOW)}")
    inflate = zlib.decompressobj(WINDOW[named])
    try:
        data = inflate.decompress(outer.body, INFLATED_MAX)
    except zlib.error as error:
        raise MalformedPayload(f"not {named}: {error}") from error
    if inflate.unconsumed_tail or not inflate.eof:
        raise MalformedPayload(f"{named} body is cut short or inflates beyond {INFLATED_MAX} bytes")
    inner = payload.parse(data)
    if outer.HasField("seq"):
        inner.seq = outer.seq
    if not inner.timestamp:
        inner.timestamp = outer.timestamp
    return inner
