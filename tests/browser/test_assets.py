"""The assets as files: nothing comes from elsewhere, nothing is inline, every module that is asked for is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.web import ASSETS, INDEX
from gateway.api.app import CONTENT_SECURITY_POLICY

FILES = sorted(path for path in ASSETS.rglob("*") if path.is_file())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
NAMESPACE = "http://www.w3.org/2000/svg"  # a name, never fetched


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_asset_names_an_address_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8").replace(NAMESPACE, "")
    assert re.findall(r"https?:|(?<![:\w])//[a-z0-9]+\.", text) == []


def test_the_page_has_no_inline_code_and_every_file_it_names() -> None:
    page = INDEX.read_text("utf-8")
    named = re.findall(r'(?:src|href)="/assets/([^"]+)"', page)
    assert {ASSETS / name for name in named} <= set(FILES)
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_import_is_a_file_and_every_file_short(path: Path) -> None:
    text = path.read_text("utf-8")
    imports = re.findall(r'^import [^;]*?from "([^"]+)";', text, re.MULTILINE)
    assert all((ASSETS / name).is_file() for name in imports)
    assert len(text.splitlines()) <= 400


def test_every_script_is_reached_from_the_page() -> None:
    reached, waiting = set[str](), ["wall.js"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        found = re.findall(r'from "\./([^"]+)";', (ASSETS / name).read_text("utf-8"))
        waiting += [each for each in found if each not in reached]
    assert reached == {path.name for path in SCRIPTS}


def test_the_style_sheets_and_the_layout_agree_on_what_a_wall_is() -> None:
    query = re.search(r'WALL = "([^"]+)"', (ASSETS / "layout.js").read_text("utf-8"))
    assert query is not None
    medias = re.findall(r'media="([^"]+)"', INDEX.read_text("utf-8"))
    assert medias == [query[1], f"not all and {query[1]}"]


def test_chinese_words_stand_in_the_words_file_alone() -> None:
    comments = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
    for path in SCRIPTS:
        text = comments.sub("", path.read_text("utf-8")).replace('"合计"', "")
        assert path.name == "words.js" or re.findall(r"[\u4e00-\u9fff]+", text) == [], path.name


def test_the_policy_lets_in_nothing_inline() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
