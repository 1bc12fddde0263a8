"""The console's pure modules, called one by one: series, clock, spans, sounds, key figures, words in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import scenes
from tests.browser.conftest import Serve

pytestmark = pytest.mark.browser

S = 1000
MIN = 60 * S
H = 60 * MIN
DAY = 24 * H
STALE = 10 * MIN


@pytest.fixture
def page(browser: Browser, serve: Serve) -> Iterator[Page]:
    """A page on which the modules can be imported."""
    centre = serve(scenes.calm())
    page = browser.new_page()
    page.goto(f"{centre.url}assets/common/icon.svg")
    yield page
    page.close()


def call(page: Page, module: str, body: str, *arguments: object) -> Any:
    """Run `body` with the module as `m` and the arguments as `a`."""
    script = f"(a) => import('/assets/{module}').then((m) => {{ {body} }})"
    return page.evaluate(script, list(arguments))


def part(start: int, end: int, headcount: int | None) -> dict[str, int | None]:
    """A stretch, in minutes."""
    return {"from": start * MIN, "to": end * MIN, "headcount": headcount}


@pytest.mark.parametrize(
    ("rows", "now", "expected"),
    [
        ([], 20, [part(0, 20, None)]),
        ([(0, 7)], 5, [part(0, 5, 7)]),
        ([(0, 7)], 10, [part(0, 10, 7)]),  # exactly the stale time still holds
        ([(0, 7)], 11, [part(0, 11, None)]),  # one sample before a dead link proves nothing
        ([(0, 7), (5, 8)], 6, [part(0, 5, 7), part(5, 6, 8)]),
        ([(0, 7), (5, 7)], 6, [part(0, 6, 7)]),
        ([(0, 7), (11, 8)], 12, [part(0, 11, None), part(11, 12, 8)]),
        ([(0, 7), (5, None), (30, 8)], 31, [part(0, 5, 7), part(5, 30, None), part(30, 31, 8)]),
        ([(3, 7)], 4, [part(0, 3, None), part(3, 4, 7)]),
        ([(-5, 7), (2, 8)], 3, [part(0, 2, 7), part(2, 3, 8)]),  # what held when the shift began
        ([(0, 0)], 5, [part(0, 5, 0)]),  # nobody is a headcount
    ],
)
def test_a_value_is_known_only_between_two_rows_or_up_to_now(
    page: Page, rows: list[tuple[int, int | None]], now: int, expected: list[Any]
) -> None:
    """definitions.md §0, as the trend draws it; every instant is in exactly one stretch."""
    in_ms = [[at * MIN, headcount] for at, headcount in rows]
    assert (
        call(
            page,
            "common/headcount_series.js",
            "return m.stretches(a[0], 0, a[1], a[2])",
            in_ms,
            now * MIN,
            STALE,
        )
        == expected
    )


def test_appending_drops_only_what_says_nothing_new(page: Page) -> None:
    """Repeats go as long as the gap left stays within the stale time; stretches are the same before and after."""
    rows = [[n * MIN, 7 if n < 40 else None if n < 80 else 9] for n in range(120)]
    script = """
      const kept = [];
      for (const [at, headcount] of a[0]) m.append(kept, at, headcount, a[1]);
      const of = (rows) => m.stretches(rows, 0, a[2], a[1]);
      return [kept.length, JSON.stringify(of(kept)) === JSON.stringify(of(a[0]))];
    """
    count, is_same = call(page, "common/headcount_series.js", script, rows, STALE, 121 * MIN)
    assert is_same
    assert count < 20


def test_rows_are_bounded_and_late_ones_left_out(page: Page) -> None:
    script = """
      const rows = [];
      for (let n = 0; n < 3 * m.ROWS_MAX; n += 1) m.append(rows, n * 1000, n % 2, 600000);
      m.append(rows, 5, 3, 600000);
      m.append(rows, rows.at(-1)[0], 8, 600000);
      return [rows.length <= m.ROWS_MAX, rows.at(-1)[1], rows.some((row) => row[1] === 3)];
    """
    assert call(page, "common/headcount_series.js", script) == [True, 8, False]


@pytest.mark.parametrize(
    ("ms", "zh", "en"),
    [
        (0, "<1 分", "<1 min"),
        (MIN, "1 分", "1 min"),
        (100 * MIN - 1, "99 分", "99 min"),
        (100 * MIN, "1.6 时", "1.6 h"),
        (10 * H - 1, "9.9 时", "9.9 h"),
        (10 * H, "10 时", "10 h"),
        (2 * DAY - 1, "47 时", "47 h"),
        (2 * DAY, "2 天", "2 d"),
        (-5, "<1 分", "<1 min"),
    ],
)
def test_spans(page: Page, ms: int, zh: str, en: str) -> None:
    script = """
      return import('/assets/wall/words.js').then((words) =>
        ['zh', 'en'].map((lang) => m.spanText(1e12, 1e12 + a[0], words.wordsOf(lang))));
    """
    assert call(page, "common/time.js", script, ms) == [zh, en]


def test_times_are_chinas_whatever_the_browsers_zone(page: Page) -> None:
    script = "return [m.clockText(a[0]), m.timeText(a[0]), m.timeText(a[0], a[0] + 864e5), m.leftText(a[0] + 1, a[0])]"
    at = 1_795_585_568_000  # 2026-11-25 05:46:08 UTC
    assert call(page, "common/time.js", script, at) == ["13:46:08", "13:46", "11-25 13:46", "0:01"]


def test_the_clock_never_steps_back_for_a_late_message_but_follows_a_changed_one(page: Page) -> None:
    script = """
      const clock = new m.ServerClock();
      const seen = [clock.at(0)];
      clock.sync(100000, 0, 1); seen.push(clock.at(1000));
      clock.sync(101400, 2000); seen.push(clock.at(2000));
      clock.sync(103100, 3000); seen.push(clock.at(3000));
      clock.sync(50000, 4000); seen.push(clock.at(4000));
      clock.sync(60000, 5000, 60); seen.push(clock.at(6000));
      return seen;
    """
    assert call(page, "common/server_clock.js", script) == [None, 101000, 102000, 103100, 50000, 120000]


def test_both_languages_have_the_same_words(page: Page) -> None:
    """Units' names aside: Chinese needs no translation of them."""
    script = """
      const isGroup = (value) => typeof value === 'object' && !Array.isArray(value);
      const keys = (words, path) => Object.entries(words).filter(([key]) => key !== 'units').flatMap(
        ([key, value]) => isGroup(value) ? keys(value, `${path}${key}.`) : [`${path}${key} ${typeof value}`]);
      return [keys(m.wordsOf('zh'), ''), keys(m.wordsOf('en'), '')];
    """
    chinese, english = call(page, "wall/words.js", script)
    assert chinese == english


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "100.0 %"), (0.99999, "99.9 %"), (0.9984, "99.8 %"), (0.57, "57.0 %"), (0, "0.0 %")],
)
def test_a_share_is_cut_so_that_only_everything_is_everything(page: Page, share: float, text: str) -> None:
    assert call(page, "common/values.js", "return m.percent(a[0])", share) == text


