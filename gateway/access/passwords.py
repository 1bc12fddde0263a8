"""Passwords: argon2id, as RFC 9106 has it for little memory. Blocking; one takes some tens of milliseconds."""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contract.errors import Fault, Misconfigured

LENGTH_MAX: Final = 256
_HASHER: Final = PasswordHasher()
_NOBODYS: Final = _HASHER.hash(secrets.token_urlsafe())
"""What a password is compared with where there is no such user: it takes as long."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Is it the password? Without a user it is not, after the same time."""
    try:
        return _HASHER.verify(kept or _NOBODYS, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Was it hashed with other figures than today's?"""
    return _HASHER.check_needs_rehash(kept)


def checked(password: str, name: str, length_min: int) -> str:
    """A new password; raises `Misconfigured`."""
    faults = []
    if not length_min <= len(password) <= LENGTH_MAX:
        faults.append(
            f"口令应为 {length_min}—{LENGTH_MAX} 个字符 / {length_min} to {LENGTH_MAX} characters long"
        )
    if password.casefold() == name.casefold() or len(set(password)) < min(4, length_min):
        faults.append("口令太容易猜 / too easily guessed")
    if faults:
        raise Misconfigured([Fault("password", None, what) for what in faults])
    return password
