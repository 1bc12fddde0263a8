"""What a topic says, read leniently: a topic of no Sparkplug form is a finding here, not noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contract.topic import NAMESPACE, OF_DEVICE, TYPES

STATE: Final = "STATE"
WORDS: Final = TYPES | {STATE}


@dataclass(frozen=True, slots=True)
class Address:
    """A topic below `spBv1.0/`; `fault` says why it has no Sparkplug form, empty where it has one."""

    type: str
    """One of the nine message types; empty if the topic names none where it should stand."""
    group: str = ""
    node: str = ""
    device: str | None = None
    host: str = ""
    fault: str = ""
    is_device_amiss: bool = False
    """The fault is that it has a device id and must not, or the other way round."""


def parse(topic: str) -> Address | None:
    """The address; `None` for topics of other namespaces."""
    namespace, _, rest = topic.partition("/")
    if namespace != NAMESPACE:
        return None
    levels = rest.split("/")
    if levels[0] == STATE:
        if len(levels) == 2 and levels[1]:  # noqa: PLR2004  (STATE/host)
            return Address(STATE, host=levels[1])
        return Address(STATE, fault=f"{topic!r} is not spBv1.0/STATE/host_id")
    kind = levels[1] if len(levels) > 1 else ""
    if kind not in WORDS:
        return Address("", fault=f"{topic!r} has no message type as its third level")
    if kind == STATE:
        return Address(STATE, fault=f"{topic!r} names a group before STATE; it is spBv1.0/STATE/host_id")
    return of_node(topic, kind, levels)


def of_node(topic: str, kind: str, levels: list[str]) -> Address:
    """Group, type, node and, for device messages, device: each there, none empty, none more."""
    group, node = levels[0], levels[2] if len(levels) > 2 else ""  # noqa: PLR2004  (group/type/node)
    device = levels[3] if len(levels) > 3 else None  # noqa: PLR2004  (…/device)
    is_amiss = (kind in OF_DEVICE) is not (device is not None)
    fault = ""
    if not all(levels) or not node:
        fault = f"{topic!r} has an empty id"
    elif is_amiss and device is None:
        fault = f"{topic!r} lacks the device id that {kind} needs"
    elif is_amiss:
        fault = f"{topic!r} has a device id, which {kind} must not have"
    elif len(levels) > 3 + (kind in OF_DEVICE):
        fault = f"{topic!r} has too many levels"
    return Address(kind, group, node, device, fault=fault, is_device_amiss=is_amiss)
