"""axe-core in a page: what it finds against WCAG 2.1 A and AA; installed by tests/peers/install."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

AXE: Final = Path(__file__).parents[2] / ".peers" / "node" / "node_modules" / "axe-core" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
SERIOUS: Final = frozenset({"serious", "critical"})


@cache
def source() -> str:
    """The library's text."""
    assert AXE.exists(), "axe-core is not installed: run scripts/test, or tests/peers/install"
    return AXE.read_text("utf-8")


def serious_findings(page: Page, *, within: str = "body") -> list[str]:
    """What is wrong with the page as it stands now: `rule: help | element | why`, serious and critical ones only.

    Args:
        page: A page that shows what is to be judged; hidden parts are not judged.
        within: A selector; only what lies in it is judged.
    """
    page.evaluate(source())
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    script = f"within => axe.run(within, {json.dumps(options)}).then(found => found.violations)"
    violations: list[dict[str, Any]] = page.evaluate(script, within)
    return [
        f"{found['id']}: {found['help']} | {node['html'][:120]} | {node['failureSummary']}"
        for found in violations
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]
