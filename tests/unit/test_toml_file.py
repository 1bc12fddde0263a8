"""TOML files: the line of every fault, wherever the key stands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from contract.errors import Fault
from contract.toml_lines import KeyPath, toml_lines
from ninebelow.offline.toml_file import read_toml

TEXT = """# comment [x]
title = "a # b" # comment
dotted . "k.1" = 1
long = \"\"\"one
"two" = 2 \\\"""
three\"\"\"\"
literal = '''
[x]'''
[table]
array = [ # [
  1, [2,
  3], { a = 1, "b c" = [4,
   5] },
]
after = { x.y = 1979-05-27T07:32:00Z, z = 'q]' }
[[rows]]
name = 1
[[rows]]
[rows.inner]
deep = inf
[[rows.list]]
[[rows.list]]
last = -1.5e3
['quoted "k"'.sub]
end = true"""


def test_every_key_and_element_has_its_line() -> None:
    """Tables, arrays of tables, inline tables, arrays over lines, texts over lines."""
    tomllib.loads(TEXT)
    assert toml_lines(TEXT) == {
        ("title",): 2,
        ("dotted",): 3,
        ("dotted", "k.1"): 3,
        ("long",): 4,
        ("literal",): 7,
        ("table",): 9,
        ("table", "array"): 10,
        ("table", "array", 0): 11,
        ("table", "array", 1): 11,
        ("table", "array", 1, 0): 11,
        ("table", "array", 1, 1): 12,
        ("table", "array", 2): 12,
        ("table", "array", 2, "a"): 12,
        ("table", "array", 2, "b c"): 12,
        ("table", "array", 2, "b c", 0): 12,
        ("table", "array", 2, "b c", 1): 13,
        ("table", "after"): 15,
        ("table", "after", "x"): 15,
        ("table", "after", "x", "y"): 15,
        ("table", "after", "z"): 15,
        ("rows",): 16,
        ("rows", 0): 16,
        ("rows", 0, "name"): 17,
        ("rows", 1): 18,
        ("rows", 1, "inner"): 19,
        ("rows", 1, "inner", "deep"): 20,
        ("rows", 1, "list"): 21,
        ("rows", 1, "list", 0): 21,
        ("rows", 1, "list", 1): 22,
        ("rows", 1, "list", 1, "last"): 23,
        ('quoted "k"',): 24,
        ('quoted "k"', "sub"): 24,
        ('quoted "k"', "sub", "end"): 25,
    }


keys = st.text(st.sampled_from("ab\"' .]#="), min_size=1, max_size=4)
scalars = (
    st.integers() | st.booleans() | st.text(st.sampled_from("a\"'#[]{},=\\")) | st.floats(allow_nan=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_any_document_has_lines_for_all_it_holds(document: dict[str, Any]) -> None:
    """Written with each key on a line of its own."""
    text = "".join(f"{quoted(key)} = {inline(value)}\n" for key, value in document.items())
    assert tomllib.loads(text) == document
    lines = toml_lines(text)
    assert set(lines) == {path for key, value in document.items() for path in paths((key,), value)}
    assert all(lines[key,] == line for line, key in enumerate(document, start=1))


def paths(path: KeyPath, value: Any) -> list[KeyPath]:
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [path, *(deeper for key, item in inner for deeper in paths((*path, key), item))]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case list():
            return "[ " + ", ".join(map(inline, value)) + " ]"
        case dict():
            return "{" + ", ".join(f"{quoted(key)}={inline(item)}" for key, item in value.items()) + "}"
        case _:
            return repr(value)


class Part(BaseModel):
    """With a range."""

    model_config = ConfigDict(strict=True, extra="forbid")

    size: Annotated[int, Field(ge=1)]


class Whole(BaseModel):
    """With all that can be wrong."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str
    parts: list[Part] = []
    named: dict[str, Part] = {}


def read(path: Path, data: bytes | str) -> tuple[Whole | None, list[str]]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    faults: list[Fault] = []
    model, _ = read_toml(path, Whole, faults)
    assert (model is None) == bool(faults)
    return model, [f"{fault.line}: {fault.what}" for fault in faults]


@pytest.mark.parametrize("data", ['name = "a"', '\ufeffname = "a"\r\n\r\nparts = []\r\n'])
def test_a_file_as_a_model(tmp_path: Path, data: str) -> None:
    """With or without BOM, either line ending."""
    assert read(tmp_path / "file.toml", data) == (Whole(name="a"), [])


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        ("", ["1: missing key name"]),
        ("nam = 1\r\nname = 1\r\n", ["1: unknown key nam", "2: name = 1: Input should be a valid string"]),
        (
            'name = "a"\nparts = [\n {size = 1},\n {size = 0}, {siz = 1}]',
            ["4: missing key parts.2.size", "4: parts.1.size", "4: unknown key parts.2.siz"],
        ),
        (
            'name = "a"\n\n[named.A]\n[named.B]\nsize = true',
            ["3: missing key named.A.size", "5: named.B.size = True"],
        ),
        ("name = ", ["1: not TOML: Invalid value"]),
        ("name = 1\n[x\n", ["2: not TOML"]),
        ('name = "a"\nname = "b"\n', ["2: not TOML: Cannot overwrite a value"]),
        ('name = "a"\n# \x00', ["2: not TOML"]),
        ('a = "\n', ["1: not TOML"]),
        ('a = """\n\n', ["3: not TOML"]),
        ("a = " + "[" * 5000, ["None: not TOML: nested too deep"]),
        ("name = 1" + "0" * 5000, ["1: not TOML"]),
        ('name = "a"\n# 工'.encode("gbk"), ["2: not UTF-8"]),
    ],
)
def test_faults(tmp_path: Path, data: bytes | str, faults: list[str]) -> None:
    """All of them, each with its line."""
    found = read(tmp_path / "file.toml", data)[1]
    assert len(found) == len(faults)
    assert all(fault.startswith(start) for fault, start in zip(found, faults, strict=True)), found


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A fault of the whole file."""
    faults: list[Fault] = []
    for path in (tmp_path, tmp_path / "none.toml"):
        assert read_toml(path, Whole, faults)[0] is None
    assert [(fault.file, fault.line) for fault in faults] == [
        (str(tmp_path), None),
        (str(tmp_path / "none.toml"), None),
    ]
