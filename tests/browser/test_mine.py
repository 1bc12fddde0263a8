"""The mine pages in a real browser, over the real centre: with data, with everything wrong, and with nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.app import Gateway
from gateway.ingest.node import NodeKey
from tests.browser.axe import serious_findings
from tests.mine_centre import BARE, FILLED, SILENT, WRONG, Store, mine_centre, say
from tests.wire.peer import Peer, metric

pytestmark = pytest.mark.browser

DESK = (1440, 900)
PHONE = (390, 844)
SHIFT = quote("八点班")
METHANE, FLOW = (quote(point, safe="") for point in ("F1/Gas 1/Methane", "C1/Pump 1/Flow"))
PLACES = (
    "overview", "face/F1", "face/F2", f"face/F1/2022-02-27/{SHIFT}", "chamber/C1", "chamber/C1/2022-02-28",
    "alarms", "gateways", "trends", f"trends/28800000/{METHANE}/{FLOW}",
)  # fmt: skip
PLACES_OF_ALL = ("overview", "alarms", "gateways", "trends")

Centre = tuple[str, Store, Gateway]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One centre for all."""
    with mine_centre(tmp_path_factory.mktemp("centre")) as running:
        yield running


@pytest.fixture
def open_mine(browser: Browser, centre: Centre) -> Iterator[Open]:
    """Open a place of a mine; at the end no page may have complained."""
    complaints: list[str] = []
    pages: list[Page] = []

    def open_mine(
        mine: str, place: str = "overview", *, lang: str = "zh", size: tuple[int, int] = DESK
    ) -> Page:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        pages.append(page)
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{centre[0]}/mine?mine={mine}&lang={lang}#{place}")
        settled(page)
        return page

    yield open_mine
    for page in pages:
        page.close()
    assert complaints == []


def settled(page: Page) -> None:
    """The live stream has spoken, and nothing is being asked any more."""
    page.locator("body[data-frames]").wait_for(timeout=30_000)
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=30_000)


