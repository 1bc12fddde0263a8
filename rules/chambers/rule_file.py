"""The form of chambers.toml: the figures of the rule and the chambers it names (definitions.md §2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from rules.chambers.rule import Chamber, Kind, Rule
from rules.series import HOUR_US, MINUTE_US, SECOND_US

DURATION_US_MAX: Final = 10**18
"""Longer than any two instants are apart, and short enough to be added to one."""

PEOPLE_MAX: Final = 10**9

_STRICT: Final = ConfigDict(strict=True, frozen=True, extra="forbid")


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a timezone; write one such as Asia/Shanghai") from error
    return name


Duration = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ChamberForm(BaseModel):
    """One chamber."""

    model_config = _STRICT

    kind: Annotated[Kind, Field(strict=False)]
    door_required: bool = False


def _is_any_named(chambers: dict[str, ChamberForm]) -> dict[str, ChamberForm]:
    if not chambers:
        raise ValueError('no chamber named; add one: [chambers.C1] with kind = "…"')
    return chambers


class ChamberFigures(BaseModel):
    """The figures of the rule; defaults without authority. The live config takes the same."""

    model_config = _STRICT

    stale_after_s: Duration = 600
    patrol_min_s: Duration = 60
    patrol_max_min: Duration = 30
    bridge_s: Annotated[Duration, Field(validate_default=True)] = 60
    patrol_people_max: Annotated[int, Field(ge=0, le=PEOPLE_MAX)] = 3
    reentry_min: Duration = 15
    patrol_interval_h: Duration = 8
    window_days: Annotated[int, Field(ge=1)] = 30
    days_min: Annotated[int, Field(ge=0)] = 7
    level_share: Share = 0.95
    patrol_share_max: Share = 0.2

    @field_validator("bridge_s")
    @classmethod
    def _is_shorter_than_a_patrol(cls, bridge_s: float, info: ValidationInfo) -> float:
        patrol_max_min = info.data.get("patrol_max_min")
        if patrol_max_min is not None and _micro(bridge_s, SECOND_US) >= _micro(patrol_max_min, MINUTE_US):
            raise ValueError(f"must be shorter than patrol_max_min ({patrol_max_min} min)")
        return bridge_s

    @property
    def rule(self) -> Rule:
        """The figures, exactly as they are written: 0.95 is 95 of 100, not the nearest binary number."""
        return Rule(
            stale_after_us=_micro(self.stale_after_s, SECOND_US),
            bridge_us=_micro(self.bridge_s, SECOND_US),
            patrol_min_us=_micro(self.patrol_min_s, SECOND_US),
            patrol_max_us=_micro(self.patrol_max_min, MINUTE_US),
            patrol_people_max=self.patrol_people_max,
            reentry_us=_micro(self.reentry_min, MINUTE_US),
            patrol_interval_us=_micro(self.patrol_interval_h, HOUR_US),
            window_days=self.window_days,
            days_min=self.days_min,
            level_share=_as_written(self.level_share),
            patrol_share_max=_as_written(self.patrol_share_max),
        )


class ChambersFile(ChamberFigures):
    """The whole file; every figure has a default."""

    timezone: Annotated[str, AfterValidator(_is_timezone)] = "Asia/Shanghai"
    chambers: Annotated[dict[str, ChamberForm], AfterValidator(_is_any_named)]

    @property
    def zone(self) -> ZoneInfo:
        """The timezone of the days."""
        return ZoneInfo(self.timezone)

    @property
    def listed(self) -> tuple[Chamber, ...]:
        """The chambers in the file's order."""
        return tuple(Chamber(name, form.kind, form.door_required) for name, form in self.chambers.items())


def _as_written(number: float) -> Fraction:
    return Fraction(repr(number))


def _micro(number: float, unit_us: int) -> int:
    """Microseconds of a duration in its unit."""
    return min(round(_as_written(number) * unit_us), DURATION_US_MAX)
