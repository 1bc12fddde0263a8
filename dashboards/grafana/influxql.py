"""InfluxQL as a target of Grafana's panels, variables and alert rules: the SDK has no type for InfluxDB. Pure.

Rules
- A window of a trend is at least as long as the longest silence of a living point, so that an empty window means that
  nothing came: it is `fill(null)`, and the line breaks there.
- Names of measurements and fields are ours; what a person chooses comes in through variables alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models.common import DataSourceRef

TYPE: Final = "influxdb"
CHOSEN: Final = "${datasource}"
"""The data source that the dashboard's variable names."""
Format = Literal["time_series", "table"]


@dataclass(frozen=True, slots=True)
class InfluxQuery(variants.Dataquery):
    """One raw InfluxQL query; `alias` names its series, `$tag_area` or `$col` in it are replaced."""

    query: str
    ref: str = "A"
    alias: str = ""
    form: Format = "time_series"
    source: str = CHOSEN

    def to_json(self) -> dict[str, object]:
        """As Grafana keeps it."""
        payload: dict[str, object] = {
            "refId": self.ref,
            "datasource": DataSourceRef(type_val=TYPE, uid=self.source),
            "rawQuery": True,
            "resultFormat": self.form,
            "query": self.query,
        }
        return payload | ({"alias": self.alias} if self.alias else {})


@dataclass(frozen=True, slots=True)
class Target(builder.Builder[variants.Dataquery]):
    """A query as the SDK's builders take it."""

    query: InfluxQuery

    def build(self) -> variants.Dataquery:
        """The query itself."""
        return self.query


def windowed(function: str, field: str, measurement: str, where: str, *tags: str, name: str = "") -> str:
    """A field over time, one value a window and none where nothing came: `mean("flow")`."""
    group = "".join(f', "{tag}"' for tag in tags)
    return (
        f'SELECT {function}("{field}") AS "{name or field}" FROM "{measurement}"'
        f" WHERE {where} AND $timeFilter GROUP BY time($__interval){group} fill(null)"
    )


def newest(fields: dict[str, str], measurement: str, where: str, *tags: str) -> str:
    """The newest value of each field in the time shown: `{"headcount": "人数"}` selects and renames."""
    selected = ", ".join(f'last("{field}") AS "{name}"' for field, name in fields.items())
    condition = f"{where} AND $timeFilter" if where else "$timeFilter"
    group = " GROUP BY " + ", ".join(f'"{tag}"' for tag in tags) if tags else ""
    return f'SELECT {selected} FROM "{measurement}" WHERE {condition}{group}'


def rows(fields: dict[str, str], measurement: str, where: str) -> str:
    """Every row in the time shown, the newest first."""
    selected = ", ".join(f'"{field}" AS "{name}"' for field, name in fields.items())
    condition = f"{where} AND $timeFilter" if where else "$timeFilter"
    return f'SELECT {selected} FROM "{measurement}" WHERE {condition} ORDER BY time DESC LIMIT 500'


def tag_values(tag: str, measurement: str, where: str = "") -> str:
    """What a variable offers."""
    condition = f" WHERE {where}" if where else ""
    return f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{tag}"{condition}'
