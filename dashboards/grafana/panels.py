"""The kinds of panels that all dashboards are made of, so that the same thing looks the same everywhere. Pure.

Rules
- Nothing bridges a gap: `spanNulls` is off, and where rows are shown as they came a silence breaks the line.
- Titles and descriptions are Chinese first, then English; every number has its unit.
- A panel of what is so now looks back `NOW` only, whatever time the page shows: who hears nothing sees no data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Panel,
    Threshold,
    ThresholdsMode,
)

from dashboards.grafana.influxql import CHOSEN, TYPE, InfluxQuery, Target
from dashboards.grafana.looks import CALM, NO_DATA, OVER, Look, mappings

NOW: Final = "3m"
PULSE_WINDOW: Final = "1m"
"""Shortest window of what the centre writes every 30 s."""
READING_WINDOW: Final = "2m"
"""Shortest window of readings: a value that does not change is repeated every minute."""
SILENCE_MS: Final = 600_000
"""Rows further apart are not joined: by then a value is stale."""
SOURCE: Final = c.DataSourceRef(type_val=TYPE, uid=CHOSEN)


@dataclass(frozen=True, slots=True)
class Words:
    """What a panel shows and how it is meant, in Chinese and in English."""

    zh: str
    en: str
    about_zh: str
    about_en: str

    @property
    def title(self) -> str:
        """Chinese first."""
        return f"{self.zh} / {self.en}"

    @property
    def about(self) -> str:
        """The description, alike."""
        return f"{self.about_zh} / {self.about_en}"


@dataclass(frozen=True, slots=True)
class Scale:
    """Unit as Grafana names it, decimals, and the figure from which on a value is abnormal."""

    unit: str = "short"
    decimals: int = 0
    mark: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and how its values are shown."""

    name: str
    title: str
    scale: Scale = Scale()
    looks: Mapping[str, Look] | None = None
    width: int | None = None
    link: str = ""


P = TypeVar("P", timeseries.Panel, stat.Panel, statetimeline.Panel, table.Panel)


def trend(
    words: Words,
    queries: Sequence[InfluxQuery],
    scale: Scale,
    *,
    window: str = READING_WINDOW,
    steps: bool = False,
    dashed: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> Panel:
    """Figures over time; `steps`: a value holds until the next; `dashed`: limits; `hidden`: asked for, not drawn."""
    panel = described(timeseries.Panel(), words, queries).interval(window)
    panel.unit(scale.unit).decimals(scale.decimals).thresholds(thresholds(scale.mark))
    panel.line_interpolation(c.LineInterpolation.STEP_AFTER if steps else c.LineInterpolation.LINEAR)
    panel.span_nulls(False).insert_nulls(SILENCE_MS)
    panel.show_points(c.VisibilityMode.AUTO).fill_opacity(0).line_width(1)
    panel.tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI).sort(c.SortOrder.DESCENDING))
    panel.legend(legend())
    if scale.mark is not None:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(c.GraphThresholdsStyleMode.DASHED))
    if scale.low is not None:
        panel.axis_soft_min(scale.low)
    if scale.high is not None:
        panel.axis_soft_max(scale.high)
    for name in dashed:
        panel.override_by_name(name, [
            DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [8, 6]}),
            DynamicConfigValue("color", {"mode": "fixed", "fixedColor": OVER}),
        ])  # fmt: skip
    for name in hidden:
        away = {"viz": True, "legend": True, "tooltip": True}
        panel.override_by_name(name, [DynamicConfigValue("custom.hideFrom", away)])
    return panel.build()


def states(
    words: Words, queries: Sequence[InfluxQuery], looks: Mapping[str, Look], *, window: str = PULSE_WINDOW
) -> Panel:
    """One row a series, coloured and worded by its state."""
    panel = described(statetimeline.Panel(), words, queries).interval(window)
    panel.mappings(mappings(looks)).thresholds(thresholds(None))
    panel.show_value(c.VisibilityMode.AUTO).merge_values(True).row_height(0.8).fill_opacity(80).line_width(0)
    panel.align_value(c.TimelineValueAlignment.LEFT).legend(legend(shown=False))
    panel.tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.SINGLE))
    return panel.build()


