"""Grafana's published types (npm @grafana/schema) as a judge of our JSON, by TypeScript's compiler.

Rules
- A type's enums are taken as the values that stand in JSON; nothing else of the package is changed.
- What is an object literal is checked exactly: a property that the type does not know is an error. Options and custom
  field settings of a panel are open in the type of a dashboard, so each is checked as well by its own kind's type.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.wire.foreign import PEERS, node

MODULES: Final = PEERS / "node" / "node_modules"
PACKAGES: Final = {"11.6": "grafana-schema-11", "13.2": "@grafana/schema"}
"""The oldest and the newest line that is checked, by the names they are installed under."""
KINDS: Final = ("timeseries", "stat", "statetimeline", "table")
ENUM: Final = re.compile(r"(?P<export>export )?(?:declare )?enum (?P<name>\w+) \{(?P<body>[^}]*)\}")
MEMBER: Final = re.compile(r'^\s*(?P<name>\w+) = (?P<value>"[^"]*"|-?\d+),?$', re.MULTILINE)
RESERVED: Final = {"unknown", "never"}
"""No names of types; nothing refers to these members."""
OPTIONS: Final = {
    "strict": True,
    "noEmit": True,
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "bundler",
    "types": [],
    "paths": {"@grafana/schema": ["./index.d.ts"]},
}


def types_of(line: str, folder: Path) -> Path:
    """The types of one of Grafana's lines, with enums as values, copied into a folder."""
    (package,) = (MODULES / PACKAGES[line] / "dist" / name for name in ("types", "esm")
                  if (MODULES / PACKAGES[line] / "dist" / name / "common" / "common.gen.d.ts").exists())  # fmt: skip
    for source in package.rglob("*.d.ts"):
        if "schema" not in source.relative_to(package).parts:  # the newer API's kinds
            target = folder / source.relative_to(package)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(ENUM.sub(as_values, source.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def as_values(enum: re.Match[str]) -> str:
    """`enum X { A = "a" }` as the type `"a"`, which `X.A` is a name of."""
    members = [(member["name"], member["value"]) for member in MEMBER.finditer(enum["body"])]
    assert members, enum[0]
    export = enum["export"] or ""
    union = " | ".join(value for _, value in members)
    names = " ".join(f"type {name} = {value};" for name, value in members if name not in RESERVED)
    return f"{export}type {enum['name']} = {union}; {export}declare namespace {enum['name']} {{ {names} }}"


def faults(types: Path, dashboards: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """What the compiler has to say of each dashboard, by its name, and of the types; all are checked in one go."""
    for name, dashboard in dashboards.items():
        (types / f"{name}.ts").write_text("\n".join(program(types, dashboard)), encoding="utf-8")
    settings = {"compilerOptions": OPTIONS, "files": [f"{name}.ts" for name in dashboards]}
    (types / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    compiler = MODULES / "typescript" / "lib" / "tsc.js"
    command = [node(), compiler, "--project", types, "--pretty", "false"]
    done = subprocess.run(command, cwd=types, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    return {name: [line for line in lines if line.startswith(f"{name}.ts(")] for name in dashboards} | (
        {
            "types": [
                line for line in lines if not line.startswith(tuple(f"{name}.ts(" for name in dashboards))
            ]
        }
    )


def program(types: Path, dashboard: Mapping[str, Any]) -> Iterator[str]:
    """A program of constants, each of the type that it must have."""
    yield "import type { Dashboard } from './veneer/dashboard.types';"
    for kind in KINDS:
        (module,) = (types / "raw" / "composable" / kind / "panelcfg" / "x").glob("*.d.ts")
        path = module.relative_to(types).as_posix().removesuffix(".d.ts")
        yield f"import type * as {kind} from './{path}';"
    yield f"export const dashboard: Dashboard = {json.dumps(dashboard, ensure_ascii=False)};"
    for panel in every_panel(dashboard):
        name, kind = f"panel_{panel['id']}", panel["type"].replace("-", "")
        yield f"export const {name}_options: {kind}.Options = {json.dumps(panel['options'])};"
        if "custom" in panel["fieldConfig"]["defaults"]:
            custom = json.dumps(panel["fieldConfig"]["defaults"]["custom"])
            yield f"export const {name}_custom: {kind}.FieldConfig = {custom};"


def every_panel(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Panels, those of folded rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel
