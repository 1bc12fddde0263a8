"""Everything for Grafana in one place: as plain JSON for its API, and as the files of `deploy/grafana`. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import alerts, centre, chamber, face, fleet, mine, province
from dashboards.grafana.sources import Source, provisioning_file

FOLDER_UID: Final = alerts.FOLDER_UID
FOLDER_TITLE: Final = "井下九人 ninebelow"
PAGES: Final = (province, mine, face, chamber, fleet, centre)
PASSWORD: Final = "$INFLUXDB_READ_PASSWORD"  # noqa: S105  (the name of a variable)
TOKEN: Final = "$INFLUXDB_READ_TOKEN"  # noqa: S105  (the name of a variable)
SERVED: Final = (
    (
        "provisioning/datasources/influxdb.yaml",
        Source(1, "http://influxdb:8086", "ninebelow", "grafana", PASSWORD, is_default=True),
        "InfluxDB 1.x 作为数据源，InfluxQL / InfluxDB 1.x as the data source, by InfluxQL",
    ),
    (
        "datasources/influxdb-2.yaml",
        Source(2, "http://influxdb:8086", "ninebelow", secret=TOKEN, is_default=True),
        "2.x：代替 provisioning 中的 influxdb.yaml；dbName 是桶名 / for 2.x, in its place; dbName is the bucket",
    ),
    (
        "datasources/influxdb-3.yaml",
        Source(3, "http://influxdb:8181", "ninebelow", secret=TOKEN, is_default=True),
        "3.x：代替 provisioning 中的 influxdb.yaml / for 3.x, in its place",
    ),
)
PROVIDER: Final = f"""\
# 从文件加载看板；改动请改代码再构建 / dashboards come from files; change the code and build them anew
apiVersion: 1
providers:
  - name: ninebelow
    type: file
    folder: {FOLDER_TITLE}
    disableDeletion: true
    allowUiUpdates: false
    updateIntervalSeconds: 60
    options:
      path: /var/lib/grafana/dashboards
"""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Dashboards in their order, and the group of alert rules."""

    dashboards: tuple[Json, ...]
    rules: Json


def bundle() -> Bundle:
    """Built anew from the code."""
    made = tuple(stamped(cleaned(plain(page.build()))) for page in PAGES)
    panel_ids = {(page["uid"], panel["title"]): panel["id"] for page in made for panel in panels_of(page)}
    return Bundle(made, plain(alerts.group(panel_ids)))


def plain(made: object) -> Json:
    """What the SDK built, as JSON has it."""
    return dict(json.loads(JSONEncoder().encode(made)))


def cleaned(dashboard: Json) -> Json:
    """Without what the SDK writes of its own and Grafana's schema does not have there.

    That is an interval's settings on other variables, a place for links that hides them, and the footer of tables.
    """
    for variable in dashboard["templating"]["list"]:
        for name in [name for name in variable if name.startswith("auto")]:
            del variable[name]
    for link in dashboard["links"]:
        link.pop("placement", None)
    for panel in panels_of(dashboard):
        panel.get("options", {}).pop("footer", None)
    return dashboard


def panels_of(dashboard: Json) -> Iterator[Json]:
    """All its panels, those of folded rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())


def stamped(dashboard: Json) -> Json:
    """With a digest of itself in its description: a newer Grafana keeps it in another form, and is asked for this."""
    digest = sha256(json.dumps(dashboard, sort_keys=True).encode()).hexdigest()[:12]
    return dashboard | {"description": f"{dashboard['description']} [{digest}]"}


def files() -> Mapping[str, str]:
    """Path below `deploy/grafana` and text of every file that is built."""
    built = bundle()
    return {
        **{
            f"dashboards/{page['uid'].removeprefix('ninebelow-')}.json": pretty(page)
            for page in built.dashboards
        },
        **{path: provisioning_file(source, about) for path, source, about in SERVED},
        "provisioning/dashboards/ninebelow.yaml": PROVIDER,
        "provisioning/alerting/ninebelow.yaml": pretty(rules_file(built.rules)),
    }


def rules_file(rules: Json) -> Json:
    """The rule group in the form of a provisioning file; JSON is YAML too."""
    ours = {"orgID", "folderUID", "ruleGroup"}
    group = {
        "orgId": 1,
        "name": rules["title"],
        "folder": FOLDER_TITLE,
        "interval": f"{rules['interval']}s",
        "rules": [
            {name: value for name, value in rule.items() if name not in ours} for rule in rules["rules"]
        ],
    }
    return {"apiVersion": 1, "groups": [group]}


def pretty(made: Json) -> str:
    """As a person reads it, and as it is compared."""
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"