@pytest.mark.parametrize(
    ("coverage", "gone_min", "expected"),
    [
        (0.5, 240, 1),
        (0.25, 240, 0.5),
        (0.5, 480, 0.5),
        (0.5, 600, 0.5),
        (0, 1, 0),
        (0, 0, None),
        (0.9, 60, 1),
    ],
)
def test_completeness_is_of_the_time_gone_by(
    page: Page, coverage: float, gone_min: int, expected: float | None
) -> None:
    """A record's coverage is of the whole shift; an eight-hour shift half over can have no more than half."""
    script = "return m.coverageSoFar({coverage: a[0]}, a[1], Date.parse(a[1].starts_at) + a[2])"
    seen = call(page, "wall/shift_record.js", script, coverage, scenes.SHIFT, gone_min * MIN)
    assert seen == expected


@pytest.mark.parametrize(
    ("coverage", "gone_min", "expected"),
    [(0.5, 240, 0), (0.25, 240, 120), (0.4979, 240, 1), (0, 0, 0), (0.5, 600, 240)],
)
def test_unknown_minutes_are_those_gone_by(page: Page, coverage: float, gone_min: int, expected: int) -> None:
    script = "return m.unknownMinutes({coverage: a[0]}, a[1], Date.parse(a[1].starts_at) + a[2])"
    seen = call(page, "wall/shift_record.js", script, coverage, scenes.SHIFT, gone_min * MIN)
    assert seen == expected


