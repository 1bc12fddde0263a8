"""The bulletin as a Word document, from a template that the office may own.

Rules
- The template is filled by docxtpl: its tags name the fields of `tags`, and `bulletin` for the whole JSON form. Where
  it says `{{ body }}`, the sections are put; the annexes follow at the document's end, lying across the page. A
  template without `{{ body }}` is filled by its own tags alone.
- Styles that the template lacks are added; those that it has stay as the office made them.
- Tags run in a sandbox, values are escaped: a name with `<` or `{{` in it stays a name.
- The same bulletin and template give the same bytes: no clock is read, the archive is packed with a fixed date.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from contract.errors import Fault, Misconfigured, Rejected
from gateway.reports.document import Annex, Chart, Document, Table, day_text
from gateway.reports.pdf import MISSING, TEMPLATES, chart_png
from gateway.reports.settings import ReportSettings

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph

OURS: Final = TEMPLATES / "bulletin.docx"
BODY_MARK: Final = "\ue000body\ue000"
"""What `{{ body }}` becomes until the sections take its place; a private character, so nothing else can."""
PACKED_AT: Final = (1980, 1, 1, 0, 0, 0)
CHART_MM: Final = 156


def docx(document: Document, content: Mapping[str, object], settings: ReportSettings) -> bytes:
    """The document; `content` is the bulletin's JSON form, for templates that lay it out themselves.

    Raises `Misconfigured` for a template that cannot be filled, `Rejected` where the packages are not installed.
    """
    from gateway.reports.word_styles import ensure_styles, name_stand_ins, set_fonts  # noqa: PLC0415  (an extra)

    word = filled(settings.docx_template or OURS, tags(document, content))
    ensure_styles(word, settings.fonts)
    if settings.docx_template is None:
        set_fonts(word, settings.fonts)
    name_stand_ins(word, settings.fonts)
    mark = next((each for each in word.paragraphs if each.text.strip() == BODY_MARK), None)
    if mark is not None:
        for element in body(word, document):
            mark._p.addprevious(element)  # noqa: SLF001  (python-docx has no other way)
        keep_last(mark)
        mark._p.getparent().remove(mark._p)  # noqa: SLF001
        add_annexes(word, document.annexes)
    stamp(word, document)
    return repacked(word)


def tags(document: Document, content: Mapping[str, object]) -> dict[str, object]:
    """What a template can name."""
    return {
        "title": document.title,
        "title_lines": document.title_lines,
        "notice": document.notice,
        "issuer": document.issuer,
        "number": document.number,
        "recipients": document.recipients,
        "signed": day_text(document.as_of),
        "as_of": document.as_of.isoformat(),
        "id": document.id,
        "short_id": document.short_id,
        "annexes": [annex.listed for annex in document.annexes],
        "body": BODY_MARK,
        "bulletin": content,
    }


def filled(template: Path, context: Mapping[str, object]) -> WordDocument:
    """The template with its tags filled."""
    try:
        from docxtpl import DocxTemplate  # noqa: PLC0415  (an extra)
        from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415
    except ImportError as error:
        raise Rejected(MISSING) from error
    try:
        form = DocxTemplate(template)
        form.render(dict(context), SandboxedEnvironment(autoescape=True))
    except Exception as error:
        what = f"不能作为 Word 模板 / cannot be used as a Word template: {error}"
        raise Misconfigured([Fault(str(template), None, what)]) from error
    word: WordDocument = form.docx
    return word


def body(word: WordDocument, document: Document) -> Iterator[BaseOxmlElement]:
    """The sections, element by element."""
    from gateway.reports import word_styles as styles  # noqa: PLC0415

    for section in document.sections:
        yield paragraph(word, section.heading, styles.HEADING)
        for block in section.blocks:
            match block:
                case str():
                    yield paragraph(word, block, styles.BODY)
                case Table():
                    yield from tabled(word, block)
                case Chart():
                    yield paragraph(word, block.caption, styles.CAPTION)
                    yield picture(word, block)


def keep_last(mark: Paragraph) -> None:
    """The body's last paragraph goes with what follows: a signature alone on its page could be put under anything."""
    from docx.oxml.text.paragraph import CT_P  # noqa: PLC0415
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    last = mark._p.getprevious()  # noqa: SLF001
    if isinstance(last, CT_P):
        Paragraph(last, mark._parent).paragraph_format.keep_with_next = True  # noqa: SLF001


