"""What somebody may change in the registry.

Rules
- Nobody sees more while changing than while reading: entries are judged against the rows within their reach, so a
  name beyond it is one that does not exist. A new row whose name is taken beyond it is refused, without saying by whom.
- What all share (cities, enterprises, aliases, the province's figures) is the province's to change.
- Acceptances, payments, and a project's entry in the library and its acceptance are for who has `Need.ACCEPT`.
- A mine's code, enterprise and plan unit say who sees and counts it: the province's to change, with `Need.ACCEPT`.
- A project is reported under the enterprise that has its mine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contract.errors import Fault
from gateway.access.person import Person
from gateway.access.policy import Need, may
from gateway.access.reach import Reach, Rows, narrowed
from gateway.registry.intake import Change, folded_key
from gateway.registry.tables import BY_WORD

SHARED: Final = frozenset({"cities", "enterprises", "aliases", "province_years"})
ACCEPTED: Final = frozenset({"acceptances", "payments"})
OF_ACCEPTANCE: Final[Mapping[str, tuple[str, ...]]] = {
    "projects": (
        *("in_library_on", "in_library_document", "in_library_by"),
        *("accepted_on", "accepted_document", "accepted_by"),
    ),
}
OF_PROVINCE: Final[Mapping[str, tuple[str, ...]]] = {"mines": ("code", "enterprise", "plan_unit")}


@dataclass(frozen=True, slots=True)
class Editor:
    """A person who changes rows."""

    person: Person
    reach: Reach

    @property
    def accepts(self) -> bool:
        """May they record acceptances and payments?"""
        return may(self.person.role, Need.ACCEPT)

    def seen(self, rows: Rows) -> Rows:
        """The rows that entries are judged against."""
        return narrowed(rows, self.reach)

    def objections(self, changes: Sequence[Change], rows: Rows) -> Iterator[Fault]:
        """What of these changes they may not make; `rows` are all that are stored."""
        if self.reach.is_province and self.accepts:
            return
        reach = with_new(self.reach, changes)
        taken = {table: {*map(folded_key, of_table)} for table, of_table in rows.items()}
        for change in changes:
            shown = f"“{' '.join(map(str, change.key))}”"
            faults = [
                *self.against_row(change, reach, is_taken=folded_key(change.key) in taken[change.table])
            ] or self.against_cells(change, reach)
            yield from (Fault(change.table, None, f"{shown}：{what}") for what in faults)

    def against_row(self, change: Change, reach: Reach, *, is_taken: bool) -> Iterator[str]:
        """What is against touching this row at all."""
        table = change.table
        if table in SHARED and not self.reach.is_province:
            yield f"“{BY_WORD[table].zh}”由省级维护 / {table} is kept by the province"
        elif table in ACCEPTED and not self.accepts:
            yield f"没有登记“{BY_WORD[table].zh}”的权限 / {table} is for the authority to record"
        elif not reach.sees(table, change.after):
            yield "超出您的范围 / beyond your scope"
        elif change.kept is None and is_taken:
            yield "名称已被占用 / the name is taken"

    def against_cells(self, change: Change, reach: Reach) -> Iterator[str]:
        """What is against the cells that it changes."""
        before = change.kept.row if change.kept else {}
        changed = {word for word, value in change.after.items() if value != before.get(word)}
        guarded = (
            *(() if self.accepts else OF_ACCEPTANCE.get(change.table, ())),
            *(() if self.accepts and self.reach.is_province else OF_PROVINCE.get(change.table, ())),
        )
        is_own_new = change.kept is None and reach.has_enterprise(change.after.get("enterprise"))
        for word in guarded:
            if word in changed and not (word == "enterprise" and is_own_new):
                zh = BY_WORD[change.table].column(word).zh
                yield f"“{zh}”由主管部门填写 / {word} is for the authority to fill in"
        owner = change.after.get("enterprise")
        if change.table == "projects" and "enterprise" in changed and not reach.owns(owner):
            yield "项目须由煤矿所属企业申报 / a project is reported under the enterprise that has its mine"


def with_new(reach: Reach, changes: Sequence[Change]) -> Reach:
    """The reach with the mines and projects that these changes would add to it."""
    if reach.is_province:
        return reach
    mines = {
        str(each.after["mine"])
        for each in changes
        if each.table == "mines" and reach.sees("mines", each.after)
    }
    reach = replace(reach, mines=reach.mines | mines)
    new = {
        str(each.after["project"])
        for each in changes
        if each.table == "projects" and reach.sees("projects", each.after)
    }
    return replace(reach, projects=reach.projects | new)
