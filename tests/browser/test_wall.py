"""The wall in a real browser: what it shows, that it lives, ages and recovers, and that everything fits."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import scenes
from tests.browser.axe import serious_findings
from tests.browser.conftest import PHONE, WALL, OpenPage, Serve

pytestmark = pytest.mark.browser

MEASURE = (Path(__file__).parent / "measure.js").read_text("utf-8")
SOON_MS = 20_000
LANGUAGES = ("zh", "en")


def tile(page: Page, name: str) -> Any:
    """The face or chamber of that name."""
    return page.locator(".face, .chamber").filter(has=page.locator(f"h3 a:text-is('{name}')"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_calm_mine_shows(serve: Serve, open_page: OpenPage, lang: str) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre, lang=lang)
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[lang])
    expect(page.locator(".mine")).to_have_text("演示一矿")
    expect(page.locator(".demo")).to_have_text({"zh": "演示数据", "en": "DEMO"}[lang])
    expect(page.locator(".facts")).to_contain_text("八点班")
    expect(page.locator(".facts")).to_contain_text("2:14")
    expect(page.locator(".facts")).to_contain_text("99.8 %")
    expect(page.locator(".facts")).to_contain_text("2/2")
    expect(page.locator(".clock")).to_contain_text("13:46:")
    face = tile(page, "14031 采煤面")
    expect(face.locator(".number")).to_have_text("7")
    expect(face.locator(".bound")).to_have_text("/ 9")
    expect(face.locator(".state .word")).to_have_text({"zh": "合规", "en": "Within"}[lang])
    expect(face.locator(".state .symbol")).to_have_attribute("data-shape", "disc")
    expect(face.locator(".state .duration")).to_have_text({"zh": "2.1 时", "en": "2.1 h"}[lang])
    expect(face.locator(".gas")).to_contain_text("0.42%")
    chamber = tile(page, "中央水泵房")
    expect(chamber.locator(".state .word")).to_have_text({"zh": "无人值守", "en": "Unattended"}[lang])
    expect(chamber.locator(".details")).to_contain_text(
        {"zh": "0 人自动视频正常", "en": "0 peopleautovideo"}[lang]
    )
    expect(chamber.locator(".visit")).to_contain_text("10:36")
    expect(tile(page, "主皮带机头").locator(".video .symbol")).to_have_attribute("data-shape", "camera_off")
    expect(page.locator(".chamber")).to_have_count(3)
    expect(page.locator(".alarms .empty strong")).to_have_text({"zh": "没有报警", "en": "No alarms"}[lang])
    keys = page.locator(".key").evaluate_all("all => all.map(one => one.innerText.replace(/\\s+/g, ' '))")
    assert (
        keys
        == {
            "zh": ["甲烷最大 0.42 %", "水仓水位 2.81 m", "水泵运行 2/4", "主皮带 运行"],
            "en": ["Methane 0.42 %", "Sump 2.81 m", "Pumps on 2/4", "Belt running"],
        }[lang]
    )
    expect(page.locator(".links")).not_to_be_visible()  # a wall names the gateways that are lost


@pytest.mark.parametrize(
    ("changes", "filled"),
    [
        ({}, ["M62.5 ", "M250 "]),  # from the end of handover on, and the second stretch whole
        ({"shift": scenes.MAINTENANCE}, []),
        ({"intelligent": False}, []),
        ({"state": "not_judged", "reason": "handover"}, ["M62.5 ", "M250 "]),  # what was over stays over
        ({"handover_min": 240}, []),
    ],
    ids=["production", "maintenance", "not intelligent", "in handover", "nothing but handover"],
)
def test_only_what_is_judged_is_marked_as_over(
    serve: Serve, open_page: OpenPage, changes: scenes.Json, filled: list[str]
) -> None:
    """Above the limit in the first handover and 10 min beyond it, and again two hours into the shift."""
    rows = [(0, 12), (10, 12), (20, 12), (30, 12), (40, 7), (120, None), (120, 11), (130, 7)]
    trend = [[scenes.iso(scenes.SHIFT_STARTS_AT + timedelta(minutes=at)), count] for at, count in rows]
    page = open_page(serve(scenes.overview([scenes.face("F1", "14031", trend=trend, **changes)], [], [])))
    areas = re.findall(r"M[^M]+", page.locator(".excess").get_attribute("d") or "")
    assert [area.split()[0] + " " for area in areas] == filled


def test_values_change_without_reload(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre)
    face = tile(page, "14031 采煤面")
    page.evaluate("window.sameDocument = true")
    node = face.element_handle()
    before = face.locator(".steps").get_attribute("d")
    over = scenes.face("F14031", "14031 采煤面", 11, state="over", since=scenes.ago(0.1))
    over["headcount_at"] = centre.now()
    del over["trend"]
    centre.tick(faces=[over], delivered=0.5)
    expect(face.locator(".number")).to_have_text("11", timeout=2000)
    expect(face.locator(".state .symbol")).to_have_attribute("data-shape", "triangle")
    expect(page.locator(".facts")).to_contain_text("50.0 %")
    expect(page.locator("[aria-live=polite]")).to_have_text("14031 采煤面 超员 11/9")
    expect(page).to_have_title("▲1 演示一矿 · 九人以下 ninebelow")
    assert face.locator(".steps").get_attribute("d") != before
    assert page.evaluate("window.sameDocument")
    assert node.is_visible()  # the same node, updated in place
    attended = scenes.chamber("C-PUMP", "中央水泵房", "attended", occupancy=4)
    centre.tick(chambers=[attended], links=[scenes.link("gw-2", online=False)])
    expect(tile(page, "中央水泵房").locator(".state .word")).to_have_text("有人值守", timeout=2000)
    expect(page.locator(".facts")).to_contain_text("1/2")
    expect(page.locator(".links tbody tr")).to_have_text(re.compile("gw-2"))


def test_the_clock_ticks_and_ages_grow(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre, size=PHONE)  # which shows every gateway, and how old its data is
    clock, age = page.locator(".clock"), page.locator(".links .age").first
    first_time, first_age = clock.inner_text(), age.inner_text()
    expect(clock).not_to_have_text(first_time, timeout=3000)
    expect(age).not_to_have_text(first_age, timeout=3000)


LISTEN = """
  const Real = EventSource;
  window.EventSource = class extends Real {
    constructor(url) {
      super(url);
      const hear = () => (window.heardAt = performance.now());
      for (const event of ["overview", "tick"]) this.addEventListener(event, hear);
    }
  };
  new MutationObserver(() => {
    if (document.body?.dataset.state === "silent") window.greyAt ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-state"] });
"""


def test_no_more_than_five_seconds_pass_until_a_silence_is_seen(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre, init=LISTEN)
    centre.silent = True
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=10_000)
    assert page.evaluate("greyAt - heardAt") < 5000


def test_a_silent_stream_greys_the_page_and_says_since_when(serve: Serve, open_page: OpenPage) -> None:
    """The connection stays open and says nothing, as when a cable is pulled."""
    centre = serve(scenes.calm())
    page = open_page(centre)
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    centre.silent = True
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=10_000)
    expect(page.locator(".outage")).to_contain_text("数据中断")
    expect(page.locator(".outage .since")).to_contain_text("自 13:46:")
    expect(page.locator(".clock")).not_to_be_visible()
    assert "grayscale" in page.locator(".board").evaluate("node => getComputedStyle(node).filter")
    centre.silent = False
    expect(page.locator("body")).to_have_attribute("data-state", "live", timeout=SOON_MS)
    expect(page.locator(".outage")).not_to_be_visible()


def test_a_half_open_stream_is_opened_anew(serve: Serve, open_page: OpenPage) -> None:
    """The old connection never speaks again; only a new one does."""
    centre = serve(scenes.calm())
    page = open_page(centre)
    centre.deafen()
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=10_000)
    expect(page.locator("body")).to_have_attribute("data-state", "live", timeout=SOON_MS)


def test_a_restarted_centre_is_found_again(serve: Serve, open_page: OpenPage) -> None:
    """Down, then answering 503 as a proxy does, then back with other values."""
    centre = serve(scenes.calm())
    page = open_page(centre, may_complain=True)
    page.evaluate("window.sameDocument = true")
    centre.stop()
    expect(page.locator("body")).to_have_attribute("data-state", "silent", timeout=10_000)
    centre.refusing = True
    centre.start()
    page.wait_for_timeout(4000)
    expect(page.locator("body")).to_have_attribute("data-state", "silent")
    centre.overview["faces"][0]["headcount"] = 8
    centre.refusing = False
    expect(page.locator("body")).to_have_attribute("data-state", "live", timeout=SOON_MS)
    expect(tile(page, "14031 采煤面").locator(".number")).to_have_text("8")
    assert page.evaluate("window.sameDocument")


def test_a_page_opened_while_the_centre_is_down_waits_for_it(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.calm())
    centre.mines = []
    page = open_page(centre, is_live=False)
    expect(page.locator("body > .empty")).to_contain_text("没有接入的矿井")
    centre.mines = [centre.overview["mine"]]
    expect(page.locator(".number").first).to_have_text("7", timeout=SOON_MS)
    expect(page.locator("body > .empty")).not_to_be_visible()


@pytest.mark.parametrize(
    ("session", "help_zh", "links"),
    [
        (scenes.session("see", "acknowledge"), "登录已失效", 1),
        (scenes.session(), "大屏令牌已失效，请管理员重开", 0),
    ],
    ids=["person", "wall screen"],
)
def test_a_session_that_ends_greys_the_page_and_says_so(
    serve: Serve, open_page: OpenPage, session: scenes.Json, help_zh: str, links: int
) -> None:
    """The last picture stays, greyed; signed in again, it goes on by itself."""
    centre = serve(scenes.calm())
    centre.session = session
    page = open_page(centre, may_complain=True)
    page.evaluate("window.sameDocument = true")
    centre.session = None
    centre.cut()
    expect(page.locator(".outage .help")).to_have_text(help_zh, timeout=SOON_MS)
    expect(page.locator(".outage .sign-in:visible")).to_have_count(links)
    expect(page.locator("body")).to_have_attribute("data-state", "silent")
    expect(page.locator(".number").first).to_have_text("7")
    centre.session = session
    expect(page.locator("body")).to_have_attribute("data-state", "live", timeout=SOON_MS)
    assert page.evaluate("window.sameDocument")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whoever_has_several_mines_chooses_one(serve: Serve, open_page: OpenPage, lang: str) -> None:
    centre = serve(scenes.calm())
    centre.mines.append({"code": "990000000002", "name": "演示二矿"})
    page = open_page(centre, lang=lang, is_live=False)
    links = page.locator(".choice a")
    expect(links).to_have_text(["演示一矿", "演示二矿"])
    assert serious_findings(page) == []
    links.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".number").first).to_have_text("7")
    assert "mine=990000000001" in page.url
    assert f"lang={lang}" in page.url


@pytest.mark.parametrize(
    ("lang", "what", "then"),
    [
        ("zh", "没有煤矿 nowhere，或无权查看", "请选择下面的煤矿"),
        ("en", "There is no mine nowhere, or it is not yours to see", "Choose one of these"),
    ],
)
def test_a_mine_that_does_not_exist_is_said_beside_those_there_are(
    serve: Serve, open_page: OpenPage, lang: str, what: str, then: str
) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre, is_live=False)
    page.goto(f"{centre.url}?mine=nowhere&lang={lang}")
    expect(page.locator(".choice h1")).to_have_text(what)
    expect(page.locator(".choice p")).to_have_text(then)
    assert serious_findings(page) == []
    link = page.locator(".choice a")
    link.focus()
    centre.mines = [*centre.mines, {"code": "990000000002", "name": "演示二矿"}]
    expect(link).to_have_text(["演示一矿", "演示二矿"], timeout=SOON_MS)
    link.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".number").first).to_have_text("7")


def test_a_mine_that_comes_to_be_watched_is_shown_without_being_chosen(
    serve: Serve, open_page: OpenPage
) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre, is_live=False)
    page.goto(f"{centre.url}?mine=later")
    expect(page.locator(".choice a")).to_have_count(1)
    centre.mines = [*centre.mines, {"code": "later", "name": "演示二矿"}]
    expect(page.locator(".number").first).to_have_text("7", timeout=SOON_MS)
    expect(page.locator(".choice")).to_have_count(0)


def test_the_beginning_of_a_shift_is_no_lack_of_data(serve: Serve, open_page: OpenPage) -> None:
    """Seconds after it began a shift's first reading is on its way: less than a minute is unknown."""
    shift = {**scenes.SHIFT, "starts_at": scenes.ago(0.3), "ends_at": scenes.ago(-479.7)}
    record = scenes.record(headcount_max=None, coverage=0.0, coverage_judged=0.0)
    centre = serve(scenes.overview([scenes.face("F1", "14031", shift=shift, record=record)], [], []))
    page = open_page(centre)
    expect(page.locator(".record .verdict .word")).to_have_text("判定中")
    face = scenes.face("F1", "14031", record=record, shift={**shift, "starts_at": scenes.ago(2)})
    centre.show(scenes.overview([face], [], []))
    expect(page.locator(".record .verdict .word")).to_have_text("无结论")


def test_tiles_lead_to_the_pages_about_them(serve: Serve, open_page: OpenPage) -> None:
    page = open_page(serve(scenes.calm()), lang="en")
    expect(tile(page, "14031 采煤面").locator("h3 a")).to_have_attribute(
        "href", "/mine?mine=990000000001&lang=en#face/F14031"
    )
    expect(tile(page, "中央水泵房").locator("h3 a")).to_have_attribute(
        "href", "/mine?mine=990000000001&lang=en#chamber/C-PUMP"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_wrong_at_once(serve: Serve, open_page: OpenPage, lang: str) -> None:
    """Each state by word and shape, never by colour alone; no data never looks like a number."""
    centre = serve(scenes.wrong())
    page = open_page(centre, lang=lang)
    shapes = page.locator(".face > .state .symbol").evaluate_all("all => all.map(one => one.dataset.shape)")
    assert shapes == ["triangle", "question", "octagon", "triangle", "square", "square"]
    shapes = page.locator(".chamber .state .symbol").evaluate_all("all => all.map(one => one.dataset.shape)")
    assert shapes == ["triangle", "cross", "half_square", "question"]
    blind = tile(page, "12110 掘进面")
    expect(blind.locator(".number")).to_have_text("—")
    expect(blind.locator(".duration")).to_have_text({"zh": "86 分", "en": "86 min"}[lang])
    expect(blind.locator("rect.blind")).to_have_count(1)
    expect(tile(page, "15021 采煤面").locator(".bound")).to_have_text("")
    expect(page.locator(".fact").last).to_contain_text("1/3")
    verdicts = page.locator(".record .symbol").evaluate_all("all => all.map(one => one.dataset.shape)")
    assert verdicts == ["triangle", "question", "half", "half", "half", "half"]
    # of the first face no methane is known, so nothing sure can be said of the highest one
    expect(tile(page, "16012 采煤面").locator(".gas")).to_have_attribute("data-tone", "unknown")
    expect(tile(page, "16012 采煤面").locator(".gas .figure")).to_have_text("—")
    expect(page.locator(".key").first).to_have_attribute("data-tone", "unknown")
    expect(page.locator(".key").first).to_contain_text("0.42")
    # all three gateways are blind; there is room for two, the line at the top counts them
    expect(page.locator(".links tr[data-tone=unknown]")).to_have_count(2)


def test_a_phone_names_every_gateway_that_is_blind(serve: Serve, open_page: OpenPage) -> None:
    """Two are gone, the third is there but has said nothing for hours."""
    page = open_page(serve(scenes.wrong()), size=PHONE)
    expect(page.locator(".links tr[data-tone=unknown]")).to_have_count(3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_registered_says_what_to_do(serve: Serve, open_page: OpenPage, lang: str) -> None:
    centre = serve(scenes.empty())
    page = open_page(centre, lang=lang)
    expect(page.locator(".board .empty:visible")).to_have_count(5)
    expect(page.locator(".demo")).not_to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_registered_but_never_heard_of(serve: Serve, open_page: OpenPage, lang: str) -> None:
    centre = serve(scenes.unheard())
    page = open_page(centre, lang=lang)
    expect(page.locator(".number")).to_have_text("—")
    assert "NaN" not in page.locator("body").inner_text()
    assert "null" not in page.locator("body").inner_text()
    assert "undefined" not in page.locator("body").inner_text()


CROWDS = {
    **{f"{faces} faces": scenes.full(faces, min(faces * 2, 20)) for faces in range(1, 13)},
    "4 faces, 20 chambers": scenes.full(4, 20),
    **{f"8 faces, {n} chambers": scenes.full(8, n) for n in (4, 6, 9, 12)},
    **{f"{n} faces, wide figures": scenes.wide_figures(n, min(20, 2 * n)) for n in (1, 2, 3, 4, 6, 8, 12)},
    "calm": scenes.calm(),
    "wrong": scenes.wrong(),
    "unheard": scenes.unheard(),
    "empty": scenes.empty(),
    "long names": scenes.long_names(),
    "12 long names": scenes.long_names(12, 20),
    "26 faces, 45 chambers, 9 gateways": scenes.full(26, 45, 9),
    "26 faces, wide figures": scenes.wide_figures(26, 45),
}


@pytest.mark.parametrize("size", [WALL, (3840, 2160), (1440, 900)], ids=str)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_wall_never_scrolls_overlaps_or_writes_small(
    serve: Serve, open_page: OpenPage, lang: str, size: tuple[int, int]
) -> None:
    """For every crowd, on its first two pages; sizes are those on a 1920 px wide wall."""
    centre = serve(scenes.calm())
    page = open_page(centre, lang=lang, size=size)
    for name, scene in CROWDS.items():
        centre.show(scene)
        expect(page.locator(".face")).to_have_count(len(scene["faces"]))
        expect(page.locator(".chamber")).to_have_count(len(scene["chambers"]))
        for turn in range(2):
            next_frame(page)
            seen = page.evaluate(MEASURE)
            assert seen["scrollsBy"] == [0, 0], name
            assert (seen["small"], seen["outside"], seen["overlaps"]) == ([], [], []), f"{name}, page {turn}"
            assert seen["cut"] == [], f"{name}, page {turn}"
            assert seen["numbers"] >= 120, name
            assert seen["states"] >= 39.99, name
            assert seen["names"] >= 35.99, name
            page.keyboard.press("ArrowRight")


def next_frame(page: Page) -> None:
    """Wait until the page has rendered twice more."""
    frames = int(page.locator("body").get_attribute("data-frames") or 0)
    expect(
        page.locator(f"body:not([data-frames='{frames}']):not([data-frames='{frames + 1}'])")
    ).to_be_attached()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["calm", "wrong", "unheard", "long names", "12 faces"])
def test_a_phone_scrolls_down_only(serve: Serve, open_page: OpenPage, lang: str, name: str) -> None:
    scene = CROWDS[name]
    centre = serve(scene)
    page = open_page(centre, lang=lang, size=PHONE)
    seen = page.evaluate(MEASURE)
    assert seen["scrollsBy"][0] == 0
    assert seen["overlaps"] == []
    assert page.locator(".face:visible").count() == len(scene["faces"])
    assert page.locator(".chamber:visible").count() == len(scene["chambers"])
    assert page.locator("body").evaluate("node => getComputedStyle(node).fontSize") == "16px"


def test_pages_turn_with_the_urgent_ones_first_and_can_be_paused(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.full(26, 45, 9))
    page = open_page(centre)
    tones = page.locator(".face:visible").evaluate_all("all => all.map(one => one.dataset.tone)")
    assert tones[:6] == ["over"] * 5 + ["unknown"]
    tones = page.locator(".chamber:visible").evaluate_all("all => all.map(one => one.dataset.tone)")
    assert tones[:7] == ["over"] * 6 + ["unknown"]
    turn = page.locator(".turn")
    expect(turn).to_have_text("1/4")
    expect(turn).to_have_text("2/4", timeout=SOON_MS)
    turn.focus()
    page.keyboard.press("Enter")
    expect(turn.locator(".symbol")).to_have_attribute("data-shape", "play")
    page.keyboard.press("ArrowRight")
    expect(turn).to_have_text("3/4")
    expect(page.locator(".keys")).not_to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(turn).to_have_text("4/4")
    expect(page.locator(".keys")).to_be_visible()  # in turns with the chambers, whose counts stay
    expect(page.locator(".chambers .counts")).to_be_visible()


def test_the_other_language_is_one_link_away(serve: Serve, open_page: OpenPage) -> None:
    centre = serve(scenes.calm())
    page = open_page(centre)
    page.locator("a.language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("a.language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_an_hour_of_ticks_leaves_the_page_as_large_as_it_was(serve: Serve, open_page: OpenPage) -> None:
    """Nodes are reused and rows bounded: 3600 ticks of two changing faces add nothing to the document."""
    centre = serve(scenes.calm())
    page = open_page(centre)
    count = "document.querySelectorAll('*').length"
    next_frame(page)
    before = page.evaluate(count)
    for n in range(3600):
        face = scenes.face("F14031", "14031 采煤面", n % 10, headcount_at=scenes.ago(-n / 60))
        face["trend"] = None
        centre.tick(faces=[face])
    last = scenes.face("F14031", "14031 采煤面", 3, headcount_at=scenes.ago(-61), values=[])
    centre.tick(faces=[last])
    expect(tile(page, "14031 采煤面").locator(".value")).to_have_count(0, timeout=60_000)
    assert page.evaluate(count) <= before
