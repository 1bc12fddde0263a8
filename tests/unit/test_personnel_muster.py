"""Pins that only the newest accepted snapshot ever says who is where, however the files come."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.personnel.grammar import Incomplete, Unreadable
from edge_agent.acquisition.personnel.muster import Layout, Muster
from edge_agent.acquisition.personnel.profile import Kind
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.personnel.verdict import Bounds, Verdict
from tests.personnel_writer import AT_MS, KEY, MINE, MINUTE_MS, Person, card, ryqy, ryss, ryxx, zone

PSEUDONYMS = Pseudonyms(KEY)
LAYOUT = Layout(MINE, PSEUDONYMS)
AREAS = {"F1": (zone(1), zone(2)), "F2": (zone(3),)}


def take(muster: Muster, kind: Kind, text: str, now_ms: int = AT_MS) -> Verdict:
    """Give a muster a file."""
    return muster.take(kind, LAYOUT.contents(kind, text.encode()), now_ms).verdict


def test_all_three_files_together() -> None:
    """Zones, posts, then who is where; posts apply from the next snapshot on."""
    muster = Muster(AREAS, leader_post="矿领导")
    assert muster.census == {}
    assert take(muster, Kind.RYSS, ryss([Person(card(1), zone(1))])) is Verdict.OK
    assert muster.census == {"F1": {PSEUDONYMS.of(card(1)): ""}, "F2": {}}
    assert take(muster, Kind.RYQY, ryqy([(zone(1), "3204工作面")])) is Verdict.OK
    assert muster.zones is not None
    assert take(muster, Kind.RYXX, ryxx([(card(1), "采煤工", "班长")])) is Verdict.OK
    assert take(muster, Kind.RYSS, ryss([Person(card(1), zone(2))], AT_MS + 1000)) is Verdict.OK
    assert muster.census["F1"] == {PSEUDONYMS.of(card(1)): "班长"}


def test_a_refused_file_changes_nothing() -> None:
    """Late, old, too bad: what was accepted stands, of every kind."""
    muster = Muster(AREAS)
    take(muster, Kind.RYSS, ryss([Person(card(1), zone(1))]))
    take(muster, Kind.RYXX, ryxx([(card(1), "采煤工", "班长")]))
    kept = (muster.census, muster.roster)
    assert take(muster, Kind.RYSS, ryss([Person(card(2), zone(1))])) is Verdict.DUPLICATE
    assert take(muster, Kind.RYSS, ryss([Person(card(2), zone(1))], AT_MS - 1000)) is Verdict.DUPLICATE
    assert take(muster, Kind.RYSS, ryss(["x"], AT_MS + 1000)) is Verdict.FAILED
    assert take(muster, Kind.RYXX, ryxx([], AT_MS + 1000)) is Verdict.FAILED
    assert (muster.census, muster.roster) == kept


@dataclass(frozen=True)
class Sent:
    """A snapshot that comes at some minute: when it was made, how many are in F1, which of it is spoilt."""

    made_min: int
    people: int
    spoilt: str

    @property
    def text(self) -> str:
        """The file."""
        people: list[Person | str] = [Person(card(number), zone(1)) for number in range(self.people)]
        people += [Person(card(90 + number), zone(9), flag="2") for number in range(8)]
        if self.spoilt == "record":
            people.append(f"{zone(1)};?")
        if self.spoilt == "half":
            people += ["?"] * len(people)
        text = ryss(people, AT_MS + self.made_min * MINUTE_MS)
        return text.removesuffix("|") if self.spoilt == "end" else text


SENT = st.builds(
    Sent, st.integers(0, 40), st.integers(0, 12), st.sampled_from(["", "", "", "record", "half", "end"])
)


@given(st.lists(st.tuples(SENT, st.integers(0, 12)), max_size=25), st.randoms(use_true_random=False))
def test_only_the_newest_accepted_snapshot_counts(sent: list[tuple[Sent, int]], chance: Random) -> None:
    """Files in any order, some twice, while time goes on: told by nothing but the clock and what was accepted.

    Each comes some minutes after the one before. By hand: data is what is whole, younger than ten minutes, at most
    five ahead, and newer than all that was data before.
    """
    repeated = [*sent, *sent[::2]]
    chance.shuffle(repeated)
    muster, now_min, newest = Muster(AREAS, Bounds()), 0, None
    for file, wait_min in repeated:
        now_min += wait_min
        is_data = (
            file.spoilt not in ("half", "end")
            and now_min - 10 <= file.made_min <= now_min + 5
            and (newest is None or file.made_min > newest.made_min)
        )
        try:
            verdict = take(muster, Kind.RYSS, file.text, AT_MS + now_min * MINUTE_MS)
        except (Incomplete, Unreadable):
            verdict = Verdict.FAILED
        newest = file if is_data else newest

        assert verdict.is_accepted == is_data
        if newest is None:
            assert muster.census == {}
        elif newest.spoilt:
            assert muster.census == {"F1": None, "F2": {}}
        else:
            people = {PSEUDONYMS.of(card(number)) for number in range(newest.people)}
            assert muster.census == {"F1": dict.fromkeys(people, ""), "F2": {}}
