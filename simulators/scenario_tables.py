"""The tables of a scenario file: what each may say, and what it does to the mine in a run that starts then.

Every table says when: `at` a moment (`moment.py`), `for` how long, without which it lasts to the end.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from contract.config_form import Section
from contract.datatype import Value
from contract.point import Protocol, Register
from simulators.equipment.occasions import Occasions, Span
from simulators.equipment.sensor_faults import calibrated, dead, drifting, frozen, reads
from simulators.equipment.signal import Signal
from simulators.faults import BUSY, FOREVER, UnitFault, UnitKind, WireFault, WireKind
from simulators.moment import Moment, moment_of, span_ms_of
from simulators.people import ROADWAY, SURFACE, VISIT_MS_MAX, Visit, on_surface
from simulators.personnel_files import FileFault, FileKind
from simulators.plant import AREAS, PATROLS
from simulators.points import points
from simulators.scenario import ClockJump, Machine, Source

AT: Final = BeforeValidator(lambda given: moment_of(given) if isinstance(given, str) else given)
SPAN: Final = BeforeValidator(lambda given: span_ms_of(given) if isinstance(given, str) else given)
JUMP: Final = BeforeValidator(lambda given: jump_ms_of(given) if isinstance(given, str) else given)
ADDRESS_MAX: Final = 65_535
LATE_S_MAX: Final = 3_600

Lasting = Annotated[int, SPAN, Field(gt=0)]
Late = Annotated[float, Field(gt=0, le=LATE_S_MAX)]
Share = Annotated[float, Field(gt=0, le=1)]
Address = Annotated[int, Field(ge=0, le=ADDRESS_MAX)]


class Timed(Section):
    """Something that holds for a time."""

    at: Annotated[Moment, AT]
    lasting_ms: Annotated[Lasting | None, Field(alias="for")] = None

    def span(self, start_ms: int) -> Span:
        """When it holds."""
        from_ms = self.at.at_ms(start_ms)
        return Span(from_ms, FOREVER if self.lasting_ms is None else from_ms + self.lasting_ms)


class VisitTable(Timed):
    """`[[visit]]`: people who come to a place and stay there."""

    lasting_ms: Annotated[Lasting, Field(alias="for", le=VISIT_MS_MAX)]
    place: str
    people: Annotated[int, Field(ge=1, le=100)]
    post: str

    @field_validator("place")
    @classmethod
    def is_known(cls, place: str) -> str:
        """An area of the mine."""
        return known_area(place)

    def visit(self, name: str, start_ms: int) -> Visit:
        """The visit."""
        span = self.span(start_ms)
        base = SURFACE if self.place in on_surface(PATROLS) else ROADWAY
        return Visit(name, self.place, self.post, self.people, span.from_ms, span.to_ms, base)

    def __str__(self) -> str:
        return f"{self.place}: {self.people} × {self.post}"


class ClockTable(Timed):
    """`[[clock]]`: a source's clock is put forward (`+45m`) or back (`-45m`)."""

    source: Source
    by_ms: Annotated[int, Field(alias="by"), JUMP]

    def jump(self, start_ms: int) -> ClockJump:
        """The jump."""
        span = self.span(start_ms)
        return ClockJump(self.source, span.from_ms, span.to_ms, self.by_ms)

    def __str__(self) -> str:
        return f"{self.source}: clock {self.by_ms / 1000:+g} s"


class FileTable(Timed):
    """`[[file]]`: a fault of the personnel files."""

    kind: FileKind
    share: Share = 0.1

    def fault(self, start_ms: int) -> FileFault:
        """The fault."""
        span = self.span(start_ms)
        return FileFault(kind=self.kind, from_ms=span.from_ms, to_ms=span.to_ms, share=self.share)

    def __str__(self) -> str:
        return f"personnel files: {self.kind}"


class WireTable(Timed):
    """`[[fault]]`: a fault of the link to a machine."""

    kind: WireKind
    machine: Machine = Machine.MODBUS
    delay_s: Late = 1.0
    share: Share = 1.0

    def fault(self, start_ms: int) -> WireFault:
        """The fault."""
        span = self.span(start_ms)
        return WireFault(
            kind=self.kind, from_ms=span.from_ms, to_ms=span.to_ms, delay_s=self.delay_s, share=self.share
        )

    def __str__(self) -> str:
        return f"{self.machine}: {self.kind}"


