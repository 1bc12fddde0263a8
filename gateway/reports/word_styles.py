"""The Word styles that a bulletin is written in. An office's template may bring its own of the same names."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle

from gateway.reports.settings import Fonts

ISSUER: Final = "通报发文机关"
NUMBER: Final = "通报文号"
TITLE: Final = "通报标题"
BODY: Final = "通报正文"
PLAIN: Final = "通报正文顶格"
HEADING: Final = "通报一级标题"
ANNEX: Final = "通报附件标题"
CAPTION: Final = "通报题注"
CELL: Final = "通报表文"
NOTE: Final = "通报表注"
NOTICE: Final = "通报数据声明"
FOOT: Final = "通报页码"
RED: Final = RGBColor(0xC0, 0x00, 0x00)
BLACK: Final = RGBColor(0x00, 0x00, 0x00)
PITCH_PT: Final = 28.95
"""The pitch of lines that puts 22 of them on a page (GB/T 9704)."""
INDENT_CHARS: Final = "200"
"""Two characters, in hundredths."""


STAND_INS: Final = {
    "serif": "FangSong,STFangsong,FandolFang R,Noto Serif SC,Noto Serif CJK SC,SimSun",
    "sans": "SimHei,STHeiti,FandolHei,Noto Sans SC,Noto Sans CJK SC",
}
"""What most resembles a font that is missing."""


class Look(NamedTuple):
    """How a style looks; `font` is a field of `Fonts`."""

    font: str
    size_pt: float
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    color: RGBColor = BLACK
    pitch_pt: float | None = None
    indented: bool = False
    keep_with_next: bool = False
    space_pt: tuple[float, float] = (0, 0)
    bold: bool = False


LOOKS: Final = {
    ISSUER: Look("title", 30, WD_ALIGN_PARAGRAPH.CENTER, RED, space_pt=(0, 6)),
    NUMBER: Look("body", 16, WD_ALIGN_PARAGRAPH.CENTER, space_pt=(0, 28)),
    TITLE: Look("title", 22, WD_ALIGN_PARAGRAPH.CENTER, pitch_pt=36),
    BODY: Look("body", 16, WD_ALIGN_PARAGRAPH.JUSTIFY, pitch_pt=PITCH_PT, indented=True),
    PLAIN: Look("body", 16, pitch_pt=PITCH_PT),
    HEADING: Look("heading", 16, pitch_pt=PITCH_PT, indented=True, keep_with_next=True),
    ANNEX: Look("heading", 16, pitch_pt=PITCH_PT, keep_with_next=True),
    CAPTION: Look("heading", 10.5, WD_ALIGN_PARAGRAPH.CENTER, keep_with_next=True, space_pt=(10, 3)),
    CELL: Look("body", 8.5, space_pt=(1, 1)),
    NOTE: Look("body", 8.5, space_pt=(3, 8)),
    NOTICE: Look("heading", 10, WD_ALIGN_PARAGRAPH.CENTER, RED, bold=True),
    FOOT: Look("body", 14),
}
OUTLINED: Final = (HEADING, ANNEX)
"""In the document's navigation."""


def ensure_styles(document: WordDocument, fonts: Fonts) -> None:
    """Add the styles that the document lacks."""
    present = {style.name for style in document.styles}
    for name, look in LOOKS.items():
        if name not in present:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            assert isinstance(style, ParagraphStyle)
            dress(style, look)
            set_font(style, getattr(fonts, look.font))
            if name in OUTLINED:
                level = OxmlElement("w:outlineLvl")
                level.set(qn("w:val"), "0")
                style.element.get_or_add_pPr().append(level)


def set_fonts(document: WordDocument, fonts: Fonts) -> None:
    """Give every style its font of these."""
    for name, look in LOOKS.items():
        set_font(document.styles[name], getattr(fonts, look.font))


def dress(style: ParagraphStyle, look: Look) -> None:
    """Size, colour, spacing and alignment."""
    style.base_style = None
    style.font.size, style.font.color.rgb, style.font.bold = Pt(look.size_pt), look.color, look.bold
    form = style.paragraph_format
    form.alignment, form.keep_with_next = look.align, look.keep_with_next
    form.space_before, form.space_after = (Pt(space) for space in look.space_pt)
    if look.pitch_pt is not None:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch_pt)
    if look.indented:
        indent = style.element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), INDENT_CHARS)
        indent.set(qn("w:firstLine"), str(round(2 * look.size_pt * 20)))


def set_font(style: Any, name: str) -> None:  # noqa: ANN401  (python-docx has a class for each kind of style)
    """The font of Chinese and Latin text alike: digits stand among characters of one look."""
    style.font.name = name
    properties = style.element.get_or_add_rPr()
    properties.rFonts.set(qn("w:eastAsia"), name)


def name_stand_ins(document: WordDocument, fonts: Fonts) -> None:
    """Tell Word what to take where a font is missing, in the document's table of fonts."""
    table = next(
        (rel.target_part for rel in document.part.rels.values() if rel.reltype == RT.FONT_TABLE), None
    )
    if table is None:
        return
    listed = parse_xml(table.blob)
    known = {font.get(qn("w:name")) for font in listed}
    for name in dict.fromkeys((fonts.title, fonts.heading, fonts.body)):
        if name not in known:
            font, instead = OxmlElement("w:font"), OxmlElement("w:altName")
            font.set(qn("w:name"), name)
            instead.set(qn("w:val"), STAND_INS["sans" if name == fonts.heading else "serif"])
            font.append(instead)
            listed.append(font)
    table._blob = serialize_part_xml(listed)  # noqa: SLF001  (python-docx knows no table of fonts)
