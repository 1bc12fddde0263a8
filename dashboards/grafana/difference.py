"""Does Grafana hold what it is to hold? What it adds to what it was given is no difference. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

DURATION: Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
DURATIONS: Final = frozenset({"for", "keep_firing_for"})
"""Keys whose values Grafana writes in its own way: `1m` comes back as `1m0s`."""


def covers(held: object, wanted: object) -> bool:
    """Is everything that is wanted held? Objects may hold more, lists may not."""
    if isinstance(wanted, Mapping):
        return isinstance(held, Mapping) and all(
            key in held and covers(*alike(key, held[key], value)) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(held, list)
            and len(held) == len(wanted)
            and all(covers(one, other) for one, other in zip(held, wanted, strict=True))
        )
    return bool(held == wanted)


def alike(key: str, held: object, wanted: object) -> tuple[object, object]:
    """Both values, written alike where the key has a duration."""
    if key in DURATIONS and isinstance(held, str) and isinstance(wanted, str):
        return seconds(held), seconds(wanted)
    return held, wanted


def seconds(duration: str) -> float | str:
    """`1h2m3s` in seconds; anything else as it is."""
    parts = DURATION.fullmatch(duration)
    if parts is None or not duration:
        return duration
    hours, minutes, rest = (int(part or 0) for part in parts.groups())
    return hours * 3600.0 + minutes * 60 + rest


def holds_dashboard(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """The same for a dashboard; one that a newer Grafana has rewritten is known by the digest in its description."""
    if held.get("schemaVersion") != wanted["schemaVersion"]:
        return bool(held.get("description") == wanted["description"])
    return covers(held, wanted)
