"""What desk pages share, called one by one: tables, files, places, times, the columns of a trend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import scenes
from tests.browser.conftest import Serve
from tests.browser.test_modules import MIN, H, call

pytestmark = pytest.mark.browser

TABLE = """
  const words = { spans: { none: '—' }, csv: 'CSV' };
  const columns = [
    { key: 'name', title: 'Name', show: (row) => row.name },
    { key: 'n', title: 'N', unit: 's', number: true, show: (row) => row.n ?? null, value: (row) => row.n },
    { key: 'act', title: 'Act', sort: false, csv: false, show: () => document.createElement('button') },
  ];
  const table = new m.Table(words, columns, { caption: 'T', rowsMax: 3, key: (row) => row.name });
  document.body.append(table.element);
  const shown = () => [...table.element.querySelectorAll('tbody tr')].map((row) => row.children[0].textContent);
  table.show(a[0]);
"""
ROWS = [{"name": "b", "n": 2}, {"name": "a10", "n": None}, {"name": "a9", "n": 10}, {"name": "=c", "n": -1}]


@pytest.fixture
def page(browser: Browser, serve: Serve) -> Iterator[Page]:
    """An HTML document on which the modules can be imported: a script that is looked at as text."""
    centre = serve(scenes.calm())
    page = browser.new_page()
    page.goto(f"{centre.url}assets/common/csv.js")
    yield page
    page.close()


def test_a_table_sorts_numbers_as_numbers_and_what_is_missing_last(page: Page) -> None:
    script = f"""{TABLE}
      const [name, n] = table.element.querySelectorAll('.sort');
      const told = [shown()];
      for (const head of [n, n, name, name]) {{ head.click(); told.push(shown()); }}
      return [told, name.parentElement.getAttribute('aria-sort'), n.parentElement.getAttribute('aria-sort')];
    """
    told, name, number = call(page, "common/table.js", script, ROWS)
    assert told == [
        ["b", "a10", "a9"],
        ["a9", "b", "=c"],
        ["=c", "b", "a9"],
        ["=c", "a9", "a10"],
        ["b", "a10", "a9"],
    ]
    assert (name, number) == ("descending", None)


def test_a_file_has_all_rows_and_nothing_that_a_spreadsheet_would_run(page: Page) -> None:
    found = call(page, "common/table.js", f"{TABLE} return table.csv();", ROWS)
    assert found == "\ufeffName,N (s)\r\nb,2\r\na10,\r\na9,10\r\n'=c,-1\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("=1", "'=1"),
        ("-1.5", "-1.5"),
        ("-x", "'-x"),
        ("+86", "+86"),
        ("@x", "'@x"),
        (None, ""),
        (True, "true"),
        (0, "0"),
    ],
)
def test_cells_are_quoted_where_they_must_be(page: Page, value: object, cell: str) -> None:
    assert call(page, "common/csv.js", "return m.csvOf([[a[0]]])", value) == f"\ufeff{cell}\r\n"


def test_the_focus_stays_where_rows_are_shown_anew(page: Page) -> None:
    script = f"""{TABLE}
      table.element.querySelectorAll('tbody button')[1].focus();
      table.show([...a[0]].reverse());
      return document.activeElement.closest('tr').dataset.key;
    """
    assert call(page, "common/table.js", script, ROWS) == "a10"


@pytest.mark.parametrize(
    ("parts", "hash_"),
    [
        (["face", "F1"], "#face/F1"),
        (["trends", "1-2", "F1/Gas 1/Methane"], "#trends/1-2/F1%2FGas%201%2FMethane"),
        (["face", "F1", "2022-03-01", "八点班"], f"#face/F1/2022-03-01/{quote('八点班')}"),
    ],
)
def test_a_place_is_its_parts(page: Page, parts: list[str], hash_: str) -> None:
    assert call(page, "common/places.js", "return m.hashOf(...a[0])", parts) == hash_
    assert call(page, "common/places.js", "return m.partsOf(a[0])", hash_) == parts


def test_a_hash_that_is_no_address_is_read_all_the_same(page: Page) -> None:
    assert call(page, "common/places.js", "return m.partsOf('#face/%E4%')") == ["face", "%E4%"]
    assert call(page, "common/places.js", "return m.partsOf('')") == []
    assert call(page, "common/places.js", "return m.hashOf('face', 'F1', null, 'x')") == "#face/F1"


def test_days_and_instants_are_those_of_china(page: Page) -> None:
    at = 1_646_064_000_000  # 2022-03-01T00:00:00+08:00
    for script, expected in {
        "return m.dayText(a[0])": "2022-03-01",
        "return m.dayText(a[0] - 1)": "2022-02-28",
        "return m.stampText(a[0])": "2022-03-01 00:00",
        "return m.fromDayText('2022-03-01')": at,
        "return m.fromStampText('2022-03-01T00:00')": at,
        "return m.fromStampText('2022-03-01T00:00:30')": at + 30_000,
        "return Number.isNaN(m.fromDayText(''))": True,
    }.items():
        assert call(page, "common/time.js", script, at) == expected


def columns(page: Page, values: list[Any], not_good: list[Any], width: int) -> list[str]:
    """The means of a trend on its grid of twelve: a number, `gap`, or nothing where the line goes on."""
    script = """
      const [mean] = m.columnsOf({ values: a[0], not_good: a[1] }, 12, (at) => at, a[2]);
      return mean.map((value) => (value === null ? 'gap' : value === undefined ? '' : String(value)));
    """
    return list(call(page, "mine/trend_plot.js", script, values, not_good, width))


def test_a_trend_goes_on_over_short_silence_and_breaks_at_long_and_at_bad(page: Page) -> None:
    values = [[0, 0, 2, 1, 1], [2, 0, 2, 2, 1], [8, 0, 2, 3, 1]]
    assert columns(page, values, [], MIN) == ["1", "", "2", "", "", "", "", "", "3", "", "", ""]
    assert columns(page, values, [[4, 0.5]], MIN) == ["1", "", "2", *["gap"] * 5, "3", "", "", ""]
    assert columns(page, values, [], H // 6) == ["1", "", "2", *["gap"] * 5, "3", "", "", ""]


def test_both_languages_have_the_same_words(page: Page) -> None:
    script = """
      const keys = (of, path) => Object.entries(of).flatMap(([key, value]) =>
        value !== null && typeof value === 'object' && !Array.isArray(value) && key !== 'units' && key !== 'unitNames'
          ? keys(value, `${path}${key}.`)
          : [`${path}${key}: ${Array.isArray(value) ? 'list' : typeof value}`]);
      return ['zh', 'en'].map((lang) => keys(m.wordsOf(lang), '').sort());
    """
    zh, en = call(page, "mine/words.js", script)
    assert zh == en
