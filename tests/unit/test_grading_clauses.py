"""The grader, clause by clause: one thing wrong in a good capture violates the very clauses about it, and no other."""

from __future__ import annotations

import pytest

from contract.grading.clause import Level
from contract.grading.registry import CLAUSES
from contract.grading.report import Outcome
from tests.grading_cases import Case
from tests.grading_scene import good, overheard, told
from tests.unit import (
    grading_command_cases,
    grading_connection_cases,
    grading_edge_cases,
    grading_host_cases,
    grading_payload_cases,
    grading_primary_host_cases,
    grading_topic_cases,
    grading_uniform_cases,
)

CASES = [
    *grading_topic_cases.CASES,
    *grading_edge_cases.CASES,
    *grading_uniform_cases.CASES,
    *grading_payload_cases.CASES,
    *grading_command_cases.CASES,
    *grading_connection_cases.CASES,
    *grading_host_cases.CASES,
    *grading_primary_host_cases.CASES,
]

NEVER_VIOLATED = {
    "conformance-primary-host": "a host that publishes no STATE cannot be told from no host",
    "intro-sparkplug-host-state": "the same",
    "components-ph-state": "the same",
    "topic-structure-namespace-a": "other namespaces are not looked at",
    "message-flow-edge-node-birth-publish-connect": "a message without a connection is not of this world",
    "operational-behavior-data-commands-dcmd-verb": "what else a command should have been, it does not tell",
    "operational-behavior-device-ddeath": "a missing DDEATH cannot be told from a device that is there",
    "payloads-metric-datatype-value-type": "protobuf reads nothing else into the field",
    "payloads-metric-propertyvalue-type-type": "protobuf reads nothing else into the field",
    "payloads-dataset-types-def": "protobuf reads nothing else into the field",
    "payloads-dataset-types-type": "protobuf reads nothing else into the field",
    "payloads-template-dataset-value": "protobuf reads nothing else into the field",
    "payloads-template-version": "protobuf reads nothing else into the field",
    "payloads-template-parameter-name-type": "protobuf reads nothing else into the field",
    "payloads-template-parameter-value-type": "protobuf reads nothing else into the field",
    "payloads-template-parameter-value": "protobuf reads nothing else into the field",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_wrong_violates_the_clauses_about_it_and_no_other(case: Case) -> None:
    report = case.build().grade(case.primary_host)

    assert {result.clause.id for result in report.of(Outcome.VIOLATED)} == case.violated, told(report)


def test_every_judged_clause_can_be_violated() -> None:
    """Each has a case above, or the reason why there is none."""
    judged = {clause.id for clause in CLAUSES if clause.rules and clause.level is not Level.MAY}

    assert judged - {name for case in CASES for name in case.violated} == set(NEVER_VIOLATED)


def test_every_judged_clause_can_be_passed() -> None:
    """Over the good capture and the cases, each was exercised and held somewhere, permissions included."""
    reports = [good().grade(), *(case.build().grade(case.primary_host) for case in CASES)]
    passed = {result.clause.id for report in reports for result in report.of(Outcome.PASSED)}

    assert {clause.id for clause in CLAUSES if clause.rules} - passed == set()


def test_a_good_capture_violates_nothing() -> None:
    """Tapped, and as a subscriber sees it."""
    for scene in (good(), overheard(good())):
        report = scene.grade()
        assert report.of(Outcome.VIOLATED) == (), told(report)
        assert report.is_conformant


def test_a_case_has_one_name() -> None:
    names = [case.name for case in CASES]

    assert len(set(names)) == len(names)
