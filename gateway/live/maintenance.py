"""Which maintenance holds alarms back now: declared windows, and the maintenance shifts of the calendar. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rules.alarms.alarm import AlarmKey, Quiet
from rules.shift_calendar import Shift, ShiftCalendar

CalendarOf = Callable[[str], ShiftCalendar | None]
WINDOWS_MAX: Final = 1_000
"""Kept of a mine."""


@dataclass(frozen=True, slots=True)
class Window:
    """A declared maintenance window; an empty area is the whole mine."""

    mine: str
    area: str
    from_ms: int
    to_ms: int
    who: str
    why: str

    def holds(self, key: AlarmKey, now_ms: int) -> bool:
        """Whether it covers an alarm at an instant."""
        return key.mine == self.mine and self.area in ("", key.area) and self.from_ms <= now_ms < self.to_ms


@dataclass(slots=True)
class Maintenance:
    """Windows and calendars of all mines."""

    calendar_of: CalendarOf
    windows: list[Window] = field(default_factory=list)
    shifts: dict[tuple[str, str], tuple[int, int, bool]] = field(default_factory=dict)
    """Of an area: from when to when it is known whether this is maintenance."""

    def why(self, key: AlarmKey, quiet: Quiet, now_us: int) -> str | None:
        """What suppresses an alarm now."""
        if quiet is Quiet.NEVER:
            return None
        for window in self.windows:
            if window.holds(key, now_us // 1000):
                return f"{window.why} ({window.who})"
        if quiet is Quiet.SHIFT and self.is_maintenance_shift(key.mine, key.area, now_us):
            return "检修班 / maintenance shift"
        return None

    def is_maintenance_shift(self, mine: str, area: str, now_us: int) -> bool:
        """Does the area work a maintenance shift now? Looked up once a shift."""
        from_us, to_us, answer = self.shifts.get((mine, area), (0, 0, False))
        if not from_us <= now_us < to_us:
            from_us, to_us, answer = self.look_up(mine, area, now_us)
            self.shifts[mine, area] = (from_us, to_us, answer)
        return answer

    def look_up(self, mine: str, area: str, now_us: int) -> tuple[int, int, bool]:
        """From when to when the answer holds: the running shifts, or a minute between them."""
        calendar = self.calendar_of(mine)
        shifts: list[Shift] = calendar.shifts_at(area, now_us) if calendar else []
        if not shifts:
            return now_us, now_us + 60_000_000, False
        is_all = all(shift.kind == "maintenance" for shift in shifts)
        return max(s.starts_us for s in shifts), min(s.ends_us for s in shifts), is_all

    def declare(self, window: Window) -> None:
        """One more window; above the bound the mine's oldest goes."""
        self.windows.append(window)
        own = [one for one in self.windows if one.mine == window.mine]
        if len(own) > WINDOWS_MAX:
            self.windows.remove(own[0])

    def forget(self, now_ms: int) -> None:
        """Windows that are over; the journal keeps them."""
        self.windows = [window for window in self.windows if window.to_ms > now_ms]

    def of(self, mine: str) -> list[Window]:
        """The windows of a mine, by their begin."""
        return sorted((one for one in self.windows if one.mine == mine), key=lambda one: one.from_ms)
