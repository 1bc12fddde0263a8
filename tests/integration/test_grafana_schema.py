"""Our dashboards by Grafana's published types, of the oldest and the newest line that we name; no fault is let pass.

What these types say nothing of is not judged: targets of InfluxDB, options of transformations, values of overrides,
alert rules. Whether a Grafana shows it as it is meant was not looked at: none was at hand.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.grafana_pages import DASHBOARDS, panels_of
from tests.grafana_schema import PACKAGES, faults, types_of

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", params=PACKAGES)
def types(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return types_of(request.param, tmp_path_factory.mktemp("types"))


def test_dashboards_are_of_grafanas_type(types: Path) -> None:
    """Not one word from the compiler, of them or of the types themselves."""
    found = faults(types, DASHBOARDS)
    assert set(found) == {*DASHBOARDS, "types"}
    assert not any(found.values()), found


def a_word_too_much(page: dict[str, Any]) -> None:
    page["timeZone"] = "Asia/Shanghai"


def no_such_mode(page: dict[str, Any]) -> None:
    next(panels_of(page))["options"]["textMode"] = "loud"


def an_option_too_much(page: dict[str, Any]) -> None:
    next(panels_of(page))["options"]["glow"] = True


def a_wrong_place(page: dict[str, Any]) -> None:
    next(panels_of(page))["gridPos"]["w"] = "wide"


def a_setting_too_much(page: dict[str, Any]) -> None:
    trend = next(panel for panel in panels_of(page) if panel["type"] == "timeseries")
    trend["fieldConfig"]["defaults"]["custom"]["connectNulls"] = False


SPOILT = (a_word_too_much, no_such_mode, an_option_too_much, a_wrong_place, a_setting_too_much)


def test_the_judge_sees_faults(types: Path) -> None:
    """Each with one spoiled thing, and it says so of each."""
    pages = {spoil.__name__: deepcopy(DASHBOARDS["ninebelow-mine"]) for spoil in SPOILT}
    for spoil in SPOILT:
        spoil(pages[spoil.__name__])
    found = faults(types, pages)
    assert all(found[name] for name in pages)
    assert found["types"] == []
