"""Names of the demo mine on the wire."""

from typing import Final

MINE: Final = "990000000001"
GATEWAY: Final = "gw-1"
