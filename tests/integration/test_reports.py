"""The printed forms of a bulletin, read back by foreign readers: what they say is what the document says."""

from __future__ import annotations

import io
import re
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx as python_docx
import openpyxl  # type: ignore[import-untyped]  # ships no types; used here to read back
import pypdf
import pytest

from contract.errors import Misconfigured, Rejected
from gateway.reports import office_template
from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.desk import Form, printed_as
from gateway.reports.document import NOT_APPLICABLE, Document, Sort, Table, text_of
from gateway.reports.docx import OURS
from gateway.reports.inputs import Inputs, Span
from gateway.reports.outline import outlined
from gateway.reports.settings import ReportSettings
from ninebelow.app import main
from rules.plan.project import Project
from rules.plan.register import Register
from rules.plan.table import Kind
from tests import bulletin_scene
from tests.bulletin_scene import AS_OF, DEMO_CSV

NOTICE = "DEMONSTRATION DATA"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""What every element and attribute of Word's begins with."""
NASTY = Project(
    "=1+1 <b>&{{ 7*7 }} #let x = 1 \x0b 😀㐀 超长名称" * 4,
    "@演示集团",
    "演示九十九矿",
    Kind.MINING_FACE,
    2021,
)


@pytest.fixture(scope="module")
def made() -> Bulletin:
    """A bulletin with everything, and a project whose name is an attack on every format."""
    inputs = bulletin_scene.inputs()
    projects = (*inputs.register.projects, NASTY)
    return bulletin(
        replace(inputs, register=replace(inputs.register, projects=projects)), Span.QUARTER, AS_OF
    )


@pytest.fixture(scope="module")
def document(made: Bulletin) -> Document:
    """What the forms are made of."""
    return outlined(made, ReportSettings())


@pytest.fixture(scope="module")
def pages(made: Bulletin) -> list[pypdf.PageObject]:
    """The PDF's pages."""
    return list(pypdf.PdfReader(io.BytesIO(printed_as("pdf", made, ReportSettings()))).pages)


@pytest.fixture(scope="module")
def word(made: Bulletin) -> Any:
    """The Word document as python-docx reads it."""
    return python_docx.Document(io.BytesIO(printed_as("docx", made, ReportSettings())))


@pytest.fixture(scope="module")
def workbook(made: Bulletin) -> openpyxl.Workbook:
    """The workbook with the values that its formulas carry."""
    return openpyxl.load_workbook(io.BytesIO(printed_as("xlsx", made, ReportSettings())), data_only=True)


def squeezed(text: str) -> str:
    """Without white space: where lines break is the form's own business."""
    return re.sub(r"\s+", "", text)


def body_tables(document: Document) -> list[Table]:
    """The tables that are printed, in order."""
    body = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    return body + [table for annex in document.annexes for table in annex.tables]


def told(page: pypdf.PageObject) -> str:
    """A page's text without head, foot and white space."""
    lines = page.extract_text().splitlines()
    kept = [
        line for line in lines if NOTICE not in line and not re.search(r"^— \d+ —|编号 [0-9a-f]{12}$", line)
    ]
    return squeezed("".join(kept))


