"""Charts of readings, made from the vocabulary: its names, its units, its decimals. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.models.dashboard import Panel

from contract.vocabulary import equipment, quantities
from dashboards.grafana.influxql import InfluxQuery, windowed
from dashboards.grafana.panels import Scale, Words, trend

REFS: Final = "ABCDEFGH"
MEAN: Final = ("每个窗口的平均值", "Mean of each window")
MAX: Final = ("每个窗口的最大值", "Largest value of each window")


@dataclass(frozen=True, slots=True)
class Chart:
    """Quantities of one kind of equipment that share a unit; `mark` is where a value is abnormal."""

    equipment: str
    quantities: tuple[str, ...]
    mark: float | None = None
    function: str = "mean"


def suffix(unit: str) -> str:
    """The vocabulary's unit as Grafana shows it: as it is written."""
    return f"suffix: {unit}" if unit else "short"


def chart(of: Chart, where: str, *tags: str) -> Panel:
    """One panel; a machine's number and each of `tags` tells its series apart."""
    machine = equipment.BY_WORD[of.equipment]
    shown = [quantities.BY_WORD[word] for word in of.quantities]
    (unit,) = {quantity.unit for quantity in shown}
    zh = "、".join(quantity.zh for quantity in shown)
    en = ", ".join(quantity.word if quantity.word == "CO" else quantity.word.lower() for quantity in shown)
    of_each = MAX if of.function == "max" else MEAN
    words = Words(
        f"{machine.zh} {zh}",
        f"{machine.word} {en}",
        f"{of_each[0]}；坏值、过期值不画，断开处没有数据。",
        f"{of_each[1]}; bad and stale values are not drawn: at a break there is no data.",
    )
    beside = "".join(f"$tag_{tag} " for tag in tags)
    queries = [
        InfluxQuery(
            windowed(of.function, quantity.field, machine.measurement, where, *tags, "unit"),
            ref=ref,
            alias=f"{beside}{quantity.zh} $tag_unit",
        )
        for ref, quantity in zip(REFS, shown, strict=False)
    ]
    scale = Scale(suffix(unit), max(quantity.decimals for quantity in shown), of.mark)
    return trend(words, queries, scale)


def in_rows(charts: Sequence[Chart], where: str, *, per_row: int = 3) -> list[tuple[int, list[Panel]]]:
    """Charts in rows, for a section."""
    panels = [chart(one, where) for one in charts]
    return [(8, panels[first : first + per_row]) for first in range(0, len(panels), per_row)]
