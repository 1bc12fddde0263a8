"""Pins who a snapshot says is below, which records are bad, and that names and cards stay behind."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from edge_agent.acquisition.personnel.grammar import RecordFault, document
from edge_agent.acquisition.personnel.profile import STANDARD
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.snapshot import Presence, Snapshot, snapshot
from tests.personnel_writer import KEY, MINE, NAMES, Person, card, ryss, zone

PSEUDONYMS = Pseudonyms(KEY)
SOMEBODY = Person(card(1), zone(8))


def snapshot_of(*people: Person | str) -> Snapshot:
    """A snapshot of these records."""
    return snapshot(document(ryss(people).encode(), MINE, STANDARD, "utf-8"), STANDARD, PSEUDONYMS)


def test_pseudonyms_are_the_keyed_hash() -> None:
    """The beginning of HMAC-SHA256(key, card), by the standard library's other interface."""
    expected = hmac.new(KEY, card(1).encode(), hashlib.sha256).hexdigest()[:16]
    assert PSEUDONYMS.of(card(1)) == expected
    assert Pseudonyms(b"another key of 16 bytes").of(card(1)) != expected
    assert KEY.decode() not in repr(PSEUDONYMS)


def test_only_who_is_below_is_in_it() -> None:
    """Flag 1; whoever left or stands at the mouth stays listed and does not count."""
    found = snapshot_of(
        SOMEBODY,
        Person(card(2), zone(8), flag="0"),
        Person(card(3), zone(9), flag="2"),
        Person(card(4), zone(9), leader="1"),
    )

    assert found.present == [
        Presence(PSEUDONYMS.of(card(1)), zone(8), False),
        Presence(PSEUDONYMS.of(card(4)), zone(9), True),
    ]
    assert (found.records, found.faults) == (4, [])


@pytest.mark.parametrize(
    ("record", "what", "where"),
    [
        (replace(SOMEBODY, flag="3"), "the flag is none that the profile knows", zone(8)),
        (replace(SOMEBODY, flag=""), "the flag is none that the profile knows", zone(8)),
        (replace(SOMEBODY, card=""), "the card is not of letters and digits", zone(8)),
        (replace(SOMEBODY, card="张三丰"), "the card is not of letters and digits", zone(8)),
        (replace(SOMEBODY, zone="9900"), "the zone is not of 16 digits", None),
        (replace(SOMEBODY, name="张;三"), "16 fields instead of 15", zone(8)),
        (
            SOMEBODY.record.removesuffix(f";{zone(8)}000012&2021-03-01 06:33:52"),
            "14 fields instead of 15",
            zone(8),
        ),
        ("", "1 fields instead of 15", None),
        ("垃圾", "1 fields instead of 15", None),
    ],
)
def test_a_bad_record(record: Person | str, what: str, where: str | None) -> None:
    """It is told by its number, with its zone where that is clear; the others count."""
    found = snapshot_of(SOMEBODY, record)

    assert found.faults == [RecordFault(2, what, where)]
    assert (len(found.present), found.records) == (1, 2)


@pytest.mark.parametrize(
    "person",
    [
        Person(card(2), ""),
        Person("", "", flag="2"),
        Person("张三丰", "9900", flag="0"),
    ],
)
def test_who_is_nowhere_is_no_fault(person: Person) -> None:
    """Below without a zone, or not below at all: in no area, whatever else the record says."""
    found = snapshot_of(SOMEBODY, person)

    assert (len(found.present), found.faults) == (1, [])


def test_another_order_of_fields() -> None:
    """By profile, fields that are not of interest passed over, without a leader flag."""
    profile = replace(STANDARD, ryss=("zone", "_", "card", "_", "flag"), underground="I", elsewhere=("O",))
    text = ryss([f"{zone(8)};x;{card(1)};y;I", f"{zone(8)};x;{card(2)};y;O", f"{zone(8)};x;{card(3)};y;1"])

    found = snapshot(document(text.encode(), MINE, profile, "utf-8"), profile, PSEUDONYMS)

    assert found.present == [Presence(PSEUDONYMS.of(card(1)), zone(8), False)]
    assert [fault.number for fault in found.faults] == [3]


def test_names_and_cards_stay_behind() -> None:
    """Nothing that is kept of a snapshot has one, bad records included."""
    people = [Person(card(number), zone(8), name=name) for number, name in enumerate(NAMES)]
    spoilt = [replace(person, card=person.name) for person in people]
    spoilt_text = [person.record + f";{person.name};{person.card}" for person in people]

    kept = repr(snapshot_of(*people, *spoilt, *spoilt_text))

    assert not [word for person in people for word in (person.name, person.card) if word in kept]
