"""What an alarm is: its key, its levels, how it stands, and the records of what happened to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from hashlib import blake2s
from typing import NamedTuple

from rules.series import HOUR_US, MINUTE_US

Value = float | int | bool | str


class Priority(IntEnum):
    """How much it matters, and how soon somebody must act."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """As configs and answers write it."""
        return self.name.lower()


class State(StrEnum):
    """Where an alarm is in its life."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    """Over, and nobody has acknowledged it."""
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class Change(StrEnum):
    """What a record tells."""

    RAISED = "raised"
    ROSE = "rose"
    FELL = "fell"
    RETURNED = "returned"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    DOUBTED = "doubted"
    VERIFIED = "verified"
    ESCALATED = "escalated"
    CHATTERS = "chatters"
    FOLDED = "folded"
    """A flood alarm stands for it from now on."""
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"
    RETIRED = "retired"


class Quiet(StrEnum):
    """What maintenance suppresses an alarm."""

    NEVER = "never"
    WINDOW = "window"
    """A declared maintenance window."""
    SHIFT = "shift"
    """A declared window, and every maintenance shift of its area."""


class AlarmKey(NamedTuple):
    """Which alarm: `source` is a metric, or what was judged; `code` what is wrong with it."""

    mine: str
    area: str
    source: str
    code: str

    @property
    def id(self) -> str:
        """The same as a short text that fits into an address; lasting."""
        return blake2s("\0".join(self).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an alarm and what it is called."""

    priority: Priority
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What an alarm is, whatever state it is in; `levels` from the least to the worst."""

    key: AlarmKey
    levels: tuple[Level, ...]
    zh: str
    en: str
    unit: str = ""
    basis: str = ""
    """Where its figures come from."""
    latching: bool = False
    quiet: Quiet = Quiet.WINDOW


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody holds an alarm back; `until_us` is `None` where it is without end."""

    who: str
    why: str
    from_us: int
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen it."""

    who: str
    note: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Policy:
    """How alarms are handled; every figure without authority."""

    escalate_us: Mapping[Priority, int] = field(
        default_factory=lambda: {Priority.CRITICAL: 5 * MINUTE_US, Priority.HIGH: 15 * MINUTE_US}
    )
    """Unacknowledged for so long, an alarm of this priority is told again, one priority higher."""
    escalations_max: int = 3
    chatter_raises: int = 6
    """Raised so often within `chatter_us`, an alarm chatters."""
    chatter_us: int = HOUR_US
    flood_raises: int = 10
    """More alarms of one gateway within `flood_us` become one."""
    flood_us: int = 10_000_000
    shelf_max_us: int = 8 * HOUR_US


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as it stands."""

    definition: Definition
    group: str = ""
    """Through whom it came: the gateway, or the area itself."""
    level: int = 0
    top: int = 0
    """The worst level since it was normal."""
    acked: bool = True
    raised_us: int = 0
    changed_us: int = 0
    value: Value | None = None
    """As it was when it last changed its level."""
    limit: float | None = None
    doubt: str | None = None
    ack: Acknowledgement | None = None
    shelf: Hold | None = None
    suppressed: str | None = None
    """Which maintenance holds it back."""
    out: Hold | None = None
    escalations: int = 0
    told_us: int = 0
    """Since when it waits for an acknowledgement."""
    raises: tuple[int, ...] = ()
    """When it was raised, the last few times."""
    under: AlarmKey | None = None
    """The flood alarm that stands for it."""

    @property
    def key(self) -> AlarmKey:
        """Which alarm it is."""
        return self.definition.key

    @property
    def is_held(self) -> bool:
        """Whether it is shelved, suppressed or out of service."""
        return self.shelf is not None or self.suppressed is not None or self.out is not None

    @property
    def is_open(self) -> bool:
        """Whether it is to be listed."""
        return self.level > 0 or not self.acked or self.shelf is not None or self.out is not None

    @property
    def state(self) -> State:
        """Where it is in its life."""
        if self.out is not None:
            return State.OUT_OF_SERVICE
        if self.shelf is not None:
            return State.SHELVED
        if self.level == 0:
            return State.NORMAL if self.acked else State.RETURNED
        if self.suppressed is not None:
            return State.SUPPRESSED
        return State.ACKNOWLEDGED if self.acked else State.UNACKNOWLEDGED

    @property
    def priority(self) -> Priority:
        """That of its worst level since it was normal, higher by its escalations."""
        levels = self.definition.levels
        own = levels[min(max(self.top, 1), len(levels)) - 1].priority
        return Priority(min(own + self.escalations, Priority.CRITICAL))

    @property
    def words(self) -> tuple[str, str]:
        """What is wrong, in Chinese and English."""
        levels = self.definition.levels
        level = levels[min(max(self.level or self.top, 1), len(levels)) - 1]
        zh = " ".join(part for part in (self.definition.zh, level.zh) if part)
        return zh, ": ".join(part for part in (self.definition.en, level.en) if part)

    def chatters(self, now_us: int, policy: Policy) -> bool:
        """Whether it comes and goes so often that it tells nothing more."""
        often = self.raises[-policy.chatter_raises :]
        return len(often) == policy.chatter_raises and now_us - often[0] <= policy.chatter_us


@dataclass(frozen=True, slots=True)
class Record:
    """One transition: the alarm as it is after it, by whom and why."""

    change: Change
    at_us: int
    alarm: Alarm
    who: str = ""
    note: str = ""
