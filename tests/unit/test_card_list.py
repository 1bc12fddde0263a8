"""Pins the text form of a list of cards: what it looks like, that nothing is lost both ways, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.card_list import NoCardList, cards_in, text_of

CARDS = st.dictionaries(st.text(min_size=1), st.text())


@pytest.mark.parametrize(
    ("cards", "text"),
    [
        ({}, ""),
        ({"a1": ""}, "a1"),
        ({"b2": "采煤机司机", "a1": "瓦检员", "c3": ""}, "a1=瓦检员;b2=采煤机司机;c3"),
        ({"a1": "50%;=\n"}, "a1=50%25%3B%3D%0A"),
        ({"a;=%": "x"}, "a%3B%3D%25=x"),
    ],
)
def test_the_form_on_the_wire(cards: dict[str, str], text: str) -> None:
    """Sorted by card, posts beside them, separators escaped; nobody is the empty text."""
    assert text_of(cards) == text
    assert cards_in(text) == cards


@given(CARDS)
def test_nothing_is_lost(cards: dict[str, str]) -> None:
    """Whatever the characters of cards and posts."""
    assert cards_in(text_of(cards)) == cards


@given(CARDS)
def test_the_text_has_no_line_breaks_and_does_not_depend_on_the_order(cards: dict[str, str]) -> None:
    """The same set is the same text, on one line, so that report by exception sees no change."""
    text = text_of(cards)
    assert not set(text) & set(map(chr, (*range(32), 127)))
    assert text_of(dict(reversed(cards.items()))) == text


def test_the_last_post_of_a_card_holds() -> None:
    """As in a snapshot (definitions.md §1); in the sender's own order, whatever it is."""
    assert cards_in("b;a=x;b=y") == {"a": "x", "b": "y"}


@pytest.mark.parametrize(
    "text", [";", "a;", ";a", "=x", "a=x=y", "a=%", "a=%3", "a=%GG", "%;b", "a=%80", "a;;b"]
)
def test_what_is_no_list_is_refused(text: str) -> None:
    """A part of a list would pass for people who have left."""
    with pytest.raises(NoCardList, match=r"^entry \d "):
        cards_in(text)


@given(st.text())
def test_any_text_is_a_list_or_refused(text: str) -> None:
    """Nothing else is raised, and what is read is read the same again."""
    try:
        cards = cards_in(text)
    except NoCardList:
        return
    assert cards_in(text_of(cards)) == cards
