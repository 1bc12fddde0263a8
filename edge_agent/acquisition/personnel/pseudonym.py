"""Cards as the world outside the mine knows them; pure.

A pseudonym is the beginning of HMAC-SHA256(key, card). The same card has the same pseudonym for as long as the key
stays; without the key it can neither be turned back nor guessed by trying all card numbers.
"""

from __future__ import annotations

import hmac
from typing import Final

KEY_BYTES_MIN: Final = 16
HEX_DIGITS: Final = 16


class Pseudonyms:
    """Makes pseudonyms with one key, and shows it to nobody."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        assert len(key) >= KEY_BYTES_MIN, "the config check refuses shorter keys"
        self._key = key

    def of(self, card: str) -> str:
        """The pseudonym of a card: 16 lower-case hex digits."""
        return hmac.digest(self._key, card.encode(), "sha256").hex()[:HEX_DIGITS]
