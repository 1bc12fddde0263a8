"""The form of an alarm rule file: limits and flags of points, what is judged besides, which sensor hangs where.

Rules
- A rule names its points by `metric` (`<Equipment>[ n]/<Quantity>`; without a number every machine's) or, where the
  name is not of the vocabulary, by `point`; `place`, `kinds`, `areas` and `mines` narrow that down.
- Of the rules that fit a point's side (or its flags), the last one holds as a whole: packs first, own files after them.
  So an own rule overrides a default, and one with `off = true` removes it.
- Figures carry their `basis`; [K] is working knowledge without authority, [S] a single source, [V] read in the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from contract.config_form import Section
from contract.vocabulary import equipment, quantities
from contract.vocabulary.quantities import Kind
from rules.alarms.alarm import Priority, Quiet
from rules.alarms.judged import WORDS, Judged
from rules.alarms.limits import Limits, Side
from rules.chambers.rule import Kind as ChamberKind
from rules.series import micros
from rules.staffing import FaceKind

AREA_KINDS: Final = (*get_args(FaceKind), *(kind.value for kind in ChamberKind))
PRIORITIES: Final = {priority.word: priority for priority in Priority}
Duration = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def priority_of(word: object) -> object:
    """A priority's word as the priority."""
    if isinstance(word, str) and word not in PRIORITIES:
        raise ValueError(f"must be one of {', '.join(PRIORITIES)}")
    return PRIORITIES.get(word, word) if isinstance(word, str) else word


def several(value: object) -> object:
    """One word may stand for a list of one."""
    return [value] if isinstance(value, (str, Priority)) else value


PriorityWord = Annotated[Priority, BeforeValidator(priority_of)]
Priorities = Annotated[tuple[PriorityWord, ...], BeforeValidator(several), Field(min_length=1, max_length=3)]


parsed = lru_cache(maxsize=20_000)(equipment.parse)
"""The parts of a metric's name; mines call their points alike."""


class Scope(Section):
    """Where a rule holds; nothing named: everywhere."""

    kinds: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    mines: tuple[str, ...] = ()

    @model_validator(mode="after")
    def known_kinds(self) -> Self:
        """Kinds of faces and chambers."""
        if unknown := [kind for kind in self.kinds if kind not in AREA_KINDS]:
            raise ValueError(f"unknown kind {unknown[0]!r}; known are {', '.join(AREA_KINDS)}")
        return self

    def holds(self, mine: str, area: str, kind: str) -> bool:
        """Whether an area is in it."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.areas or area in self.areas)
            and (not self.mines or mine in self.mines)
        )


class Points(Scope):
    """Which points a rule is for."""

    metric: str = ""
    point: str = ""

    @model_validator(mode="after")
    def one_name(self) -> Self:
        """Exactly one of both, and a metric of the vocabulary."""
        if bool(self.metric) == bool(self.point):
            raise ValueError("name its points: either metric, of the vocabulary, or point, the exact name")
        name = equipment.parse(self.metric)
        if self.metric and (name is None or name.quantity not in quantities.BY_WORD):
            raise ValueError(
                f"metric {self.metric!r} is not of the vocabulary, as 'Gas 1/Methane' (deploy/points/README.md)"
            )
        return self

    def names(self, metric: str) -> bool:
        """Whether it names this metric."""
        if self.point:
            return metric == self.point
        own, other = parsed(self.metric), parsed(metric)
        if own is None or other is None:
            return False
        return (own.equipment, own.quantity) == (other.equipment, other.quantity) and own.unit in (
            "",
            other.unit,
        )

    def kind_fault(self, wanted: Kind) -> str | None:
        """Why its metric cannot be judged so."""
        name = equipment.parse(self.metric)
        if name is not None and quantities.BY_WORD[name.quantity].kind is not wanted:
            return f"{self.metric} is no {wanted.value}"
        return None


class Place(Points):
    """Which place of the regulations a sensor hangs at."""

    place: str


class Handling(Section):
    """How an alarm of a rule is handled, whatever raises it."""

    priority: Priorities = (Priority.MEDIUM,)
    on_s: Duration = 0.0
    off_s: Duration = 0.0
    latching: bool = False
    quiet: Quiet = Quiet.WINDOW
    basis: str = ""
    off: bool = False

    @property
    def on_us(self) -> int:
        """Delay to raise."""
        return micros(self.on_s)

    @property
    def off_us(self) -> int:
        """Delay to clear."""
        return micros(self.off_s)

    def priority_at(self, level: int) -> Priority:
        """That of a level; the last one given holds for all that follow."""
        return self.priority[min(level, len(self.priority)) - 1]


class PointRule(Points, Handling):
    """A rule about points; `zh` and `en` name them where the vocabulary's names say too little."""

    place: str = ""
    zh: str = ""
    en: str = ""
    only_while: str = ""
    """A Boolean quantity of the same machine: judged while it is true, over while it is false."""
    status: str = ""
    """A quantity of the same machine that tells calibration, out of range and faults (`rules.alarms.doubt`)."""

    @model_validator(mode="after")
    def machine_has_them(self) -> Self:
        """Quantities of the vocabulary, of a point that is of it."""
        for key, word in (("only_while", self.only_while), ("status", self.status)):
            if word and not self.metric:
                raise ValueError(f"{key} needs metric: nobody knows which machine point {self.point!r} is of")
            if word and word not in quantities.BY_WORD:
                raise ValueError(f"{key} {word!r} is no quantity of the vocabulary (deploy/points/README.md)")
        if self.only_while and quantities.BY_WORD[self.only_while].kind is not Kind.BOOLEAN:
            raise ValueError(f"only_while {self.only_while!r} is no {Kind.BOOLEAN.value}")
        return self


