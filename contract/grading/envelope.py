"""Payloads as they are judged: where one is compressed, the payload inside."""

from __future__ import annotations

from contract import compression, payload
from contract.errors import Rejected
from contract.proto.sparkplug_b_pb2 import Payload


def opened(data: bytes) -> Payload | None:
    """The payload in these bytes; `None` if it is no Sparkplug B payload."""
    try:
        return compression.opened(payload.parse(data))
    except Rejected:
        return None
