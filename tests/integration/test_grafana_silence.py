"""What Grafana's alert rules see of those who have fallen silent, on a real InfluxDB: nothing is called off by silence.

Grafana itself calls an alert off whose series is gone while others are there, whatever the rule says of no data: so the
series must not be gone.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.deployed import ask, our_influxd
from tests.filled_store import GRAFANA
from tests.grafana_pages import RULES, expanded

NOW_MS = 1_795_618_500_000
MINUTE_MS = 60_000


def rows_of(series: str, *told: tuple[float, str]) -> Iterator[str]:
    """Line protocol: minutes ago, and the fields."""
    for minutes, fields in told:
        yield f"{series} {fields} {NOW_MS - round(minutes * MINUTE_MS)}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Faces and sensors, some of them silent by now."""
    lines = [
        *rows_of("face_now,mine=m,area=over", (5, "over=0,known=1"), (0.5, "over=1,known=1")),
        *rows_of("face_now,mine=m,area=within", (5, "over=1,known=1"), (0.5, "over=0,known=1")),
        *rows_of("face_now,mine=m,area=over_then_unknown", (9, "over=1,known=1"),
                 *((n / 2, "over=0,known=0") for n in range(1, 17))),
        *rows_of("face_now,mine=m,area=within_then_unknown", (9, "over=0,known=1"), (0.5, "over=0,known=0")),
        *rows_of("gas,mine=m,area=f,unit=high", (1, "methane=1.2")),
        *rows_of("gas,mine=m,area=f,unit=low", (9, "methane=1.2"), (1, "methane=0.3")),
        *rows_of("gas,mine=m,area=f,unit=peak", (2, "methane=1.1"), (1, "methane=0.3")),
        *rows_of("gas,mine=m,area=f,unit=high_then_silent", (90, "methane=0.3"), (60, "methane=1.2")),
        *rows_of("gas,mine=m,area=f,unit=low_then_silent", (90, "methane=1.2"), (60, "methane=0.3")),
    ]  # fmt: skip
    with our_influxd(tmp_path_factory.mktemp("influxdb")) as url:
        params = {"db": "ninebelow", "precision": "ms"}
        answer = httpx.post(
            f"{url}/write", params=params, content="\n".join(lines), auth=("ninebelow", "n"), trust_env=False
        )
        assert answer.status_code == 204, answer.text
        yield url


def firing(url: str, uid: str, tag: str) -> set[str]:
    """Those whose newest value is above the rule's mark."""
    (rule,) = (rule for rule in RULES if rule["uid"] == uid)
    evaluator = rule["data"][2]["model"]["conditions"][0]["evaluator"]
    assert evaluator["type"] == "gt"
    series = ask(url, expanded(rule["data"][0]["model"]["query"], 0, NOW_MS, {}), GRAFANA)
    return {one["tags"][tag] for one in series if one["values"][-1][1] > evaluator["params"][0]}


def test_a_face_that_was_over_stays_so_while_nobody_knows(store: str) -> None:
    """Its headcount is unknown: that is not within."""
    assert firing(store, "ninebelow-face-over", "area") == {"over", "over_then_unknown"}


def test_a_sensor_that_falls_silent_over_the_mark_stays_so(store: str) -> None:
    """A peak between two looks is seen too, and what is over is over."""
    assert firing(store, "ninebelow-gas", "unit") == {"high", "peak", "high_then_silent"}
