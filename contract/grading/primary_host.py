"""Edge nodes that wait for a primary host: births only while it is online, and away from a server that it has left.

Which host they wait for no message tells: these clauses are judged where the grader was told. STATE reaches recorder
and edge node at about the same time, so what comes within `RACE_MS` of a change is not judged.
"""

from __future__ import annotations

from typing import Final

from contract import topic
from contract.grading.capture import Sight
from contract.grading.clause import HELD, Clauses, Faults, holds, must
from contract.grading.moment import DATA, FROM_EDGE, Kind, Moment
from contract.grading.node import GRACE_MS, Standing, bd_seq_of

RACE_MS: Final = 2_000
STAYS_MS: Final = 3_000
"""An NDEATH so soon after a STATE that should be ignored is put down to it."""


def waits(moment: Moment) -> Faults | None:
    """A session begins only while the primary host is online."""
    host = moment.primary
    if moment.known.primary_host is None or moment.standing is not Standing.UNBORN:
        return None
    if host is None or host.online is None:
        said_nothing = f"NBIRTH, though {moment.known.primary_host!r} has not said that it is online"
        return (said_nothing,) if moment.sees(Sight.CONNECTIONS) else None
    if host.online:
        return HELD
    if moment.at_ms - host.changed_at_ms < RACE_MS:
        return None
    return (
        f"NBIRTH, though {host.name!r} is offline since {(moment.at_ms - host.changed_at_ms) / 1000:.0f} s",
    )


def waits_for_the_right_one(moment: Moment) -> Faults | None:
    """Another host's being online does not count."""
    others = (host for host in moment.known.hosts.values() if host.name != moment.known.primary_host)
    return waits(moment) if any(host.online for host in others) else None


def waits_for_online(moment: Moment) -> Faults | None:
    """A STATE with `online: false` does not count."""
    return waits(moment) if moment.primary is not None else None


def waits_for_the_newest(moment: Moment) -> Faults | None:
    """A STATE with `online: true` that is older than the one before does not count."""
    host = moment.primary
    return waits(moment) if host is not None and host.is_stale_online else None


def goes(moment: Moment) -> Faults | None:
    """While the primary host is offline, the node says farewell and is silent."""
    host = moment.primary
    if (
        host is None
        or host.online is not False
        or moment.standing is not Standing.BORN
        or moment.node is None
    ):
        return None
    if moment.kind is Kind.NDEATH:
        return HELD if bd_seq_of(moment.payload) == moment.node.bd_seq else None
    gone_ms = moment.at_ms - host.changed_at_ms
    return (
        (f"{moment.kind} {gone_ms / 1000:.0f} s after {host.name!r} went offline",)
        if gone_ms > GRACE_MS
        else None
    )


def stays(moment: Moment) -> Faults | None:
    """A STATE with `online: false` that is older than the one before is ignored."""
    host = moment.primary
    if host is None or host.stale_at_ms is None or host.is_stale_online or not host.online:
        return None
    if moment.standing is not Standing.BORN:
        return None
    if moment.kind in DATA:
        return HELD
    since_ms = moment.at_ms - host.stale_at_ms
    return (f"NDEATH {since_ms} ms after an outdated STATE online = false",) if since_ms < STAYS_MS else None


def moves_on(moment: Moment) -> Faults | None:
    """Having left a server because of its host, the node connects to another one."""
    node = moment.node
    if node is None or not node.left_host_offline or moment.event is None or not moment.sees(Sight.SERVERS):
        return None
    return holds(
        moment.event.server != node.left_server,
        f"back to {node.left_server!r}, which it left because the host was offline",
    )


def on_one_server(moment: Moment) -> Faults | None:
    """It publishes on the server where it was born last, and on no other."""
    latest = moment.node.connection if moment.node else None
    if latest is None or moment.connection is None or not moment.sees(Sight.SERVERS):
        return None
    here, there = moment.connection, latest
    is_elsewhere = here.order < there.order and here.connected.server != there.connected.server
    return holds(
        not is_elsewhere,
        f"{moment.kind} on {here.connected.server!r}, though born on {there.connected.server!r} since",
    )


def hears_host(moment: Moment) -> Faults | None:
    """It has subscribed to the primary host's STATE."""
    if moment.connection is None or moment.known.primary_host is None:
        return None
    wanted = topic.state(moment.known.primary_host)
    return holds(moment.connection.covers(wanted) is not None, f"NBIRTH without a subscription to {wanted}")


NBIRTH: Final = {Kind.NBIRTH}
TOLD: Final = Sight.PRIMARY_HOST
TAPPED: Final = Sight.PRIMARY_HOST | Sight.CONNECTIONS

CLAUSES: Final[Clauses] = (
    *must({
        "message-flow-edge-node-birth-publish-phid-wait": "births only while the primary host is online",
        "operational-behavior-edge-node-birth-sequence-wait": "births only while the primary host is online",
    }, NBIRTH, waits, needs=TOLD),
    *must({"message-flow-edge-node-birth-publish-phid-wait-id": "another host's STATE is not that of the primary host"},
          NBIRTH, waits_for_the_right_one, needs=TOLD),
    *must({"message-flow-edge-node-birth-publish-phid-wait-online": "the primary host's STATE must say online = true"},
          NBIRTH, waits_for_online, needs=TOLD),
    *must({"message-flow-edge-node-birth-publish-phid-wait-timestamp": "and must not be older than the one before"},
          NBIRTH, waits_for_the_newest, needs=TOLD),
    *must({
        "message-flow-edge-node-birth-publish-phid-offline":
            "primary host offline: an NDEATH at once, and away",
        "operational-behavior-edge-node-termination-host-offline": "primary host offline: away from this server",
        "operational-behavior-primary-application-state-with-multiple-servers-walk":
            "primary host offline: away from this server, to the next",
    }, DATA | {Kind.NDEATH}, goes, needs=TOLD),
    *must({"operational-behavior-edge-node-termination-host-offline-timestamp":
           "an offline STATE older than the one before is ignored"},
          DATA | {Kind.NDEATH}, stays, needs=TOLD),
    *must({"operational-behavior-edge-node-termination-host-offline-reconnect":
           "away from a server because of the host: next, another server"},
          {Kind.EDGE_CONNECT}, moves_on, needs=TAPPED | Sight.SERVERS),
    *must({"operational-behavior-primary-application-state-with-multiple-servers-single-server":
           "an edge node is connected to one server at a time"},
          FROM_EDGE, on_one_server, needs=Sight.CONNECTIONS | Sight.SERVERS, raw=True),
    *must({"operational-behavior-primary-application-state-with-multiple-servers-state-subs":
           "edge nodes with a primary host subscribe to its STATE"},
          NBIRTH, hears_host, needs=TAPPED),
)  # fmt: skip
