"""Every query of every dashboard, variable and alert rule, on a real InfluxDB that the real pipeline has filled.

By the account that Grafana has, on the config that we ship. A page of a face or a chamber serves all of them: a query
must find data for one of them at least, since none has every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from simulators import plant
from tests.deployed import MINE, our_influxd
from tests.filled_store import Filled, columns, filled
from tests.grafana_pages import (
    DASHBOARDS,
    NOW_MS,
    RULES,
    Asked,
    expanded,
    panels_of,
    queries_of,
    variables_of,
)

pytestmark = pytest.mark.timeout(400)

QUERIES = [asked for page in DASHBOARDS.values() for asked in queries_of(page)]
FACES = [area.code for area in plant.FACES]
CHAMBERS = [area.code for area in plant.CHAMBERS]
CHOICES: dict[str, list[str]] = {"mine": [MINE], "face": FACES, "chamber": CHAMBERS}
MINUTE_MS = 60_000
FAR_BACK_MS = 40 * 86_400_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with our_influxd(tmp_path_factory.mktemp("influxdb")) as url:
        yield filled(url)


def chosen(page: str) -> Iterator[dict[str, str]]:
    """Every way to choose among what a page offers."""
    names = [*variables_of(DASHBOARDS[page])]
    for values in product(*(CHOICES[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def answers(store: Filled, asked: Asked) -> Iterator[dict[str, list[Any]]]:
    """What each choice gives, by column."""
    to_ms = store.alive_ms if asked.is_of_now else store.to_ms
    begun_ms = store.from_ms if "time(" in asked.query else store.from_ms - FAR_BACK_MS
    from_ms = to_ms - NOW_MS if asked.is_of_now else begun_ms
    for choices in chosen(asked.page):
        yield columns(store.ask(expanded(asked.query, from_ms, to_ms, choices)))


@pytest.mark.parametrize("asked", QUERIES, ids=str)
def test_every_query_finds_data(store: Filled, asked: Asked) -> None:
    """Every column that is asked for holds something."""
    found = [*answers(store, asked)]
    assert any(answer and all(answer.values()) for answer in found), (asked.query, found)


@pytest.mark.parametrize("page", DASHBOARDS)
def test_every_variable_offers_what_is_there(store: Filled, page: str) -> None:
    """The mine, its faces, its chambers, and nothing else."""
    for name, variable in variables_of(DASHBOARDS[page]).items():
        query = expanded(variable["query"]["query"], 0, store.to_ms, {"mine": MINE})
        offered = [row[1] for one in store.ask(query) for row in one["values"]]
        assert sorted(offered) == sorted(CHOICES[name]), name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["uid"])
def test_every_alert_rule_finds_its_series(store: Filled, rule: dict[str, Any]) -> None:
    """One number for each series, as Grafana's alerting wants them, with the labels that its text names."""
    query = expanded(rule["data"][0]["model"]["query"], 0, store.alive_ms, {})
    found = store.ask(query)
    assert found
    for one in found:
        assert all(isinstance(value, int | float) for row in one["values"] for value in row[1:])
        for label in ("mine", "area", "gateway", "unit"):
            assert f".Labels.{label}" not in rule["annotations"]["summary"] or label in one["tags"]


def fires(store: Filled, uid: str, at_ms: int) -> set[str]:
    """Areas and gateways for which a rule holds at an instant, judged as its condition says."""
    (rule,) = (rule for rule in RULES if rule["uid"] == uid)
    evaluator = rule["data"][2]["model"]["conditions"][0]["evaluator"]
    marks = evaluator["params"]
    low = float("-inf") if evaluator["type"] == "lt" else marks[0]
    high = float("inf") if evaluator["type"] == "gt" else marks[-1]
    series = store.ask(expanded(rule["data"][0]["model"]["query"], 0, at_ms, {}))
    return {
        str(one["tags"].get("area", one["tags"].get("gateway")))
        for one in series
        if low < one["values"][-1][1] < high
    }


def course(store: Filled, uid: str) -> list[set[str]]:
    """For what a rule holds, minute by minute from when everything had begun."""
    return [
        fires(store, uid, at_ms) for at_ms in range(store.from_ms + 10 * MINUTE_MS, store.alive_ms, MINUTE_MS)
    ]


@pytest.mark.parametrize(
    ("uid", "whom"), [("ninebelow-face-over", "F14031"), ("ninebelow-gas", "F14031")], ids=["over", "gas"]
)
def test_a_rule_fires_for_whom_it_should_and_for_no_other(store: Filled, uid: str, whom: str) -> None:
    """Too many people and methane came to one face, and went away."""
    seen = course(store, uid)
    assert set().union(*seen) == {whom}
    assert seen[-1] == set()


@pytest.mark.parametrize(
    ("uid", "whom"), [("ninebelow-face-blind", "F12090"), ("ninebelow-chamber-blind", "C-HOIST")]
)
def test_missing_data_fires_while_it_is_missing(store: Filled, uid: str, whom: str) -> None:
    """The positioning system did not answer for a while."""
    seen = [whom in firing for firing in course(store, uid)]
    assert True in seen
    assert not seen[0]
    assert not seen[-1]


def test_a_gateway_that_is_away_fires(store: Filled) -> None:
    """At the end it was stopped."""
    assert fires(store, "ninebelow-gateway-offline", store.alive_ms) == set()
    assert fires(store, "ninebelow-gateway-offline", store.to_ms) == {"gw-1"}


def test_a_gap_is_empty_and_not_bridged(store: Filled) -> None:
    """While a face's headcount was not known its line is broken, and after that it goes on."""
    title = "在面人数与限员 / Headcount and limit"
    (asked,) = (
        one for one in queries_of(DASHBOARDS["ninebelow-face"]) if (one.title, one.ref) == (title, "A")
    )
    from_ms = store.from_ms + 20 * MINUTE_MS
    query = expanded(asked.query, from_ms, store.alive_ms, {"mine": MINE, "face": "F12090"})
    (series,) = store.ask(query)
    known = [value is not None for _, value in series["values"]]
    assert known[0]
    assert known[:-1].count(False) >= 3
    assert known[-2]


def test_every_panel_is_asked() -> None:
    """No panel without a query; six pages."""
    assert len(DASHBOARDS) == 6
    assert all(panel["targets"] for page in DASHBOARDS.values() for panel in panels_of(page))
