"""Pages of the fake centre; a page keeps what its console said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.fake_centre import FakeCentre
from tests.browser.scenes import Json

WALL = (1920, 1080)
PHONE = (390, 844)

OpenPage = Callable[..., Page]
Serve = Callable[[Json], FakeCentre]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted centres; they stop after the pages that look at them have been closed."""
    with ExitStack() as centres:
        yield lambda overview: centres.enter_context(FakeCentre(overview))


@pytest.fixture
def open_page(browser: Browser, serve: Serve) -> Iterator[OpenPage]:  # noqa: ARG001  its end comes after ours
    """Open the centre's page; at the end no page may have complained on its console, unless told `may_complain`.

    `init` is run in the page before its own scripts.
    """
    complaints: list[str] = []
    pages: list[Page] = []

    def open_page(
        centre: FakeCentre,
        *,
        lang: str = "zh",
        size: tuple[int, int] = WALL,
        may_complain: bool = False,
        is_live: bool = True,
        init: str | None = None,
    ) -> Page:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        pages.append(page)
        if not may_complain:
            page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if init is not None:
            page.add_init_script(init)
        page.goto(f"{centre.url}?lang={lang}")
        if is_live:
            page.locator("body[data-frames]").wait_for(timeout=20_000)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert complaints == []
