"""Section `[reports]` of the centre's config: what an office puts on its bulletins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from contract.config_form import Section

Name = Annotated[str, Field(min_length=1)]


class Fonts(Section):
    """Font names as GB/T 9704 asks for them.

    They are not free, so none comes with us: Word takes them from the reader's machine, the PDF from `folder`. Where
    one is not found, Noto Serif SC and Noto Sans CJK SC stand in for it.
    """

    title: Name = "方正小标宋简体"
    heading: Name = "黑体"
    body: Name = "仿宋"
    folder: Path | None = None
    """Where the PDF finds them."""


class ReportSettings(Section):
    """Who issues bulletins, and with what Word template; the reports' own stands in `templates/bulletin.docx`."""

    issuer: Name = "（发文机关）"
    number: Name = "〔　　　　〕　　号"
    recipients: str = "各有关单位："
    docx_template: Path | None = None
    fonts: Fonts = Fonts()
