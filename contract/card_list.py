"""The cards of an area as one text, as `Personnel/Cards` carries them; both ways, pure.

The text is the whole set of cards then inside, sorted: `card=post` for each, a card without a post alone, joined by
`;`. Nobody there is the empty text. What would be taken for a separator, and every control character, stands as `%`
and two hex digits: `%3B` is a `;` within a post.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ESCAPED: Final = re.compile(r"[%;=\x00-\x1f\x7f]")
ESCAPE: Final = re.compile(r"%([0-7][0-9A-Fa-f])?")


class NoCardList(ValueError):
    """A text that is no list of cards."""


def text_of(cards: Mapping[str, str]) -> str:
    """The text of a set of cards, each with its post; no card is empty."""
    return ";".join(
        f"{escaped(card)}={escaped(post)}" if post else escaped(card) for card, post in sorted(cards.items())
    )


def cards_in(text: str) -> dict[str, str]:
    """The cards of a text, each with its post (empty: none); of a card that stands twice the last post holds.

    Raises `NoCardList`: a part of a list would pass for people who have left.
    """
    cards: dict[str, str] = {}
    for number, entry in enumerate(text.split(";") if text else (), start=1):
        card, _, post = entry.partition("=")
        if not card or "=" in post:
            raise NoCardList(f"entry {number} must be 'card=post' or 'card'")
        cards[unescaped(card, number)] = unescaped(post, number)
    return cards


def escaped(text: str) -> str:
    """A card or post without separators and control characters."""
    return ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def unescaped(text: str, number: int) -> str:
    """The card or post that was escaped, of the entry with this number; raises `NoCardList`."""

    def character(found: re.Match[str]) -> str:
        if found[1] is None:
            raise NoCardList(f"entry {number} has a '%' without two hex digits of a character after it")
        return chr(int(found[1], 16))

    return ESCAPE.sub(character, text)
