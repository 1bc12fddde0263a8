"""Staffing, chambers and evidence of a bulletin as tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.reports.bulletin import Bulletin
from gateway.reports.document import UNKNOWN, Cell, Column, Sort, Table, Tone
from gateway.reports.inputs import ChamberLevel
from gateway.reports.leagues import ChamberLine, StaffingLine
from gateway.reports.words import CHAMBERS, KINDS, LEVEL_NAMES, PERFORMANCES
from rules.chambers.rule import Level
from rules.plan.evidence import FaceEvidence, Performance

RANK: Final = Column(("名次",), Sort.RANK, 9)
UNIT: Final = Column(("单位",), Sort.TEXT, 28)
MINE: Final = Column(("煤矿",), Sort.TEXT, 22)


def staffing_table(bulletin: Bulletin, *, of_mines: bool) -> Table:
    """Units or mines by the share of shifts within the limit; mines without data are named elsewhere."""
    assert bulletin.staffing is not None
    mines = [line for line in bulletin.staffing.mines if line.share is not None]
    return Table(
        name="限员排名（煤矿）" if of_mines else "限员排名（单位）",
        caption="各煤矿生产班限员情况" if of_mines else "各单位生产班限员情况",
        columns=(
            RANK,
            UNIT,
            *((MINE,) if of_mines else ()),
            *(Column((head,), Sort.COUNT, 14) for head in ("工作面", "无数据工作面")),
            *(Column(("生产班", head), Sort.COUNT, 14) for head in ("达标", "超员", "无法判定")),
            Column(("达标率",), Sort.SHARE, 17),
        ),
        rows=tuple(_staffing(line) for line in (mines if of_mines else bulletin.staffing.units)),
        note="达标率＝达标班数÷全部应判生产班数，无法判定的班不算达标。",
    )


def chamber_table(bulletin: Bulletin, *, of_mines: bool) -> Table:
    """Units or mines by the share of chambers at the level."""
    assert bulletin.chambers is not None
    mines = [line for line in bulletin.chambers.mines if line.share is not None]
    heads = ("无人值守", "集中控制", "未达到", "无法判定", "无数据")
    return Table(
        name="硐室排名（煤矿）" if of_mines else "硐室排名（单位）",
        caption="各煤矿机房硐室运行水平" if of_mines else "各单位机房硐室运行水平",
        columns=(
            RANK,
            UNIT,
            *((MINE,) if of_mines else ()),
            Column(("总数",), Sort.COUNT, 10),
            *(Column(("实际水平", head), Sort.COUNT, 10 if of_mines else 14) for head in heads),
            Column(("申报",), Sort.COUNT, 11),
            Column(("不符",), Sort.COUNT, 12),
            Column(("达到率",), Sort.SHARE, 14),
        ),
        rows=tuple(_chambers(line) for line in (mines if of_mines else bulletin.chambers.units)),
        note="申报：申报达到无人值守或集中控制的；不符：实际水平与申报不一致的。"
        "达到率＝实际达到的÷全部硐室，无法判定和无数据的不算达到。",
    )


def evidence_table(bulletin: Bulletin, name: str, caption: str, faces: Sequence[FaceEvidence]) -> Table:
    """Faces, what their last shifts show, and why."""
    return Table(
        name=name,
        caption=caption,
        columns=(
            UNIT,
            MINE,
            Column(("工作面",), Sort.TEXT, 38),
            Column(("类别",), Sort.TEXT, 23),
            Column(("验收日期",), Sort.DAY, 22),
            *(Column(("近期生产班", head), Sort.COUNT, 15) for head in ("达标", "超员", "无法判定")),
            Column(("结论",), Sort.TEXT, 16),
            Column(("依据",), Sort.TEXT, 55),
        ),
        rows=tuple(_evidence(each, bulletin) for each in faces),
    )


def contradicted(bulletin: Bulletin) -> list[ChamberLevel]:
    """Chambers that are observed to be another level than declared."""
    return [each for each in bulletin.chamber_levels or () if each.agrees is False]


def chamber_levels_table(name: str, caption: str, chambers: Iterable[ChamberLevel]) -> Table:
    """Declared level beside the observed one."""
    return Table(
        name=name,
        caption=caption,
        columns=(
            UNIT,
            MINE,
            Column(("机房硐室",), Sort.TEXT, 36),
            Column(("类别",), Sort.TEXT, 22),
            *(Column((head,), Sort.TEXT, 16) for head in ("申报水平", "实际水平", "是否一致")),
        ),
        rows=tuple(
            (
                Cell(each.enterprise),
                Cell(each.mine),
                Cell(each.title),
                Cell(CHAMBERS[each.kind]),
                Cell("未申报") if each.declared is None else Cell(LEVEL_NAMES[each.declared]),
                _level(each.observed),
                _agrees(each.agrees),
            )
            for each in chambers
        ),
    )


def _level(level: Level | None) -> Cell:
    if level is None:
        return UNKNOWN
    return Cell(LEVEL_NAMES[level], Tone.UNKNOWN if level is Level.NO_VERDICT else Tone.PLAIN)


def _agrees(agrees: bool | None) -> Cell:
    if agrees is None:
        return Cell("无法比较", Tone.UNKNOWN)
    return Cell("一致") if agrees else Cell("不一致", Tone.LAGGING)


def _staffing(line: StaffingLine) -> tuple[Cell, ...]:
    counts = line.shifts
    shifts: tuple[Cell, ...] = (UNKNOWN,) * 4
    if counts is not None:
        exceeded = Cell(counts.exceeded, Tone.LAGGING if counts.exceeded else Tone.PLAIN)
        shifts = (Cell(counts.within), exceeded, Cell(counts.no_verdict), Cell(line.share))
    mine = () if line.mine is None else (Cell(line.mine),)
    return (
        Cell(line.rank),
        Cell(line.enterprise),
        *mine,
        Cell(line.faces),
        Cell(line.silent_faces, Tone.UNKNOWN if line.silent_faces else Tone.PLAIN),
        *shifts,
    )


def _chambers(line: ChamberLine) -> tuple[Cell, ...]:
    mine = () if line.mine is None else (Cell(line.mine),)
    levels = (line.unattended, line.central_control, line.not_yet, line.no_verdict)
    observed = (UNKNOWN,) * 4 if line.share is None else tuple(map(Cell, levels))
    return (
        Cell(line.rank),
        Cell(line.enterprise),
        *mine,
        Cell(line.chambers),
        *observed,
        Cell(line.unobserved, Tone.UNKNOWN if line.unobserved else Tone.PLAIN),
        Cell(line.declared),
        Cell(line.contradicted, Tone.LAGGING if line.contradicted else Tone.PLAIN),
        UNKNOWN if line.share is None else Cell(line.share),
    )


def _evidence(of: FaceEvidence, bulletin: Bulletin) -> tuple[Cell, ...]:
    counts = of.tally
    tone = {
        Performance.PERFORMING: Tone.PLAIN,
        Performance.NOT_PERFORMING: Tone.LAGGING,
        Performance.UNPROVEN: Tone.UNKNOWN,
    }[of.performance]
    return (
        Cell(of.face.enterprise),
        Cell(of.face.mine),
        Cell(of.face.title),
        Cell(KINDS[of.face.kind]),
        Cell(of.face.accepted_on if of.face.accepted_on is not None else "未验收"),
        *(map(Cell, (counts.within, counts.exceeded, counts.no_verdict)) if counts.shifts else [UNKNOWN] * 3),
        Cell(PERFORMANCES[of.performance], tone),
        Cell(bulletin.grounds[f"{of.face.mine}/{of.face.face}"].zh),
    )
