"""Dashboards and alert rules as they are built: sound, in two languages, honest about gaps, and what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types; used here to read files

from dashboards.grafana import looks
from dashboards.grafana.bundle import PROVIDER, files
from gateway.live.gaps import Cause, Outcome
from rules.alarms.alarm import Priority
from rules.alarms.alarm import State as AlarmState
from rules.chambers.rule import Level
from rules.chambers.rule import State as ChamberState
from rules.staffing import Reason, Verdict
from rules.standing import FaceReason, FaceState
from tests.grafana_pages import DASHBOARDS, GRAFANA, RULES, panels_of, queries_of

BUILT = files()
PAGES = list(DASHBOARDS.values())
PANELS = [
    pytest.param(page, panel, id=f"{page['uid']} {panel['id']}")
    for page in PAGES
    for panel in panels_of(page)
]
BUILT_IN = {"timeFilter", "__interval"}


@pytest.mark.parametrize("path", BUILT)
def test_what_is_shipped_is_what_the_code_builds(path: str) -> None:
    """`ninebelow dashboards build` mends it."""
    assert (GRAFANA / path).read_text(encoding="utf-8") == BUILT[path]


def test_nothing_else_is_shipped() -> None:
    """A dashboard that is built no more would stay in people's Grafana."""
    shipped = {path.relative_to(GRAFANA).as_posix() for path in GRAFANA.rglob("*") if path.is_file()}
    assert shipped == set(BUILT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["uid"])
def test_panels_are_numbered_and_do_not_overlap(page: dict[str, Any]) -> None:
    """Ids of their own, within 24 columns; those of a folded row below it."""
    everything = [panel for top in page["panels"] for panel in (top, *top.get("panels", ()))]
    assert len({panel["id"] for panel in everything}) == len(everything)
    for panels in ([*page["panels"]], *(row["panels"] for row in page["panels"] if row["type"] == "row")):
        taken: set[tuple[int, int]] = set()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
            assert not cells & taken, panel["title"]
            assert max(x for x, _ in cells) < 24
            taken |= cells


@pytest.mark.parametrize(("page", "panel"), PANELS)
def test_a_panel_says_what_it_shows(page: dict[str, Any], panel: dict[str, Any]) -> None:
    """Chinese first, then English, title and description; by the data source that is chosen."""
    for words in (panel["title"], panel["description"]):
        chinese, slash, english = words.partition(" / ")
        assert slash, words
        assert re.search(r"[\u4e00-\u9fff]", chinese), words
        assert not re.search(r"[\u4e00-\u9fff]", english), words
        assert re.search(r"[A-Za-z]", english), words
    assert panel["description"].partition(" / ")[0].endswith("。")
    assert all(
        target["datasource"] == {"type": "influxdb", "uid": "${datasource}"} for target in panel["targets"]
    )
    known = {variable["name"] for variable in page["templating"]["list"]} | BUILT_IN
    used = {name for target in panel["targets"] for name in re.findall(r"\$(\w+)", target["query"])}
    assert used <= known


@pytest.mark.parametrize(("page", "panel"), PANELS)
def test_no_data_is_visible(page: dict[str, Any], panel: dict[str, Any]) -> None:
    """Nothing is joined over a gap, no window is filled with what is not there, and nothing shown is called zero."""
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["noValue"] == looks.NO_DATA, page["uid"]
    if panel["type"] == "timeseries":
        assert "lastNotNull" not in panel["options"]["legend"]["calcs"], "it would outlive its line"
        assert defaults["custom"]["spanNulls"] is False
        assert defaults["unit"]
    for target in panel["targets"]:
        if "time($__interval)" in target["query"]:
            assert target["query"].endswith("fill(null)")
            assert panel["interval"] in {"1m", "2m"}, (
                "a window must not be shorter than a living point's silence"
            )
        assert "fill(previous)" not in target["query"]
        assert "fill(0)" not in target["query"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["uid"])
def test_a_page_is_made_alike(page: dict[str, Any]) -> None:
    """China's time, one tag that links all pages, asked anew every half minute."""
    assert (page["timezone"], page["tags"]) == ("Asia/Shanghai", ["ninebelow"])
    assert [link["tags"] for link in page["links"]] == [["ninebelow"]]
    assert page["refresh"] == "30s"
    assert not page["editable"]
    assert page["templating"]["list"][0]["type"] == "datasource"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["uid"])
def test_links_lead_to_pages_that_exist(page: dict[str, Any]) -> None:
    """With variables that those pages have."""
    for uid, given in re.findall(r"/d/([\w-]+)\?([^\"]*)", json.dumps(page)):
        variables = {variable["name"] for variable in DASHBOARDS[uid]["templating"]["list"]}
        assert set(re.findall(r"var-(\w+)=", given)) <= variables


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["uid"])
def test_alias_tags_are_grouped(page: dict[str, Any]) -> None:
    """A tag in a series' name that the query does not group by would be empty."""
    for panel in panels_of(page):
        for target in panel["targets"]:
            for tag in re.findall(r"\$tag_(\w+)", target.get("alias", "")):
                assert f'"{tag}"' in target["query"].rpartition("GROUP BY")[2], panel["title"]


