"""Where `ninebelow plan …` takes its projects from: a projects.csv, or a registry with all that is around them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contract.errors import Fault, Misconfigured
from ninebelow import words
from rules.plan.projects_csv import read_projects_csv
from rules.plan.register import Register

if TYPE_CHECKING:
    from gateway.registry.repository import Registry


class PlanSource(NamedTuple):
    """What is known, and whether it is demonstration data."""

    register: Register
    demo: bool


def plan_source(projects: Path | None, registry: str | None) -> PlanSource:
    """The one of the two that is given; raises `Misconfigured`."""
    if projects is not None and registry is None:
        return PlanSource(read_file(projects), demo=False)
    if registry is not None and projects is None:
        return read_registry(registry)
    what = "给出 --projects 或 --registry 之一 / give one of --projects and --registry"
    raise Misconfigured([Fault("--projects", None, what)])


def read_file(path: Path) -> Register:
    """The file's projects, its warnings on stderr; raises `Misconfigured` with every fault of the file."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            read = read_projects_csv(lines, file=str(path))
    except OSError as error:
        raise Misconfigured(
            [Fault(str(path), None, f"无法读取 / cannot be read: {error.strerror}")]
        ) from error
    for warning in read.warnings:
        print(f"{warning.file}:{warning.line}: 警告 warning: {warning.what}", file=sys.stderr)
    return Register(projects=read.projects)


def read_registry(place: str) -> PlanSource:
    """The registry as it stands, a mark of demonstration data on stderr."""
    from gateway.registry.register_of import register_of
    from ninebelow.registry.options import that_is_there, with_registry

    async def read(registry: Registry) -> PlanSource:
        rows, _ = await registry.everything()
        return PlanSource(register_of(rows), await registry.is_demo())

    found = with_registry(that_is_there(place), read)
    if found.demo:
        print(words.REGISTRY_IS_DEMO, file=sys.stderr)
    return found
