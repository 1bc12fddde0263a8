"""What an import or a change does to the registry: entries and what is stored in, changes and faults out.

Rules
- A row whose key is stored changes that row, else it is a new one; names are the same if they differ only in how they
  were typed (`naming.folded`), and the stored spelling stays. Columns that an entry does not give stay as they are.
- A reference may use an enterprise's alias or a mine's code; the name that it stands for is stored. The plan's names of
  a unit stand for the one enterprise that is registered by any of them, and it is not registered again by another.
- A row with a fault may be referred to: one mistake is told once.
- All faults are found before any is told; with one, nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NamedTuple

from contract.errors import Fault
from gateway.registry.form import Key, Reference, Row, Table, Value
from gateway.registry.naming import folded
from gateway.registry.row_rules import RULES
from gateway.registry.tables import BY_WORD, CLOSED, TABLES
from rules.plan.table import ALIASES


class Entry(NamedTuple):
    """A row as it was given, and where it stands."""

    table: str
    file: str
    line: int | None
    given: Row
    revision: int | None = None
    """Of the row that was seen when the change was thought of; another one in store is a fault."""
    is_broken: bool = False
    """A cell could not be read, which is told already: others may refer to the row, nothing else is said of it."""


class Kept(NamedTuple):
    """A row in store; `revision` grows with each change of it."""

    id: int
    revision: int
    row: Row


Stored = Mapping[str, Mapping[Key, Kept]]
Folded = tuple[str, ...]


class Change(NamedTuple):
    """A row that is to be added (`kept` is `None`) or changed."""

    table: str
    key: Key
    kept: Kept | None
    after: Row

    @property
    def action(self) -> str:
        """What the audit log calls it."""
        if self.kept is None:
            return "add"
        was, is_ = self.kept.row[CLOSED], self.after[CLOSED]
        return "close" if was is None and is_ is not None else "reopen" if was and is_ is None else "change"


@dataclass(slots=True)
class Judgement:
    """What entries come to."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    outdated: list[Fault] = field(default_factory=list)
    """Entries whose row has been changed by someone else since it was read."""


NEAR: Final = 0.6
FAULTS_MAX: Final = 1000
"""More than that nobody reads; the last one says that there are more."""


def judged(entries: Iterable[Entry], stored: Stored) -> Judgement:
    """The changes that these entries make, or their faults."""
    names = Names(stored)
    judgement = Judgement()
    by_table: dict[str, list[Entry]] = {table.word: [] for table in TABLES}
    for entry in entries:
        by_table[entry.table].append(entry)
    for table in TABLES:
        seen: dict[Folded, Entry] = {}
        for entry in by_table[table.word]:
            judge(table, entry, names, seen, judgement)
    return judgement


def first_of(faults: Iterable[Fault]) -> list[Fault]:
    """The faults by file and line, without repetition; not more than anybody reads."""
    told = sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line or 0))
    if len(told) > FAULTS_MAX:
        more = len(told) - FAULTS_MAX
        told[FAULTS_MAX:] = [Fault(told[0].file, None, f"还有 {more} 处 / {more} more faults")]
    return told


def judge(table: Table, entry: Entry, names: Names, seen: dict[Folded, Entry], judgement: Judgement) -> None:
    """Judge one entry; its change or its faults go into the judgement."""
    faults: list[str] = []
    given = dict(entry.given)
    for reference in table.refers:
        faults += names.resolve(reference, given)
    lacking = [word for word in table.key if table.column(word).required and given.get(word) is None]
    blank = [word for word in lacking if word in given or not entry.is_broken]
    faults += (f"{table.column(word).zh} 不能为空 / {word} is blank" for word in blank)
    if not lacking:
        spelt = table.key_of(given)
        of = folded_key(spelt)
        if (first := seen.setdefault(of, entry)) is not entry:
            where = "另一行" if first.line is None else f"第 {first.line} 行"
            faults.append(f"与{where}重复：请删去一行 / the same {table.key[-1]} as in line {first.line}")
        key = names.known[table.word].get(of, spelt)
        if not entry.is_broken:
            kept = names.stored[table.word].get(key)
            change = Change(table.word, key, kept, merged(table, kept, given, key))
            judge_row(table, entry, change, names, judgement, faults)
        names.know(table, key)
    judgement.faults += (Fault(entry.file, entry.line, what) for what in faults)


def judge_row(  # noqa: PLR0917  (what judge has found out)
    table: Table, entry: Entry, change: Change, names: Names, judgement: Judgement, faults: list[str]
) -> None:
    """Judge the row that would be; more faults go to the others."""
    kept, after = change.kept, change.after
    if kept is not None and entry.revision not in {None, kept.revision}:
        what = f"已被他人修改（第 {kept.revision} 版），请重新读取 / changed by someone else since: read it again"
        judgement.outdated.append(Fault(entry.file, entry.line, what))
    faults += list(required_faults(table, after)) or RULES.get(table.word, no_rule)(after)
    faults += names.doubles(table, change.key) if kept is None else ()
    if faults:
        return
    names.learn(table, change.key, after)
    if kept is not None and kept.row == after:
        judgement.unchanged += 1
    else:
        judgement.changes.append(change)
    faults += names.clashes(table, change.key, after)


