"""Makes `templates/bulletin.docx`: run `python -m gateway.reports.office_template` after a change here or of styles.

The file is what an office starts its own template from, so it is made of what Word itself would write: styles, tags in
paragraphs, a header and a footer.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from gateway.reports import word_styles as styles
from gateway.reports.docx import OURS, midnight, repacked
from gateway.reports.settings import Fonts
from gateway.reports.word_table import NAMESPACE

MADE_ON: Final = date(2022, 1, 1)
BORDER: Final = "<w:bottom w:val='single' w:sz='18' w:space='4' w:color='C00000'/>"
RULE: Final = f"<w:pBdr xmlns:w='{NAMESPACE}'>{BORDER}</w:pBdr>"
PAGE: Final = f"<w:fldSimple xmlns:w='{NAMESPACE}' w:instr=' PAGE '><w:r><w:t>1</w:t></w:r></w:fldSimple>"
PARAGRAPHS: Final = (
    ("{{ issuer }}", styles.ISSUER),
    ("{{ number }}", styles.NUMBER),
    ("{%p for line in title_lines %}", styles.TITLE),
    ("{{ line }}", styles.TITLE),
    ("{%p endfor %}", styles.TITLE),
    ("", styles.PLAIN),
    ("{{ recipients }}", styles.PLAIN),
    ("{{ body }}", styles.BODY),
    ("{%p if annexes %}", styles.BODY),
    ("", styles.PLAIN),
    ("{%p for annex in annexes %}", styles.BODY),
    ("{% if loop.first %}附件：{% else %}　　　{% endif %}{{ annex }}", styles.BODY),
    ("{%p endfor %}", styles.BODY),
    ("{%p endif %}", styles.BODY),
    ("", styles.PLAIN),
    ("", styles.PLAIN),
    ("{{ issuer }}", styles.PLAIN),
    ("{{ signed }}", styles.PLAIN),
    ("快照编号：{{ id }}", styles.NOTE),
)


def made() -> bytes:
    """The template, the same bytes each time."""
    word = docx.Document()
    speak_chinese(word)
    styles.ensure_styles(word, Fonts())
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    page.header_distance, page.footer_distance = Mm(15), Mm(22)
    word.settings.odd_and_even_pages_header_footer = True
    for header, footer, align in (
        (page.header, page.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (page.even_page_header, page.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        header.is_linked_to_previous = footer.is_linked_to_previous = False
        header.paragraphs[0].style = styles.NOTICE
        header.paragraphs[0].add_run("{{ notice }}")
        number_pages(footer.paragraphs[0], align)
    written = [word.add_paragraph(text, style=style) for text, style in PARAGRAPHS]
    written[1]._p.get_or_add_pPr().append(parse_xml(RULE))  # noqa: SLF001
    first = PARAGRAPHS.index(("{%p if annexes %}", styles.BODY))
    for closing in written[first:-1]:
        closing.paragraph_format.keep_with_next = True
    for signature in written[-3:-1]:
        signature.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signature.paragraph_format.right_indent = Pt(4 * 16)
    properties = word.core_properties
    properties.created = properties.modified = midnight(MADE_ON)
    properties.author = properties.last_modified_by = "ninebelow"
    properties.title, properties.comments = "{{ title }}", ""
    return repacked(word)


def speak_chinese(word: Any) -> None:  # noqa: ANN401  (a document of python-docx)
    """Its language, by which Word and others choose fonts, the form of punctuation and where lines break."""
    for element in (
        *word.styles.element.iter(qn("w:lang")),
        *word.settings.element.iter(qn("w:themeFontLang")),
    ):
        element.set(qn("w:eastAsia"), "zh-CN")


def number_pages(foot: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, on the outer side."""
    foot.style, foot.alignment = styles.FOOT, align
    foot.add_run("— ")
    foot._p.append(parse_xml(PAGE))  # noqa: SLF001
    foot.add_run(" —")


if __name__ == "__main__":
    OURS.write_bytes(made())
