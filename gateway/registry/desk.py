"""The plan's answers, from the registry or from a projects.csv: counted in a thread, kept until something changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from gateway.registry import appraisal_sheet
from gateway.registry.audit import Head
from gateway.registry.cells import json_of
from gateway.registry.register_of import register_of
from gateway.registry.repository import Registry, Snapshot
from gateway.registry.tables import CLOSED
from rules.plan.appraisal import appraisal
from rules.plan.balance import balances
from rules.plan.chamber_goal import SHARE_GOAL
from rules.plan.consequences import consequences
from rules.plan.goals import measured_targets, registry_goals
from rules.plan.groups import By, group_progress
from rules.plan.mine_list import mine_list
from rules.plan.outlook import outlook
from rules.plan.progress import progress
from rules.plan.project_list import EVERY, Choice, project_list
from rules.plan.register import Register
from rules.plan.reward import rewards
from rules.plan.table import plan_table

KEPT_MAX: Final = 128
"""Answers kept; the one that was asked for longest ago goes first."""

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Edition:
    """The registry as it stands, and the end of its audit log: another end, another edition."""

    register: Register
    head: Head
    demo: bool
    rows: Snapshot = field(default_factory=dict)
    """The registry's rows as they are stored; none where the plan's data is a file."""


class Source(Protocol):
    """Where the plan's data comes from."""

    async def edition(self) -> Edition:
        """The newest; raises `Transient` if it cannot be read now."""


class FixedSource:
    """Data that does not change: the projects of a file."""

    def __init__(self, register: Register, *, demo: bool) -> None:
        self._edition = Edition(register, Head(), demo)

    async def edition(self) -> Edition:
        """Always the same."""
        return self._edition


class RegistrySource:
    """The registry, read again when its audit log has grown; `demo` marks it as demonstration data in any case."""

    def __init__(self, registry: Registry, *, demo: bool = False) -> None:
        self.registry = registry
        self._demo = demo
        self._reading = asyncio.Lock()
        self._edition: Edition | None = None

    async def edition(self) -> Edition:
        """As of now."""
        async with self._reading:
            if self._edition is None or await self.registry.head() != self._edition.head:
                rows, head = await self.registry.everything()
                demo = self._demo or await self.registry.is_demo()
                self._edition = Edition(await asyncio.to_thread(register_of, rows), head, demo, rows)
            return self._edition


