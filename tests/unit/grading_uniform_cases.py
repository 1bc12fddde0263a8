"""What may be wrong alike with messages of every type: QoS, retain flag, `seq`, time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.grading_cases import Case, Cases, base, unset
from tests.grading_scene import DEVICE, Scene, flow

CASES = Cases()

Send = Callable[..., Scene]

SENT: Mapping[str, Send] = {
    "NBIRTH": lambda **more: Scene().host_born().connects().subscribes().nbirth(**more),
    "DBIRTH": lambda **more: base().dbirth(**more),
    "NDATA": lambda **more: base().ndata(**more),
    "DDATA": lambda **more: base().ddata(**more),
    "DDEATH": lambda **more: base().ddeath(**more),
    "NCMD": lambda **more: base().commands(**more),
    "DCMD": lambda **more: base().commands(flow(2.0), device=DEVICE, **more),
}
QOS = {
    "NBIRTH": {
        "topics-nbirth-mqtt",
        "payloads-nbirth-qos",
        "message-flow-edge-node-birth-publish-nbirth-qos",
    },
    "DBIRTH": {"topics-dbirth-mqtt", "payloads-dbirth-qos", "message-flow-device-birth-publish-dbirth-qos"},
    "NDATA": {"topics-ndata-mqtt", "payloads-ndata-qos"},
    "DDATA": {"topics-ddata-mqtt", "payloads-ddata-qos"},
    "DDEATH": {"topics-ddeath-mqtt"},
    "NCMD": {"topics-ncmd-mqtt", "payloads-ncmd-qos"},
    "DCMD": {"topics-dcmd-mqtt", "payloads-dcmd-qos"},
}
RETAIN = {
    "NBIRTH": {
        "topics-nbirth-mqtt",
        "payloads-nbirth-retain",
        "message-flow-edge-node-birth-publish-nbirth-retained",
    },
    "DBIRTH": {
        "topics-dbirth-mqtt",
        "payloads-dbirth-retain",
        "message-flow-device-birth-publish-dbirth-retained",
    },
    "NDATA": {"topics-ndata-mqtt", "payloads-ndata-retain"},
    "DDATA": {"topics-ddata-mqtt", "payloads-ddata-retain"},
    "DDEATH": {"topics-ddeath-mqtt"},
    "NCMD": {"topics-ncmd-mqtt", "payloads-ncmd-retain"},
    "DCMD": {"topics-dcmd-mqtt", "payloads-dcmd-retain"},
}
COUNTED = {
    "DBIRTH": {
        "topics-dbirth-seq",
        "payloads-dbirth-seq-inc",
        "message-flow-device-birth-publish-dbirth-payload-seq",
    },
    "NDATA": {"topics-ndata-seq-num", "payloads-ndata-seq-inc"},
    "DDATA": {"topics-ddata-seq-num", "payloads-ddata-seq-inc"},
    "DDEATH": {"topics-ddeath-seq-num", "payloads-ddeath-seq-inc"},
}
NUMBERED = {
    "NBIRTH": {
        "topics-nbirth-seq-num",
        "payloads-nbirth-seq",
        "payloads-sequence-num-req-nbirth",
        "message-flow-edge-node-birth-publish-nbirth-payload-seq",
    },
    "DBIRTH": {"payloads-dbirth-seq"} | COUNTED["DBIRTH"],
    "NDATA": {"payloads-ndata-seq"} | COUNTED["NDATA"],
    "DDATA": {"payloads-ddata-seq"} | COUNTED["DDATA"],
    "DDEATH": {"payloads-ddeath-seq", "payloads-ddeath-seq-number"} | COUNTED["DDEATH"],
}
UNNUMBERED = {"NCMD": {"payloads-ncmd-seq"}, "DCMD": {"payloads-dcmd-seq"}}
TIMED = {
    "NBIRTH": {"topics-nbirth-timestamp", "payloads-nbirth-timestamp"},
    "DBIRTH": {"topics-dbirth-timestamp", "payloads-dbirth-timestamp"},
    "NDATA": {"topics-ndata-timestamp", "payloads-ndata-timestamp"},
    "DDATA": {"topics-ddata-timestamp", "payloads-ddata-timestamp"},
    "DDEATH": {"payloads-ddeath-timestamp"},
    "NCMD": {"topics-ncmd-timestamp", "payloads-ncmd-timestamp"},
    "DCMD": {"topics-dcmd-timestamp", "payloads-dcmd-timestamp"},
}


def uniform(what: str, ids: Mapping[str, set[str]], **more: Any) -> None:
    """The same wrong thing with each of these types."""
    for kind, wrong in ids.items():
        CASES.append(Case(f"{kind}_{what}", partial(SENT[kind], **more), frozenset(wrong)))


EVERYWHERE = {"payloads-sequence-num-always-included"}
uniform("has_qos_2", QOS, qos=2)
uniform("is_retained", RETAIN, retain=True)
uniform("has_no_seq", {kind: ids | EVERYWHERE for kind, ids in NUMBERED.items()}, edit=unset("seq"))
uniform("has_a_seq", UNNUMBERED, edit=lambda payload: setattr(payload, "seq", 4))
uniform(
    "has_another_seq",
    {kind: ids | {"payloads-sequence-num-incrementing"} for kind, ids in COUNTED.items()},
    edit=lambda payload: setattr(payload, "seq", 77),
)
uniform("has_no_time", TIMED, edit=unset("timestamp"))
uniform("has_time_0", TIMED, edit=lambda payload: setattr(payload, "timestamp", 0))
uniform(
    "has_a_local_time",
    {kind: {"payloads-timestamp-in-UTC"} for kind in TIMED},
    edit=lambda payload: setattr(payload, "timestamp", payload.timestamp + 8 * 3_600_000),
)
