"""Arithmetic of `seq` and `bdSeq`: both run 0…255 and start again at 0."""

from __future__ import annotations

from typing import Final

MODULUS: Final = 256


def successor(number: int) -> int:
    """The next number (tck-id-payloads-sequence-num-incrementing, topics-nbirth-bdseq-increment)."""
    return (number + 1) % MODULUS


def distance(start: int, number: int) -> int:
    """How many steps lead from `start` to `number`, 0…255."""
    return (number - start) % MODULUS