def rows_of(table: Table) -> list[list[str]]:
    """Its cells as they are printed."""
    return [
        [text_of(cell, column.sort) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


# PDF


def test_pdf_says_what_the_document_says(pages: list[pypdf.PageObject], document: Document) -> None:
    """Every sentence whole, every cell as far as its first line goes."""
    text = "".join(map(told, pages))
    for section in document.sections:
        for words in (section.heading, *(block for block in section.blocks if isinstance(block, str))):
            assert squeezed(words) in text
    for table in body_tables(document):
        assert squeezed(table.caption) in text
        for row in rows_of(table):
            for cell in row:
                assert squeezed(cell)[:9] in text, (table.name, cell)


@pytest.mark.parametrize("name", ["计划表对照", "累计对照", "奖补汇总", "验收预测"])
def test_pdf_has_whole_rows(pages: list[pypdf.PageObject], document: Document, name: str) -> None:
    """Tables of single lines come back row by row, every figure in its place."""
    table = next(table for table in body_tables(document) if table.name == name)
    text = "".join(map(told, pages))
    for row in rows_of(table):
        assert squeezed("".join(row)) in text


def test_pdf_embeds_its_fonts(made: Bulletin) -> None:
    """All of them, each as a subset; nothing is left to the reader's machine."""
    reader = pypdf.PdfReader(io.BytesIO(printed_as("pdf", made, ReportSettings())))
    fonts = {}
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[str(inner["/BaseFont"])] = inner["/FontDescriptor"].get_object()
    assert {name.split("+")[1].split("-")[0] for name in fonts} == {"NotoSerifSC", "NotoSansCJKsc"}
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in fonts.values())
    assert b"pdfaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()  # type: ignore[index]


def test_a_character_that_no_font_has_is_marked(pages: list[pypdf.PageObject]) -> None:
    """PDF/A refuses a missing glyph: the sign for one stands there, and only there."""
    text = "".join(map(told, pages))
    assert "=1+1<b>&{{7*7}}#letx=1〓〓㐀超长名称" in text
    clean = printed_as("pdf", bulletin(bulletin_scene.inputs(), Span.MONTH, AS_OF), ReportSettings())
    assert "〓" not in "".join(told(page) for page in pypdf.PdfReader(io.BytesIO(clean)).pages)


def test_every_page_says_that_it_is_demo_data(made: Bulletin, pages: list[pypdf.PageObject]) -> None:
    """And none does where the data is real."""
    assert len(pages) > 10
    assert all(NOTICE in page.extract_text() for page in pages)
    real = printed_as("pdf", replace(made, demo=False), ReportSettings())
    assert not any(NOTICE in page.extract_text() for page in pypdf.PdfReader(io.BytesIO(real)).pages)


def test_table_heads_repeat_on_every_page(pages: list[pypdf.PageObject], document: Document) -> None:
    """The last annex runs over several pages; each has the head."""
    start = next(
        place for place, page in enumerate(pages) if document.annexes[-1].title in page.extract_text()
    )
    assert len(pages) - start > 2
    for page in pages[start:]:
        assert {"工作面", "验收日期", "依据"} <= set(page.extract_text().split())


def test_pages_are_numbered_and_turn_where_annexes_begin(
    pages: list[pypdf.PageObject], document: Document
) -> None:
    """The body stands upright, annexes lie across, each on a page of its own."""
    for number, page in enumerate(pages, 1):
        assert f"— {number} —" in page.extract_text()
    across = [float(page.mediabox.width) > float(page.mediabox.height) for page in pages]
    first = across.index(True)
    assert across == [False] * first + [True] * (len(pages) - first)
    for annex in document.annexes:
        assert sum(squeezed(annex.title) in told(page)[:40] for page in pages[first:]) == 1


# Word


def test_word_says_what_the_document_says(word: Any, document: Document) -> None:
    """Paragraph by paragraph and in the document's order."""
    texts = [paragraph.text for paragraph in word.paragraphs]
    wanted = [
        words
        for section in document.sections
        for words in (section.heading, *(block for block in section.blocks if isinstance(block, str)))
    ]
    places = [texts.index(words) for words in wanted]
    assert places == sorted(places)
    for words in (document.issuer, document.number, *document.title_lines, f"快照编号：{document.id}"):
        assert words in texts
    assert [annex.title for annex in document.annexes] == [
        t for t in texts if t.startswith("附件") and "：" not in t
    ]
    listed = [annex.listed for annex in document.annexes]
    first = texts.index(f"附件：{listed[0]}")
    assert [t.lstrip("　") for t in texts[first + 1 : first + len(listed)]] == listed[1:]


def test_words_signature_is_not_alone_on_its_page(word: Any, document: Document) -> None:
    """From the body's last paragraph to the date, each is kept with the next."""
    texts = [paragraph.text for paragraph in word.paragraphs]
    ending = document.sections[-1].blocks[-1]
    closing = word.paragraphs[texts.index(ending) : texts.index(f"快照编号：{document.id}")]
    assert len(closing) > len(document.annexes) + 2
    assert all(paragraph.paragraph_format.keep_with_next for paragraph in closing)


def test_word_tables_are_the_documents(word: Any, document: Document) -> None:
    """Every cell of every table, the head's too; merged cells read as what they show."""
    tables = body_tables(document)
    assert len(word.tables) == len(tables)
    for found, table in zip(word.tables, tables, strict=True):
        head = len(table.head())
        cells = [[cell.text for cell in row.cells] for row in found.rows]
        assert cells[head:] == rows_of(table)
        for place, column in enumerate(table.columns):
            assert cells[head - 1][place] == column.heads[-1]
            assert cells[0][place] == column.heads[0]


def test_word_joins_the_lines_of_a_unit(word: Any, document: Document) -> None:
    """A unit's three kinds stand beside one cell."""
    place, table = next(
        (place, table) for place, table in enumerate(body_tables(document)) if table.name == "各单位进度"
    )
    first = [row.cells[0]._tc for row in word.tables[place].rows][len(table.head()) :]
    assert len(set(map(id, first))) == len(first) // 3


def test_word_pages_say_that_it_is_demo_data(word: Any) -> None:
    """Odd and even pages, in the section of the annexes too."""
    assert word.settings.odd_and_even_pages_header_footer
    for section in word.sections:
        for header in (section.header, section.even_page_header):
            assert NOTICE in "".join(paragraph.text for paragraph in header.paragraphs)


def test_word_numbers_its_pages_and_names_its_fonts(word: Any) -> None:
    """A field in both footers; the fonts of the settings, with what stands in for them."""
    for footer in (word.sections[0].footer, word.sections[0].even_page_footer):
        assert "PAGE" in footer._element.xml
    fonts = next(
        rel.target_part.blob for rel in word.part.rels.values() if rel.reltype.endswith("/fontTable")
    )
    assert "仿宋" in fonts.decode()
    assert "Noto Serif SC" in fonts.decode()
    assert word.styles["通报正文"].element.rPr.rFonts.get(f"{W}eastAsia") == "仿宋"


def test_word_is_told_that_it_is_chinese(word: Any) -> None:
    """Else punctuation and characters take Japanese forms where the fonts are missing."""
    languages = [
        element.get(f"{W}eastAsia")
        for tree, name in ((word.styles.element, "lang"), (word.settings.element, "themeFontLang"))
        for element in tree.iter(f"{W}{name}")
    ]
    assert languages == ["zh-CN", "zh-CN"]


def test_the_shipped_template_is_what_the_styles_say() -> None:
    """After a change run `python -m gateway.reports.office_template`."""
    assert OURS.read_bytes() == office_template.made()


def test_an_offices_own_template(made: Bulletin, tmp_path: Path) -> None:
    """Its letterhead, its styles, its own sentence from the data; the body where it says so."""
    template = tmp_path / "own.docx"
    own = python_docx.Document()
    own.add_paragraph("某某厅")
    own.add_paragraph("{{ bulletin.progress.totals[0].accepted }} / {{ title }}")
    own.add_paragraph("{{ body }}")
    own.add_paragraph("抄送：")
    style = own.styles.add_style("通报正文", 1)
    style.font.name = "楷体"
    own.save(str(template))
    settings = ReportSettings(docx_template=template)
    word = python_docx.Document(io.BytesIO(printed_as("docx", made, settings)))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert texts[0] == "某某厅"
    assert texts[1] == f"{made.progress.totals[0].accepted} / {outlined(made, settings).title}"
    assert texts.index("一、总体进展") == 2 < texts.index("抄送：") < texts.index("附件1　计划表对照")
    assert word.styles["通报正文"].font.name == "楷体"


@pytest.mark.parametrize(
    "spoil", ["not there", "no docx", "{{ 1/0 }}", "{{ title.__class__.mro() }}", "{% for %}"]
)
def test_a_template_that_cannot_be_used_is_named(made: Bulletin, tmp_path: Path, spoil: str) -> None:
    """With its file; tags run in a sandbox."""
    template = tmp_path / "own.docx"
    if spoil == "no docx":
        template.write_text("text")
    elif spoil != "not there":
        own = python_docx.Document()
        own.add_paragraph(spoil)
        own.save(str(template))
    with pytest.raises(Misconfigured, match=r"own\.docx"):
        printed_as("docx", made, ReportSettings(docx_template=template))


# Excel


def test_workbook_holds_every_table_with_its_values(workbook: openpyxl.Workbook, document: Document) -> None:
    """Numbers as numbers, days as days, totals with the values that they carry."""
    for table in document.tables:
        sheet = workbook[table.name]
        body = 3 + len(table.head())
        for number, row in enumerate(table.rows):
            for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                found = sheet.cell(body + number, place + 1).value
                value: object = cell.value
                if value is None:
                    assert found == NOT_APPLICABLE
                elif isinstance(value, Decimal):
                    assert found == pytest.approx(float(value), abs=1e-9)
                elif isinstance(value, date):
                    assert isinstance(found, datetime)
                    assert found.date() == value
                elif isinstance(value, str):
                    assert found == text_of(cell, column.sort)
                else:
                    assert found == value
                    assert isinstance(found, int | float)


def test_totals_and_ratios_are_formulas(made: Bulletin, document: Document) -> None:
    """Of the rows and columns that they are of."""
    book = openpyxl.load_workbook(io.BytesIO(printed_as("xlsx", made, ReportSettings())))
    assert book["计划表对照"]["B12"].value == "=SUM(B6:B11)"
    progress = book["各单位进度"]
    total = next(row for row in range(5, 40) if progress.cell(row, 1).value == "合计")
    summed = ",".join(f"E{row}" for row in range(5, 5 + 18, 3))
    assert progress.cell(total, 5).value == f"=SUM({summed})"
    assert progress.cell(5, 8).value == '=IF(N(E5)=0,"—",G5/E5)'
    for table in document.tables:
        for total_row in table.totals:
            for place, column in enumerate(table.columns, 1):
                cell = book[table.name].cell(3 + len(table.head()) + total_row.row, place)
                is_sum = str(cell.value).startswith("=SUM(")
                assert is_sum == (column.sort in {Sort.COUNT, Sort.AMOUNT} and cell.value != "无数据")


def test_every_sheet_says_that_it_is_demo_data_and_prints_well(workbook: openpyxl.Workbook) -> None:
    """On screen and in print: A4, as wide as a page, its head on every page."""
    for sheet in workbook.worksheets:
        shown = [str(cell.value) for row in sheet.iter_rows(max_row=2) for cell in row if cell.value]
        assert any(NOTICE in text for text in shown), sheet.title
        assert NOTICE in sheet.oddHeader.center.text
        assert (int(sheet.page_setup.paperSize), int(sheet.page_setup.fitToHeight)) == (9, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        if sheet.title not in {"封面", "图表"}:
            assert sheet.print_title_rows
            assert sheet.freeze_panes
    assert len(workbook["图表"]._charts) == 2


def test_rows_are_as_high_as_what_is_written_in_them(workbook: openpyxl.Workbook, document: Document) -> None:
    """A text over several lines is seen whole where the reader does not work heights out, as when it prints."""
    for table in document.tables:
        sheet = workbook[table.name]
        body = 3 + len(table.head())
        for number, row in enumerate(table.rows):
            longest = max(
                len(cell.value) * 1.9 / column.width_mm
                for cell, column in zip(row, table.columns, strict=True)
                if isinstance(cell.value, str)
            )
            height = sheet.row_dimensions[body + number].height or 15
            assert height >= min(15 * longest, 409), (table.name, number)


def test_the_cover_is_no_wider_than_a_page(workbook: openpyxl.Workbook) -> None:
    """A column alone is not made to fit, and other machines' letters are up to a third wider."""
    millimetres = workbook["封面"].column_dimensions["A"].width * 1.9
    assert millimetres * 4 / 3 < 210 - 2 * 12.7


# All forms


@pytest.mark.parametrize("form", ["json", "docx", "xlsx", "pdf"])
def test_same_bulletin_same_bytes(form: Form, made: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the clock says."""
    first = printed_as(form, made, ReportSettings())
    later = time.time() + 90_000
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: datetime(2031, 1, 1, tzinfo=UTC).timetuple())
    again = bulletin_again(made)
    assert printed_as(form, again, ReportSettings()) == first


def bulletin_again(made: Bulletin) -> Bulletin:
    """The same one, made anew."""
    return replace(made)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_archives_hold_no_clock(form: Form, made: Bulletin) -> None:
    """The dates of their parts are fixed."""
    with zipfile.ZipFile(io.BytesIO(printed_as(form, made, ReportSettings()))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("form", ["json", "docx", "xlsx", "pdf"])
def test_nothing_at_all_makes_a_bulletin_too(form: Form) -> None:
    """No projects, before the plan begins."""
    empty = bulletin(Inputs(Register(), demo=False), Span.YEAR, date(2020, 6, 1))
    assert printed_as(form, empty, ReportSettings())


def test_what_is_missing_is_said(made: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra packages Excel and JSON are made all the same."""
    for package in ("typst", "docxtpl"):
        monkeypatch.setitem(sys.modules, package, None)
    for form in ("pdf", "docx"):
        with pytest.raises(Rejected, match=r"ninebelow\[reports\]"):
            printed_as(form, made, ReportSettings())
    assert printed_as("xlsx", made, ReportSettings())
    assert printed_as("json", made, ReportSettings())


# The command

Run = Callable[..., tuple[object, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`ninebelow plan bulletin …`: its exit code and what it printed."""

    def run_it(*arguments: object) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["ninebelow", "plan", "bulletin", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out + captured.err

    return run_it


@pytest.mark.parametrize("form", ["json", "docx", "xlsx", "pdf"])
def test_command_writes_each_form(run: Run, tmp_path: Path, form: Form) -> None:
    """The same bytes as the API gives for the same projects, and its id on the screen."""
    out = tmp_path / f"b.{form}"
    code, printed = run(
        "--projects", DEMO_CSV, "--as-of", AS_OF, "--period", "quarter", "--format", form, "-o", out, "--demo"
    )
    expected = bulletin(
        Inputs(Register(projects=bulletin_scene.demo_projects()), demo=True), Span.QUARTER, AS_OF
    )
    assert code == 0
    assert expected.id in printed
    assert out.read_bytes() == printed_as(form, expected, ReportSettings())


def test_command_takes_a_letterhead(run: Run, tmp_path: Path) -> None:
    """The keys of the section `[reports]`, paths beside the file."""
    settings, out = tmp_path / "reports.toml", tmp_path / "b.docx"
    settings.write_text(
        'issuer = "某某厅"\nnumber = "演示〔2022〕1号"\n[fonts]\nbody = "楷体"\n', encoding="utf-8"
    )
    assert run("--projects", DEMO_CSV, "--as-of", AS_OF, "-o", out, "--settings", settings)[0] == 0
    texts = [paragraph.text for paragraph in python_docx.Document(str(out)).paragraphs]
    assert texts[:2] == ["某某厅", "演示〔2022〕1号"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--projects", DEMO_CSV, "-o", "/no/such/folder/b.xlsx", "--format", "xlsx"),
            "/no/such/folder/b.xlsx",
        ),
        (("--projects", "/no/projects.csv", "-o", "b.xlsx"), "/no/projects.csv"),
        (("--projects", DEMO_CSV, "-o", "b.xlsx", "--settings", "/no/settings.toml"), "/no/settings.toml"),
    ],
)
def test_command_says_what_to_mend(run: Run, arguments: tuple[object, ...], said: str) -> None:
    """Exit code 2 and the file."""
    code, printed = run(*arguments)
    assert code == 2
    assert said in printed


def test_unknown_settings_are_refused(run: Run, tmp_path: Path) -> None:
    """With the line."""
    settings = tmp_path / "reports.toml"
    settings.write_text('issuer = "某某厅"\nlogo = "x.png"\n', encoding="utf-8")
    code, printed = run(
        "--projects", DEMO_CSV, "-o", tmp_path / "b.json", "--format", "json", "--settings", settings
    )
    assert code == 2
    assert "reports.toml:2" in printed
