"""The assets as files: nothing comes from elsewhere, nothing is inline, every module that is asked for is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dashboards.web import ASSETS
from gateway import alarm_config
from gateway.api.app import CONTENT_SECURITY_POLICY
from gateway.api.assets import Assets

VENDOR = ASSETS / "vendor"
PACKS = Path(alarm_config.__file__).with_name("alarm_packs")
WALL = ASSETS / "wall"
FILES = sorted(path for path in ASSETS.rglob("*") if path.is_file() and VENDOR not in path.parents)
SCRIPTS = [path for path in FILES if path.suffix == ".js" and VENDOR not in path.parents]
PAGES = sorted(ASSETS.glob("*/index.html"))
NAMESPACE = "http://www.w3.org/2000/svg"  # a name, never fetched


def within(path: Path) -> str:
    """Where a file lies in the folder of assets."""
    return path.relative_to(ASSETS).as_posix()


@pytest.mark.parametrize("path", FILES, ids=within)
def test_no_asset_names_an_address_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8").replace(NAMESPACE, "")
    assert re.findall(r"https?:|(?<![:\w])//[a-z0-9]+\.", text) == []


def imports_of(script: Path, *, later: bool = True) -> set[Path]:
    """The modules that a module asks for, those that it asks for `later` among them."""
    words = r"(?:from |import |import\()" if later else r"(?:from |import )"
    found = re.findall(rf'{words}"(\.[^"]+)"', script.read_text("utf-8"))
    return {(script.parent / name).resolve() for name in found}


def named_in(page: Path) -> set[Path]:
    """The files that a page asks for."""
    named = re.findall(r'(?:src|href)="/assets/([^"]+)"', page.read_text("utf-8"))
    return {ASSETS / name for name in named}


@pytest.mark.parametrize("page", PAGES, ids=within)
def test_a_page_has_no_inline_code_and_every_file_it_names(page: Path) -> None:
    assert named_in(page) - set(VENDOR.rglob("*")) <= set(FILES)
    text = page.read_text("utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=within)
def test_every_import_is_a_file_and_every_file_short(script: Path) -> None:
    assert all(path.is_file() for path in imports_of(script))
    assert len(script.read_text("utf-8").splitlines()) <= 400


def test_a_word_that_machines_say_is_shown_in_chinese() -> None:
    """In the history of alarms, as the alarms of the packs have it."""
    shown = (ASSETS / "mine" / "watch_words.js").read_text("utf-8")
    packs = [tomllib.loads(path.read_text("utf-8")) for path in PACKS.glob("*.toml")]
    flags = [flag for pack in packs for flag in pack.get("flag", ())]
    words = [pair for flag in flags for pair in flag.get("words", {}).items()]
    assert words
    for word, zh in words:
        assert re.search(rf'"?{word}"?: "{zh}"', shown), word


def test_every_script_is_reached_from_a_page() -> None:
    reached, waiting = set[Path](), [path for page in PAGES for path in named_in(page) if path in SCRIPTS]
    while waiting:
        script = waiting.pop()
        if script not in reached:
            reached.add(script)
            waiting += imports_of(script) & set(SCRIPTS)
    assert set(SCRIPTS) == reached


@pytest.mark.parametrize("page", PAGES, ids=within)
def test_a_page_as_it_is_served_names_the_modules_that_it_begins_with(page: Path) -> None:
    html = Assets(ASSETS).page(page.parent.name).plain.decode()
    named = {
        ASSETS / name
        for name in re.findall(r'(?:modulepreload" href|src)="/assets/v-[0-9a-f]+/([^"]+)"', html)
    }
    needed, waiting = set[Path](), [path for path in named_in(page) if path in SCRIPTS]
    while waiting:
        script = waiting.pop()
        if script not in needed:
            needed.add(script)
            waiting += imports_of(script, later=False)
    assert named == needed


def test_a_page_knows_its_own_folder_and_the_common_one() -> None:
    """What two pages need lies in `common/`, which knows no page."""
    for script in SCRIPTS:
        folders = {path.parent.name for path in imports_of(script)}
        own = {script.parent.name, "common", "vendor"} - ({"vendor"} if script.parent == WALL else set())
        assert folders <= own, within(script)


def test_the_style_sheets_and_the_layout_agree_on_what_a_wall_is() -> None:
    query = re.search(r'WALL = "([^"]+)"', (WALL / "layout.js").read_text("utf-8"))
    assert query is not None
    medias = re.findall(r'media="([^"]+)"', (WALL / "index.html").read_text("utf-8"))
    assert medias == [query[1], f"not all and {query[1]}"]


def test_chinese_words_stand_in_the_words_file_alone() -> None:
    comments = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
    for path in SCRIPTS:
        text = comments.sub("", path.read_text("utf-8")).replace('"合计"', "")
        assert path.name.endswith("words.js") or re.findall(r"[\u4e00-\u9fff]+", text) == [], path.name


def test_the_policy_lets_in_nothing_inline() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
