"""One headless Chromium per test module; a page that keeps what its console said."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.fake_centre import FakeCentre
from tests.browser.scenes import Json

_ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

WALL = (1920, 1080)
PHONE = (390, 844)

OpenPage = Callable[..., Page]
Serve = Callable[[Json, Json | None], FakeCentre]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; the tests are skipped, and counted, where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGS))
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted centres; they stop after the pages that look at them have been closed."""
    with ExitStack() as centres:
        yield lambda overview, progress: centres.enter_context(FakeCentre(overview, progress))


@pytest.fixture
def open_page(browser: Browser, serve: Serve) -> Iterator[OpenPage]:  # noqa: ARG001  its end comes after ours
    """Open the centre's page; at the end no page may have complained on its console, unless told `may_complain`."""
    complaints: list[str] = []
    pages: list[Page] = []

    def open_page(
        centre: FakeCentre,
        *,
        lang: str = "zh",
        size: tuple[int, int] = WALL,
        may_complain: bool = False,
        is_live: bool = True,
    ) -> Page:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        pages.append(page)
        if not may_complain:
            page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{centre.url}?lang={lang}")
        if is_live:
            page.locator("body[data-frames]").wait_for(timeout=20_000)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert complaints == []
