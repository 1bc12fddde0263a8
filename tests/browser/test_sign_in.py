"""Signing in and out in a real browser, before the real application with real passwords."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboards.web import ASSETS
from gateway.access.person import Kind, Person, Role, Scope
from tests.access_scene import OWN, cookies_of, scene, served
from tests.browser.axe import serious_findings

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"  # noqa: S105  (a test's)
LIMIT_MS = 30_000
SIZES = [(1920, 1080), (1440, 900), (390, 844)]
OpenPage = Callable[..., Page]


@dataclass
class Centre:
    """What the pages talk to."""

    url: str
    kiosk: str
    """The path of a wall's link that was not opened yet."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """In a thread of its own, with a user and a wall."""
    started, ended, said = threading.Event(), threading.Event(), list[Centre]()
    folder = tmp_path_factory.mktemp("sign-in")

    async def serve() -> None:
        async with scene(folder, assets=ASSETS) as one, served(one) as url:
            await one.access.add(
                Person("zhang", "张三", Role.OPERATOR, Scope(Kind.MINE, OWN)), PASSWORD, "test"
            )
            _, token = await one.access.make_kiosk(OWN, "调度室", "test")
            said.append(Centre(url, f"/wall?token={token}"))
            started.set()
            await asyncio.to_thread(ended.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            started.set()

    thread = threading.Thread(target=run, name="centre")
    thread.start()
    try:
        started.wait(120)
        yield said[0]
    finally:
        ended.set()
        thread.join(60)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows no cookie."""
    context = browser.new_context()
    context.set_default_timeout(LIMIT_MS)
    yield context
    context.close()


def open_page(
    context: BrowserContext, url: str, size: tuple[int, int] = (1440, 900)
) -> tuple[Page, list[str]]:
    """A page, and what it complains of; being told 401 is no complaint."""
    page, complaints = context.new_page(), list[str]()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.on(
        "console", lambda told: complaints.append(told.text) if "status of 401" not in told.text else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page, complaints


def test_in_by_keyboard_and_out_again(context: BrowserContext, centre: Centre) -> None:
    """From a page that was wanted back to that page; after signing out it leads to the sign-in once more."""
    wanted = f"/mine?mine={OWN}"
    page, complaints = open_page(context, f"{centre.url}{wanted}")
    expect(page).to_have_url(f"{centre.url}/sign-in?next=%2Fmine%3Fmine%3D{OWN}")
    expect(page.get_by_label("用户名")).to_be_focused()
    page.keyboard.type("zhang")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong horse")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("用户名或口令不对。")
    password = page.get_by_label("口令", exact=True)
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    assert password.get_attribute("aria-describedby") == "outcome"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{centre.url}{wanted}")
    cookie = next(each for each in context.cookies() if each["name"] == "ninebelow_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert "ninebelow_session" not in page.evaluate("document.cookie")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{centre.url}/sign-in")
    page.goto(f"{centre.url}{wanted}")
    expect(page.get_by_label("用户名")).to_be_visible()
    assert [each for each in complaints if "sign_in" in each or "Content Security" in each] == []


def test_empty_fields_are_not_sent(context: BrowserContext, centre: Centre) -> None:
    """Said, and the first one that lacks has the focus."""
    page, complaints = open_page(context, f"{centre.url}/sign-in?lang=en")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.method))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Fill in name and password.")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("zhang")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.get_by_label("Password", exact=True).fill("x")
    page.get_by_label("Show password").check()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    assert "POST" not in requests
    assert complaints == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "mine",
        "/sign-in?next=/mine",
    ],
)
def test_the_way_on_never_leads_elsewhere(context: BrowserContext, centre: Centre, elsewhere: str) -> None:
    """Whatever `next` says."""
    page, _ = open_page(context, f"{centre.url}/sign-in")
    script = """next => import('/assets/sign_in/way_on.js').then(
        (m) => m.wayOn(new URL(`/sign-in?next=${encodeURIComponent(next)}`, location)))"""
    assert page.evaluate(script, elsewhere) == "/"
    assert page.evaluate(script, "/mine?mine=1&lang=en#face/F1") == "/mine?mine=1&lang=en#face/F1"


@pytest.mark.parametrize("elsewhere", ["/.//evil.example", "/x/..//evil.example", "/%2e\\evil.example"])
def test_the_way_on_is_no_other_host_once_dots_are_gone(
    context: BrowserContext, centre: Centre, elsewhere: str
) -> None:
    """Firefox reads a path of two slashes there, as the standard says; Chromium is made to."""
    page, _ = open_page(context, f"{centre.url}/sign-in")
    script = """next => {
        window.URL = class extends URL {
            get pathname() { return super.pathname.replace(/^\\/(?=evil)/, '//'); }
        };
        return import('/assets/sign_in/way_on.js').then(
            (m) => m.wayOn(new URL(`/sign-in?next=${encodeURIComponent(next)}`, location)));
    }"""
    assert page.evaluate(script, elsewhere) == "/"


def test_the_way_on_keeps_the_place_that_the_centre_never_heard_of(
    context: BrowserContext, centre: Centre
) -> None:
    """Who was sent here from a page's place goes on to that place."""
    page, _ = open_page(context, f"{centre.url}/mine?mine=1#face/F1")
    script = "() => import('/assets/sign_in/way_on.js').then((m) => m.wayOn(new URL(location)))"
    assert page.evaluate(script) == "/mine?mine=1#face/F1"
    page.get_by_text("English").click()
    page.wait_for_url("**lang=en#face/F1")
    assert page.evaluate(script) == "/mine?mine=1#face/F1"


def test_who_is_signed_in_already_goes_on(context: BrowserContext, centre: Centre) -> None:
    """A wall's cookie leads to the wall, and to the form for whoever wants something else."""
    page, _ = open_page(context, f"{centre.url}{centre.kiosk}")
    assert page.url == f"{centre.url}/wall"
    page.goto(f"{centre.url}/sign-in?next=%2Fwall")
    page.wait_for_url(f"{centre.url}/wall")
    page.goto(f"{centre.url}/sign-in?next=%2Fmine")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("用户名")).to_be_visible()
    again, _ = open_page(context, f"{centre.url}{centre.kiosk}")
    expect(again.locator("body")).to_contain_text("this wall's link was used")


