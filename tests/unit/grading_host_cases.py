"""What a host application may do wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contract.grading.capture import Connected, Subscribed, Will
from tests.grading_cases import Cases
from tests.grading_scene import HOST, T0, Scene, overheard, state

CASES = Cases()


def host(**change: Any) -> Scene:
    """A good one but for its CONNECT."""
    return Scene().host_connects(**change).host_subscribes().says(True)


def will(**change: Any) -> Will:
    """Its will, changed."""
    connected = Scene().host_connects().events[0]
    assert isinstance(connected, Connected)
    assert connected.will
    return replace(connected.will, **change)


@CASES.violates("message-flow-phid-sparkplug-clean-session-50")
def host_dirty() -> Scene:
    return host(clean_start=False)


@CASES.violates("message-flow-phid-sparkplug-clean-session-311")
def host_311_dirty() -> Scene:
    return host(version="3.1.1", clean_start=False)


@CASES.violates(
    "host-topic-phid-death-required",
    "operational-behavior-host-application-connect-will",
    "payloads-state-will-message",
)
def host_no_will() -> Scene:
    return host(will=None)


@CASES.violates("operational-behavior-host-application-connect-will-topic", "payloads-state-will-message")
def host_will_topic() -> Scene:
    return host(will=will(topic="spBv1.0/STATE/x"))


@CASES.violates(
    "operational-behavior-host-application-connect-will-payload", "payloads-state-will-message-payload"
)
def host_will_text() -> Scene:
    return host(will=will(payload=b"OFFLINE"))


@CASES.violates(
    "operational-behavior-host-application-connect-will-payload", "payloads-state-will-message-payload"
)
def host_will_online() -> Scene:
    return host(will=will(payload=state(True, T0)))


@CASES.violates("operational-behavior-host-application-connect-will-qos", "payloads-state-will-message-qos")
def host_will_qos() -> Scene:
    return host(will=will(qos=0))


@CASES.violates(
    "operational-behavior-host-application-connect-will-retained", "payloads-state-will-message-retain"
)
def host_will_unretained() -> Scene:
    return host(will=will(retain=False))


@CASES.violates(
    "host-topic-phid-birth-payload-timestamp",
    "host-topic-phid-death-payload-timestamp-connect",
    "message-flow-phid-sparkplug-state-publish-payload",
    "message-flow-phid-sparkplug-state-publish-payload-timestamp",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_will_old() -> Scene:
    return host(will=will(payload=state(False, T0 - 3600000)))


@CASES.violates(
    "host-topic-phid-birth-sub-required",
    "message-flow-phid-sparkplug-subscription",
    "payloads-state-subscribe",
)
def host_no_sub() -> Scene:
    return Scene().host_connects().says(True)


@CASES.violates("host-topic-phid-birth-sub-required", "message-flow-phid-sparkplug-subscription")
def host_sub_state_only() -> Scene:
    return Scene().host_connects().host_subscribes(f"spBv1.0/STATE/{HOST}").says(True)


@CASES.violates(
    "host-topic-phid-birth-message",
    "host-topic-phid-birth-required",
    "message-flow-phid-sparkplug-state-publish",
    "operational-behavior-host-application-connect-birth",
    "operational-behavior-primary-application-state-with-multiple-servers-state",
    "principles-birth-certificates-order",
)
def host_first_ncmd() -> Scene:
    return Scene().host_connects().host_subscribes().commands().says(True)


@CASES.violates(
    "host-topic-phid-birth-message",
    "host-topic-phid-birth-required",
    "message-flow-phid-sparkplug-state-publish",
    "operational-behavior-host-application-connect-birth",
    "operational-behavior-primary-application-state-with-multiple-servers-state",
    "principles-birth-certificates-order",
)
def host_first_death() -> Scene:
    return Scene().host_connects().host_subscribes().says(False).says(True)


@CASES.violates(
    "host-topic-phid-birth-message",
    "host-topic-phid-birth-required",
    "message-flow-phid-sparkplug-state-publish",
    "operational-behavior-host-application-connect-birth",
    "operational-behavior-primary-application-state-with-multiple-servers-state",
    "principles-birth-certificates-order",
)
def host_no_birth() -> Scene:
    return Scene().host_connects().host_subscribes().waits(20).leaves(None, client=HOST)


@CASES.violates(
    "host-topic-phid-birth-payload-timestamp",
    "message-flow-phid-sparkplug-state-publish-payload",
    "message-flow-phid-sparkplug-state-publish-payload-timestamp",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_other_time() -> Scene:
    return Scene().host_connects().host_subscribes().says(True, T0 + 5)


@CASES.violates(
    "host-topic-phid-birth-qos",
    "operational-behavior-host-application-connect-birth-qos",
    "payloads-state-birth",
)
def host_birth_qos0() -> Scene:
    return Scene().host_connects().host_subscribes().says(True, qos=0)


@CASES.violates(
    "host-topic-phid-birth-retain",
    "operational-behavior-host-application-connect-birth-retained",
    "payloads-state-birth",
)
def host_birth_unretained() -> Scene:
    return Scene().host_connects().host_subscribes().says(True, retain=False)


@CASES.violates(
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_text() -> Scene:
    return Scene().host_connects().host_subscribes().says(True, payload=b"ONLINE")


@CASES.violates(
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_string() -> Scene:
    return Scene().host_connects().host_subscribes().says(True, payload=b'{"online": "true", "timestamp": 1}')


@CASES.violates(
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_seconds() -> Scene:
    return overheard(Scene().says(True, T0 // 1000))


@CASES.violates(
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_tz() -> Scene:
    return overheard(Scene().says(True, T0 + 8 * 3600000))


@CASES.violates(
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_birth_notime() -> Scene:
    return overheard(Scene().says(True, payload=b'{"online": true}'))


@CASES.violates("host-topic-phid-death-qos", "operational-behavior-host-application-death-qos")
def host_death_qos0() -> Scene:
    return host().says(False, qos=0).leaves(client=HOST)


@CASES.violates("host-topic-phid-death-retain", "operational-behavior-host-application-death-retained")
def host_death_unretained() -> Scene:
    return host().says(False, retain=False).leaves(client=HOST)


@CASES.violates("host-topic-phid-death-payload", "operational-behavior-host-application-death-payload")
def host_death_text() -> Scene:
    return host().says(False, payload=b"OFFLINE").leaves(client=HOST)


@CASES.violates(
    "host-topic-phid-death-payload-timestamp-disconnect-clean",
    "operational-behavior-host-application-termination",
)
def host_no_death() -> Scene:
    return host().leaves(client=HOST)


@CASES.violates("host-topic-phid-death-payload-timestamp-disconnect-clean")
def host_death_old() -> Scene:
    return host().waits(400).says(False, T0).leaves(client=HOST)


@CASES.violates("message-flow-hid-sparkplug-state-message-delivered")
def host_not_set_right() -> Scene:
    return host().says(False, client=None).waits(11).says(False, client=None)


@CASES.violates()
def host_set_right() -> Scene:
    return host().says(False, client=None).says(True)


@CASES.violates(
    "host-topic-phid-birth-payload-timestamp",
    "message-flow-hid-sparkplug-state-message-delivered",
    "message-flow-phid-sparkplug-state-publish-payload",
    "message-flow-phid-sparkplug-state-publish-payload-timestamp",
    "operational-behavior-host-application-connect-birth-payload",
    "payloads-state-birth-payload",
)
def host_set_right_wrong_time() -> Scene:
    return host().says(False, client=None).says(True, T0 + 1)


@CASES.violates(
    "host-topic-phid-death-payload-timestamp-connect", "operational-behavior-host-application-host-id"
)
def host_two() -> Scene:
    scene = host().add(Connected(0, "other", "5", True, 0, will()))
    scene.add(Subscribed(0, "other", "spBv1.0/#", 1))
    scene.says(True, client="other")
    return scene.says(True)


@CASES.violates()
def host_with_311() -> Scene:
    return host(version="3.1.1")