def go(page: Page, place: str) -> None:
    """To another place of the page."""
    page.evaluate("place => { location.hash = place; }", place)
    page.wait_for_timeout(50)
    settled(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("mine", [FILLED, WRONG, SILENT, BARE])
@pytest.mark.timeout(300)
def test_every_place_opens_without_a_complaint_and_without_a_barrier(
    open_mine: Open, mine: str, lang: str
) -> None:
    page = open_mine(mine, lang=lang)
    found = {}
    for place in PLACES if mine != BARE else PLACES_OF_ALL:
        go(page, place)
        assert page.locator("main h1").count() == 1, place
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
        assert not re.search(r"undefined|NaN|\[object", page.locator("body").inner_text()), place
        if serious := serious_findings(page):
            found[place] = serious
    assert found == {}


@pytest.mark.parametrize("mine", [FILLED, WRONG])
def test_nothing_is_wider_than_a_phone(open_mine: Open, mine: str) -> None:
    page = open_mine(mine, size=PHONE)
    for place in PLACES:
        go(page, place)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place


def test_a_place_that_does_not_exist_says_so_and_leads_on(browser: Browser, centre: Centre) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{centre[0]}/mine?mine={FILLED}#face/F9")
        expect(page.locator(".panel .empty strong").first).to_have_text("没有这一项", timeout=20_000)
        expect(page.locator(".panel .empty").first).to_contain_text("没有工作面 F9")
        page.goto(f"{centre[0]}/mine?mine={FILLED}&lang=en#nowhere")
        expect(page.locator("main .empty strong")).to_have_text("There is no such page", timeout=20_000)
    finally:
        page.close()


def test_whoever_sees_several_mines_goes_from_one_to_another(open_mine: Open) -> None:
    """To the same place, where every mine has it."""
    page = open_mine(FILLED, "alarms")
    picker = page.get_by_role("combobox", name="煤矿")
    expect(picker).to_have_value(FILLED)
    picker.select_option(WRONG)
    page.wait_for_url(f"**mine={WRONG}*#alarms")
    settled(page)
    go(page, "#face/F1")
    page.get_by_role("combobox", name="煤矿").select_option(FILLED)
    page.wait_for_url(f"**mine={FILLED}*")
    settled(page)
    expect(page.locator("h1")).to_have_text("演示一矿")


def test_a_mine_that_is_not_there_leads_to_those_that_are(open_mine: Open, centre: Centre) -> None:
    page = open_mine(FILLED)
    page.goto(f"{centre[0]}/mine?mine=990000000099#trends")
    expect(page.locator(".empty strong")).to_have_text("没有这个煤矿，或无权查看", timeout=20_000)
    picker = page.get_by_role("combobox", name="煤矿")
    expect(picker.locator("option:checked")).to_have_text("选择煤矿")
    picker.select_option(WRONG)
    page.wait_for_url(f"**mine={WRONG}*#trends")
    settled(page)


def test_the_strip_is_one_stop_and_arrows_lead_through_it_to_a_shift(open_mine: Open) -> None:
    page = open_mine(FILLED, "face/F1")
    links = page.locator(".strip a")
    assert page.locator('.strip a[tabindex="0"]').count() == 1
    assert links.count() == 30 * 3 - 1  # the last shift of today has not begun
    page.locator('.strip a[tabindex="0"]').focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    focused = page.locator(".strip a:focus")
    expect(focused).to_have_attribute("data-shift", "2022-02-27/八点班")
    expect(focused).to_have_attribute("aria-label", "2022-02-27 八点班 合规，持续最多 8 人")
    page.keyboard.press("Enter")
    expect(page.locator("h2", has_text="2022-02-27 八点班")).to_be_visible()
    settled(page)
    expect(page.locator(".strip a:focus")).to_have_attribute("data-shift", "2022-02-27/八点班")
    expect(page.locator(".reason")).to_have_text("评定部分的数据足够，持续人数从未超过 9 人。")
    page.go_back()
    expect(page.locator("h2", has_text="2022-03-01 八点班")).to_be_visible()


def test_a_shift_tells_its_revisions_and_what_decided_it(open_mine: Open) -> None:
    page = open_mine(WRONG, f"face/F1/2022-02-26/{SHIFT}", lang="en")
    revisions = page.locator(".part", has=page.get_by_role("heading", name="Revisions"))
    expect(revisions.locator("tbody tr")).to_have_count(2)
    expect(revisions.locator("tbody tr").first).to_contain_text("too little data")
    expect(revisions.locator("tbody tr").last).to_contain_text("Exceeded")
    why = page.locator(".part", has=page.get_by_role("heading", name="What decided it"))
    expect(why.locator('tr[data-tone="hazard"]').first).to_contain_text("over the law's limit")
    expect(why.locator('tr[data-tone="unknown"]').first).to_contain_text("unknown")
    assert page.locator(".headcount .blind").count() > 0
    chart = page.get_by_role("slider")
    chart.focus()
    page.keyboard.press("Home")
    expect(page.locator(".headcount .readout")).to_contain_text("08:00:00")


def test_people_of_a_shift_and_of_now_are_listed_by_card(open_mine: Open) -> None:
    page = open_mine(FILLED, "face/F2")
    of_shift = page.locator(".part", has=page.get_by_role("heading", name="本班进面人员"))
    expect(of_shift.locator("tbody tr")).to_have_count(7)
    expect(of_shift.locator("tbody tr", has_text="c9000")).to_contain_text("矿领导")
    now = page.locator(".panel", has=page.get_by_role("heading", name="此刻在面上"))
    expect(now.locator("tbody tr")).to_have_count(3)
    expect(now.locator("tbody tr", has_text="c9000")).to_contain_text("免计职务")


def test_a_chamber_shows_its_days_and_one_of_them_in_full(open_mine: Open) -> None:
    page = open_mine(WRONG, "chamber/C1")
    expect(page.locator(".timeline .rows li")).to_have_count(7)
    assert page.locator('.band[data-state="local_control"]').count() > 0
    assert page.locator('.band[data-state="unknown"]').count() > 0
    page.get_by_role("link", name="2022-02-28:").click()
    settled(page)
    day = page.locator(".panel", has=page.get_by_role("heading", name="2022-02-28 逐段依据"))
    expect(day.locator("td", has_text="人数未知").first).to_be_visible()
    expect(day.locator("td", has_text="固定岗").first).to_be_visible()
    page.get_by_role("button", name="30 天").click()
    expect(page.locator(".timeline .rows li")).to_have_count(30)


def test_an_alarm_is_acknowledged_shelved_and_brought_back(open_mine: Open) -> None:
    page, other = open_mine(WRONG, "alarms"), open_mine(WRONG, "alarms")
    row = page.locator("tbody tr", has_text="上隅角甲烷").first
    row.get_by_role("button", name="确认").click()
    page.get_by_role("dialog").get_by_label("备注").fill("已派人")
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row).to_contain_text("已确认 · 演示")
    expect(row.get_by_role("button", name="确认")).to_have_count(0)
    expect(other.locator("tbody tr", has_text="上隅角甲烷").first).to_contain_text("已派人", timeout=15_000)
    row.get_by_role("button", name="搁置").click()
    page.get_by_role("dialog").get_by_role("button", name="搁置").click()
    expect(page.get_by_role("dialog")).to_be_visible()  # a reason is asked for
    page.get_by_role("dialog").get_by_label("原因").fill("更换探头")
    page.get_by_role("dialog").get_by_role("button", name="搁置").click()
    expect(row).to_contain_text("更换探头")
    row.get_by_role("button", name="取消搁置").click()
    expect(row.get_by_role("button", name="搁置", exact=False).first).to_have_accessible_name(
        "搁置: 14031 智能化综采放顶煤工作面（上分层，回风巷侧，原东翼一采区） 上隅角甲烷 达到上限断电值"
    )
    history = page.locator(".panel", has=page.get_by_role("heading", name="历史"))
    expect(history.locator("tbody tr", has_text="更换探头").first).to_be_visible()