@pytest.mark.parametrize(
    ("shown", "values"),
    [
        (looks.FACE_STATES, FaceState.__args__),  # type: ignore[attr-defined]  # a Literal's
        (looks.CHAMBER_STATES, ChamberState),
        (looks.LEVELS, [*Level, ""]),
        (looks.VERDICTS, Verdict.__args__),  # type: ignore[attr-defined]  # a Literal's
        (looks.REASONS, {*Reason.__args__, *FaceReason.__args__}),  # type: ignore[attr-defined]  # a Literal's
        (looks.CAUSES, Cause),
        (looks.OUTCOMES, Outcome),
        (looks.ALARM_STATES, AlarmState),
        (looks.PRIORITIES, [str(int(priority)) for priority in Priority]),
    ],
)
def test_every_word_of_the_store_has_a_look(shown: dict[str, looks.Look], values: Any) -> None:
    """No more and no fewer; every text with its symbol or in Chinese first, English after it."""
    assert set(shown) == {str(value) for value in values}
    assert all(re.search(r"[\u4e00-\u9fff].* [a-z]", text) for text, _ in shown.values())


def test_states_differ_without_colour() -> None:
    """Symbols of faces' and chambers' states are each their own."""
    for shown in (looks.FACE_STATES, looks.CHAMBER_STATES):
        symbols = [text[0] for text, _ in shown.values()]
        assert len(set(symbols)) == len(symbols)


# Alert rules and provisioning files


def test_rules_lead_to_panels_that_exist() -> None:
    """By page and number, with the title that the rule means."""
    for rule in RULES:
        notes = rule["annotations"]
        ids = {panel["id"] for panel in panels_of(DASHBOARDS[notes["__dashboardUid__"]])}
        assert int(notes["__panelId__"]) in ids


def test_silence_clears_no_alert() -> None:
    """Rules on missing data fire without data, all others keep what they said."""
    told = {rule["uid"]: rule["noDataState"] for rule in RULES}
    silent = {"ninebelow-face-blind", "ninebelow-chamber-blind", "ninebelow-gateway-offline"}
    assert told == {uid: "Alerting" if uid in silent else "KeepLast" for uid in told}
    assert silent < set(told)


def test_a_rule_looks_back_as_far_as_it_says() -> None:
    """A, B and C follow from each other; nothing that a file of Grafana's would replace stands in it."""
    assert "$" not in BUILT["provisioning/alerting/ninebelow.yaml"]
    spans = {"3m": 180, "1d": 86_400, "3d": 259_200}
    for rule in RULES:
        asked, last, fires = rule["data"]
        windows = re.findall(r"now\(\) - (\w+)", asked["model"]["query"])
        assert asked["relativeTimeRange"] == {"from": max(spans[window] for window in windows), "to": 0}
        assert (last["model"]["expression"], fires["model"]["expression"], rule["condition"]) == (
            "A",
            "B",
            "C",
        )
        assert asked["datasourceUid"] == "ninebelow"


@pytest.mark.parametrize("version", ["2", "3"])
def test_files_for_newer_influxdb(version: str) -> None:
    """The header's name is an option and its value a secret, which is an environment variable."""
    (source,) = yaml.safe_load((GRAFANA / f"datasources/influxdb-{version}.yaml").read_text("utf-8"))[
        "datasources"
    ]
    assert source["jsonData"]["httpHeaderName1"] == "Authorization"
    scheme = {"2": "Token", "3": "Bearer"}[version]
    assert source["secureJsonData"] == {"httpHeaderValue1": f"{scheme} $INFLUXDB_READ_TOKEN"}
    assert "user" not in source


def test_rules_and_dashboards_lie_in_one_folder() -> None:
    """The provider's folder is that of the rules, by its title: rules come first, and their files know no folder's uid.

    With a uid of its own the dashboards' folder would be a second one of the same title.
    """
    provider = yaml.safe_load(PROVIDER)["providers"][0]
    (group,) = yaml.safe_load(BUILT["provisioning/alerting/ninebelow.yaml"])["groups"]
    assert provider["folder"] == group["folder"]
    assert "/" not in group["folder"], "it would be a path of folders"
    assert "folderUid" not in provider


def test_the_order_of_pages() -> None:
    """From the whole to the single one: what the file names say is what the pages are."""
    names = [Path(path).stem for path in BUILT if path.startswith("dashboards/")]
    assert names == ["province", "mine", "face", "chamber", "fleet", "centre"]
    assert sum(1 for page in PAGES for _ in queries_of(page)) > 100