def key(page: Page, name: str, faces: list[scenes.Json], chambers: list[scenes.Json]) -> Any:
    """One key figure: `[value, of, unknown]`."""
    script = """
      const found = m.keyValues(a[1], a[2]).find(({ key }) => key === a[0]);
      return found && [found.value, found.of, found.unknown];
    """
    return call(page, "wall/key_values.js", script, name, faces, chambers)


def test_a_key_figure_says_how_much_of_it_is_known(page: Page) -> None:
    good = scenes.value("Gas 1/Methane", "甲烷", "Methane", 0.42, "%")
    higher = {**good, "metric": "Gas 2/Methane", "value": 0.61}
    bad = {**good, "metric": "Gas 3/Methane", "value": None, "quality": 0}
    face = scenes.face("F1", "", values=[good, higher, bad])
    assert key(page, "methane", [face], []) == [0.61, 3, 1]
    assert key(page, "methane", [scenes.face("F1", "", values=[bad])], []) == [None, 1, 1]
    assert key(page, "methane", [], [scenes.chamber("C1", "", values=[good])]) is None  # of faces alone
    fans = scenes.fan_room()
    assert key(page, "airflow", [], [fans, fans]) == [22_480, 4, 0]
    assert key(page, "pumps", [], [scenes.chamber("C1", "")]) == [1, 2, 0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([scenes.value("Video/Online", "", "", True)], "on"),
        ([scenes.value("Video/Online", "", "", False)], "off"),
        ([scenes.value("Video/Online", "", "", None, quality=500)], "unknown"),
    ],
)
def test_video_that_nobody_knows_of_is_not_on(
    page: Page, values: list[scenes.Json], expected: str | None
) -> None:
    assert call(page, "wall/chambers.js", "return m.videoOf({ values: a[0] })", values) == expected


Calls = list[tuple[float, list[scenes.Json]]]


def sounded(page: Page, calls: Calls) -> list[tuple[float, str]]:
    """When, in seconds, what sounds, if the alarms are those at these seconds; looked at four times a second."""
    script = """
      const annunciator = new m.Annunciator();
      const heard = [];
      for (const [second, alarms] of a[0]) {
        const priority = annunciator.update(alarms, second * 1000);
        if (priority !== null) heard.push([second, priority]);
      }
      return heard;
    """
    return [(second, priority) for second, priority in call(page, "wall/annunciator.js", script, calls)]


def over_time(*changes: tuple[float, list[scenes.Json]], until: float) -> Calls:
    """The alarms of every quarter of a second; each change holds until the next."""
    quarters = [n / 4 for n in range(int(until * 4) + 1)]
    return [(at, [alarms for begin, alarms in changes if begin <= at][-1]) for at in quarters]


def alarm(priority: str, number: int = 1, state: str = "unacknowledged") -> scenes.Json:
    """An alarm as far as sounds go."""
    return {"id": str(number), "priority": priority, "state": state}


def test_what_waits_when_a_wall_is_opened_sounds_only_if_it_would_again(page: Page) -> None:
    assert sounded(page, over_time((0, [alarm("medium")]), until=60)) == []
    assert sounded(page, over_time((0, [alarm("high")]), until=5)) == [(0, "high")]


