"""Quality of a value, with the numbers of Sparkplug's `Quality` property."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Quality(IntEnum):
    """What a value is worth (tck-id-payloads-propertyset-quality-value-value)."""

    BAD = 0
    GOOD = 192
    STALE = 500


PROPERTY: Final = "Quality"
