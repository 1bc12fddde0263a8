"""Grafana's part in the tests: dashboards taken apart, and queries as Grafana sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
GRAFANA: Final = ROOT / "deploy" / "grafana"
DASHBOARDS: Final[dict[str, dict[str, Any]]] = {
    page["uid"]: page
    for page in (
        json.loads(file.read_text("utf-8")) for file in sorted((GRAFANA / "dashboards").glob("*.json"))
    )
}
RULES: Final[list[dict[str, Any]]] = json.loads(
    (GRAFANA / "provisioning/alerting/ninebelow.yaml").read_text("utf-8")
)["groups"][0]["rules"]
NOW_MS: Final = 180_000


@dataclass(frozen=True)
class Asked:
    """One query of one panel."""

    page: str
    title: str
    ref: str
    query: str
    is_of_now: bool
    """The panel looks back three minutes, whatever time the page shows."""

    def __str__(self) -> str:
        """As a test is called."""
        return f"{self.page.removeprefix('ninebelow-')}: {self.title.partition(' / ')[2]} {self.ref}"


def panels_of(page: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Panels, those of folded rows too; not the rows."""
    for panel in page["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def queries_of(page: Mapping[str, Any]) -> Iterator[Asked]:
    """Every query of a page."""
    for panel in panels_of(page):
        for target in panel["targets"]:
            is_of_now = panel.get("timeFrom") == "3m"
            yield Asked(page["uid"], panel["title"], target["refId"], target["query"], is_of_now)


def variables_of(page: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A page's variables that the store offers values for."""
    return {one["name"]: one for one in page["templating"]["list"] if one["type"] == "query"}


def expanded(
    query: str, from_ms: int, to_ms: int, choices: Mapping[str, str], *, interval: str = "60s"
) -> str:
    """As Grafana sends it, with one value chosen of each variable."""
    query = query.replace("$timeFilter", f"time >= {from_ms}ms and time <= {to_ms}ms")
    query = query.replace("$__interval", interval)
    query = re.sub(r"time > now\(\) - (\w+)", rf"time > {to_ms}ms - \1 and time <= {to_ms}ms", query)
    for name, value in choices.items():
        query = query.replace(f"/^${name}$/", f"/^({value})$/").replace(f"${name}", value)
    assert "$" not in query.replace("$/", ""), query
    return query