def add_annexes(word: WordDocument, annexes: tuple[Annex, ...]) -> None:
    """Each on a page of its own, all in one section that lies across the page."""
    from docx.enum.section import WD_ORIENT, WD_SECTION  # noqa: PLC0415
    from docx.shared import Mm  # noqa: PLC0415

    from gateway.reports import word_styles as styles  # noqa: PLC0415

    if not annexes:
        return
    last = word.add_section(WD_SECTION.NEW_PAGE)
    last.orientation = WD_ORIENT.LANDSCAPE
    last.page_width, last.page_height = Mm(297), Mm(210)
    last.top_margin, last.bottom_margin, last.left_margin, last.right_margin = Mm(26), Mm(24), Mm(20), Mm(20)
    for place, annex in enumerate(annexes):
        heading = word.add_paragraph(annex.title, style=styles.ANNEX)
        heading.paragraph_format.page_break_before = place > 0
        for table in annex.tables:
            for element in tabled(word, table):
                word.element.body.insert_element_before(element, "w:sectPr")


def tabled(word: WordDocument, table: Table) -> Iterator[BaseOxmlElement]:
    """A table with its caption above and its note below."""
    from docx.oxml import parse_xml  # noqa: PLC0415

    from gateway.reports import word_styles as styles  # noqa: PLC0415
    from gateway.reports.word_table import table_xml  # noqa: PLC0415

    caption = f"{table.caption}（{table.unit}）" if table.unit else table.caption
    yield paragraph(word, caption, styles.CAPTION)
    yield parse_xml(table_xml(table, word.styles[styles.CELL].style_id))
    yield paragraph(word, table.note, styles.NOTE)


def paragraph(word: WordDocument, text: str, style: str) -> BaseOxmlElement:
    """A paragraph that stands nowhere yet."""
    made = word.add_paragraph(text, style=style)._p  # noqa: SLF001
    made.getparent().remove(made)
    return made


def picture(word: WordDocument, chart: Chart) -> BaseOxmlElement:
    """A chart, as wide as the text."""
    from docx.shared import Mm  # noqa: PLC0415

    from gateway.reports import word_styles as styles  # noqa: PLC0415

    holder = word.add_paragraph(style=styles.NOTE)
    holder.add_run().add_picture(io.BytesIO(chart_png(chart)), width=Mm(CHART_MM))
    made = holder._p  # noqa: SLF001
    made.getparent().remove(made)
    return made


def stamp(word: WordDocument, document: Document) -> None:
    """The properties that Word shows; its times are those of the bulletin."""
    at = midnight(document.as_of)
    properties = word.core_properties
    properties.title, properties.author, properties.last_modified_by = (
        document.title,
        document.issuer,
        document.issuer,
    )
    properties.created, properties.modified, properties.revision = at, at, 1
    properties.keywords, properties.comments = document.id, document.notice


def midnight(day: date) -> datetime:
    """The day's beginning."""
    return datetime.combine(day, time(), UTC)


def repacked(word: Any) -> bytes:  # noqa: ANN401  (a document of python-docx)
    """The file with a fixed date on every part."""
    saved, packed = io.BytesIO(), io.BytesIO()
    word.save(saved)
    with ZipFile(saved) as parts, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for part in parts.infolist():
            archive.writestr(ZipInfo(part.filename, PACKED_AT), parts.read(part), ZIP_DEFLATED)
    return packed.getvalue()
