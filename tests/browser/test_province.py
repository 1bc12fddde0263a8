"""The province pages in a browser, over the real application: a demo registry, and one with nothing in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pypdf import PdfReader

from tests.browser.axe import serious_findings
from tests.browser.province_centre import province_centre

pytestmark = pytest.mark.browser

LANGS = ("zh", "en")
DESK, PHONE = (1440, 900), (390, 844)
HENAN, ZHENGMEI = "河南能源化工集团", "郑煤集团"
PROJECT = "演示一矿 2102 采煤面"
PLACES = (
    "#overview", "#table", "#table/cumulative", "#projects/unit=合计/kind=driving_face/accepted=..2022",
    "#targets", "#compliance", "#compliance/chambers", "#compliance/mines", "#compliance/evidence", "#rewards",
    "#rewards/sum=paid_wan/unit=郑煤集团/year=2021",
    "#bulletins/quarter", "#data", "#data/projects", "#data/projects/new", "#data/audit", "#import",
)  # fmt: skip
DEMO_PLACES = (
    f"#unit/{HENAN}",
    "#mine/演示一矿",
    f"#project/{PROJECT}",
    "#face/990000000001/F14031",
    "#data/projects/1",
)
BROKEN = re.compile(r"undefined|NaN|\[object|\bnull\b")
API = "/api/v1/registry"

Open = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """The machine may be busy, and the centre counts a whole province."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a centre with the demo's data."""
    with province_centre(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a centre whose registry is empty."""
    with province_centre(tmp_path_factory.mktemp("bare"), filled=False) as url:
        yield url


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open a place; at the end no page may have complained on its console, unless told `may_complain`."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def open_(
            url: str,
            place: str = "",
            *,
            lang: str = "zh",
            size: tuple[int, int] = DESK,
            who: str | None = None,
            may_complain: bool = False,
        ) -> Page:
            context = browser.new_context(viewport={"width": size[0], "height": size[1]})
            contexts.callback(context.close)
            if who is not None:
                context.add_cookies([{"name": "as", "value": who, "url": url}])
            page = context.new_page()
            if not may_complain:
                page.on("console", lambda said: complaints.append(f"{place} {said.type}: {said.text}"))
            page.on("pageerror", lambda error: complaints.append(f"{place} {error}"))
            page.goto(f"{url}/province?lang={lang}{place}")
            settled(page)
            return page

        yield open_
    assert complaints == []


def settled(page: Page) -> None:
    """Wait until a place shows what it has: no panel waits any more."""
    page.locator("main h1").first.wait_for(timeout=30_000)
    waiting = re.compile(r"^(正在读取|Reading)$")
    expect(page.locator("main .empty strong:visible, main .figure").filter(has_text=waiting)).to_have_count(
        0, timeout=60_000
    )


GO = """hash => {
    const before = location.hash;
    location.hash = hash;
    if (location.hash !== before) document.querySelector("main h1").dataset.left = "";
}"""


def go(page: Page, place: str) -> None:
    """Go to another place of the page; it may have to be fetched first."""
    page.evaluate(GO, place)
    expect(page.locator("main h1[data-left]")).to_have_count(0)
    settled(page)


def heading(page: Page) -> str:
    """What the place is called."""
    return page.locator("main h1").first.inner_text()


def is_too_wide(page: Page) -> bool:
    """Must the page be scrolled sideways?"""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", LANGS)
def test_every_place_opens_with_demo_data(opened: Open, demo: str, lang: str, size: tuple[int, int]) -> None:
    page = opened(demo, lang=lang, size=size)
    for place in (*PLACES, *DEMO_PLACES):
        go(page, place)
        assert heading(page), place
        assert BROKEN.findall(page.locator("body").inner_text()) == [], place
        assert not is_too_wide(page), place
        expect(page.locator(".shell .demo")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_every_place_opens_with_an_empty_registry(opened: Open, bare: str, lang: str) -> None:
    page = opened(bare, lang=lang)
    for place in PLACES:
        go(page, place)
        assert heading(page), place
        assert BROKEN.findall(page.locator("body").inner_text()) == [], place
        expect(page.locator(".shell .demo")).to_be_hidden()


@pytest.mark.parametrize("place", [*PLACES, *DEMO_PLACES])
def test_nothing_serious_for_axe(opened: Open, demo: str, place: str) -> None:
    assert serious_findings(opened(demo, place)) == []


def test_nothing_serious_for_axe_on_a_phone_in_english(opened: Open, demo: str) -> None:
    page = opened(demo, lang="en", size=PHONE)
    for place in ("#overview", "#table", "#data/projects/1"):
        go(page, place)
        assert serious_findings(page) == [], place


@pytest.mark.parametrize("reading", ["#table", "#table/cumulative"])
def test_every_figure_of_the_table_opens_as_many_projects(opened: Open, demo: str, reading: str) -> None:
    """Accepted and completed; what is planned is said beside what is registered for it."""
    page = opened(demo, reading)
    figures = page.locator("table.plan a.accepted, table.plan a.completed").evaluate_all(
        "links => links.map((link) => [link.hash, link.textContent])"
    )
    assert len(figures) > 60
    for place, figure in figures:
        go(page, place)
        if figure == "0":
            expect(page.locator("main .empty")).to_be_visible()
        else:
            expect(page.locator("main h2").first).to_have_text(f"{figure} 个项目")
            assert page.locator("table.data tbody tr").count() == int(figure)


def test_the_table_is_the_answer_of_the_centre(opened: Open, demo: str) -> None:
    progress = httpx.get(f"{demo}/api/v1/plan/progress").json()
    page = opened(demo, "#table")
    row = page.locator("table.plan tbody tr").filter(has_text=ZHENGMEI)
    shown = [cell.split()[0] if "/" in cell else None for cell in row.locator("td").all_inner_texts()]
    kinds = ("mining_face", "driving_face", "demonstration_mine")
    told = {(each["kind"], each["year"]): each for each in progress["rows"] if each["enterprise"] == ZHENGMEI}
    for place, (year, kind) in enumerate((year, kind) for year in (2021, 2022, 2023) for kind in kinds):
        of = told[kind, year]
        has_something = of["planned"] or of["accepted"] or of["completed"]
        assert shown[place] == (str(of["accepted"]) if has_something else None)


def test_cells_lag_when_their_year_is_due(opened: Open, demo: str) -> None:
    page = opened(demo, "#table")
    tinted = page.locator("table.plan td[data-tone=over]")
    assert tinted.count() == 9  # 2021 alone is due
    assert all("滞后" in text for text in tinted.all_text_contents())


def test_down_from_the_table_to_the_headcounts(opened: Open, demo: str) -> None:
    page = opened(demo, "#table")
    for name, title in (
        (HENAN, HENAN),
        ("演示一矿", "演示一矿"),
        (PROJECT, PROJECT),
        ("14031 采煤面", "演示一矿 14031 采煤面"),
    ):
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator("main h1")).to_have_text(title)
        settled(page)
    assert page.locator("table.data tbody tr").count() == 89
    expect(page).to_have_title("演示一矿 14031 采煤面 · 九人以下 ninebelow")
    trend = page.get_by_role("link", name="人数曲线").first.get_attribute("href")
    assert trend == "/mine?lang=zh&mine=990000000001#face/F14031/2022-10-31"
    trail = page.locator(".trail a").all_inner_texts()
    assert trail == ["计划进度", HENAN, "演示一矿", PROJECT]
    page.go_back()
    expect(page.locator("main h1")).to_have_text(PROJECT)


@pytest.mark.parametrize("place", ["#data", "#data/projects", "#data/audit", "#import"])
def test_without_a_registry_it_says_where_data_comes_from(opened: Open, bare: str, place: str) -> None:
    page = opened(bare, may_complain=True)
    page.route("**/api/v1/registry", lambda route: route.fulfill(status=404, json={"detail": "Not Found"}))
    go(page, place)
    expect(page.locator("main .empty").filter(has_text="没有登记库").first).to_be_visible()


def test_a_unit_in_time_is_not_told_to_add_projects(opened: Open, demo: str) -> None:
    page = opened(demo, f"#unit/{ZHENGMEI}")
    expect(page.locator("main .panel").last).to_contain_text("没有逾期项目")
    expect(page.locator("main .panel").last).not_to_contain_text("添加")


def test_another_day(opened: Open, demo: str) -> None:
    page = opened(demo, "#table")
    total = page.locator("table.plan tr.total td").first
    before = total.text_content() or ""
    page.get_by_label("截至").fill("2021-06-30")
    expect(total).not_to_have_text(before)
    assert "as_of=2021-06-30" in page.url
    assert page.locator("table.plan td[data-tone=over]").count() == 0
    page.get_by_role("button", name="回到今天").click()
    expect(total).to_have_text(before)


def test_a_keyboard_opens_a_figure(opened: Open, demo: str) -> None:
    page = opened(demo, "#table")
    page.locator("table.plan a.accepted").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("2021 年验收")
    expect(page.locator("main h1")).to_be_focused()


@pytest.mark.parametrize(
    "place", ["#overview", "#table", "#targets", "#compliance/evidence", "#mine/演示一矿"]
)
def test_no_row_hides_the_line_above_it_on_a_phone(opened: Open, demo: str, place: str) -> None:
    """What stays in sight is drawn on whole pixels: a row that ends between two would be drawn over."""
    page = opened(demo, place, size=PHONE)
    heights = page.locator("main .wide tr").evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect().height)"
    )
    assert heights
    assert [height for height in heights if height % 1] == []


def test_key_figures_are_links_to_what_they_count(opened: Open, demo: str) -> None:
    page = opened(demo, "#overview")
    expect(page.locator(".key a.card")).to_have_count(6)
    card = page.locator(".key a.card").first
    figure = card.locator(".figure").inner_text().split()[0]
    card.click()
    expect(page.locator("main h2").first).to_have_text(f"{figure} 个项目")


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], "0.0000"),
        (["0.1000", "0.2000", None], "0.3000"),
        (["9007199254740993.0001", "-0.0002"], "9007199254740992.9999"),
        (["-1.5000", "1.0000"], "-0.5000"),
    ],
)
def test_amounts_are_added_exactly(opened: Open, bare: str, amounts: list[str | None], expected: str) -> None:
    page = opened(bare)
    script = "amounts => import('/assets/province/amounts.js').then((m) => m.total(amounts))"
    assert page.evaluate(script, amounts) == expected


@pytest.mark.parametrize("place", ["#overview", "#compliance", "#compliance/chambers", f"#unit/{ZHENGMEI}"])
def test_figures_open_as_many_as_they_count(opened: Open, demo: str, place: str) -> None:
    """Those of the plan say what is registered for them; what is short is no list and leads to its unit."""
    page = opened(demo, place)
    links = page.locator("main td a").evaluate_all(
        "links => links.map((link) => [link.hash, link.textContent])"
    )
    figures = list(dict.fromkeys((hash_, text) for hash_, text in links if text.isdigit()))[:40]
    assert len(figures) > 20
    for hash_, figure in figures:
        if hash_.startswith("#unit"):
            continue
        go(page, hash_)
        if "/planned%3D" in hash_ and "%3Dtrue" not in hash_:
            expect(page.locator("main .panel .note").first).to_contain_text(f"计划表为 {figure} 个")
        else:
            expect(page.locator("main h2").first).to_have_text(re.compile(f"^{figure} "))
            assert page.locator("table.data tbody tr").count() == int(figure)


def test_every_sum_of_the_rewards_opens_the_projects_that_it_adds_up(opened: Open, demo: str) -> None:
    page = opened(demo, "#rewards")
    links = "links => links.map((link) => [link.hash, link.textContent])"
    cells = page.locator("td.number a[href^='#rewards/']").evaluate_all(links)
    cards = page.locator("a.card").evaluate_all(
        "cards => cards.map((card) => [card.hash, card.querySelector('.figure').firstChild.textContent])"
    )
    assert len(cards) == 5
    assert len(cells) > 20
    for place, figure in cells:
        go(page, place)
        expect(page.locator("main .panel p").first).to_contain_text(f" {figure} 万元")
        assert page.locator("table.data tbody tr").count() > 0
    *sums, (unclear, count) = cards
    for place, figure in sums:
        go(page, place)
        expect(page.locator("main .panel p").first).to_contain_text(f" {figure}")
    go(page, unclear)
    expect(page.locator("main h2").first).to_have_text(f"{count} 个项目")
    assert page.locator("table.data tbody tr").count() == int(count)


def test_who_has_no_data_has_no_rank_and_is_as_loud(opened: Open, demo: str) -> None:
    page = opened(demo, "#compliance")
    blind = page.locator("table.data tbody tr").filter(has_text=ZHENGMEI).first
    expect(blind).to_have_attribute("data-tone", "unknown")
    assert "无数据" in blind.inner_text()
    assert "0" not in blind.locator("td").first.inner_text()


def project_row(demo: str, name: str) -> dict[str, Any]:
    """A project as it is stored."""
    rows: list[dict[str, Any]] = httpx.get(f"{demo}{API}/projects").json()["rows"]
    return next(row for row in rows if row["project"] == name)


def test_enter_saves_and_the_bar_shows_where_one_is(opened: Open, demo: str) -> None:
    row = project_row(demo, "演示五矿 1301 运输巷掘进面")
    page = opened(demo, f"#data/projects/{row['id']}", size=PHONE)
    expect(page.locator("nav.places a[aria-current]")).to_be_in_viewport(ratio=1)
    page.get_by_label("投入升级改造资金（万元）").fill("360")
    page.get_by_label("修改原因").fill("更正")
    page.keyboard.press("Enter")
    expect(page.locator(".outcome")).to_have_text("已保存。")
    assert project_row(demo, row["project"])["investment_wan"] == "360"


def save(page: Page, why: str) -> None:
    """Give a reason and save."""
    page.get_by_label("修改原因").fill(why)
    page.get_by_role("button", name="保存", exact=True).click()


def test_a_project_edited_shows_in_its_history(opened: Open, demo: str) -> None:
    row = project_row(demo, "演示二矿 1101 采煤面")
    page = opened(demo, f"#data/projects/{row['id']}")
    page.get_by_label("投入升级改造资金（万元）").fill("2222.25")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".outcome")).to_have_text("请填写修改原因。")
    save(page, "审计核减")
    expect(page.locator(".outcome")).to_have_text("已保存。")
    expect(page.locator(".outcome")).to_be_in_viewport()
    expect(page.get_by_role("button", name="保存", exact=True)).to_be_focused()
    last = page.locator(".history > li").first
    expect(last).to_contain_text("审计核减")
    expect(last.locator("ins")).to_have_text("2222.25")
    expect(last.locator("strong")).to_have_text("演示（demo）")
    go(page, f"#project/{row['project']}")
    expect(page.locator(".history > li").first).to_contain_text("审计核减")
    go(page, "#data/audit")
    expect(page.locator("table.data tbody tr").first).to_contain_text("→ 2222.25")


def test_what_must_be_filled_in_is_counted_with_the_reason(opened: Open, demo: str) -> None:
    page = opened(demo, "#data/payments/new")
    page.get_by_role("button", name="保存", exact=True).click()
    blamed = page.locator("[aria-invalid=true]")
    expect(blamed.last).to_have_id("why")
    expect(page.locator(".outcome")).to_have_text(f"有 {blamed.count()} 处必须填写。")
    expect(page.locator(".field-box .fault").filter(has_text="必须填写")).to_have_count(blamed.count())
    assert serious_findings(page) == []


def test_what_cannot_be_is_told_at_its_field(opened: Open, demo: str) -> None:
    row = project_row(demo, "演示三矿 1201 采煤面")
    page = opened(demo, f"#data/projects/{row['id']}", may_complain=True)
    page.get_by_label("投入升级改造资金（万元）").fill("很多")
    save(page, "试")
    field = page.get_by_label("投入升级改造资金（万元）")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator(".field-box .fault").filter(has_text="很多")).to_be_visible()
    assert project_row(demo, row["project"])["revision"] == row["revision"]


def test_two_at_once_are_shown_side_by_side(opened: Open, demo: str) -> None:
    row = project_row(demo, "演示四矿 2201 采煤面")
    page = opened(demo, f"#data/projects/{row['id']}", may_complain=True)
    other = {
        "why": "补文号",
        "row": {"project": row["project"], "started_document": "开工 9 号"},
        "revision": row["revision"],
    }
    httpx.post(f"{demo}{API}/projects", json=other).raise_for_status()
    page.get_by_label("投入升级改造资金（万元）").fill("3333")
    save(page, "我的修改")
    conflict = page.locator(".conflict")
    expect(conflict).to_contain_text("补文号")
    expect(conflict.locator("tbody tr")).to_have_count(2)
    conflict.get_by_role("button", name="保留我的修改并保存").click()
    expect(page.locator(".outcome")).to_have_text("已保存。")
    stored = project_row(demo, row["project"])
    assert (stored["started_document"], stored["investment_wan"]) == ("开工 9 号", "3333")


def test_an_acceptance_is_added_closed_and_reopened(opened: Open, demo: str) -> None:
    page = opened(demo, "#data/acceptances/new")
    page.get_by_label("项目", exact=False).first.fill(PROJECT)
    page.get_by_label("验收日期").fill("2022-10-20")
    page.get_by_label("结果").select_option("failed")
    save(page, "复验")
    expect(page.locator("main h1")).to_have_text(f"{PROJECT} · 2022-10-20")
    expect(page.locator(".outcome")).to_have_text("已保存。")
    page.get_by_label("修改原因").fill("录入有误")
    page.get_by_role("button", name="关闭", exact=True).click()
    expect(page.locator(".outcome")).to_have_text("已于 2022-10-31 关闭")
    page.get_by_label("修改原因").fill("无误")
    page.get_by_role("button", name="重新启用").click()
    expect(page.locator(".outcome")).to_have_text("已重新启用。")
    steps = page.locator(".history > li > p:first-child")
    expect(steps).to_have_count(3)
    assert [text.split()[1] for text in steps.all_inner_texts()] == ["重新启用", "关闭", "新增"]
    go(page, f"#project/{PROJECT}")
    expect(page.locator("table").filter(has_text="未通过")).to_be_visible()


FAULTY = """项目,企业,煤矿,类别,计划年度,验收日期
导入一,河南能源化工集团,演示一矿,采煤工作面,2021,2021-13-01
导入二,没有的企业,演示一矿,不知道,20x,
"""
A_CODE_TWICE = """煤矿,煤矿编码,企业
导入矿,990000000001,河南能源化工集团
"""
SOUND = """项目,企业,煤矿,类别,计划年度
导入三,河南能源化工集团,演示一矿,采煤工作面,2023
"""


def csv_file(text: str) -> FilePayload:
    """A file as a field takes it."""
    return {"name": "projects.csv", "mimeType": "text/csv", "buffer": text.encode()}


def test_an_import_with_faults_lists_them_and_writes_nothing(opened: Open, demo: str) -> None:
    page = opened(demo, "#import", may_complain=True)
    page.get_by_label("文件", exact=True).set_input_files(csv_file(FAULTY))
    page.get_by_label("修改原因").fill("首次填报")
    take = page.get_by_role("button", name="写入", exact=True)
    expect(take).to_be_disabled()
    page.get_by_role("button", name="检查（不写入）").click()
    faults = page.locator(".faults tbody tr")
    expect(faults).to_have_count(4)
    assert {(row.split("\t")[0], row.split("\t")[2]) for row in faults.all_inner_texts()} == {
        ("2", "验收日期"), ("3", "企业"), ("3", "类别"), ("3", "计划年度"),
    }  # fmt: skip
    assert serious_findings(page) == []
    expect(take).to_be_disabled()
    page.get_by_label("文件", exact=True).set_input_files(csv_file(SOUND))
    page.get_by_role("button", name="检查（不写入）").click()
    expect(page.locator(".outcome").last).to_contain_text("将新增 1 行")
    rows = httpx.get(f"{demo}{API}/projects").json()["rows"]
    assert "导入三" not in {row["project"] for row in rows}
    take.click()
    expect(page.locator(".outcome").last).to_contain_text("已写入：新增 1 行")
    assert project_row(demo, "导入三")["planned_year"] == 2023


def test_an_import_names_the_column_that_a_fault_begins_with(opened: Open, demo: str) -> None:
    page = opened(demo, "#import", may_complain=True)
    page.get_by_label("文件", exact=True).set_input_files(csv_file(A_CODE_TWICE))
    page.get_by_label("csv 的表").select_option("mines")
    page.get_by_label("修改原因").fill("首次填报")
    page.get_by_role("button", name="检查（不写入）").click()
    fault = page.locator(".faults tbody tr")
    expect(fault).to_contain_text("已用于“演示一矿”：请核对")
    assert fault.inner_text().split("\t")[2] == "煤矿编码"


def test_files_come_with_their_names_and_say_how_it_goes(opened: Open, demo: str) -> None:
    page = opened(demo, "#bulletins")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Excel（xlsx）", exact=True).click()
    assert waiting.value.suggested_filename == "演示数据-煤矿智能化建设通报-2022年10月-2022-10-31.xlsx"
    assert Path(waiting.value.path()).read_bytes()[:2] == b"PK"
    expect(page.locator(".outcome").first).to_contain_text("已保存")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON").click()
    assert waiting.value.suggested_filename == "演示数据-通报-2022-10-31.json"
    told = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    expect(page.locator(".paper header")).to_contain_text(told["id"][:16])
    go(page, "#import")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="空白登记表（xlsx）").click()
    assert waiting.value.suggested_filename == "登记表模板.xlsx"


def test_somebody_of_an_enterprise_is_offered_their_own(opened: Open, demo: str) -> None:
    page = opened(demo, "#overview", who="enterprise")
    assert "通报" not in page.locator("nav.places").inner_text()
    assert "0" not in page.locator(".key .card").nth(3).locator(".figure").inner_text()  # blind, not 0 %
    assert heading(page) == f"{ZHENGMEI} 概览"
    go(page, "#table")
    assert page.locator("table.plan tbody tr th").all_inner_texts() == [ZHENGMEI]
    go(page, "#targets")
    assert page.locator("main thead").first.inner_text().split() == ["目标", "方案目标", "计划表"]
    go(page, "#compliance")
    assert page.get_by_role("group", name="看什么").get_by_role("button").all_inner_texts() == [
        "验收与表现",
        "硐室",
    ]
    go(page, "#data/projects")
    rows = page.locator("table.data tbody tr")
    assert 0 < rows.count() < 40
    rows.first.get_by_role("link").click()
    settled(page)
    expect(page.get_by_label("验收日期")).to_be_disabled()
    expect(page.get_by_label("开工日期")).to_be_enabled()
    go(page, "#data/payments")
    rows.first.get_by_role("link").click()
    settled(page)
    expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)


@pytest.mark.parametrize("who", ["mine", "reader"])
def test_every_place_opens_for_people_who_see_less_or_only_look(opened: Open, demo: str, who: str) -> None:
    page = opened(demo, who=who)
    for place in (*PLACES, "#mine/演示一矿"):
        go(page, place)
        assert BROKEN.findall(page.locator("body").inner_text()) == [], place
    go(page, "#data/projects/1") if who == "reader" else None
    expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)


def test_the_other_language_shows_the_same_place_and_day(opened: Open, demo: str) -> None:
    page = opened(demo, "#overview")
    go(page, f"#unit/{quote(HENAN)}")
    page.get_by_label("截至").fill("2022-06-30")
    expect(page.get_by_role("button", name="回到今天")).to_be_visible()
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.locator("main h1")).to_have_text("Henan Energy")
    assert "as_of=2022-06-30" in page.url
    assert page.get_by_label("As of").input_value() == "2022-06-30"


def test_on_paper_there_is_the_table_its_day_and_the_mark(opened: Open, demo: str) -> None:
    page = opened(demo, "#table")
    page.emulate_media(media="print")
    expect(page.locator("nav.places")).to_be_hidden()
    expect(page.locator(".shell .demo")).to_be_visible()
    expect(page.locator(".title .only-print")).to_have_text("2022-10-31")
    width = page.locator("table.plan").evaluate(
        "table => table.scrollWidth - table.parentElement.clientWidth"
    )
    assert width <= 0


def test_on_paper_every_page_has_the_heads_of_its_table(opened: Open, demo: str) -> None:
    page = opened(demo, "#rewards")
    paper = PdfReader(BytesIO(page.pdf(format="A4", landscape=True)))
    for sheet in paper.pages[1:]:
        assert "建成年度" in sheet.extract_text()
    assert len(paper.pages) > 3


def test_a_place_whose_files_do_not_come_says_so_and_the_next_one_opens(demo: str, opened: Open) -> None:
    """Places are fetched when somebody goes there, and the centre may be away then."""
    page = opened(demo, may_complain=True)
    page.route("**/import_place.js", lambda route: route.abort())
    page.get_by_role("link", name="导入导出", exact=True).click()
    expect(page.get_by_text("采集中心没有应答")).to_be_visible()
    page.get_by_role("link", name="奖补", exact=True).click()
    expect(page.locator("h1")).to_have_text("以奖代补")
    page.unroute("**/import_place.js")
    page.get_by_role("link", name="导入导出", exact=True).click()
    expect(page.locator("main[data-place=import] h1")).to_be_visible()
