"""Pins the verdict on a file, bound by bound."""

from __future__ import annotations

import pytest

from edge_agent.acquisition.personnel.grammar import Contents, RecordFault
from edge_agent.acquisition.personnel.verdict import Bounds, Ledger, Verdict

OK, PARTIAL, STALE = Verdict.OK, Verdict.PARTIAL, Verdict.STALE
DUPLICATE, FUTURE, FAILED = Verdict.DUPLICATE, Verdict.FUTURE, Verdict.FAILED
NOW_MS = 1_614_556_800_000


def contents(at_ms: int, bad: int = 0, records: int = 100) -> Contents:
    """A file with so many bad records."""
    return Contents(
        at_ms, records, [RecordFault(number + 1, "1 fields instead of 15") for number in range(bad)]
    )


@pytest.mark.parametrize(
    ("age_s", "newest_age_s", "bad", "verdict"),
    [
        (0, None, 0, OK),
        (0, None, 1, PARTIAL),
        (0, None, 19, PARTIAL),
        (0, None, 20, FAILED),
        (0, None, 100, FAILED),
        (-300, None, 0, OK),
        (-300.001, None, 0, FUTURE),
        (-86_400, None, 50, FUTURE),
        (600, None, 0, OK),
        (600.001, None, 0, STALE),
        (86_400, None, 50, STALE),
        (300, 600, 0, OK),
        (299, 300, 0, OK),
        (300, 300, 0, DUPLICATE),
        (301, 300, 0, DUPLICATE),
        (700, 300, 0, STALE),
        (-100, -200, 0, DUPLICATE),
        (-301, -301.001, 0, FUTURE),
        (0, -300, 0, DUPLICATE),
        (0, -300.001, 0, OK),
    ],
)
def test_verdicts(age_s: float, newest_age_s: float | None, bad: int, verdict: Verdict) -> None:
    """By its time against now and the newest accepted, then by its records.

    What was accepted further ahead than can be, when our own clock was, blocks nothing.
    """
    newest_at_ms = None if newest_age_s is None else NOW_MS - round(1000 * newest_age_s)
    ledger = Ledger(Bounds(), grows_stale=True, newest_at_ms=newest_at_ms)
    at_ms = NOW_MS - round(1000 * age_s)

    judgement = ledger.take(contents(at_ms, bad), NOW_MS)

    assert judgement.verdict is verdict
    assert ledger.newest_at_ms == (at_ms if verdict.is_accepted else newest_at_ms)
    assert bool(judgement.reason) == (verdict is not OK)


def test_reasons_are_in_words() -> None:
    """For who mends it."""
    ledger = Ledger(Bounds(), grows_stale=True)
    assert ledger.take(contents(NOW_MS, 2), NOW_MS).reason == (
        "2 of 100 records are bad, the first is record 1: 1 fields instead of 15"
    )
    assert ledger.take(contents(NOW_MS), NOW_MS).reason == "its time is that of one accepted already"
    assert ledger.take(contents(NOW_MS - 60_000), NOW_MS).reason == (
        "its time is 60 s before that of one accepted already"
    )
    assert ledger.take(contents(NOW_MS + 7_200_000), NOW_MS).reason == (
        "its time is 7200 s ahead: compare the clocks"
    )
    assert Ledger(Bounds(), grows_stale=True).take(contents(NOW_MS - 7_200_000), NOW_MS).reason == (
        "its time is 7200 s ago: late, or compare the clocks"
    )


def test_an_empty_list_proves_nothing() -> None:
    """Whoever has left stays listed, so nobody at all is a fault of the system, not an empty mine."""
    assert Ledger(Bounds(), grows_stale=True).take(contents(NOW_MS, records=0), NOW_MS).verdict is FAILED


def test_rosters_do_not_grow_stale() -> None:
    """They come on change."""
    assert Ledger(Bounds(), grows_stale=False).take(contents(0), NOW_MS).verdict is OK


def test_bounds_are_those_of_the_config() -> None:
    """Each of them."""
    bounds = Bounds(stale_after_s=60, future_max_s=0, bad_share_max=0.5)
    for at_ms, bad, verdict in [
        (NOW_MS - 60_001, 0, STALE), (NOW_MS + 1, 0, FUTURE), (NOW_MS, 50, FAILED), (NOW_MS, 49, PARTIAL),
    ]:  # fmt: skip
        assert Ledger(bounds, grows_stale=True).take(contents(at_ms, bad), NOW_MS).verdict is verdict