class UnitTable(Timed):
    """`[[fault]]`: a fault of the answers of a Modbus unit, or of all."""

    kind: UnitKind
    machine: Literal[Machine.MODBUS] = Machine.MODBUS
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    table: Register | None = None
    first: Address = 0
    last: Address = ADDRESS_MAX
    code: Annotated[int, Field(ge=1, le=11)] = BUSY
    delay_s: Late = 1.0

    def fault(self, start_ms: int) -> UnitFault:
        """The fault."""
        span = self.span(start_ms)
        return UnitFault(
            kind=self.kind,
            from_ms=span.from_ms,
            to_ms=span.to_ms,
            unit_id=self.unit,
            table=self.table,
            first=self.first,
            last=self.last,
            code=self.code,
            delay_s=self.delay_s,
        )

    def __str__(self) -> str:
        return f"modbus {'all units' if self.unit is None else f'unit {self.unit}'}: {self.kind}"


class SensorTable(Timed):
    """`[[sensor]]`: a signal that reads something else; `kind` says what."""

    area: str
    metric: str

    @model_validator(mode="after")
    def is_known(self) -> Self:
        """A signal of the mine."""
        known_area(self.area)
        if (self.area, self.metric) not in known_tags():
            raise ValueError(f"{self.area} has no signal {self.metric!r}: see its point tables")
        return self

    @property
    def tag(self) -> tuple[str, str]:
        """Area and metric."""
        return self.area, self.metric

    def __str__(self) -> str:
        return f"{self.area} {self.metric}: {type(self).__name__.lower()}"


class Dead(SensorTable):
    """No value."""

    kind: Literal["dead"]

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with the fault."""
        return dead(signal, at)


class Reads(SensorTable):
    """The same value, whatever is."""

    kind: Literal["reads"]
    value: bool | int | float | str

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with the fault."""
        return reads(signal, at, self.value)


class Frozen(SensorTable):
    """What it read at the beginning."""

    kind: Literal["frozen"]

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with the fault."""
        return frozen(signal, at)


class Drifts(SensorTable):
    """Ever further off, in its unit."""

    kind: Literal["drifts"]
    per_hour: float

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with the fault."""
        return drifting(signal, at, self.per_hour)


class Calibrated(SensorTable):
    """Pure air, then test gas, as at a calibration."""

    kind: Literal["calibrated"]
    lasting_ms: Annotated[Lasting, Field(alias="for", ge=3_000)]
    test_gas: float

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with the fault."""
        return calibrated(signal, at, self.test_gas)


class Rises(SensorTable):
    """No fault of the sensor: what it measures rises `by` so much within `over`, and falls again as fast."""

    kind: Literal["rises"]
    lasting_ms: Annotated[Lasting, Field(alias="for")]
    by: float
    over_ms: Annotated[Lasting, Field(alias="over")]

    def changed(self, signal: Signal, at: Occasions) -> Signal:
        """The signal with what is added."""
        return risen(signal, at, self.by, self.over_ms)


Sensor = Annotated[Dead | Reads | Frozen | Drifts | Calibrated | Rises, Field(discriminator="kind")]


def risen(signal: Signal, at: Occasions, by: float, over_ms: int) -> Signal:
    """A signal that is higher by `by` within a span, but for `over_ms` after its begin and before its end."""

    def value(at_ms: int) -> Value | None:
        read, span = signal(at_ms), at(at_ms)
        if span is None or isinstance(read, bool) or not isinstance(read, int | float):
            return read
        return read + by * min(1.0, (at_ms - span.from_ms) / over_ms, (span.to_ms - at_ms) / over_ms)

    return value


def known_area(code: str) -> str:
    """The code, if the mine has such an area; `ValueError` otherwise."""
    codes = [area.code for area in AREAS]
    if code not in codes:
        raise ValueError(f"the mine has no area {code!r}; it has {', '.join(codes)}")
    return code


@cache
def known_tags() -> frozenset[tuple[str, str]]:
    """Area and metric of every signal."""
    return frozenset(
        point.key for protocol in (Protocol.MODBUS, Protocol.OPCUA) for point in points(protocol)
    )


def jump_ms_of(text: str) -> int:
    """`+45m` or `-45m` in milliseconds."""
    span_ms = span_ms_of(text.removeprefix("-").removeprefix("+"))
    return -span_ms if text.startswith("-") else span_ms
