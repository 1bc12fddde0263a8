"""What pages are told of people, days and levels."""

from __future__ import annotations

import json

from gateway.live.chambers import ChamberTracker
from gateway.live.record_views import chamber_record, persons
from rules.chambers.rule import Chamber, Kind, Level, Rule
from rules.series import HOUR_US, MINUTE_US
from rules.time_text import DAY_US
from tests.unit.test_live_chambers import fill
from tests.unit.test_live_faces import START, by_cards, snapshots


def test_persons_with_their_dwell_and_whether_they_count() -> None:
    face = by_cards()
    snapshots(face, START, START + 20 * MINUTE_US, 1, leaders=1)
    snapshots(face, START + 20 * MINUTE_US, START + 40 * MINUTE_US, 1, leaders=2)
    now_us = START + 40 * MINUTE_US

    found = persons(face, now_us)
    assert [(one["card"], one["post"], one["minutes"], one["exempt"], one["counted"]) for one in found] == [
        ("l0", "矿领导", 40, True, True),
        ("l1", "矿领导", 20, True, False),
        ("m0", "采煤工", 40, False, True),
    ]
    assert found[1]["since"] == "2022-03-01T00:20:00.000Z"
    assert persons(face, now_us + HOUR_US) == []


def test_days_today_and_level() -> None:
    """As JSON, nothing missing before the first day has ended."""
    room = ChamberTracker(
        Chamber("C1", Kind.DRAINAGE_PUMP_ROOM), "水泵房", Rule(days_min=2), declared=Level.UNATTENDED
    )
    assert chamber_record(room, HOUR_US) == {
        "chamber": "C1", "declared": "unattended", "level": None, "today": None, "days": [],
    }  # fmt: skip
    fill(room, 0, 2 * DAY_US + HOUR_US, 1)
    view = json.loads(json.dumps(chamber_record(room, 2 * DAY_US + 30 * MINUTE_US)))

    assert [(day["day"], day["revision"], sum(day["seconds"].values())) for day in view["days"]] == [
        ("1970-01-01", 1, 86400), ("1970-01-02", 1, 86400),
    ]  # fmt: skip
    assert view["today"]["seconds"]["central_control"] == 1800
    assert (view["level"]["level"], view["level"]["declared"], view["level"]["agrees"]) == (
        "central_control", "unattended", False,
    )  # fmt: skip
