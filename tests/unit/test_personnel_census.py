"""Pins the count of people in our areas: by hand, and against a count made in another way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.personnel.census import census
from edge_agent.acquisition.personnel.grammar import RecordFault
from edge_agent.acquisition.personnel.roster import Roster
from edge_agent.acquisition.personnel.snapshot import Presence, Snapshot

AREAS = {"F1": ("z1", "z2"), "F2": ("z3",), "C1": ("z4",)}


def snapshot(*present: tuple[str, str], leaders: str = "", bad: tuple[str | None, ...] = ()) -> Snapshot:
    """People as (card, zone); bad records as their zones."""
    faults = [RecordFault(number, "bad", zone) for number, zone in enumerate(bad, start=1)]
    people = [Presence(card, zone, card in leaders) for card, zone in present]
    return Snapshot(0, len(people) + len(faults), faults, people)


def test_several_zones_make_up_an_area() -> None:
    """A card counts once in an area; one elsewhere counts nowhere; nobody is nobody."""
    found = census(snapshot(("a", "z1"), ("b", "z2"), ("a", "z2"), ("c", "z3"), ("d", "z9")), AREAS, None, "")

    assert found == {"F1": {"a": "", "b": ""}, "F2": {"c": ""}, "C1": {}}


def test_a_card_in_two_areas_counts_in_both() -> None:
    """The file says so; it is never lost from either."""
    assert census(snapshot(("a", "z1"), ("a", "z3")), AREAS, None, "") == {
        "F1": {"a": ""},
        "F2": {"a": ""},
        "C1": {},
    }


def test_posts_and_leaders() -> None:
    """Posts by the roster; a leader by either file has the leaders' post, unless there is none in the config."""
    roster = Roster(0, 2, (), {"a": "班长", "b": "矿长", "c": "副矿长"}, frozenset("b"))
    people = snapshot(("a", "z1"), ("b", "z1"), ("c", "z1"), ("d", "z1"), leaders="c")

    assert census(people, AREAS, roster, "矿领导")["F1"] == {
        "a": "班长",
        "b": "矿领导",
        "c": "矿领导",
        "d": "",
    }
    assert census(people, AREAS, roster, "")["F1"] == {"a": "班长", "b": "矿长", "c": "副矿长", "d": ""}
    assert census(people, AREAS, None, "矿领导")["F1"] == {"a": "", "b": "", "c": "矿领导", "d": ""}


def test_the_last_record_of_a_card_holds() -> None:
    """As a leader in one record and not in the next."""
    twice = Snapshot(0, 2, (), [Presence("a", "z1", True), Presence("a", "z2", False)])
    assert census(twice, AREAS, None, "矿领导")["F1"] == {"a": ""}


def test_a_bad_record_makes_its_area_unknown() -> None:
    """It may be the tenth person. In a zone of none of ours it costs nothing; without a zone it costs all."""
    people = (("a", "z1"), ("c", "z3"))
    known = {"F1": {"a": ""}, "F2": {"c": ""}, "C1": {}}
    assert census(snapshot(*people, bad=("z2",)), AREAS, None, "") == known | {"F1": None}
    assert census(snapshot(*people, bad=("z9",)), AREAS, None, "") == known
    assert census(snapshot(*people, bad=("z4", "z3")), AREAS, None, "") == known | {"F2": None, "C1": None}
    assert census(snapshot(*people, bad=("z9", None)), AREAS, None, "") == dict.fromkeys(AREAS)


ZONES = st.sampled_from(["z1", "z2", "z3", "z4", "z5", "z6"])


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), ZONES)),
    st.lists(st.none() | ZONES, max_size=2),
    st.dictionaries(st.sampled_from(["F1", "F2"]), st.sets(ZONES, max_size=3), max_size=2),
)
def test_against_sets(
    people: list[tuple[str, str]], bad: list[str | None], chosen: dict[str, set[str]]
) -> None:
    """Headcount is the size of a set of cards; whatever a bad record may touch has none."""
    areas = {"F1": chosen.get("F1", set()), "F2": chosen.get("F2", set()) - chosen.get("F1", set())}

    found = census(snapshot(*people, bad=tuple(bad)), areas, None, "")

    for area, zones in areas.items():
        if None in bad or zones & {*bad}:
            assert found[area] is None
        else:
            assert found[area] == dict.fromkeys({card for card, zone in people if zone in zones}, "")
