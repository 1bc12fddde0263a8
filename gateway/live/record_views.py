"""What pages are told of who is in a face, and of a chamber's days and level, as plain data for JSON. Pure."""

from __future__ import annotations

from gateway.live.chambers import ChamberTracker
from gateway.live.faces import FaceTracker
from gateway.live.views import View, micros
from rules.chambers.records import DayRecord, LevelRecord
from rules.series import MINUTE_US


def persons(face: FaceTracker, now_us: int) -> list[View]:
    """Who is in a face now, by the pseudonym of the card: post, since when, and whether the headcount has them.

    Someone exempt by post is counted once the visit has lasted for `exempt_dwell_min`. Empty where it is unknown.
    """
    return [
        {
            "card": person.card,
            "post": person.post,
            "since": micros(person.since_us),
            "minutes": (now_us - person.since_us) // MINUTE_US,
            "exempt": person.is_exempt,
            "counted": not person.is_exempt or now_us - person.since_us >= face.rule.exempt_dwell_us,
        }
        for person in face.persons(now_us)
    ]


def chamber_record(chamber: ChamberTracker, now_us: int) -> View:
    """A chamber's recorded days, the running one so far, and its level beside what is declared."""
    book = chamber.book
    return {
        "chamber": chamber.chamber.name,
        "declared": None if chamber.declared is None else chamber.declared.value,
        "level": printed(book.level),
        "today": printed(chamber.so_far(now_us)),
        "days": [
            book.days[on].record.as_json() | {"revision": book.days[on].revision} for on in sorted(book.days)
        ],
    }


def printed(record: DayRecord | LevelRecord | None) -> View | None:
    """A record, if there is one."""
    return None if record is None else record.as_json()
