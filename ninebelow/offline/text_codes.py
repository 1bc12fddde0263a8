"""Numbers for texts: each distinct text of a column gets 0, 1, 2, … in order of first appearance.

Texts are found by a 64-bit hash and then compared in full, so a collision costs time and nothing else.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules.series import Instants

WORD: Final = 8
WORDS_MAX: Final = 8  # longer texts are looked up one by one

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)
_KEEP: Final = np.array([(1 << 8 * count) - 1 for count in range(WORD + 1)], dtype=np.uint64)

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Codes = NDArray[np.int32]


class TextCoder:
    """The texts of one column met so far."""

    def __init__(self) -> None:
        self._code_of: dict[bytes, int] = {}
        # One text for each hash met: the hashes ascending, and beside them the text's number, length and words.
        self._hashes: Words = np.empty(0, dtype=np.uint64)
        self._code: Codes = np.empty(0, dtype=np.int32)
        self._length: Instants = np.empty(0, dtype=np.int64)
        self._words: Words = np.empty((WORDS_MAX, 0), dtype=np.uint64)

    @property
    def distinct(self) -> tuple[str, ...]:
        """The texts by their numbers."""
        return tuple(text.decode("utf-8", "replace") for text in self._code_of)

    def codes(self, data: Bytes, start: Instants, length: Instants) -> Codes:
        """The numbers of the texts at `start` in `data`, in which eight more bytes follow the last text."""
        if not start.size:
            return np.empty(0, dtype=np.int32)
        words = _words(data, start, length)
        hashes = _hashes(words, length)
        place = self._places(hashes)
        if (unmet := np.flatnonzero(self._hashes[place] != hashes) if self._hashes.size else place).size:
            first = np.sort(unmet[np.unique(hashes[unmet], return_index=True)[1]])
            self._learn(data, start[first], length[first], hashes[first])
            place = self._places(hashes)
        differs = (self._length[place] != length) | (length > WORD * WORDS_MAX)
        for position, word in enumerate(words):
            differs |= self._words[position][place] != word
        code = self._code[place]
        for row in np.flatnonzero(differs).tolist():
            code[row] = self._number(data[start[row] : start[row] + length[row]].tobytes())
        return code

    def _places(self, hashes: Words) -> NDArray[np.int64]:
        """Where each hash is, if it has been met; some place otherwise."""
        if not self._hashes.size:
            return np.arange(hashes.size)
        place = np.searchsorted(self._hashes, hashes)
        place[place == self._hashes.size] = 0
        return place

    def _learn(self, data: Bytes, start: Instants, length: Instants, hashes: Words) -> None:
        """Take in the first text of each new hash."""
        texts = [data[a : a + n].tobytes() for a, n in zip(start.tolist(), length.tolist(), strict=True)]
        codes = np.array([self._number(text) for text in texts], dtype=np.int32)
        size = WORD * WORDS_MAX
        words = np.frombuffer(b"".join(text[:size].ljust(size, b"\0") for text in texts), dtype="<u8")
        order = np.argsort(np.append(self._hashes, hashes))
        self._hashes = np.append(self._hashes, hashes)[order]
        self._code = np.append(self._code, codes)[order]
        self._length = np.append(self._length, length)[order]
        self._words = np.hstack((self._words, words.reshape(-1, WORDS_MAX).T))[:, order]

    def _number(self, text: bytes) -> int:
        return self._code_of.setdefault(text, len(self._code_of))


def _words(data: Bytes, start: Instants, length: Instants) -> list[Words]:
    """The texts' first bytes, eight by eight, zero behind their ends."""
    everywhere = np.ndarray((data.size - WORD + 1,), dtype="<u8", buffer=data, strides=(1,))
    count = min(WORDS_MAX, -(-int(length.max()) // WORD))
    return [
        everywhere[np.minimum(start + first, everywhere.size - 1)] & _KEEP[np.clip(length - first, 0, WORD)]
        for first in range(0, count * WORD, WORD)
    ]


def _hashes(words: list[Words], length: Instants) -> Words:
    """Hashes that do not depend on how many words the longest text beside has."""
    mixed = length.astype(np.uint64) * _MIX
    for word in words:
        stirred = (mixed ^ word) * _MIX
        mixed = np.where(word == 0, mixed, stirred ^ (stirred >> _SHIFT))
    return mixed
