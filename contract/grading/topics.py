"""Chapters 1 and 4: namespace, the form of topics, ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from contract.grading.address import STATE
from contract.grading.capture import Sight
from contract.grading.clause import HELD, Clauses, Faults, Rule, beyond, holds, may, must, should
from contract.grading.host import read_state
from contract.grading.moment import BIRTHS, MESSAGES, OF_DEVICE, OF_NODE, STATES, Kind, Moment
from contract.topic import RESERVED

FROM_ANY: Final = OF_NODE | OF_DEVICE


def has_form(moment: Moment) -> Faults | None:
    """The topic is one of Sparkplug's."""
    return holds(not moment.address.fault, moment.address.fault) if moment.address else None


def in_namespace(_moment: Moment) -> Faults:
    """The topic begins with `spBv1.0/`; others are not looked at."""
    return HELD


def form_of(*types: str) -> Rule:
    """The same, of these message types only."""

    def rule(moment: Moment) -> Faults | None:
        return has_form(moment) if moment.address and moment.address.type in types else None

    return rule


def of_host(*, online: bool) -> Rule:
    """The same, of STATE messages that say so."""

    def rule(moment: Moment) -> Faults | None:
        is_state = moment.address is not None and moment.address.type == STATE
        return (
            has_form(moment) if is_state and read_state(moment.published.payload).online is online else None
        )

    return rule


def device_id(types: Collection[str]) -> Rule:
    """These types have a device id in their topic, or have none, as it is due."""

    def rule(moment: Moment) -> Faults | None:
        place = moment.address
        return holds(not place.is_device_amiss, place.fault) if place and place.type in types else None

    return rule


def valid(part: str) -> Rule:
    """An id of the topic is not empty and free of what the standard reserves."""

    def rule(moment: Moment) -> Faults | None:
        place = moment.address
        if place is None or place.type not in (OF_DEVICE if part == "device" else FROM_ANY):
            return None
        name = getattr(place, part)
        if name is None:
            return None
        return holds(bool(name) and not RESERVED & set(name), f"the {part} id {name!r} is no valid id")

    return rule


def unlike_others(moment: Moment) -> Faults | None:
    """No other id of the same sort is the same but for upper and lower case."""
    node, place = moment.node, moment.address
    if node is None or place is None:
        return None
    if place.device is not None:
        mine, others = place.device, [name for name in node.devices if name]
    else:
        mine = f"{node.group}/{node.name}"
        others = [f"{group}/{name}" for group, name in moment.known.nodes]
    alike = [name for name in others if name != mine and name.lower() == mine.lower()]
    return holds(not alike, f"{mine!r} and {''.join(alike[:1])!r} differ in case only")


def not_superseded(moment: Moment) -> Faults | None:
    """Nobody else has been born under this name since this connection began, and goes on beside it."""
    if moment.connection is None or moment.node is None or moment.node.connection is None:
        return None
    latest = moment.node.connection
    if latest.connected.server != moment.connection.connected.server:
        return None
    return holds(
        moment.connection.order >= latest.order,
        f"{moment.connection.connected.client!r} publishes as {moment.node.group}/{moment.node.name}"
        f" beside {latest.connected.client!r}, which was born later",
    )


def same_device_elsewhere(moment: Moment) -> Faults | None:
    """A device id stands under another node too."""
    device = moment.address.device if moment.address else None
    others = (held for held in moment.known.nodes.values() if held is not moment.node)
    return HELD if any(device in held.devices for held in others) else None


