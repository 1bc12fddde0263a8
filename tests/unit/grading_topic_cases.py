"""Topics of no Sparkplug form."""

from __future__ import annotations

from functools import partial

from tests.grading_cases import Case, Cases, base
from tests.grading_scene import DEVICE, GROUP, HOST, NODE, Scene

CASES = Cases()

ALWAYS = {"topic-structure"}
DEVICE_MISSING = {"topic-structure-namespace-device-id-associated-message-types"}
DEVICE_TOO_MANY = {"topic-structure-namespace-device-id-non-associated-message-types"}
OWN = {
    "NBIRTH": {"topics-nbirth-topic", "message-flow-edge-node-birth-publish-nbirth-topic"},
    "NDATA": {"topics-ndata-topic"},
    "NDEATH": {"topics-ndeath-topic"},
    "NCMD": {"topics-ncmd-topic"},
    "DBIRTH": {"topics-dbirth-topic", "message-flow-device-birth-publish-dbirth-topic"},
    "DDATA": {"topics-ddata-topic"},
    "DDEATH": {"topics-ddeath-topic"},
    "DCMD": {"topics-dcmd-topic"},
}


def published_on(topic: str) -> Scene:
    """Somebody publishes on this topic."""
    return base().ddata(topic=topic)


for kind, own in OWN.items():
    if kind.startswith("D"):
        topic, ids = f"spBv1.0/{GROUP}/{kind}/{NODE}", DEVICE_MISSING
    else:
        topic, ids = f"spBv1.0/{GROUP}/{kind}/{NODE}/{DEVICE}", DEVICE_TOO_MANY
    CASES.append(
        Case(f"{kind}_topic_of_the_other_kind", partial(published_on, topic), frozenset(ALWAYS | own | ids))
    )


@CASES.violates("topic-structure", "topics-ddata-topic")
def a_topic_has_too_many_levels() -> Scene:
    return published_on(f"spBv1.0/{GROUP}/DDATA/{NODE}/{DEVICE}/more")


@CASES.violates("topic-structure")
def a_topic_has_no_message_type() -> Scene:
    return published_on(f"spBv1.0/{GROUP}/XDATA/{NODE}")


@CASES.violates("topic-structure")
def a_topic_ends_after_the_group() -> Scene:
    return published_on(f"spBv1.0/{GROUP}")


@CASES.violates(
    "topic-structure",
    "topics-ddata-topic",
    "intro-group-id-chars",
    "intro-group-id-string",
    "topic-structure-namespace-valid-group-id",
)
def a_group_id_is_empty() -> Scene:
    return published_on(f"spBv1.0//DDATA/{NODE}/{DEVICE}")


@CASES.violates(
    "topic-structure",
    "topics-ddata-topic",
    "intro-edge-node-id-chars",
    "intro-edge-node-id-string",
    "topic-structure-namespace-valid-edge-node-id",
)
def an_edge_node_id_is_empty() -> Scene:
    return published_on(f"spBv1.0/{GROUP}/DDATA//{DEVICE}")


@CASES.violates(
    "topic-structure",
    "topics-ddata-topic",
    "intro-device-id-chars",
    "intro-device-id-string",
    "topic-structure-namespace-valid-device-id",
)
def a_device_id_is_empty() -> Scene:
    return published_on(f"spBv1.0/{GROUP}/DDATA/{NODE}/")


@CASES.violates(
    "topic-structure",
    "host-topic-phid-birth-topic",
    "operational-behavior-host-application-connect-birth-topic",
)
def a_state_topic_has_a_group() -> Scene:
    return base().says(True, topic=f"spBv1.0/{GROUP}/STATE/{HOST}")


@CASES.violates(
    "topic-structure",
    "host-topic-phid-death-topic",
    "operational-behavior-host-application-death-topic",
)
def a_state_topic_has_more_levels() -> Scene:
    return base().says(False, topic=f"spBv1.0/STATE/{HOST}/more")


@CASES.violates()
def another_namespace_is_not_looked_at() -> Scene:
    return published_on("factory/line/1")