class LimitRule(PointRule):
    """Alarm, trip and reset of a numeric point on one side."""

    side: Side = Side.HIGH
    alarm: Number
    trip: Number | None = None
    reset: Number | None = None
    range_low: Number | None = None
    range_high: Number | None = None
    """What the instrument is made for, where its gateway does not say."""
    no_data_s: Duration = 0.0
    """An alarm of its own when there is no good value for so long; 0: none."""

    @property
    def limits(self) -> Limits:
        """The three numbers."""
        return Limits(self.side, self.alarm, self.trip, self.reset)

    @model_validator(mode="after")
    def numbers_are_sound(self) -> Self:
        """In order, of a quantity that is one."""
        if fault := self.limits.fault or self.kind_fault(Kind.NUMBER):
            raise ValueError(fault)
        return self


class FlagRule(PointRule):
    """Words of a status text, bits of a status word, or a Boolean that alarms. Exactly one of the three."""

    words: Mapping[str, str] = {}
    """Word → its Chinese; any other word but `normal` is an alarm too, as it stands."""
    bits: Mapping[str, str] = {}
    """Bit value, as "4" → its Chinese."""
    when: bool | None = None

    @model_validator(mode="after")
    def flags_are_sound(self) -> Self:
        """One way of flagging, that fits the quantity."""
        given = [
            kind
            for kind, held in ((Kind.TEXT, self.words), (Kind.NUMBER, self.bits), (Kind.BOOLEAN, self.when))
            if held or held is False
        ]
        if len(given) != 1:
            raise ValueError("give exactly one of words, bits, when")
        if fault := self.kind_fault(given[0]):
            raise ValueError(fault)
        if wrong := [bit for bit in self.bits if not (bit.isdecimal() and int(bit).bit_count() == 1)]:
            raise ValueError(f'bits: {wrong[0]!r} must be the value of one bit, as "4"')
        return self


class JudgedRule(Scope, Handling):
    """What is judged besides points. Over-staffing waits for the staffing rule's `sustain_s` at least."""

    judged: Judged


class RuleFile(Section):
    """A whole file; every part may be empty."""

    format: Literal[1] = 1
    place: tuple[Place, ...] = ()
    limit: tuple[LimitRule, ...] = ()
    flag: tuple[FlagRule, ...] = ()
    judged: tuple[JudgedRule, ...] = ()


assert set(WORDS) == set(Judged)
