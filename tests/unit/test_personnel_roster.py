"""Pins what is read of rosters and zone lists, and that a list of names does not pass for posts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.acquisition.personnel.grammar import RecordFault, Unreadable, document
from edge_agent.acquisition.personnel.profile import STANDARD, Profile
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.roster import Roster, Zone, ZoneList, roster, zone_list
from tests.personnel_writer import KEY, MINE, NAMES, card, ryqy, ryxx, zone

PSEUDONYMS = Pseudonyms(KEY)


def roster_of(text: str, profile: Profile = STANDARD) -> Roster:
    """The roster of a file."""
    return roster(document(text.encode(), MINE, profile, "utf-8"), profile, PSEUDONYMS)


def zones_of(text: str) -> ZoneList:
    """The zone list of a file."""
    return zone_list(document(text.encode(), MINE, STANDARD, "utf-8"), STANDARD)


def test_posts_by_pseudonym() -> None:
    """Post or trade, as the profile says; the last record of a card holds."""
    text = ryxx([(card(1), "采煤工", "班长"), (card(2), "瓦检员", ""), (card(1), "采煤工", "队长")])

    assert roster_of(text).posts == {PSEUDONYMS.of(card(1)): "队长", PSEUDONYMS.of(card(2)): ""}
    by_trade = roster_of(text, replace(STANDARD, post_from="trade"))
    assert by_trade.posts == {PSEUDONYMS.of(card(1)): "采煤工", PSEUDONYMS.of(card(2)): "瓦检员"}
    assert by_trade.leaders == set()


def test_leaders() -> None:
    """By their flag, of the last record too."""
    everybody = {PSEUDONYMS.of(card(1)), PSEUDONYMS.of(card(2))}
    text = ryxx([(card(1), "", "矿长"), (card(2), "", "总工程师")], leader="1")
    assert roster_of(text).leaders == everybody
    demoted = text.removesuffix("||") + f"{card(2)};{NAMES[1]};;总工程师;;;;0;0~||"
    assert roster_of(demoted).leaders == {PSEUDONYMS.of(card(1))}


def test_bad_records_of_a_roster() -> None:
    """Told by number; the others are read."""
    text = ryxx([("", "采煤工", "班长"), (card(2), "瓦检员", "瓦;检员"), (card(3), "采煤工", "工人")])

    found = roster_of(text)

    assert found.posts == {PSEUDONYMS.of(card(3)): "工人"}
    assert found.faults == [
        RecordFault(1, "the card is not of letters and digits"),
        RecordFault(2, "10 fields instead of 9"),
    ]


@pytest.mark.parametrize(("people", "posts", "is_refused"), [
    (200, 200, True), (200, 161, True), (200, 160, False), (21, 21, True), (20, 20, False), (200, 1, False),
])  # fmt: skip
def test_a_list_of_names_is_refused(people: int, posts: int, *, is_refused: bool) -> None:
    """Where nearly everybody of many has a post of his own, the profile is not the file's."""
    text = ryxx([(card(at), "", f"岗位{at % posts}") for at in range(people)])
    if not is_refused:
        assert len({*roster_of(text).posts.values()}) == posts
        return
    with pytest.raises(Unreadable, match=r"profile\.ryxx and post_from"):
        roster_of(text)


def test_zones() -> None:
    """By code, with name and authorised headcount; the last record of a zone holds."""
    found = zones_of(ryqy([(zone(8), "旧名"), (zone(9), "3204回风巷"), (zone(8), "3204工作面"), ("8", "错")]))

    assert found.zones == {zone(8): Zone("3204工作面", "25"), zone(9): Zone("3204回风巷", "25")}
    assert found.faults == [RecordFault(4, "the zone is not of 16 digits")]
