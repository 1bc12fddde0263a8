"""An edge session of ours with two areas, and what its messages say, read field by field."""

from __future__ import annotations

from contract.datatype import DataType
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality
from edge_agent.uplink.session import Declared, EdgeSession, Latest, Publish

T0 = 1_700_000_000_000
GROUP, NODE = "990000000001", "gw-1"
DEVICES = {
    "F1": [
        Declared("Pump 1/Flow", 1, DataType.DOUBLE, {"unit": "m³/h"}),
        Declared("Control/Mode", 2, DataType.STRING, {"role": "control_mode"}),
    ],
    "C1": [Declared("Door/Closed", 3, DataType.BOOLEAN, {}), Declared("Pump 1/Flow", 4, DataType.INT64, {})],
}
BATCH_ALIAS = {"F1": 5, "C1": 6}


def edge_session(latest: dict[int, Latest] | None = None, *, with_type: bool = False) -> EdgeSession:
    """A session before its first connection."""
    return EdgeSession(
        group=GROUP,
        node=NODE,
        epoch="epoch-1",
        devices=DEVICES,
        batch_alias=BATCH_ALIAS,
        latest={} if latest is None else latest,
        since_ms=T0 - 1_000,
        with_type=with_type,
    )


def online(latest: dict[int, Latest] | None = None, *, with_type: bool = False) -> EdgeSession:
    """A session after its births."""
    session = edge_session(latest, with_type=with_type)
    session.will(7, T0)
    session.births(1, T0)
    return session


def read(message: Publish) -> Payload:
    """The message's payload."""
    return Payload.FromString(message.payload)


def body(alias: int = 1, value: float = 1.5, at: int = T0) -> bytes:
    """A batch of one reading of Pump 1/Flow of F1."""
    return Payload(
        metrics=[Payload.Metric(alias=alias, timestamp=at, double_value=value)]
    ).SerializeToString()


GOOD_FLOW = Latest(1.5, Quality.GOOD, T0 - 200)
