"""The bulletin as PDF/A by typst: fonts embedded, nothing from the network, the same bytes for the same bulletin.

A character that none of the fonts has is printed as 〓; the other forms have it as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from contract.errors import Rejected
from gateway.reports.document import ALIGNED, GETA, Chart, Document, Sort, Table, printed, text_of
from gateway.reports.settings import Fonts

TEMPLATES: Final = Path(__file__).parent / "templates"
STANDARD: Final = "a-2b"
FONT_PACKAGES: Final = ("pylopdf_fonts_zh_cn", "manimgx_fonts_cjk")
"""Noto Serif SC, and Noto Sans CJK in every weight; both under the OFL."""
ATTEMPTS_MAX: Final = 3
UNDISPLAYABLE: Final = re.compile(r'the text `"(.*?)"` could not be displayed')
ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
CHART_PPI: Final = 200.0
MISSING: Final = (
    "生成 PDF 和 Word 需要附加包 / PDF and Word need the extra packages: pip install 'ninebelow[reports]'"
)


def pdf(document: Document, fonts: Fonts) -> bytes:
    """The whole bulletin; raises `Rejected` where the packages for it are not installed."""
    told = as_text(laid_out(document, fonts))
    for _ in range(ATTEMPTS_MAX):
        try:
            return compiled(told, document.as_of, fonts)
        except library().TypstError as error:
            missing = missing_in(error.diagnostic)
            if not missing:
                raise Rejected(f"PDF 排版失败 / typst could not lay out the PDF: {error}") from error
            told = told.translate(dict.fromkeys(map(ord, missing), GETA))
    raise Rejected(f"PDF 中有字体没有的字符 / no font has {sorted(missing)}: set reports.fonts.folder")


def compiled(told: str, day: date, fonts: Fonts) -> bytes:
    """The PDF of a document as text."""
    compiler = library().Compiler(
        TEMPLATES / "bulletin.typ",
        root=TEMPLATES,
        font_paths=typefaces(fonts.folder),
        ignore_system_fonts=True,
        sys_inputs={"document": told},
    )
    timestamp = datetime.combine(day, time(), UTC)
    made: bytes = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=timestamp)
    return made


def missing_in(diagnostic: str) -> set[str]:
    """The characters that typst found no glyph for: PDF/A refuses what would be printed as nothing."""
    found = UNDISPLAYABLE.findall(diagnostic)
    return set("".join(ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) for text in found))


def chart_png(chart: Chart) -> bytes:
    """One chart as a picture, for Word."""
    typst = library()
    source = (
        '#import "chart.typ": chart\n'
        "#set page(width: 156mm, height: auto, margin: 2mm)\n"
        '#set text(font: "Noto Sans CJK SC", lang: "zh", region: "cn")\n'
        "#chart(json(bytes(sys.inputs.chart)))"
    )
    made: bytes = typst.Compiler(
        source.encode(),
        root=TEMPLATES,
        font_paths=typefaces(None),
        ignore_system_fonts=True,
        sys_inputs={"chart": as_text(drawn(chart))},
    ).compile(format="png", ppi=CHART_PPI)
    return made


def as_text(told: Mapping[str, object]) -> str:
    """What a template reads: data, never source, so that no name can be taken for markup."""
    return json.dumps(told, ensure_ascii=False)


def library() -> Any:  # noqa: ANN401  (a module of compiled code)
    """Typst, loaded when first needed; raises `Rejected`."""
    try:
        import typst  # noqa: PLC0415  (an extra, and heavy)
    except ImportError as error:
        raise Rejected(MISSING) from error
    return typst


@lru_cache(maxsize=4)
def typefaces(folder: Path | None) -> Any:  # noqa: ANN401  (typst's)
    """The fonts that come with the packages, then those of the office; read once."""
    found = [find_spec(package) for package in FONT_PACKAGES]
    ours = [folder for spec in found if spec for folder in spec.submodule_search_locations or ()]
    if len(ours) < len(FONT_PACKAGES):
        raise Rejected(MISSING)
    return library().Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[*ours, *([str(folder)] if folder else [])],
    )


def laid_out(document: Document, fonts: Fonts) -> dict[str, object]:
    """The document as the template reads it: texts, where they stand, and how they stand out."""
    day = document.as_of
    return {
        "title": document.title,
        "title_lines": document.title_lines,
        "notice": document.notice,
        "issuer": document.issuer,
        "number": document.number,
        "recipients": document.recipients,
        "date": [day.year, day.month, day.day],
        "signed": f"{day.year}年{day.month}月{day.day}日",
        "id": document.id,
        "short_id": document.short_id,
        "fonts": fonts.model_dump(include={"title", "heading", "body"}),
        "sections": [
            {"heading": section.heading, "blocks": [block_of(block) for block in section.blocks]}
            for section in document.sections
        ],
        "annexes": [
            {
                "title": annex.title,
                "listed": annex.listed,
                "tables": [ruled(table) for table in annex.tables],
            }
            for annex in document.annexes
        ],
    }


def block_of(block: str | Table | Chart) -> Mapping[str, object]:
    """One paragraph, table or chart."""
    match block:
        case str():
            return {"kind": "text", "text": block}
        case Table():
            return {"kind": "table", **ruled(block)}
        case Chart():
            return {"kind": "chart", **drawn(block)}


def ruled(table: Table) -> dict[str, object]:
    """A table."""
    return {
        "caption": table.caption,
        "unit": table.unit,
        "note": table.note,
        "widths": [column.width_mm for column in table.columns],
        "aligns": [ALIGNED[column.sort] for column in table.columns],
        "head": [
            [
                {"text": cell.text, "x": cell.column, "y": y, "colspan": cell.columns, "rowspan": cell.rows}
                for cell in row
            ]
            for y, row in enumerate(table.head())
        ],
        "rows": [
            [
                {"text": text_of(cell, column.sort), "tone": cell.tone, "rowspan": span if place == 0 else 1}
                for place, (cell, column) in enumerate(zip(row, table.columns, strict=True))
                if place > 0 or span > 0
            ]
            for row, span in zip(table.rows, table.groups(), strict=True)
        ],
        "totals": [total.row for total in table.totals],
        "kept": table.is_kept,
    }


def drawn(chart: Chart) -> dict[str, object]:
    """A chart: values to draw, labels to print, and what the highest bar stands for."""
    values = [value for series in chart.series for value in series.values if value is not None]
    least: Literal[0, 1] = 1 if chart.sort is Sort.SHARE else 0
    return {
        "caption": chart.caption,
        "categories": chart.categories,
        "top": max([least, *values]),
        "series": [
            {
                "name": series.name,
                "values": series.values,
                "labels": [label(value, chart.sort) for value in series.values],
            }
            for series in chart.series
        ],
    }


def label(value: float | None, sort: Sort) -> str:
    """Above a bar; shares to whole percents, there is no room for more."""
    return f"{value:.0%}" if sort is Sort.SHARE and value is not None else printed(value, sort)