@pytest.mark.parametrize(
    ("who", "home", "offered"),
    [
        ("operator", "/wall", ["调度大屏", "矿井"]),
        ("engineer", "/wall", ["调度大屏", "矿井"]),
        ("manager", "/province", ["调度大屏", "矿井", "全省"]),
        ("enterprise", "/province", ["调度大屏", "矿井", "全省"]),
        ("duty", "/wall", ["调度大屏", "矿井", "全省"]),
    ],
)
def test_where_one_begins_is_offered(
    context: BrowserContext, centre: Centre, who: str, home: str, offered: list[str]
) -> None:
    """Whoever has the registry to edit finds back to it, of one mine too; the province's page opens for all of them."""
    secret = cookies_of(who)["ninebelow_session"]
    context.add_cookies([{"name": "ninebelow_session", "value": secret, "url": centre.url}])
    page, _ = open_page(context, f"{centre.url}/")
    assert page.url == f"{centre.url}{home}"
    for path in (f"/mine?mine={OWN}", "/province"):
        page.goto(f"{centre.url}{path}")
        places = page.get_by_role("banner").get_by_role("navigation").get_by_role("link")
        expect(places).to_have_text(offered)
    expect(page.get_by_role("heading").first).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_fits_and_reads(
    context: BrowserContext, centre: Centre, tmp_path: Path, lang: str, size: tuple[int, int]
) -> None:
    """Nothing runs over the edge, nothing serious for axe, with an error shown too."""
    page, complaints = open_page(context, f"{centre.url}/sign-in?lang={lang}", size)
    button = page.get_by_role("button", name="Sign in" if lang == "en" else "登录")
    button.click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.screenshot(path=tmp_path / "sign_in.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.lang") == ("en" if lang == "en" else "zh-CN")
    assert serious_findings(page) == []
    assert complaints == []
