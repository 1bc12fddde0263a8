"""What is to be judged from the historian: asked once, in order, when its rows are there, and never forgotten."""

from __future__ import annotations

import pytest

from gateway.live import late
from gateway.live.late import PATIENCE_US, SETTLE_US, Job, LateWork

FACE, ROOM = ("M1", "F1"), ("M1", "C1")
NOW = 1_000_000_000_000


def taken(work: LateWork, now_us: int) -> list[Job]:
    """Everything that need not wait at an instant."""
    jobs = []
    while (job := work.take(now_us)) is not None and job not in jobs:
        jobs.append(job)
    return jobs


def test_a_job_waits_until_no_more_comes() -> None:
    """Asked twice it is done once, by the newest row that asked."""
    work = LateWork()
    assert work.ask(FACE, 0, 5, NOW)
    assert not work.ask(FACE, 0, 9, NOW + SETTLE_US - 1)
    assert not work.ask(FACE, 0, 7, NOW + SETTLE_US - 1)
    assert work.take(NOW + SETTLE_US) is None
    assert work.take(NOW + 2 * SETTLE_US) == Job(FACE, 0, 9)
    assert work.take(NOW + 2 * SETTLE_US) is None
    assert work.size == 0


def test_an_area_s_jobs_are_in_order_and_areas_take_turns() -> None:
    work = LateWork()
    for at_us in (30, 10, 20):
        work.ask(ROOM, at_us, 0, NOW)
        work.ask(FACE, at_us, 0, NOW)

    jobs = taken(work, NOW + SETTLE_US)
    assert [(job.area, job.at_us) for job in jobs] == [
        (ROOM, 10), (FACE, 10), (ROOM, 20), (FACE, 20), (ROOM, 30), (FACE, 30),
    ]  # fmt: skip


def test_it_waits_for_its_rows_to_be_stored() -> None:
    """Judged without them it would be judged in vain; others need not wait for that."""
    work, record, other = LateWork(), object(), object()
    work.ask(FACE, 0, 0, NOW)
    work.hold(record, FACE)
    work.hold(other, FACE)
    work.ask(ROOM, 0, 0, NOW)
    assert [job.area for job in taken(work, NOW + SETTLE_US)] == [ROOM]
    work.stored(record)
    work.stored(record)
    assert work.take(NOW + SETTLE_US) is None
    work.stored(other)
    assert work.take(NOW + SETTLE_US) == Job(FACE, 0, 0)


def test_a_back_fill_that_does_not_end_is_judged_now_and_then() -> None:
    """And again when its rows have come: the job stays."""
    work, record = LateWork(), object()
    work.ask(FACE, 0, 0, NOW)
    work.hold(record, FACE)
    for second in range(1, PATIENCE_US // 1_000_000):
        work.ask(FACE, 0, 0, NOW + second * 1_000_000)
        assert work.take(NOW + second * 1_000_000) is None
    assert work.take(NOW + PATIENCE_US) == Job(FACE, 0, 0)
    assert work.is_waiting(Job(FACE, 0, 0))
    assert work.take(NOW + PATIENCE_US) is None
    work.stored(record)
    assert work.take(NOW + PATIENCE_US + SETTLE_US) == Job(FACE, 0, 0)
    assert not work.is_waiting(Job(FACE, 0, 0))


def test_a_clock_set_back_holds_nothing_up() -> None:
    work = LateWork()
    work.ask(FACE, 0, 0, NOW)
    assert work.take(NOW - 3_600_000_000) == Job(FACE, 0, 0)


def test_jobs_are_bounded_and_what_is_dropped_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late, "JOBS_MAX", 2)
    monkeypatch.setattr(late, "RECORDS_MAX", 2)
    work = LateWork()
    assert [work.ask(FACE, at_us, 0, NOW) for at_us in range(4)] == [True, True, False, False]
    assert (work.size, work.counts["jobs"], work.counts["jobs_dropped"]) == (2, 2, 2)
    records = [object() for _ in range(4)]
    for record in records:
        work.hold(record, FACE)
    assert list(work.unstored) == [id(record) for record in records[2:]]
