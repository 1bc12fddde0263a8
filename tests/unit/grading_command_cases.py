"""What hosts may do wrong in commands, and edge nodes in answering them."""

from __future__ import annotations

from tests.grading_cases import Cases, base, unset
from tests.grading_scene import DEVICE, Scene, metric

CASES = Cases()


def asked() -> Scene:
    """A rebirth has been asked for, late enough after the births to count."""
    return base().waits(6).commands()


@CASES.violates("payloads-ncmd-seq")
def ncmd_seq() -> Scene:
    return base().commands(
        metric("Node Control/Rebirth", boolean_value=True), edit=lambda p: setattr(p, "seq", 1)
    )


@CASES.violates("payloads-ncmd-retain", "topics-ncmd-mqtt")
def ncmd_retained() -> Scene:
    return base().commands(retain=True)


@CASES.violates("payloads-ncmd-timestamp", "topics-ncmd-timestamp")
def ncmd_untimed() -> Scene:
    return base().commands(edit=unset("timestamp"))


@CASES.violates("operational-behavior-data-commands-ncmd-rebirth-value")
def ncmd_rebirth_false() -> Scene:
    return base().commands(metric("Node Control/Rebirth", boolean_value=False))


@CASES.violates(
    "operational-behavior-data-commands-ncmd-metric-name",
    "operational-behavior-data-commands-ncmd-rebirth-name",
)
def ncmd_rebirth_case() -> Scene:
    return base().commands(metric("node control/rebirth", boolean_value=True))


@CASES.violates(
    "operational-behavior-data-commands-dcmd-metric-name",
    "operational-behavior-data-commands-ncmd-rebirth-verb",
    "operational-behavior-data-commands-ncmd-verb",
)
def rebirth_by_dcmd() -> Scene:
    return base().commands(metric("Node Control/Rebirth", boolean_value=True), device=DEVICE)


@CASES.violates("operational-behavior-data-commands-ncmd-metric-name")
def ncmd_unknown() -> Scene:
    return base().commands(metric("X", boolean_value=True))


@CASES.violates("operational-behavior-data-commands-dcmd-metric-value")
def dcmd_incompatible() -> Scene:
    return base().commands(metric(alias=10, string_value="x"), device=DEVICE)


@CASES.violates("operational-behavior-data-commands-ncmd-metric-value")
def ncmd_incompatible() -> Scene:
    return base().commands(metric(alias=1, string_value="x"))


@CASES.violates(
    "operational-behavior-data-commands-rebirth-action-1",
    "operational-behavior-data-commands-rebirth-action-2",
)
def a_rebirth_request_is_ignored() -> Scene:
    return base().waits(6).commands().ddata().waits(11).ddata().ddata()


@CASES.violates("operational-behavior-data-commands-rebirth-action-2", "payloads-ddata-order")
def a_rebirth_lacks_a_device() -> Scene:
    return base().waits(6).commands().nbirth().ddata(metric("Pump 1/Flow", double_value=2.0))


@CASES.violates(
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "operational-behavior-data-commands-rebirth-action-3",
    "payloads-nbirth-bdseq-repeat",
    "topics-nbirth-bdseq-matching",
)
def a_rebirth_has_a_new_bd_seq() -> Scene:
    scene = base().waits(6).commands()
    scene.bd_seq = 1
    return scene.nbirth().dbirth()


@CASES.violates("topics-ncmd-payload")
def an_ncmd_is_empty() -> Scene:
    return base().commands(edit=unset("metrics"))


@CASES.violates("topics-dcmd-payload")
def a_dcmd_is_empty() -> Scene:
    return base().commands(device=DEVICE, edit=unset("metrics"))


@CASES.violates()
def a_request_close_to_a_birth_counts_as_answered() -> Scene:
    return base().commands().waits(30).ddata()
