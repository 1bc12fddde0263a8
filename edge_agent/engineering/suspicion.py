"""What in a point table is legal, but seldom meant; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import groupby, pairwise
from typing import Final

from contract.point import FLOATS, ModbusAddress, OpcUaAddress, Point, RawType
from contract.vocabulary import equipment, quantities
from edge_agent.acquisition.read_plan import poll_groups, span, where
from edge_agent.engineering.load import Load

BUSY: Final = 0.8
"""Share of the time above which little is left for the answers."""
ALIKE: Final = 0.8
INDEXED: Final = re.compile(r"ns=[1-9]")


def suspicions(points: Sequence[Point]) -> list[tuple[int, str]]:
    """Line and doubt, in order of lines."""
    found = [(point.line, what) for point in points for what in of_point(point)]
    return sorted({*found, *overlaps(points)})


def of_point(point: Point) -> Iterator[str]:
    """What is odd about one point."""
    name = equipment.parse(point.metric)
    if name and name.quantity not in quantities.BY_WORD:
        for like in get_close_matches(name.quantity, quantities.BY_WORD, 1, ALIKE):
            yield (
                f"{point.metric}：是否应为 {like}？现按原名存储 / "
                f"is {like} meant? {name.quantity} is stored under its own name"
            )
    at = point.address
    if isinstance(at, OpcUaAddress) and INDEXED.match(at.node):
        yield (
            f"{at.node}：服务器重启后序号可能变，写 nsu=<URI>;… / "
            "the index may be another's after a restart of the server, write nsu=<URI>;…"
        )
    if isinstance(at, ModbusAddress) and at.type not in FLOATS and 0 < point.deadband < abs(point.scale):
        yield (
            f"deadband {point.deadband:g} 小于原始值的一步 {abs(point.scale):g}，不起作用 / "
            "is below one step of the raw number and has no effect"
        )


def overlaps(points: Sequence[Point]) -> Iterator[tuple[int, str]]:
    """Values that share a part of their registers, which no two values do: an address or a type is wrong."""
    numbers = [point for point in points if isinstance(point.address, ModbusAddress) and is_whole(point)]
    for _, groups in groupby(poll_groups(numbers).items(), key=lambda item: item[0][:2]):
        ordered = sorted((point for _, group in groups for point in group), key=span)
        for one, other in pairwise(ordered):
            if span(one) != span(other) and sum(span(one)) > where(other).address:
                what = (
                    f"地址 {where(other).address} 落在第 {one.line} 行 {one.metric} 的寄存器内，类型或地址有误？ / "
                    f"lies within the registers of line {one.line}: is a type or an address wrong?"
                )
                yield other.line, what


def is_whole(point: Point) -> bool:
    """Whether a point takes whole registers, not bits of them."""
    return where(point).type is not RawType.BIT and point.mask is None and not point.flags


def of_load(load: Load) -> str:
    """What is odd about the load of a connection, or nothing."""
    if load.busy_min <= BUSY:
        return ""
    share = f"{load.busy_min:.0%}"
    if load.busy_min > 1:
        return f"按这些周期读不完，仅静默与字符就占 {share}，请放宽 period_s / cannot be read as often: raise period_s"
    return f"仅静默与字符就占线路时间的 {share} / the line is busy so long by silence and characters alone"
