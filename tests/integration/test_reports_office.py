"""The printed forms as foreign programs show them: DOCX and XLSX by LibreOffice, PDF by poppler.

Looked at are the pages themselves: none is empty, nothing is cut off at an edge, all say that the data is
demonstration data, and the tables' numbers stand there row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.desk import Form, printed_as
from gateway.reports.document import Table, text_of
from gateway.reports.inputs import Span
from gateway.reports.outline import outlined
from gateway.reports.settings import ReportSettings
from tests import bulletin_scene
from tests.bulletin_scene import AS_OF
from tests.office import pages_of, printed, texts_of

NOTICE = "演示数据DEMONSTRATIONDATA"
EDGE_MM = 8
TABLES = ("计划表对照", "累计对照", "各单位进度")
"""Of short rows, which no program breaks over lines."""


@pytest.fixture(scope="module")
def made() -> Bulletin:
    """A quarter of the demo."""
    return bulletin(bulletin_scene.inputs(), Span.QUARTER, AS_OF)


@pytest.fixture(scope="module", params=["pdf", "docx", "xlsx"])
def pdf(request: pytest.FixtureRequest, made: Bulletin, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each form as pages."""
    form: Form = request.param
    file = tmp_path_factory.mktemp(form) / f"bulletin.{form}"
    file.write_bytes(printed_as(form, made, ReportSettings()))
    return file if form == "pdf" else printed(file)


def rows_of(table: Table) -> Iterator[str]:
    """The numbers of each row, as they stand beside each other."""
    for row in table.rows:
        cells = [
            text_of(cell, column.sort)
            for cell, column in zip(row, table.columns, strict=True)
            if not isinstance(cell.value, str)
        ]
        yield "".join(cells)


def test_no_page_is_empty_and_nothing_is_cut_off(pdf: Path) -> None:
    pages = pages_of(pdf)
    assert len(pages) > 10
    for number, page in enumerate(pages, 1):
        assert page.has_ink, number
        assert page.edge_is_clean(EDGE_MM), number


def test_every_page_says_that_it_is_demonstration_data(pdf: Path) -> None:
    for number, text in enumerate(texts_of(pdf), 1):
        assert NOTICE in text, number


def test_the_tables_numbers_stand_there(pdf: Path, made: Bulletin) -> None:
    """Row by row, in the order of the table."""
    said = "".join(texts_of(pdf))
    tables = {table.name: table for table in outlined(made, ReportSettings()).tables}
    for name in TABLES:
        at = 0
        for row in rows_of(tables[name]):
            at = said.find(row, at)
            assert at >= 0, (name, row)