def merged(table: Table, kept: Kept | None, given: Mapping[str, Value], key: Key) -> Row:
    """The whole row as it will be."""
    before: Mapping[str, Value] = kept.row if kept else {}
    row: Row = {word: given.get(word, before.get(word)) for word in table.words}
    return row | dict(zip(table.key, key, strict=True))


def required_faults(table: Table, row: Row) -> Iterator[str]:
    """Cells that must be filled; a key's were looked at already."""
    for column in table.columns:
        if column.required and column.word not in table.key and row[column.word] is None:
            yield f"{column.zh} 不能为空 / {column.word} is blank"


def no_rule(_: Row) -> Iterable[str]:
    """Of a table whose rows have no rule of their own."""
    return ()


def folded_key(key: Sequence[object]) -> Folded:
    """A key as keys are compared."""
    return tuple(folded(str(part)) for part in key)


class Names:
    """What every name stands for: the keys in store and those that the entries bring."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.known: dict[str, dict[Folded, Key]] = {
            table.word: {folded_key(key): key for key in stored[table.word]} for table in TABLES
        }
        self.aliases = {folded(alias): name for alias, name in ALIASES.items()}
        self.codes: dict[str, str] = {}
        self.registered: dict[str, Key] = {}
        """Enterprises by what their names stand for."""
        for table in (BY_WORD["aliases"], BY_WORD["enterprises"], BY_WORD["mines"]):
            for key, kept in stored[table.word].items():
                self.learn(table, key, kept.row)

    def know(self, table: Table, key: Key) -> None:
        """From now on there is a row with this key."""
        self.known[table.word].setdefault(folded_key(key), key)
        if table.word == "enterprises":
            self.registered.setdefault(self.stands_for(folded(str(key[0]))), key)

    def learn(self, table: Table, key: Key, row: Row) -> None:
        """From now on this row can be referred to, by its other names too."""
        self.know(table, key)
        if table.word == "aliases" and row[CLOSED] is None:
            self.aliases[folded(str(row["alias"]))] = str(row["enterprise"])
        if table.word == "mines" and row["code"]:
            self.codes.setdefault(folded(str(row["code"])), str(row["mine"]))

    def stands_for(self, name: str) -> str:
        """The enterprise that a name means, folded: an alias of the registry may lead to one of the plan."""
        for _ in ("registry", "plan"):
            name = folded(self.aliases.get(name, name))
        return name

    def doubles(self, table: Table, key: Key) -> Iterator[str]:
        """An enterprise that is registered already, by another of its names."""
        if table.word == "enterprises":
            first = self.registered.get(self.stands_for(folded(str(key[0]))), key)
            if first != key:
                yield f"“{key[0]}”已登记为“{first[0]}”：请用该名称 / already registered as {first[0]}: use that name"

    def clashes(self, table: Table, key: Key, row: Row) -> Iterator[str]:
        """A name or code that would stand for two things."""
        if table.word == "mines" and row["code"] and self.codes[folded(str(row["code"]))] != key[0]:
            other = self.codes[folded(str(row["code"]))]
            yield f"煤矿编码 {row['code']} 已用于“{other}”：请核对 / the code is another mine's: look it up"
        if table.word == "aliases" and folded_key(key) in self.known["enterprises"]:
            yield f"“{key[0]}”是企业全称，不能再作别名 / is an enterprise's own name, so no alias"

    def resolve(self, reference: Reference, given: Row) -> Iterator[str]:
        """Put the stored names in place of what was typed; what is not there is a fault."""
        if any(word not in given for word in reference.columns):
            return
        typed = [given[word] for word in reference.columns]
        if typed[-1] is None or typed[0] is None:
            return
        key = self.key_of(reference.table, folded_key(typed))
        if key is None:
            yield self.unknown(reference, typed)
        else:
            given.update(zip(reference.columns, key, strict=True))

    def key_of(self, table: str, of: Folded) -> Key | None:
        """The key that a typed one stands for."""
        known = self.known[table]
        if of in known:
            return known[of]
        if table == "enterprises":
            return self.registered.get(self.stands_for(of[0]))
        if table == "mines" and of[0] in self.codes:
            return (self.codes[of[0]],)
        return None

    def unknown(self, reference: Reference, typed: Sequence[Value]) -> str:
        """What to say of a row that is not there."""
        table = BY_WORD[reference.table]
        shown = " ".join(map(str, typed))
        near = get_close_matches(
            shown, [" ".join(map(str, key)) for key in self.known[table.word].values()], 1, NEAR
        )
        zh, en = (f"（最接近的是“{near[0]}”）", f", the nearest is “{near[0]}”") if near else ("", "")
        return (
            f"“{shown}”不在“{table.zh}”表内{zh}：请改正名称，或先在该表中添加 / "
            f"no such row in {table.word}{en}: mend the name, or add it there first"
        )
