"""Names as people, spreadsheets and scanners write them, brought to one form.

Rules (reference of the scanner's errors: the plan's own text)
- `plain` is what is stored: blanks at the ends, between Chinese characters and of no width go; full-width digits and
  letters become half-width; the characters that scanners confuse become the right ones (釆煤 → 采煤, 拥进 → 掘进,
  碉室 → 硐室). It changes nothing a second time.
- `folded` is what names are compared by: also without any blank, case, kind of bracket or dash.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MISREAD: Final = {
    "釆": "采",
    "拥进": "掘进",
    "撅进": "掘进",
    "嗣室": "硐室",
    "碉室": "硐室",
    "峒室": "硐室",
    "洞室": "硐室",
}
"""What scanners and hurried typists make of 采, 掘进 and 硐室."""
BRACKETS: Final = str.maketrans("（）【】［］〔〕", "()[][][]")
DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣", "-"))

_MISREAD: Final = re.compile("|".join(MISREAD))
_NO_WIDTH: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS: Final = re.compile(r"\s+")
_CHINESE: Final = "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_SPLIT_WORD: Final = re.compile(rf"(?<={_CHINESE}) (?={_CHINESE})")
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()}


def plain(name: str) -> str:
    """A name as it is stored."""
    text = unicodedata.normalize("NFC", _NO_WIDTH.sub("", name)).translate(_WIDE)
    text = _SPLIT_WORD.sub("", _BLANKS.sub(" ", text).strip())
    return _MISREAD.sub(lambda found: MISREAD[found[0]], text)


def folded(name: str) -> str:
    """What a name is compared by: two names that differ only in how they were typed are equal."""
    text = unicodedata.normalize("NFKC", plain(name)).translate(BRACKETS).translate(DASHES)
    return _BLANKS.sub("", text).casefold()