def test_each_priority_sounds_and_only_the_upper_two_again(page: Page) -> None:
    """ISA-18.2: until somebody acknowledges."""
    assert sounded(page, over_time((0, []), (3, [alarm("low")]), until=60)) == [(3, "low")]
    assert sounded(page, over_time((0, []), (3, [alarm("high")]), until=60)) == [(3, "high"), (33, "high")]
    seen = alarm("critical", state="acknowledged")
    calls = over_time((0, []), (3, [alarm("critical")]), (28, [seen]), until=60)
    assert sounded(page, calls) == [(3, "critical"), (13, "critical"), (23, "critical")]


def test_many_at_once_are_one_sound_and_the_worst_of_them(page: Page) -> None:
    calls = over_time((0, []), (2, [alarm("low"), alarm("critical", 2)]), until=4)
    assert sounded(page, calls) == [(2, "critical")]
    one_by_one = over_time((0, []), (2, [alarm("low")]), (2.25, [alarm("low"), alarm("medium", 2)]), until=8)
    assert sounded(page, one_by_one) == [(2, "low"), (3.5, "medium")]


def test_what_gets_worse_or_comes_back_is_new(page: Page) -> None:
    worse = over_time((0, [alarm("low")]), (5, [alarm("medium")]), until=9)
    assert sounded(page, worse) == [(5, "medium")]
    back = over_time(
        (0, [alarm("low")]), (3, [alarm("low", state="acknowledged")]), (6, [alarm("low")]), until=9
    )
    assert sounded(page, back) == [(6, "low")]
    over = over_time((0, [alarm("low")]), (5, [alarm("low", state="returned")]), until=9)
    assert sounded(page, over) == []


def test_an_order_is_held_for_a_while_only(page: Page) -> None:
    script = """
      const order = new m.HeldOrder();
      const at = (local, ...keys) => order.arrange(keys.map((key) => [key, key]), local).map(([key]) => key).join('');
      const seen = [at(0, 'a', 'b')];
      order.touch(1000);
      seen.push(at(2000, 'c', 'b', 'a'), at(3000, 'c', 'b'), at(8999, 'd', 'c', 'b'), at(9000, 'd', 'c', 'b'));
      return seen;
    """
    assert call(page, "wall/held_order.js", script) == ["ab", "abc", "bc", "bcd", "dcb"]


@pytest.mark.parametrize(
    ("metric", "zh", "en", "expected"),
    [
        (
            "Main Fan 1/Winding Temperature",
            "主通风机 1# 绕组温度",
            "Main Fan 1 Winding Temperature",
            ("主通风机 1#", "绕组温度"),
        ),
        ("Odd", "Odd", "Odd", ("", "Odd")),
    ],
)
def test_a_values_name_is_its_equipment_and_its_quantity(
    page: Page, metric: str, zh: str, en: str, expected: tuple[str, str]
) -> None:
    named = {"metric": metric, "zh": zh, "en": en}
    assert tuple(call(page, "common/values.js", "return m.nameParts(a[0], 'zh')", named)) == expected
    assert call(page, "common/values.js", "return m.nameParts(a[0], 'en').join(' ').trim()", named) == en


@pytest.mark.parametrize(
    ("changes", "figure"),
    [
        ({}, "0.42 %"),
        ({"value": True, "unit": ""}, "是"),
        ({"value": "remote", "unit": ""}, "远控"),
        ({"quality": 0}, "? 坏值"),
        ({"quality": 500}, "? 过期"),
        ({"value": None, "quality": None}, "—"),
        ({"value": None}, "? 坏值"),
    ],
)
def test_a_value_that_is_not_good_never_shows_its_number(
    page: Page, changes: dict[str, object], figure: str
) -> None:
    script = """
      return import('/assets/wall/words.js').then((words) => {
        const shown = m.figureOf(a[0], words.wordsOf('zh'));
        return `${shown.figure} ${shown.unit}`.trim();
      });
    """
    value = {**scenes.value("Gas 1/Methane", "甲烷", "Methane", 0.42, "%"), **changes}
    assert call(page, "common/values.js", script, value) == figure