CLAUSES: Final[Clauses] = (
    *must({
        "topic-structure": "every topic is namespace/group/type/node[/device] or namespace/STATE/host",
    }, MESSAGES | {Kind.STRAY}, has_form, raw=True),
    *must({"topic-structure-namespace-a": "the namespace is spBv1.0"}, MESSAGES, in_namespace, raw=True),
    *must({
        "intro-group-id-string": "the group id is UTF-8 and part of the topic",
        "intro-group-id-chars": "the group id has only characters that topics may have",
        "topic-structure-namespace-valid-group-id": "the group id is UTF-8 without + / #",
    }, FROM_ANY | {Kind.STRAY}, valid("group"), raw=True),
    *must({
        "intro-edge-node-id-string": "the edge node id is UTF-8 and part of the topic",
        "intro-edge-node-id-chars": "the edge node id has only characters that topics may have",
        "topic-structure-namespace-valid-edge-node-id": "the edge node id is UTF-8 without + / #",
    }, FROM_ANY | {Kind.STRAY}, valid("node"), raw=True),
    *must({
        "intro-device-id-string": "the device id is UTF-8 and part of the topic",
        "intro-device-id-chars": "the device id has only characters that topics may have",
        "topic-structure-namespace-valid-device-id": "the device id is UTF-8 without + / #",
    }, OF_DEVICE | {Kind.STRAY}, valid("device"), raw=True),
    *must({
        "topic-structure-namespace-device-id-associated-message-types":
            "topics of DBIRTH, DDATA, DDEATH and DCMD end in a device id",
    }, OF_DEVICE | {Kind.STRAY}, device_id(OF_DEVICE), raw=True),
    *must({
        "topic-structure-namespace-device-id-non-associated-message-types":
            "topics of NBIRTH, NDATA, NDEATH, NCMD and STATE have no device id",
    }, OF_NODE | STATES | {Kind.STRAY}, device_id(OF_NODE | {STATE}), raw=True),
    *must({
        "intro-edge-node-id-uniqueness": "no two edge nodes have one descriptor",
        "topic-structure-namespace-unique-edge-node-descriptor": "no two edge nodes have one descriptor",
        "payloads-nbirth-edge-node-descriptor": "no two edge nodes have one descriptor",
    }, FROM_ANY - {Kind.NCMD, Kind.DCMD}, not_superseded, needs=Sight.CONNECTIONS, raw=True),
    *beyond("two devices under one id look like one on the wire", {
        "topic-structure-namespace-unique-device-id": "no two devices of an edge node have one id",
    }),
    *may({
        "topic-structure-namespace-duplicate-device-id-across-edge-node":
            "devices of different edge nodes may have one id",
    }, {Kind.DBIRTH}, same_device_elsewhere),
    *must({
        "topics-nbirth-topic": "an NBIRTH's topic is namespace/group/NBIRTH/node",
        "message-flow-edge-node-birth-publish-nbirth-topic": "an NBIRTH's topic is namespace/group/NBIRTH/node",
    }, {Kind.NBIRTH, Kind.STRAY}, form_of(Kind.NBIRTH), raw=True),
    *must({"topics-ndata-topic": "an NDATA's topic is namespace/group/NDATA/node"},
          {Kind.NDATA, Kind.STRAY}, form_of(Kind.NDATA), raw=True),
    *must({"topics-ndeath-topic": "an NDEATH's topic is namespace/group/NDEATH/node"},
          {Kind.NDEATH, Kind.STRAY}, form_of(Kind.NDEATH), raw=True),
    *must({"topics-ncmd-topic": "an NCMD's topic is namespace/group/NCMD/node"},
          {Kind.NCMD, Kind.STRAY}, form_of(Kind.NCMD), raw=True),
    *must({
        "topics-dbirth-topic": "a DBIRTH's topic is namespace/group/DBIRTH/node/device",
        "message-flow-device-birth-publish-dbirth-topic":
            "a DBIRTH's topic is namespace/group/DBIRTH/node/device",
    }, {Kind.DBIRTH, Kind.STRAY}, form_of(Kind.DBIRTH), raw=True),
    *must({"topics-ddata-topic": "a DDATA's topic is namespace/group/DDATA/node/device"},
          {Kind.DDATA, Kind.STRAY}, form_of(Kind.DDATA), raw=True),
    *must({"topics-ddeath-topic": "a DDEATH's topic is namespace/group/DDEATH/node/device"},
          {Kind.DDEATH, Kind.STRAY}, form_of(Kind.DDEATH), raw=True),
    *must({"topics-dcmd-topic": "a DCMD's topic is namespace/group/DCMD/node/device"},
          {Kind.DCMD, Kind.STRAY}, form_of(Kind.DCMD), raw=True),
    *must({
        "host-topic-phid-birth-topic": "a host's birth is on spBv1.0/STATE/host",
        "operational-behavior-host-application-connect-birth-topic": "a host's birth is on spBv1.0/STATE/host",
    }, {Kind.STATE_BIRTH, Kind.STRAY}, of_host(online=True), raw=True),
    *must({
        "host-topic-phid-death-topic": "a host's death is on spBv1.0/STATE/host",
        "operational-behavior-host-application-death-topic": "a host's death is on spBv1.0/STATE/host",
    }, {Kind.STATE_DEATH, Kind.STRAY}, of_host(online=False), raw=True),
    *should({
        "case-sensitivity-sparkplug-ids": "no two ids are the same but for upper and lower case",
    }, BIRTHS, unlike_others, raw=True),
)  # fmt: skip