def figures(
    words: Words,
    queries: Sequence[InfluxQuery],
    scale: Scale = Scale(),
    *,
    looks: Mapping[str, Look] | None = None,
    link: str = "",
) -> Panel:
    """Large figures or words of now, one a series."""
    panel = described(stat.Panel(), words, queries)
    panel.unit(scale.unit).decimals(scale.decimals).thresholds(thresholds(scale.mark))
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/").values(False))
    panel.graph_mode(c.BigValueGraphMode.NONE).color_mode(c.BigValueColorMode.VALUE)
    panel.text_mode(c.BigValueTextMode.VALUE_AND_NAME).wide_layout(True)
    if looks is not None:
        panel.mappings(mappings(looks))
    panel.time_from(NOW)
    if link:
        panel.override_by_regexp("/.*/", [DynamicConfigValue("links", [data_link(link)])])
    return panel.build()


def listing(
    words: Words,
    queries: Sequence[InfluxQuery],
    columns: Sequence[Column],
    *,
    now: bool = False,
    time: str = "",
) -> Panel:
    """A table; `time` is the title of its first column, without one that column means nothing and is hidden."""
    panel = described(table.Panel(), words, queries)
    panel.thresholds(thresholds(None)).cell_height(c.TableCellHeight.SM).cell_options(
        c.TableAutoCellOptions()
    )
    if len(queries) > 1:
        panel.with_transformation(DataTransformerConfig("merge", options={}))
    hidden = DynamicConfigValue("custom.hidden", True)
    panel.override_by_name("Time", [DynamicConfigValue("displayName", time) if time else hidden])
    for column in columns:
        panel.override_by_name(column.name, properties(column))
    if now:
        panel.time_from(NOW)
    return panel.build()


def bars(
    words: Words,
    queries: Sequence[InfluxQuery],
    scale: Scale,
    *,
    window: str,
    colors: Mapping[str, str] | None = None,
) -> Panel:
    """Sums over windows, stacked; `colors` by the series' names."""
    panel = described(timeseries.Panel(), words, queries).interval(window)
    panel.unit(scale.unit).decimals(scale.decimals).thresholds(thresholds(None)).span_nulls(False)
    panel.draw_style(c.GraphDrawStyle.BARS).fill_opacity(70).line_width(1).bar_alignment(
        c.BarAlignment.CENTER
    )
    panel.stacking(common.StackingConfig().mode(c.StackingMode.NORMAL).group("A"))
    panel.tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI)).legend(legend())
    for name, color in (colors or {}).items():
        panel.override_by_name(name, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    return panel.build()


def described(panel: P, words: Words, queries: Sequence[InfluxQuery]) -> P:
    """What every panel has."""
    panel.title(words.title).description(words.about).datasource(SOURCE).no_value(NO_DATA)
    panel.targets([Target(query) for query in queries])
    return panel


def thresholds(mark: float | None) -> dashboard.ThresholdsConfig:
    """Calm below the mark, abnormal from there on."""
    steps = [Threshold(None, CALM)] + ([] if mark is None else [Threshold(mark, OVER)])
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def legend(*, shown: bool = True) -> common.VizLegendOptions:
    """Below, with least and most of the time shown: a newest value would stand there when its line has long ended."""
    made = common.VizLegendOptions().show_legend(shown).placement(c.LegendPlacement.BOTTOM)
    return made.display_mode(c.LegendDisplayMode.LIST).calcs(["min", "max"] if shown else [])


def properties(column: Column) -> list[DynamicConfigValue]:
    """How a column is shown, as overrides."""
    given: dict[str, object] = {"displayName": column.title}
    if column.looks is not None:
        given |= {"mappings": mappings(column.looks), "custom.cellOptions": {"type": "color-text"}}
    if column.scale != Scale():
        given |= {"unit": column.scale.unit, "decimals": column.scale.decimals}
    if column.scale.mark is not None:
        given |= {
            "thresholds": thresholds(column.scale.mark).build(),
            "custom.cellOptions": {"type": "color-text"},
        }
    if column.width is not None:
        given["custom.width"] = column.width
    if column.link:
        given["links"] = [data_link(column.link)]
    return [DynamicConfigValue(name, value) for name, value in given.items()]


def data_link(url: str) -> dict[str, str]:
    """A link from a value to the page that explains it."""
    return {"title": "详情 / details", "url": url}
