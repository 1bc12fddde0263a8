"""How a host application connects, subscribes, announces itself and leaves; only a tap's capture shows it."""

from __future__ import annotations

from typing import Final

from contract import topic
from contract.grading.capture import Disconnected, Sight
from contract.grading.clause import HELD, Clauses, Faults, beyond, holds, may, must
from contract.grading.edge_connection import clean, connected, has_will, will_at_qos_1, will_of
from contract.grading.host import read_state
from contract.grading.moment import MESSAGES, STATES, Kind, Moment
from contract.grading.node import GRACE_MS
from contract.grading.state import state_of, well_formed

CLOCK_MS: Final = 300_000
"""So far may a time that should be the present one be off: clocks differ."""


def own_topic(moment: Moment) -> str:
    """Where this moment's host announces itself."""
    assert moment.connection
    return topic.state(moment.connection.host or "")


def will_has_topic(moment: Moment) -> Faults | None:
    """The will is on the host's own STATE."""
    will, wanted = will_of(moment), own_topic(moment)
    return (
        holds(will.topic == wanted, f"the will's topic is {will.topic!r}, not {wanted!r}") if will else None
    )


def will_is_offline(moment: Moment) -> Faults | None:
    """It says `online: false` in due form."""
    will = will_of(moment)
    if will is None:
        return None
    state = read_state(will.payload)
    if state.fault:
        return (state.fault,)
    return holds(not state.online, "the will says online = true")


def will_is_retained(moment: Moment) -> Faults | None:
    """It is to be retained."""
    will = will_of(moment)
    return holds(will.retain, "the will lacks the retain flag") if will else None


def will_is_of_now(moment: Moment) -> Faults | None:
    """Its time is that of the CONNECT."""
    will = will_of(moment)
    state = read_state(will.payload) if will else None
    if state is None or state.fault:
        return None
    return near(state.at_ms, moment.at_ms, "the will")


def near(at_ms: int, now_ms: int, what: str) -> Faults:
    """A time is the present one, as far as clocks agree."""
    off_s = (at_ms - now_ms) / 1000
    return holds(
        abs(at_ms - now_ms) < CLOCK_MS, f"{what} has a time {off_s:+.0f} s from the recorder's clock"
    )


def is_first(moment: Moment) -> bool:
    """It is the first message that a host publishes on its connection."""
    return moment.connection is not None and bool(moment.connection.host) and not moment.connection.published


def born_first(moment: Moment) -> Faults | None:
    """A host's first message is its birth, and it comes."""
    connection = moment.connection
    if connection is None or not connection.host:
        return None
    if moment.kind is Kind.HOST_END:
        is_late = not connection.published and moment.at_ms - connection.connected.at_ms > GRACE_MS
        return ("connected and left without any birth",) if is_late else None
    if not is_first(moment):
        return None
    return holds(
        moment.kind is Kind.STATE_BIRTH, f"the first message after CONNECT is {moment.published.topic}"
    )


def hears_itself(moment: Moment) -> Faults | None:
    """Before its birth it has subscribed to its own STATE."""
    if not is_first(moment) or moment.connection is None:
        return None
    wanted = own_topic(moment)
    return holds(moment.connection.covers(wanted) is not None, f"birth without a subscription to {wanted}")


def hears_nodes(moment: Moment) -> Faults | None:
    """And to edge nodes' messages."""
    if not is_first(moment) or moment.connection is None:
        return None
    own = own_topic(moment)
    filters = [held.filter for held in moment.connection.subscriptions]
    hears = any(held != own and held.startswith((f"{topic.NAMESPACE}/", "#", "+")) for held in filters)
    return holds(hears, f"birth without a subscription to edge nodes' messages, only to {filters}")


def as_in_will(moment: Moment) -> Faults | None:
    """A birth's time is that of the will of its connection."""
    will = connected(moment).will if moment.connection else None
    left, said = read_state(will.payload) if will else None, state_of(moment)
    if left is None or left.fault or said.fault:
        return None
    return holds(said.at_ms == left.at_ms, f"birth with time {said.at_ms}, will with {left.at_ms}")


def as_in_will_of_server(moment: Moment) -> Faults | None:
    """The same, where a host is seen on several servers."""
    return as_in_will(moment) if moment.sees(Sight.SERVERS) else None


def sets_right(moment: Moment) -> Faults | None:
    """Called offline while it is connected, it says at once that it is online."""
    host = moment.host
    if host is None or host.denied_at_ms is None:
        return None
    waited_ms = moment.at_ms - host.denied_at_ms
    if waited_ms > GRACE_MS:
        return (f"called offline while connected, and not set right within {waited_ms / 1000:.0f} s",)
    return as_in_will(moment) if moment.kind is Kind.STATE_BIRTH else None


def says_goodbye(moment: Moment) -> Faults | None:
    """The last message before a DISCONNECT was its death."""
    if not isinstance(moment.event, Disconnected) or moment.event.reason is None or moment.connection is None:
        return None
    if not moment.connection.published:
        return None
    is_own = moment.connection.last_topic == own_topic(moment)
    is_death = is_own and not read_state(moment.connection.last_payload).online
    return holds(is_death, "DISCONNECT without a STATE online = false before it")


def goodbye_is_of_now(moment: Moment) -> Faults | None:
    """That death's time is the present one."""
    if says_goodbye(moment) != HELD or moment.connection is None:
        return None
    state = read_state(moment.connection.last_payload)
    return None if state.fault else near(state.at_ms, moment.at_ms, "the death before DISCONNECT")


def disconnects_after_death(moment: Moment) -> Faults | None:
    """A DISCONNECT follows the death."""
    return HELD if says_goodbye(moment) == HELD else None


