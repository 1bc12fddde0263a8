"""Fixtures of more than one folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

# A busy machine takes its time: how long an example takes says nothing of the code.
settings.register_profile("ninebelow", deadline=None)
settings.load_profile("ninebelow")

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless, one per test module."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "no chromium on PATH: run scripts/test, which installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGS))
        yield browser
        browser.close()
