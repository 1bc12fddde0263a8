"""The shift calendars in a mine's config: as in calendar.toml (definitions.md §1), or a usual one by its name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from rules.shift_calendar import PRESETS, Calendar, Preset, ShiftTimes


class MineCalendar(Calendar):
    """The shifts of a day, from a day on: written out, or those of a preset."""

    preset: Preset | None = None
    shifts: Annotated[tuple[ShiftTimes, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def with_the_shifts_of_its_preset(cls, given: Any) -> Any:  # noqa: ANN401  (whatever the file holds)
        """One of the two must be there."""
        if not isinstance(given, dict) or given.get("preset") not in PRESETS:
            return given
        if "shifts" in given:
            raise ValueError("has both shifts and preset: keep one of them")
        return given | {"shifts": PRESETS[given["preset"]]}

    @model_validator(mode="after")
    def says_its_shifts(self) -> MineCalendar:
        """A calendar without any would be a day off, and more likely a slip."""
        if "shifts" not in self.model_fields_set:
            raise ValueError(f"needs shifts, or a preset: {', '.join(PRESETS)}")
        return self


def check_calendars(calendars: Sequence[Calendar], faces: Collection[str]) -> None:
    """Raises `ValueError` where two hold from the same day on, or one is for a face that the mine does not have."""
    scopes = [(calendar.face, calendar.effective_on) for calendar in calendars]
    twice = sorted({scope for scope in scopes if scopes.count(scope) > 1}, key=str)
    said = [
        f"calendar of {f'face {face}' if face else 'the mine'} effective on {on} stands twice: keep one"
        for face, on in twice
    ]
    strangers = dict.fromkeys(face for face, _ in scopes if face is not None and face not in faces)
    said += [f"calendar of face {face}: the mine has no such face" for face in strangers]
    if said:
        raise ValueError("; ".join(said))
