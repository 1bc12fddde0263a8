"""The audit log: one row for each change of a row, each sealed with the one before it.

Rules
- An entry's seal is the SHA-256 of the seal before it and of everything the entry says. Numbers run from 1 without a
  hole. So an entry that was changed, taken out or put in shows at the next one; what the end of the log should be is
  told by a seal kept elsewhere (a backup, a printed bulletin).
- What the log says last of a row is what the row is: a row that was changed around the log shows too.
- A registry of demonstration data says so in its first entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

DEMO: Final = "demo"
"""The action of the first entry of a registry of demonstration data."""
FIRST: Final = "0" * 64
"""What stands for the seal before the first."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed which row when and why; `key`, `before` and `after` are JSON texts, `before` null for a new row."""

    number: int
    at: str
    who: str
    why: str
    action: str
    entity: str
    key: str
    before: str | None
    after: str | None
    previous: str
    seal: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log."""

    number: int = 0
    seal: str = FIRST


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one change says of itself."""

    action: str
    entity: str
    key: str
    before: str | None
    after: str | None


def sealed(strokes: Iterable[Stroke], head: Head, *, at: str, who: str, why: str) -> Iterator[AuditEntry]:
    """The entries that follow the head."""
    number, previous = head.number, head.seal
    for stroke in strokes:
        number += 1
        open_entry = AuditEntry(
            number,
            at,
            who,
            why,
            stroke.action,
            stroke.entity,
            stroke.key,
            stroke.before,
            stroke.after,
            previous,
            "",
        )
        previous = seal_of(open_entry)
        yield AuditEntry(**asdict(open_entry) | {"seal": previous})


def seal_of(entry: AuditEntry) -> str:
    """The seal of what an entry says."""
    said = [
        entry.previous, entry.number, entry.at, entry.who, entry.why, entry.action, entry.entity, entry.key,
        entry.before, entry.after,
    ]  # fmt: skip
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON in one form only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def broken(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Where the chain does not hold."""
    head = Head()
    for entry in entries:
        if entry.number != head.number + 1:
            yield f"{head.number} 与 {entry.number} 之间缺记录 / entries are missing between these numbers"
        elif entry.previous != head.seal:
            yield f"{entry.number} 不接上一条 / entry {entry.number} does not follow the one before it"
        if seal_of(entry) != entry.seal:
            yield f"{entry.number} 被改动 / entry {entry.number} is not what was sealed"
        head = Head(entry.number, entry.seal)


def last_said(entries: Iterable[AuditEntry]) -> dict[tuple[str, str], str]:
    """What the log says last of each row, by table and key."""
    return {(entry.entity, entry.key): entry.after for entry in entries if entry.after is not None}


def contradictions(said: Mapping[tuple[str, str], str], rows: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Rows that are not what the log says of them."""
    for (entity, key), row in rows.items():
        if (entity, key) not in said:
            yield f"{entity} {key} 没有审计记录 / no audit entry tells where this row comes from"
        elif said[entity, key] != row:
            yield f"{entity} {key} 与审计记录不符 / this row is not what the audit log says last"
    for entity, key in said.keys() - rows.keys():
        yield f"{entity} {key} 不见了 / this row is gone"
