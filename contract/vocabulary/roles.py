"""Roles: which metrics the judgement of faces and chambers reads, by name.

A chamber's occupancy is its `Personnel/Headcount`, like a face's: the positioning system counts both alike. Cards are
a face's only; their text is that of `contract.card_list`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a metric means for staffing and chambers; but for cards these are the signals of definitions.md §2."""

    HEADCOUNT = "headcount"
    CARDS = "cards"
    CONTROL_MODE = "control_mode"
    VIDEO = "video"
    PROTECTIONS = "protections"
    LINK = "link"
    DOOR = "door"
    PATROL_ROBOT = "patrol_robot"
    RUNNING = "running"


BY_METRIC: Final = {
    "Personnel/Headcount": Role.HEADCOUNT,
    "Personnel/Cards": Role.CARDS,
    "Control/Mode": Role.CONTROL_MODE,
    "Video/Online": Role.VIDEO,
    "Protection/Healthy": Role.PROTECTIONS,
    "Link/Healthy": Role.LINK,
    "Door/Closed": Role.DOOR,
    "Robot/Present": Role.PATROL_ROBOT,
    "Control/Running": Role.RUNNING,
}
CONTROL_MODES: Final = ("local", "remote", "auto")
"""The values of `Control/Mode`; `auto` is automatic under the centre's command."""