def test_a_maintenance_window_is_declared_for_an_area(open_mine: Open) -> None:
    page = open_mine(FILLED, "alarms", lang="en")
    page.get_by_role("button", name="Declare maintenance").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Area").select_option("C1")
    dialog.get_by_label("Why").fill("pump 2 out")
    dialog.get_by_role("button", name="Declare maintenance").click()
    windows = page.locator(".panel", has=page.get_by_role("heading", name="Maintenance windows"))
    expect(windows.locator("tbody tr")).to_contain_text("pump 2 out")
    expect(windows.locator("tbody tr")).to_contain_text("中央水泵房")


def test_points_are_found_drawn_looked_at_closer_and_taken_along(open_mine: Open) -> None:
    page = open_mine(FILLED, "trends")
    page.get_by_role("searchbox").fill("甲烷")
    page.get_by_label("瓦斯 1# 甲烷").check()
    settled(page)
    canvas = page.locator(".trend-plot canvas")
    expect(canvas).to_be_visible()
    row = page.locator("tbody tr", has_text="甲烷")
    expect(row).to_contain_text("0.40")
    expect(row.locator("td").last).to_contain_text("95.8 %")
    box = page.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    settled(page)
    span = page.evaluate("location.hash.split('/')[1].split('-').map(Number)")
    assert abs(span[1] - span[0] - 0.2 * 8 * 3_600_000) < 120_000
    with page.expect_download() as found:
        page.get_by_role("link", name="原始数据 CSV").click()
    lines = found.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "time,point,value,unit,quality"
    assert abs(len(lines) - 1 - (span[1] - span[0]) / 30_000) < 3
    page.go_back()
    settled(page)
    assert "28800000" in page.evaluate("location.hash")


