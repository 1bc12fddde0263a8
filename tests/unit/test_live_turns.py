"""Whole provinces turn at one instant: what time alone changes is judged some at a time, and nothing is forgotten."""

from __future__ import annotations

from datetime import date

from gateway.config import GatewayConfig
from gateway.live.trackers import TURNING_AT_ONCE, Trackers
from tests.live_centre import MINE, LiveCentre

ENDS_MS = 1_646_121_600_000  # 2022-03-01T16:00+08:00: a shift ends
FACES = 2 * TURNING_AT_ONCE + 10
HALF_SECOND_MS = 500


def centre() -> LiveCentre:
    """A mine with more faces than are judged at once, each with a shift's headcounts."""
    faces = [{"code": f"F{n}", "name": f"F{n}", "kind": "mining_face"} for n in range(FACES)]
    calendar = [{"effective_on": date(2022, 1, 1), "preset": "三八制"}]
    mine = {"code": MINE, "name": "一矿", "faces": faces, "calendar": calendar}
    one = LiveCentre(GatewayConfig.model_validate({"mines": [mine]}))
    minutes = range(-8 * 60, 1, 10)
    rows = [(ENDS_MS + minute * 60_000, 8) for minute in minutes]
    for n in range(FACES):
        one.take(f"F{n}", "Personnel/Headcount", rows, ENDS_MS - 1_000)
    one.judge(ENDS_MS - 1_000)
    return one


def due(trackers: Trackers, now_ms: int) -> list[str]:
    """Codes of what is to be judged."""
    return [code for _, code in trackers.due(now_ms * 1000)]


def test_a_shift_that_ends_everywhere_is_recorded_within_seconds() -> None:
    """No row comes any more: time alone brings all records, so many each half-second, and none twice."""
    one = centre()
    counts = []
    for step in range(4):
        now_ms = ENDS_MS + step * HALF_SECOND_MS
        counts.append(len(due(one.trackers, now_ms)))
        one.judge(now_ms)
    assert counts == [TURNING_AT_ONCE, TURNING_AT_ONCE, FACES - 2 * TURNING_AT_ONCE, 0]
    records = one.historian.facts("shift_record")
    assert len(records) == FACES
    assert {line["verdict_text"] for line in records.values()} == {"within"}
    assert {line["revision"] for line in records.values()} == {1.0}


def test_what_was_read_does_not_wait_for_the_turn() -> None:
    """A face with a new row is judged in that very half-second, whichever place it has."""
    one = centre()
    one.take(f"F{FACES - 1}", "Personnel/Headcount", [(ENDS_MS + 1, 12)], ENDS_MS + 1)
    assert f"F{FACES - 1}" in due(one.trackers, ENDS_MS + 1)
    one.judge(ENDS_MS + 1)
    assert one.face(f"F{FACES - 1}").now.headcount == 12
    assert one.face(f"F{FACES - 1}").judged_at_us == (ENDS_MS + 1) * 1000
