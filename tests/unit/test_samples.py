"""The sample configs and point tables: they load as they are, no option is missing, and every default shown is true."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter
from typer.testing import CliRunner

from contract import point_form
from contract.config_form import Section
from contract.point import Protocol
from contract.vocabulary import equipment, quantities
from edge_agent.config import EdgeConfig
from gateway.config import GatewayConfig
from ninebelow.app import app

DEPLOY = Path(__file__).parents[2] / "deploy"
SAMPLES: dict[str, tuple[str, type[Section]]] = {
    "edge": ("edge.sample.toml", EdgeConfig),
    "gateway": ("gateway.sample.toml", GatewayConfig),
}
HEADER = re.compile(r"(# )?\[\[?([a-z_.]+)\]\]?")
OPTION = re.compile(r"(# )?([a-z_0-9]+) = (.*)")


@dataclass
class Table:
    """One table of a sample, in force or commented out; keys with their lines."""

    path: str
    is_alternative: bool = False
    """Commented out as a whole: another one is in force."""
    values: dict[str, Any] = field(default_factory=dict)
    commented: set[str] = field(default_factory=set)
    explained: set[str] = field(default_factory=set)


def tables_of(file: Path) -> list[Table]:
    """Every table, commented or not, with every key, commented or not."""
    tables: list[Table] = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for place, line in enumerate(lines):
        if header := HEADER.fullmatch(line):
            tables.append(Table(header[2], is_alternative=bool(header[1])))
        elif option := OPTION.fullmatch(line):
            table = tables[-1]
            assert option[2] not in table.values, f"{option[2]} stands twice"
            table.values[option[2]] = value_of(option[2], lines[place:])
            table.commented |= {option[2]} if option[1] else set()
            table.explained |= {option[2]} if lines[place - 1].startswith("## ") else set()
        else:
            assert not line or line.startswith(("##", "  ", "]")), (
                f"line {place + 1} is neither key nor comment"
            )
    return tables


def value_of(key: str, lines: list[str]) -> Any:
    """The value that begins on the first of these lines, uncommented."""
    text = ""
    for line in lines:
        text += line.removeprefix("# ") + "\n"
        try:
            return tomllib.loads(text)[key]
        except tomllib.TOMLDecodeError:
            continue
    raise AssertionError(f"{key} has no value that TOML can read")


def models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The config models that stand anywhere in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_of(part)


def walk(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every model below this one, with the path of its table."""
    for name, info in model.model_fields.items():
        for below in models_of(info.annotation):
            yield path + name, below
            yield from walk(below, f"{path}{name}.")


CASES = [
    pytest.param(file, path, model, id=f"{kind}:{path}:{model.__name__}")
    for kind, (file, root) in SAMPLES.items()
    for path, model in walk(root)
]
models = pytest.mark.parametrize(("file", "path", "model"), CASES)


def table_of(file: str, path: str, model: type[BaseModel]) -> Table:
    """The sample's table for this model: by its path, and by its kind where several stand there."""
    found = [table for table in tables_of(DEPLOY / "config" / file) if table.path == path]
    parent, _, name = path.rpartition(".")
    found += [  # or a list of inline tables in the table above it
        Table(path, values=table.values[name][0], explained=set(table.values[name][0]))
        for table in tables_of(DEPLOY / "config" / file)
        if table.path == parent and name in table.values
    ]
    kinds = {
        name: get_args(info.annotation)
        for name, info in model.model_fields.items()
        if name in {"kind", "protocol"} and len(get_args(info.annotation)) == 1
    }
    fitting = [t for t in found if all(t.values.get(name) in values for name, values in kinds.items())]
    assert fitting, f"{file} has no table [{path}] for {model.__name__}"
    return fitting[0]


def options_of(model: type[BaseModel]) -> list[str]:
    """Fields that are keys of this table; those that hold models are tables of their own."""
    return [
        name
        for name, info in model.model_fields.items()
        if not any(models_of(info.annotation)) or name == "shifts"
    ]


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_sample_loads_as_it_is(kind: str) -> None:
    """`ninebelow edge check` and `gateway check` find no fault."""
    result = CliRunner().invoke(app, [kind, "check", "--config", str(DEPLOY / "config" / SAMPLES[kind][0])])
    assert result.exit_code == 0, result.output


@models
def test_every_option_appears(file: str, path: str, model: type[BaseModel]) -> None:
    """In force or commented out, each explained on the line above; and no option that is none."""
    table = table_of(file, path, model)
    assert set(table.values) == set(options_of(model))
    assert table.explained == set(table.values)


@models
def test_commented_values_are_the_defaults(file: str, path: str, model: type[BaseModel]) -> None:
    """Uncommented, each is read and is what holds without it; an option without a default shows an example.

    Examples are read one by one: some exclude each other, or go with a table of their own.
    """
    table = table_of(file, path, model)
    required = {name for name in options_of(model) if model.model_fields[name].is_required()}
    defaults = {
        name: model.model_fields[name].get_default(call_default_factory=True)
        for name in table.commented - required
    }
    for name, default in defaults.items():
        annotation: Any = model.model_fields[name].annotation
        read = TypeAdapter(annotation).validate_python(table.values[name])
        assert default is None or read == default, name
    assert table.is_alternative or not required & table.commented


@pytest.mark.parametrize("file", sorted((DEPLOY / "points").glob("*.csv")), ids=lambda file: file.name)
def test_point_tables_name_what_the_judgement_needs(file: Path) -> None:
    """Each sample table is read without fault, by the protocol that its columns are of, and has a headcount."""
    text = file.read_text(encoding="utf-8")
    protocol = Protocol.OPCUA if ",node," in text.partition("\n")[0] else Protocol.MODBUS
    metrics = {point.metric for point in point_form.parse(text, protocol, file.name)}
    assert "Personnel/Headcount" in metrics
    quantity_words = {metric.partition("/")[2] for metric in metrics}
    assert quantity_words <= set(quantities.BY_WORD)


def test_the_readme_explains_every_column_and_word() -> None:
    """Columns of both protocols, equipment and quantities: who fills a table needs no source code."""
    text = (DEPLOY / "points" / "README.md").read_text(encoding="utf-8")
    columns = {*point_form.COMMON, *(name for names in point_form.ADDRESS.values() for name in names)}
    wanted = columns | set(equipment.BY_WORD) | set(quantities.BY_WORD)
    assert not {word for word in wanted if f"`{word}`" not in text}
    assert not {kind.zh for kind in equipment.KINDS if kind.zh not in text}
