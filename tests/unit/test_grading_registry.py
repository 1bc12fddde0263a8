"""Every clause of the standard stands in the registry once, with a rule or with the reason why it has none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from contract.grading.capture import Sight
from contract.grading.clause import Level
from contract.grading.registry import CLAUSES

IDS = Path(__file__).with_name("sparkplug_tck_ids.txt").read_text().split()


def test_it_has_every_tck_id_of_sparkplug_3_once() -> None:
    assert len(IDS) == 299
    assert Counter(clause.id for clause in CLAUSES) == Counter(IDS)


def test_each_has_rules_or_a_reason() -> None:
    for clause in CLAUSES:
        assert bool(clause.rules) is bool(clause.on) is not bool(clause.beyond), clause.id
        assert clause.title, clause.id


def test_what_only_a_tap_shows_is_said_so() -> None:
    """Clauses about CONNECT, wills and DISCONNECT are not for subscribers to judge."""
    for clause in CLAUSES:
        is_of_packets = any(word in clause.id for word in ("will-message", "clean-session", "connect-will"))
        if is_of_packets and clause.rules:
            assert Sight.CONNECTIONS in clause.needs, clause.id


def test_how_many_can_be_judged() -> None:
    """The figures in docs/wire-grade.md."""
    judged = [clause for clause in CLAUSES if clause.rules]
    hidden = Sight.CONNECTIONS | Sight.SERVERS | Sight.PRIMARY_HOST

    assert len(judged) == 276
    assert len([clause for clause in judged if not clause.needs & hidden]) == 207
    assert {level: sum(clause.level is level for clause in CLAUSES) for level in Level} == {
        Level.MUST: 281,
        Level.SHOULD: 10,
        Level.MAY: 8,
    }
