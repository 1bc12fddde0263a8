"""Who is here: a person with a role and a scope, or a wall screen.

Rules
- A role says what may be done, a scope says where: the province, one enterprise (by its name in the registry), or one
  mine (by its code).
- Not every role goes with every scope: see `SCOPES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NAME_MAX: Final = 32
TITLE_MAX: Final = 24


class Role(StrEnum):
    """What somebody does here."""

    OPERATOR = "operator"
    ENGINEER = "engineer"
    ENTERPRISE = "enterprise"
    AUTHORITY = "authority"
    ADMIN = "admin"
    KIOSK = "kiosk"
    """A wall screen; no user has this role."""


class Kind(StrEnum):
    """How far a scope goes."""

    PROVINCE = "province"
    ENTERPRISE = "enterprise"
    MINE = "mine"


SCOPES: Final[Mapping[Role, frozenset[Kind]]] = {
    Role.OPERATOR: frozenset(Kind),
    Role.ENGINEER: frozenset(Kind),
    Role.ENTERPRISE: frozenset({Kind.ENTERPRISE, Kind.MINE}),
    Role.AUTHORITY: frozenset(Kind),
    Role.ADMIN: frozenset({Kind.PROVINCE}),
    Role.KIOSK: frozenset({Kind.MINE}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The province, or what `of` names: an enterprise or the code of a mine."""

    kind: Kind
    of: str | None = None

    def __str__(self) -> str:
        """As the command line writes it."""
        return self.kind if self.of is None else f"{self.kind}:{self.of}"


PROVINCE: Final = Scope(Kind.PROVINCE)


def scope_of(text: str) -> Scope:
    """`province`, `enterprise:NAME` or `mine:CODE`; raises `ValueError`."""
    word, colon, of = text.partition(":")
    of = of.strip()
    if word not in set(Kind) or (word == Kind.PROVINCE) != (not colon) or (colon and not of):
        raise ValueError(
            "province、enterprise:企业名称 或 mine:煤矿编码 / province, enterprise:NAME or mine:CODE"
        )
    return Scope(Kind(word), of or None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in; `name` is what they sign in with, `title` what people call them."""

    name: str
    title: str
    role: Role
    scope: Scope

    @property
    def signature(self) -> str:
        """How an acknowledgement or an edit is signed."""
        return self.name if self.title in {"", self.name} else f"{self.title}（{self.name}）"

    @property
    def is_demo(self) -> bool:
        """Is it whoever stands before the demo?"""
        return self is DEMO


DEMO: Final = Person("demo", "演示", Role.ADMIN, PROVINCE)
"""Who is at the demo on loopback."""