class PlanDesk:
    """What the API and the bulletins ask of the plan, as of the end of a day."""

    def __init__(
        self, source: Source, *, registry: Registry | None = None, chamber_share_goal: float = SHARE_GOAL
    ) -> None:
        self.source = source
        self.registry = registry
        """Where changes go; none if the plan's data is a file."""
        self.share_goal = chamber_share_goal
        self._kept: OrderedDict[tuple[object, ...], Json] = OrderedDict()

    async def table(self) -> Json:
        """The plan's table (definitions.md §3)."""
        return await self._answer("table", None, lambda _: asdict(plan_table()))

    async def progress(self, as_of: date) -> Json:
        """Where each unit stands."""
        return await self._answer("progress", as_of, lambda of: asdict(progress(of.projects, as_of)))

    async def groups(self, as_of: date, by: By) -> Json:
        """Where each enterprise, city or mine stands."""

        def counted(register: Register) -> Json:
            rows = [asdict(row) for row in group_progress(register, as_of, by)]
            return {"as_of": as_of, "by": by, "rows": rows}

        return await self._answer(f"groups by {by}", as_of, counted)

    async def projects(self, as_of: date, choice: Choice = EVERY) -> Json:
        """The projects behind a figure."""

        def listed(register: Register) -> Json:
            return {"as_of": as_of, "rows": [asdict(line) for line in project_list(register, as_of, choice)]}

        return await self._answer(f"projects of {choice}", as_of, listed)

    async def project(self, name: str, as_of: date) -> Json | None:
        """One project: as it stands, its reward and balance, its papers; `None` if there is none of that name."""
        edition = await self.source.edition()

        def told() -> Json | None:
            register = edition.register
            line = next((each for each in project_list(register, as_of) if each.project == name), None)
            if line is None:
                return None
            earned = rewards(register.projects, as_of, register.payers)
            paid = balances(earned, register.payments, as_of).projects
            return plain({
                "demo": edition.demo,
                "as_of": as_of,
                "project": asdict(line),
                "reward": next(asdict(each) for each in earned.projects if each.project == name),
                "balance": next((asdict(each) for each in paid if each.project == name), None),
                "papers": papers_of(edition.rows, name),
            })  # fmt: skip

        return await asyncio.to_thread(told)

    async def mines(self, as_of: date) -> Json:
        """The mines with what the plan asks of each."""

        def listed(register: Register) -> Json:
            return {"as_of": as_of, "rows": [asdict(line) for line in mine_list(register, as_of)]}

        return await self._answer("mines", as_of, listed)

    async def outlook(self, as_of: date) -> Json:
        """Projects at risk, and a forecast with its assumptions."""
        return await self._answer("outlook", as_of, lambda of: asdict(outlook(of.projects, as_of)))

    async def targets(self, as_of: date) -> Json:
        """The goals, and under `measured` what those of the registry rest on."""

        def counted(register: Register) -> Json:
            goals = asdict(measured_targets(register, as_of, self.share_goal))
            if not register.mines:
                return {**goals, "measured": None}
            return {**goals, "measured": asdict(registry_goals(register, as_of, self.share_goal))}

        return await self._answer("targets", as_of, counted)

    async def reward(self, as_of: date) -> Json:
        """Rewards, and under `balances` what is paid of them."""

        def counted(register: Register) -> Json:
            earned = rewards(register.projects, as_of, register.payers)
            return {**asdict(earned), "balances": asdict(balances(earned, register.payments, as_of))}

        return await self._answer("reward", as_of, counted)

    async def consequences(self, as_of: date) -> Json:
        """Missed plans, priority support, units to be notified."""
        return await self._answer("consequences", as_of, lambda of: asdict(consequences(of.projects, as_of)))

    async def appraisal(self, as_of: date) -> Json:
        """Figures per unit for its performance appraisal."""
        return await self._answer("appraisal", as_of, lambda of: asdict(appraisal(of, as_of)))

    async def appraisal_sheet(self, as_of: date) -> tuple[bytes, bool]:
        """The same as a workbook, and whether it is demonstration data."""
        edition = await self.source.edition()

        def made() -> bytes:
            return appraisal_sheet.workbook_of(appraisal(edition.register, as_of), demo=edition.demo)

        return await asyncio.to_thread(made), edition.demo

    async def _answer(self, name: str, as_of: date | None, count: Callable[[Register], Json]) -> Json:
        edition = await self.source.edition()
        key = (name, as_of, edition.head)
        if key not in self._kept:
            counted = await asyncio.to_thread(lambda: plain(count(edition.register)))
            self._kept[key] = {"demo": edition.demo, **counted}
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def papers_of(rows: Snapshot, project: str) -> Json | None:
    """What is filed of a project: its own row, acceptances and payments; `None` where its data is a file."""
    if not rows:
        return None
    own = next(kept for kept in rows["projects"].values() if kept.row["project"] == project)
    return {
        "row": {"id": own.id, "revision": own.revision, **json_of(own.row)},
        **{
            table: [
                {"id": kept.id, "revision": kept.revision, **json_of(kept.row)}
                for kept in rows[table].values()
                if kept.row["project"] == project and kept.row[CLOSED] is None
            ]
            for table in ("acceptances", "payments")
        },
    }


def plain(value: Json) -> dict[str, Any]:
    """Dates and decimals as text, tuples as lists; in Python, so that other threads get their turn meanwhile."""
    return {key: plainly(each) for key, each in value.items()}


def plainly(value: object) -> object:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): plainly(each) for key, each in value.items()}
        case list() | tuple():
            return [plainly(each) for each in value]
    return str(value)
