"""What edge nodes may do wrong that wait for a primary host, on one server or several."""

from __future__ import annotations

from tests.grading_cases import Cases
from tests.grading_scene import HOST, T0, Scene

CASES = Cases()

STATE = f"spBv1.0/STATE/{HOST}"


def waiting() -> Scene:
    """The host is online, and an edge node that waits for it has connected."""
    return Scene().host_born().connects().subscribes().subscribes(STATE)


@CASES.violates(primary_host=HOST)
def primary_good() -> Scene:
    return waiting().nbirth().dbirth().ddata().says(False).ndeath().leaves()


@CASES.violates(
    "message-flow-edge-node-birth-publish-phid-wait",
    "operational-behavior-edge-node-birth-sequence-wait",
    primary_host=HOST,
)
def primary_no_host() -> Scene:
    return Scene().connects().subscribes().subscribes(STATE).nbirth().dbirth()


@CASES.violates(
    "message-flow-edge-node-birth-publish-phid-wait",
    "message-flow-edge-node-birth-publish-phid-wait-online",
    "operational-behavior-edge-node-birth-sequence-wait",
    primary_host=HOST,
)
def primary_offline() -> Scene:
    return Scene().host_born().says(False).waits(5).connects().subscribes().subscribes(STATE).nbirth()


@CASES.violates(
    "message-flow-edge-node-birth-publish-phid-wait",
    "message-flow-edge-node-birth-publish-phid-wait-id",
    "message-flow-edge-node-birth-publish-phid-wait-online",
    "operational-behavior-edge-node-birth-sequence-wait",
    primary_host=HOST,
)
def primary_other_host() -> Scene:
    return (
        Scene()
        .host_born()
        .says(False)
        .says(True, topic="spBv1.0/STATE/other", client=None)
        .waits(5)
        .connects()
        .subscribes()
        .subscribes(STATE)
        .nbirth()
    )


@CASES.violates(
    "message-flow-edge-node-birth-publish-phid-wait",
    "message-flow-edge-node-birth-publish-phid-wait-online",
    "message-flow-edge-node-birth-publish-phid-wait-timestamp",
    "operational-behavior-edge-node-birth-sequence-wait",
    primary_host=HOST,
)
def primary_stale_online() -> Scene:
    return (
        Scene()
        .host_born()
        .says(False, T0 + 5000)
        .says(True, T0 + 100, client=None)
        .waits(5)
        .connects()
        .subscribes()
        .subscribes(STATE)
        .nbirth()
    )


@CASES.violates(
    "message-flow-edge-node-birth-publish-phid-offline",
    "operational-behavior-edge-node-termination-host-offline",
    "operational-behavior-primary-application-state-with-multiple-servers-walk",
    primary_host=HOST,
)
def primary_stays() -> Scene:
    return waiting().nbirth().dbirth().says(False).waits(11).ddata()


@CASES.violates("operational-behavior-edge-node-termination-host-offline-timestamp", primary_host=HOST)
def primary_leaves_on_stale() -> Scene:
    return waiting().nbirth().dbirth().says(False, T0 - 1000, client=None).ndeath().leaves()


@CASES.violates(
    "operational-behavior-primary-application-state-with-multiple-servers-state-subs", primary_host=HOST
)
def primary_no_state_sub() -> Scene:
    return Scene().host_born().connects().subscribes().nbirth()


@CASES.violates("operational-behavior-edge-node-termination-host-offline-reconnect", primary_host=HOST)
def primary_two_servers_back() -> Scene:
    scene = Scene(server="a").host_born()
    scene.connects().subscribes().subscribes(STATE).nbirth().dbirth().says(False).ndeath().leaves()
    scene.server = "b"
    scene.host_born()
    scene.server = "a"
    scene.bd_seq = 1
    return scene.connects()


@CASES.violates(primary_host=HOST)
def primary_two_servers_on() -> Scene:
    scene = Scene(server="a").host_born()
    scene.connects().subscribes().subscribes(STATE).nbirth().dbirth().says(False).ndeath().leaves()
    scene.server = "b"
    scene.host_born()
    scene.bd_seq = 1
    return scene.connects().subscribes().subscribes(STATE).nbirth().dbirth()


@CASES.violates(
    "operational-behavior-primary-application-state-with-multiple-servers-single-server", primary_host=HOST
)
def primary_both_servers() -> Scene:
    scene = Scene(server="a").host_born()
    scene.connects().subscribes().subscribes(STATE).nbirth().dbirth()
    scene.server = "b"
    scene.host_born()
    scene.bd_seq = 1
    scene.connects().subscribes().subscribes(STATE).nbirth().dbirth()
    scene.server = "a"
    return scene.ddata()


@CASES.violates(
    "host-topic-phid-birth-payload-timestamp",
    "message-flow-phid-sparkplug-state-publish-payload",
    "message-flow-phid-sparkplug-state-publish-payload-timestamp",
    "operational-behavior-host-application-connect-birth-payload",
    "operational-behavior-host-application-multi-server-timestamp",
    "payloads-state-birth-payload",
    primary_host=HOST,
)
def primary_host_one_time() -> Scene:
    scene = Scene(server="a").host_born()
    scene.server = "b"
    return scene.host_connects().host_subscribes().says(True, T0)


@CASES.violates(primary_host=HOST)
def primary_and_another_host_are_online() -> Scene:
    scene = Scene().host_born().says(True, topic="spBv1.0/STATE/other", client=None)
    return scene.connects().subscribes().subscribes(STATE).nbirth()


@CASES.violates(primary_host=HOST)
def primary_stale_online_then_really_online() -> Scene:
    scene = Scene().host_born().says(False, T0 + 5_000).says(True, T0 + 100, client=None).waits(5)
    scene.host_born().says(True, T0 + 100, client=None)
    return scene.connects().subscribes().subscribes(STATE).nbirth()


@CASES.violates(primary_host=HOST)
def primary_outdated_offline_is_ignored() -> Scene:
    return waiting().nbirth().dbirth().says(False, T0 - 1_000, client=None).says(True).ddata()