def test_a_flag_is_no_or_yes_and_not_a_number(open_mine: Open) -> None:
    page = open_mine(FILLED, f"trends/28800000/{quote('C1/Video/Online', safe='')}/{METHANE}")
    expect(page.locator(".trend-plot canvas")).to_be_visible()
    row = page.locator("tbody tr", has_text="视频 在线")
    assert row.locator("td").all_inner_texts()[2:5] == ["是", "是", "是"]  # least, mean, most
    expect(page.locator("tbody tr", has_text="甲烷")).to_contain_text("0.40")
    page.locator(".trend-plot .frame").focus()
    page.keyboard.press("PageDown")  # to where neither has a reading: what was last read holds
    told = re.compile(r"视频 在线 是 , .* 甲烷 0\.3[0-9] %$")
    expect(page.locator(".trend-plot .frame")).to_have_attribute("aria-valuetext", told)


def test_a_reading_is_told_as_long_as_its_line_goes_on(open_mine: Open) -> None:
    """Minutes; nothing before the first, nothing in a gap, and ten minutes at most after the last."""
    page = open_mine(FILLED, "trends")
    found = page.evaluate("""import('/assets/mine/trend_plot.js').then(({ heldAt }) => {
        const means = [undefined, 4, undefined, 5, null, null, 6, ...new Array(12)];
        const grid = means.map((_, place) => place * 60);
        return means.map((_, place) => heldAt(grid, means, place)); })""")
    assert found == [None, 4, 4, 5, None, None, *[6] * 11, None, None]


def test_flags_stand_in_lanes_of_their_own(open_mine: Open) -> None:
    """Between no and yes whatever they were, the first on top, none on the marks at the foot or on another."""
    page = open_mine(FILLED, "trends")
    ranges = page.evaluate("""import('/assets/mine/trend_plot.js').then(({ flagRange }) =>
        [1, 2, 8].map((flags) => Array.from({ length: flags }, (_, place) => flagRange(place, flags, 0.1))))""")
    for lanes in ranges:
        places = [((0 - low) / (high - low), (1 - low) / (high - low)) for low, high in lanes]
        edges = [edge for place in reversed(places) for edge in place]
        assert edges == sorted(edges)
        assert 0.1 < edges[0] < edges[-1] < 1


def test_only_what_is_judged_is_marked_as_over(open_mine: Open) -> None:
    """In a maintenance shift and on a face that is not intelligent the nine is no limit, in handover not yet."""
    page = open_mine(WRONG, f"face/F1/2022-02-26/{SHIFT}")
    why = page.locator(".part", has=page.get_by_role("heading", name="结论的依据"))
    areas = page.locator(".headcount path.excess")
    assert (areas.get_attribute("d") or "").count("M") > 0
    starts = [float(x) for x in re.findall(r"M([\d.]+) ", areas.get_attribute("d") or "")]
    ends = [float(x) for x in re.findall(r"H([\d.]+)V", areas.get_attribute("d") or "")]
    assert min(starts) >= 62.5
    assert max(ends) <= 937.5
    expect(why.locator('tr[data-tone="over"]').first).to_be_visible()
    expect(page.locator(".legend li", has_text="法定限员")).to_be_visible()
    go(page, f"face/F1/2022-02-27/{quote('零点班')}")
    assert areas.get_attribute("d") == ""
    expect(why.locator("td", has_text="超过限员").first).to_be_visible()
    expect(why.locator('tr[data-tone="over"]')).to_have_count(0)
    expect(page.locator(".legend li", has_text="法定限员")).not_to_be_visible()


def test_gateways_tell_what_is_lost_and_why(open_mine: Open) -> None:
    page = open_mine(WRONG, "gateways")
    expect(page.locator("h3", has_text="gw-2")).to_contain_text("离线")
    expect(page.locator('tr[data-tone="unknown"]', has_text="中央变电所").first).to_contain_text("离线")
    gaps = page.locator(".panel", has=page.get_by_role("heading", name="数据缺口"))
    expect(gaps.locator("tbody tr", has_text="链路")).to_contain_text("gw-2")
    expect(gaps.locator("tbody tr", has_text="现场总线")).to_contain_text("中央变电所")


