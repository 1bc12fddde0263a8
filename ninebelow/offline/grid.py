"""Tables for people on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final

PIPED_WIDTH: Final = 200
"""Columns of a table that does not go to a terminal, which would tell its width."""


def print_grid(
    title: str, heads: Sequence[str], lines: Iterable[Sequence[str]], *, text_columns: int
) -> None:
    """Print a table: the first columns are text, the rest numbers; names are printed as they are."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(title=title, title_justify="left")
    for place, head in enumerate(heads):
        grid.add_column(head, justify="left" if place < text_columns else "right")
    for line in lines:
        grid.add_row(*line)
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(grid)


def percent(share: float | None) -> str:
    """A share, cut and not rounded: what is less than all, or less than asked, must not look like it."""
    if share is None:
        return "–"
    hundredths = (100 * Decimal(repr(share))).quantize(Decimal("0.001"), ROUND_DOWN)
    return f"{hundredths.normalize():f} %"
