"""Alarms on the wall: told by sight and by sound, acknowledged by mouse and keyboard, the same on every screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import scenes
from tests.browser.axe import serious_findings
from tests.browser.conftest import PHONE, OpenPage, Serve

pytestmark = pytest.mark.browser

SOON_MS = 10_000
COUNT_TONES = """
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
      window.tones.push(this.frequency.value);
      return start.apply(this, when);
    };
"""
HIGH, CRITICAL, MEDIUM, BLIND = 880, 1046, 587, 440
"""The first tone of each, Hz."""


def over_and_lost() -> scenes.Json:
    """A calm mine with two alarms that nobody has seen: one face over its limit, one gateway lost."""
    scene = scenes.calm()
    over = {"value": 11, "limit": 9.0, "unit": "人"}
    lost = ("网关 gw-2 网关中断", "gateway gw-2 gateway lost")
    scene["alarms"] = scenes.alarms(
        scenes.alarm(1, scene["faces"][0], "超员：超过规定上限", "over the limit", **over),
        scenes.alarm(2, None, *lost, priority="medium", code="link_lost", since=scenes.ago(26)),
    )
    return scene


def rows(page: Page) -> Any:
    """The alarms that are shown."""
    return page.locator(".alarm")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_an_alarm_says(serve: Serve, open_page: OpenPage, lang: str) -> None:
    page = open_page(serve(over_and_lost()), lang=lang)
    first, second = rows(page).first, rows(page).nth(1)
    expect(first.locator(".area")).to_have_text("14031 采煤面")
    expect(first.locator(".what")).to_have_text({"zh": "超员：超过规定上限", "en": "over the limit"}[lang])
    expect(first.locator(".figure")).to_have_text({"zh": "11/9 人", "en": "11/9"}[lang])
    expect(first.locator(".duration")).to_have_text({"zh": "15 分", "en": "15 min"}[lang])
    expect(first.locator(".priority")).to_have_text({"zh": "高", "en": "High"}[lang])
    expect(first.locator(".symbol")).to_have_attribute("data-shape", "triangle")
    expect(second.locator(".symbol")).to_have_attribute("data-shape", "question")
    expect(second.locator(".area")).to_have_text({"zh": "全矿", "en": "Mine"}[lang])
    expect(page.locator(".alarms .waiting")).to_have_text({"zh": "未确认 2", "en": "2 unacked"}[lang])


def test_only_the_edge_of_what_nobody_has_seen_pulses_once_a_second(
    serve: Serve, open_page: OpenPage
) -> None:
    scene = over_and_lost()
    scene["alarms"]["shown"][1] = scenes.acknowledged(scene["alarms"]["shown"][1], "wang")
    page = open_page(serve(scene))
    edge = """row => {
      const { animationName, animationDuration, animationIterationCount } = getComputedStyle(row, '::before');
      return [animationName, animationDuration, animationIterationCount];
    }"""
    running = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert rows(page).first.evaluate(edge) == ["pulse", "1s", "infinite"]
    assert rows(page).nth(1).evaluate(edge)[0] == "none"
    assert page.evaluate(running) == 1
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(running) == 0


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_acknowledged_here_it_changes_on_another_screen_at_once(
    serve: Serve, open_page: OpenPage, by: str
) -> None:
    centre = serve(over_and_lost())
    here, there = open_page(centre), open_page(centre, lang="en")
    expect(there.locator(".alarm[data-waiting]")).to_have_count(2)
    button = rows(here).first.locator("button")
    if by == "mouse":
        button.click()
    else:
        button.focus()
        here.keyboard.press("Enter")
    expect(rows(there).nth(1)).to_have_attribute("data-state", "acknowledged", timeout=2000)
    expect(rows(there).nth(1).locator(".word")).to_have_text("Acked")
    expect(rows(there).nth(1).locator(".by")).to_have_text("王值班")
    expect(there.locator(".alarms .waiting")).to_have_text("1 unacked")
    acknowledged = here.locator(".alarm[data-state=acknowledged]")
    expect(acknowledged.locator(".area")).to_have_text("14031 采煤面")
    expect(acknowledged.locator("button")).not_to_be_visible()
    assert centre.acknowledged == [f"{1:016x}"]
    if by == "keyboard":  # the next one that waits is at hand
        expect(here.locator(".alarm[data-waiting] button")).to_be_focused()
        here.keyboard.press("Enter")
        expect(there.locator(".alarm[data-waiting]")).to_have_count(0)


def test_rows_stay_where_they_are_under_somebodys_hand(serve: Serve, open_page: OpenPage) -> None:
    """A worse alarm that comes just then stands below; it takes its place when the hand has gone."""
    scene = over_and_lost()
    centre = serve(scene)
    page = open_page(centre)
    rows(page).first.locator("button").hover()
    worse = scenes.alarm(9, scene["faces"][1], "甲烷", "methane", priority="critical")
    centre.tick(alarms=scenes.alarms(worse, *scene["alarms"]["shown"]))
    expect(rows(page)).to_have_count(3)
    areas = page.locator(".alarm .area").all_inner_texts()
    assert areas == ["14031 采煤面", "全矿", "12090 掘进面"]
    expect(page.locator(".alarm .area").first).to_have_text("12090 掘进面", timeout=20_000)


def test_a_refused_acknowledgement_is_said_and_the_alarm_stays(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(over_and_lost())
    centre.refusal = (503, "已生效，但尚未写入磁盘 / done, but not on disk yet")
    page = open_page(centre, lang="en", may_complain=True)
    rows(page).first.locator("button").click()
    expect(rows(page).first.get_by_role("alert")).to_have_text("done, but not on disk yet")
    expect(rows(page).first.locator("button")).to_be_visible()


def test_a_wall_screen_shows_alarms_without_buttons(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(over_and_lost())
    centre.session = scenes.session()
    page = open_page(centre)
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first.locator(".word")).to_have_text("未确认")
    expect(page.locator(".acknowledge:visible")).to_have_count(0)
    expect(page.locator("h3 a[href]")).to_have_count(0)  # nor ways to pages that it may not open


def test_more_than_fit_are_counted(serve: Serve, open_page: OpenPage) -> None:
    """The list does not turn: what somebody reaches for must not go away. The rest is counted."""
    page = open_page(serve(scenes.wrong()))
    expect(rows(page)).to_have_count(3)
    expect(page.locator(".alarms .rest")).to_have_text("另有 19 条")
    expect(page.locator(".alarms .held")).to_have_text("搁置 2")
    shapes = page.locator(".alarms .counts .symbol").evaluate_all("all => all.map(one => one.dataset.shape)")
    assert shapes == ["octagon", "triangle", "triangle_open", "ring"]
    phone = open_page(serve(scenes.wrong()), size=PHONE)
    expect(rows(phone)).to_have_count(7)


def test_methane_that_alarms_is_marked_on_its_face(serve: Serve, open_page: OpenPage) -> None:
    scene = scenes.calm()
    gas = {"source": "Gas 1/Methane", "code": "high", "priority": "critical", "value": 1.6, "unit": "%"}
    scene["alarms"] = scenes.alarms(scenes.alarm(1, scene["faces"][0], "甲烷", "methane", **gas))
    page = open_page(serve(scene))
    expect(page.locator(".gas").first.locator(".symbol")).to_have_attribute("data-shape", "octagon")
    expect(page.locator(".gas").nth(1)).not_to_have_attribute("data-tone", "hazard")


def test_a_centre_that_tells_nothing_of_alarms_is_not_one_without(serve: Serve, open_page: OpenPage) -> None:
    scene = scenes.calm()
    del scene["alarms"]
    page = open_page(serve(scene))
    expect(page.locator(".alarms .empty strong")).to_have_text("报警情况未知")


# Sound


def test_a_new_alarm_sounds_once_the_page_has_been_touched(serve: Serve, open_page: OpenPage) -> None:
    scene = scenes.calm()
    centre = serve(scene)
    page = open_page(centre, init=COUNT_TONES)
    bell = page.locator(".sound")
    expect(bell).to_contain_text("无声")  # the browser does not let it, and it says so
    expect(bell).to_have_attribute("aria-pressed", "false")
    page.locator(".clock").click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    new = scenes.alarm(1, scene["faces"][0], "超员", "over", priority="medium")
    centre.tick(alarms=scenes.alarms(new))
    page.wait_for_function("() => window.tones.length > 0", timeout=SOON_MS)
    centre.tick(alarms=scenes.alarms(new))
    expect(rows(page)).to_have_count(1)
    page.wait_for_timeout(2500)
    assert page.evaluate("window.tones") == [MEDIUM]
    worse = {**new, "priority": "critical"}
    centre.tick(alarms=scenes.alarms(worse))
    page.wait_for_function(f"() => window.tones.includes({CRITICAL})", timeout=SOON_MS)


def test_the_bell_is_a_switch_that_the_screen_remembers(serve: Serve, open_page: OpenPage) -> None:
    scene = scenes.calm()
    centre = serve(scene)
    page = open_page(centre, init=COUNT_TONES)
    bell = page.locator(".sound")
    bell.focus()
    page.keyboard.press("Space")  # the first touch allows it, and does not switch it off
    expect(bell).to_have_attribute("aria-pressed", "true")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.locator(".clock").click()
    expect(bell).to_have_attribute("aria-pressed", "false")
    centre.tick(alarms=scenes.alarms(scenes.alarm(1, None, "网关中断", "lost", code="link_lost")))
    expect(rows(page)).to_have_count(1)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.tones") == []


def test_a_wall_that_goes_blind_says_so_once(serve: Serve, open_page: OpenPage) -> None:
    """And does not go on about alarms of which it knows nothing any more."""
    centre = serve(scenes.calm())
    page = open_page(centre, init=COUNT_TONES)
    page.locator(".clock").click()
    centre.silent = True
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=SOON_MS)
    page.wait_for_function("() => window.tones.length > 0")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.tones.filter((pitch) => pitch === 440)") == [BLIND]


# For everybody


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["calm", "wrong", "unheard", "empty"])
def test_no_serious_finding_of_axe(serve: Serve, open_page: OpenPage, name: str, lang: str) -> None:
    scene = getattr(scenes, name)()
    page = open_page(serve(scene), lang=lang)
    assert serious_findings(page) == []


def test_no_serious_finding_on_a_phone_nor_while_blind(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.wrong())
    page = open_page(centre, size=PHONE)
    assert serious_findings(page) == []
    centre.silent = True
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=SOON_MS)
    assert serious_findings(page) == []


def test_axe_finds_what_is_wrong(serve: Serve, open_page: OpenPage) -> None:
    page = open_page(serve(scenes.calm()))
    page.evaluate("document.querySelector('.language').style.color = '#2a323c'")
    assert [found.split(":")[0] for found in serious_findings(page)] == ["color-contrast"]