def test_a_store_that_does_not_answer_is_told_and_asked_again(browser: Browser, centre: Centre) -> None:
    page = browser.new_page()
    centre[1].refuses = True
    try:
        page.goto(f"{centre[0]}/mine?mine={FILLED}#face/F1")
        strip = page.locator(".panel", has=page.get_by_role("heading", name="近 30 天各班"))
        expect(strip.locator(".empty")).to_contain_text("历史库没有应答", timeout=20_000)
        centre[1].refuses = False
        strip.get_by_role("button", name="重试").click()
        expect(strip.locator(".strip a").first).to_be_visible()
    finally:
        centre[1].refuses = False
        page.close()


def test_files_hold_what_the_tables_show(open_mine: Open) -> None:
    page = open_mine(WRONG, "face/F1")
    records = page.locator(".panel", has=page.get_by_role("heading", name="班次记录"))
    with page.expect_download() as found:
        records.get_by_role("button", name="导出 CSV").click()
    assert "2022-02-26 08:00 八点班,超员 持续超员 · 重大隐患,27," in found.value.path().read_text("utf-8-sig")
    go(page, "alarms")
    history = page.locator(".panel", has=page.get_by_role("heading", name="历史"))
    with page.expect_download() as found:
        history.get_by_role("button", name="导出 CSV").click()
    text = found.value.path().read_text("utf-8-sig")
    assert ",上隅角甲烷 达到上限断电值," in text
    assert ",1.7 % / 1.5," in text
    assert ",无人值守硐室有人滞留,中央水泵房,有人值守," in text


def test_units_are_told_in_the_reader_s_language(open_mine: Open) -> None:
    page = open_mine(FILLED, "trends", lang="en")
    page.get_by_role("searchbox").fill("headcount")
    expect(page.locator(".picker label:visible .unit").first).to_have_text("people")


def test_a_printed_trend_says_of_which_time_it_is(open_mine: Open) -> None:
    page = open_mine(FILLED, f"trends/1646092800000-1646114400000/{METHANE}")
    stretch = page.get_by_text("2022-03-01 08:00 – 2022-03-01 14:00")
    expect(stretch).not_to_be_visible()
    page.emulate_media(media="print")
    expect(stretch).to_be_visible()
    expect(page.locator(".picker")).not_to_be_visible()


def test_what_is_now_follows_the_stream(open_mine: Open, centre: Centre) -> None:
    page = open_mine(FILLED, "face/F1")
    expect(page.locator(".now .number")).to_have_text("8")
    node = centre[2].session.nodes[NodeKey(FILLED, "gw-1")]
    now = centre[2].now_ms()
    peer = Peer(group=FILLED, seq=node.expected_seq)
    say(centre[2], peer.ddata(metric(alias=1, at=now, double_value=12.0), device="F1", at=now))
    expect(page.locator(".now .number")).to_have_text("12")
    say(centre[2], peer.ddata(metric(alias=1, at=now + 1, double_value=8.0), device="F1", at=now + 1))
    expect(page.locator(".now .number")).to_have_text("8")


def test_what_one_may_not_do_is_not_offered(browser: Browser, centre: Centre) -> None:
    page = browser.new_page()
    person = {"name": "li", "title": "李四", "role": "enterprise", "scope": {"kind": "mine", "of": WRONG}}
    answer = {"person": person, "may": ["see", "wall"], "sign_in": True}
    page.route("**/api/v1/session", lambda route: route.fulfill(json=answer))
    try:
        page.goto(f"{centre[0]}/mine?mine={WRONG}#alarms")
        expect(page.locator("tbody tr", has_text="滞留").first).to_be_visible(timeout=20_000)
        assert page.locator(".acts button").count() == 0
        assert page.get_by_role("button", name="登记检修窗口").count() == 0
        expect(page.locator(".shell .person")).to_contain_text("李四")
    finally:
        page.close()