def not_superseded(moment: Moment) -> Faults | None:
    """Nobody else has been born under this id since this connection began, and goes on beside it."""
    if moment.connection is None or moment.host is None or moment.host.connection is None:
        return None
    latest = moment.host.connection
    return holds(
        moment.connection.order >= latest.order,
        f"{moment.connection.connected.client!r} publishes as {moment.host.name!r}"
        f" beside {latest.connected.client!r}, which was born later",
    )


CONNECT: Final = {Kind.HOST_CONNECT}
BIRTH: Final = {Kind.STATE_BIRTH}
END: Final = {Kind.HOST_END}
FIRST: Final = MESSAGES | {Kind.STRAY, Kind.HOST_END}
TAPPED: Final = Sight.CONNECTIONS

CLAUSES: Final[Clauses] = (
    *must({"message-flow-phid-sparkplug-clean-session-311": "MQTT 3.1.1: a host's CONNECT with Clean Session"},
          CONNECT, clean("3.1.1"), needs=TAPPED),
    *must({"message-flow-phid-sparkplug-clean-session-50":
           "MQTT 5: a host's CONNECT with Clean Start and Session Expiry 0"},
          CONNECT, clean("5"), needs=TAPPED),
    *must({
        "host-topic-phid-death-required": "a host's CONNECT has a will",
        "operational-behavior-host-application-connect-will": "a host's CONNECT has a will",
    }, CONNECT, has_will, needs=TAPPED),
    *must({"payloads-state-will-message": "a host's CONNECT has a will on its STATE"},
          CONNECT, has_will, will_has_topic, needs=TAPPED),
    *must({"operational-behavior-host-application-connect-will-topic": "a host's will is on its STATE"},
          CONNECT, will_has_topic, needs=TAPPED),
    *must({
        "operational-behavior-host-application-connect-will-payload": "a host's will says online = false",
        "payloads-state-will-message-payload": "a host's will says online = false",
    }, CONNECT, will_is_offline, needs=TAPPED),
    *must({
        "operational-behavior-host-application-connect-will-qos": "a host's will has QoS 1",
        "payloads-state-will-message-qos": "a host's will has QoS 1",
    }, CONNECT, will_at_qos_1, needs=TAPPED),
    *must({
        "operational-behavior-host-application-connect-will-retained": "a host's will is retained",
        "payloads-state-will-message-retain": "a host's will is retained",
    }, CONNECT, will_is_retained, needs=TAPPED),
    *must({"host-topic-phid-death-payload-timestamp-connect": "a host's will has the time of its CONNECT"},
          CONNECT, will_is_of_now, needs=TAPPED),
    *must({
        "host-topic-phid-birth-message": "a host's first message is its birth",
        "host-topic-phid-birth-required": "a host publishes its birth",
        "message-flow-phid-sparkplug-state-publish": "a host publishes its birth once it has subscribed",
        "operational-behavior-host-application-connect-birth": "a host publishes its birth at once",
        "operational-behavior-primary-application-state-with-multiple-servers-state":
            "on each server a host's first message is its birth",
    }, FIRST, born_first, needs=TAPPED, raw=True),
    *must({
        "host-topic-phid-birth-sub-required": "before its birth a host subscribes to its STATE and to nodes",
        "message-flow-phid-sparkplug-subscription": "before its birth a host subscribes to its STATE and to nodes",
    }, BIRTH, hears_itself, hears_nodes, needs=TAPPED),
    *must({"payloads-state-subscribe": "before its birth a host subscribes to its own STATE"},
          BIRTH, hears_itself, needs=TAPPED),
    *must({
        "host-topic-phid-birth-payload-timestamp": "a host's birth has the time of its will",
        "message-flow-phid-sparkplug-state-publish-payload-timestamp": "a host's birth has the time of its will",
    }, BIRTH, as_in_will, needs=TAPPED),
    *must({
        "message-flow-phid-sparkplug-state-publish-payload":
            "a host's birth is JSON with online = true and the time of its will",
        "payloads-state-birth-payload": "a host's birth is JSON with online = true and the time of its will",
        "operational-behavior-host-application-connect-birth-payload":
            "a host's birth is JSON with online = true and the time of its will",
    }, BIRTH, well_formed, as_in_will, needs=TAPPED),
    *must({"operational-behavior-host-application-multi-server-timestamp":
           "a host keeps the time of its STATE for each server"},
          BIRTH, as_in_will_of_server, needs=TAPPED | Sight.SERVERS),
    *must({"message-flow-hid-sparkplug-state-message-delivered":
           "called offline while connected, a host says at once that it is online, with the time of its will"},
          STATES | END | {Kind.HOST_LAST}, sets_right, needs=TAPPED),
    *must({"operational-behavior-host-application-termination": "before it leaves, a host publishes its death"},
          END, says_goodbye, needs=TAPPED),
    *must({"host-topic-phid-death-payload-timestamp-disconnect-clean":
           "before DISCONNECT a host publishes its death, with the present time"},
          END, says_goodbye, goodbye_is_of_now, needs=TAPPED),
    *beyond("whether a connection that ends without DISCONNECT was meant to end, no packet tells", {
        "host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet":
            "before it leaves without DISCONNECT, a host publishes its death, with the present time",
    }),
    *may({"operational-behavior-host-application-disconnect-intentional":
          "after its death a host may DISCONNECT at once"},
         END, disconnects_after_death, needs=TAPPED),
    *must({"operational-behavior-host-application-host-id": "no two hosts have one id"},
          STATES, not_superseded, needs=TAPPED),
)  # fmt: skip
