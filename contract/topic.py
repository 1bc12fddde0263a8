"""Sparkplug topics: `spBv1.0/{group}/{type}/{node}[/{device}]` and `spBv1.0/STATE/{host}`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NAMESPACE: Final = "spBv1.0"
EVERYTHING: Final = f"{NAMESPACE}/#"
RESERVED: Final = frozenset("+/#\0")
"""In no id: what parts topics, what filters them, and what MQTT forbids in text."""


class MessageType(StrEnum):
    """The message types of Sparkplug 3.0 chapter 4, but for STATE, whose topic has another form."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"


TYPES: Final = frozenset(kind.value for kind in MessageType)
OF_DEVICE: Final = frozenset({MessageType.DBIRTH, MessageType.DDEATH, MessageType.DDATA, MessageType.DCMD})


@dataclass(frozen=True, slots=True)
class Topic:
    """One Sparkplug topic; `device` is set exactly for the device message types."""

    group: str
    type: MessageType
    node: str
    device: str | None = None

    def __str__(self) -> str:
        """The topic as it goes on the wire."""
        stem = f"{NAMESPACE}/{self.group}/{self.type}/{self.node}"
        return stem if self.device is None else f"{stem}/{self.device}"


def parse(text: str) -> Topic | None:
    """The topic in `text`, or `None` for anything that is not a node's or device's Sparkplug topic."""
    match text.split("/"):
        case [namespace, group, kind, node, *device] if namespace == NAMESPACE and kind in TYPES:
            of_device = kind in OF_DEVICE
            if not (group and node and len(device) == of_device and all(device)):
                return None
            return Topic(group, MessageType(kind), node, device[0] if of_device else None)
        case _:
            return None


def state(host: str) -> str:
    """Topic of a host application's STATE (tck-id-host-topic-phid-birth-topic)."""
    return f"{NAMESPACE}/STATE/{host}"


def commands(group: str, node: str) -> str:
    """Topic on which a node takes its NCMD."""
    return str(Topic(group, MessageType.NCMD, node))


def is_valid_id(text: str) -> bool:
    """May this be a group, node or device id (tck-id-topic-structure-namespace-valid-*)?"""
    return bool(text) and not RESERVED & set(text)
