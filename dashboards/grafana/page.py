"""A dashboard as rows of panels: places and numbers them, and adds what all dashboards have alike. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    Panel,
    RowPanel,
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.grafana.influxql import TYPE, tag_values
from dashboards.grafana.panels import SOURCE

TAG: Final = "ninebelow"
TIMEZONE: Final = "Asia/Shanghai"
COLUMNS: Final = 24
SOURCE_UID: Final = "ninebelow"
THIS_MINE: Final = "\"mine\" = '$mine'"


@dataclass(slots=True)
class Page:
    """One dashboard, filled from the top down."""

    uid: str
    title: str
    about: str
    variables: list[Builder[VariableModel]]
    span: str = "now-12h"
    refresh: str = "30s"
    panels: list[Panel | RowPanel] = field(default_factory=list)
    y: int = 0

    def row(self, height: int, *panels: Panel) -> None:
        """A row of panels of equal width."""
        place(panels, self.y, height, first_id=self.next_id)
        self.panels += panels
        self.y += height

    def section(self, title: str, *rows: tuple[int, list[Panel]]) -> None:
        """A row that is folded until somebody opens it: nothing of it is asked for before."""
        made = dashboard.Row(title).collapsed(True).build()
        made.id_val, made.grid_pos = self.next_id, GridPos(h=1, w=COLUMNS, x=0, y=self.y)
        self.y += 1
        y = self.y
        for height, panels in rows:
            place(panels, y, height, first_id=made.id_val + 1 + len(made.panels))
            made.panels += panels
            y += height
        self.panels.append(made)

    @property
    def next_id(self) -> int:
        """Panels are numbered from 1 on: links and alert rules name them."""
        return 1 + sum(1 + (len(panel.panels) if isinstance(panel, RowPanel) else 0) for panel in self.panels)

    def build(self) -> Dashboard:
        """The whole."""
        made = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.about)
            .tags([TAG])
            .timezone(TIMEZONE)
            .week_start("monday")
            .readonly()
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .time(self.span, "now")
            .refresh(self.refresh)
            .variables([source(), *self.variables])
            .link(other_pages())
            .build()
        )
        made.panels = self.panels
        return made


def place(panels: tuple[Panel, ...] | list[Panel], y: int, height: int, *, first_id: int) -> None:
    """Side by side over the whole width."""
    for number, panel in enumerate(panels):
        left, right = (COLUMNS * edge // len(panels) for edge in (number, number + 1))
        panel.id_val = first_id + number
        panel.grid_pos = GridPos(h=height, w=right - left, x=left, y=y)


def other_pages() -> dashboard.DashboardLink:
    """Every page of ours, with the mine and the time chosen here."""
    link = dashboard.DashboardLink("看板 / dashboards").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).include_vars(True).keep_time(True).icon("external link")


def page_url(uid: str, **variables: str) -> str:
    """An address of another page, for links of values; the time goes along."""
    given = "&".join(f"var-{name}={value}" for name, value in variables.items())
    return f"/d/{uid}?{given}&var-datasource=${{datasource}}&${{__url_time_range}}"


# What a person chooses


def source() -> dashboard.DatasourceVariable:
    """Which InfluxDB."""
    chosen = VariableOption(selected=True, text=SOURCE_UID, value=SOURCE_UID)
    return dashboard.DatasourceVariable("datasource").label("数据源 data source").type(TYPE).current(chosen)


def choice(name: str, label: str, query: str, *, many: bool = False) -> dashboard.QueryVariable:
    """A variable that the store offers values for; `many`: several or all of them."""
    made = dashboard.QueryVariable(name).label(label).datasource(SOURCE).hide(VariableHide.DONT_HIDE)
    made.query({"query": query, "refId": name})
    made.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
    made.multi(many).include_all(many)
    if many:
        made.current(VariableOption(selected=True, text=["All"], value=["$__all"]))
    return made


def mine() -> dashboard.QueryVariable:
    """Which mine, by its code."""
    return choice("mine", "煤矿 mine", tag_values("mine", "face_now"))


def face() -> dashboard.QueryVariable:
    """Which face of it."""
    return choice("face", "工作面 face", tag_values("area", "face_now", THIS_MINE))


def chamber() -> dashboard.QueryVariable:
    """Which chamber of it."""
    return choice("chamber", "硐室 chamber", tag_values("area", "chamber_now", THIS_MINE))


def mines() -> dashboard.QueryVariable:
    """Which mines."""
    return choice("mine", "煤矿 mine", tag_values("mine", "gateway_now"), many=True)
