"""The plan's desk as the config wants it: over the registry, or over a projects.csv for who has none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contract.errors import Fault, Misconfigured
from gateway.config import GatewayConfig, Registry
from gateway.registry import repository
from gateway.registry.desk import FixedSource, PlanDesk, RegistrySource
from rules.plan.project import Project
from rules.plan.projects_csv import read_projects_csv
from rules.plan.register import Register


@asynccontextmanager
async def plan_desk(config: GatewayConfig) -> AsyncIterator[PlanDesk]:
    """The desk; the registry behind it is opened when it is first asked for. Raises `Misconfigured`."""
    share_goal = config.plan.chamber_share_goal
    if config.plan.projects is not None:
        register = Register(projects=projects_of(config.plan.projects))
        yield PlanDesk(FixedSource(register, demo=config.plan.demo), chamber_share_goal=share_goal)
        return
    async with repository.opened(place_of(config.registry)) as registry:
        source = RegistrySource(registry, demo=config.plan.demo)
        yield PlanDesk(source, registry=registry, chamber_share_goal=share_goal)


def place_of(registry: Registry) -> str | Path:
    """Where the registry lies: its URL, or its file."""
    return registry.path if registry.url is None else registry.url.get_secret_value()


def projects_of(path: Path | None) -> tuple[Project, ...]:
    """The projects of a file; raises `Misconfigured`."""
    if path is None:
        return ()
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            return tuple(read_projects_csv(lines, file=str(path)).projects)
    except OSError as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error}")]) from error
