"""A Modbus server or bus in the config: how it is reached, and what its devices can take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contract.config_form import Section
from contract.point import ByteOrder
from edge_agent.source_config.table import Port, Seconds, TableSource

Registers = Annotated[int, Field(ge=1, le=125)]
Bits = Annotated[int, Field(ge=1, le=2000)]
Milliseconds = Annotated[float, Field(ge=0, le=60_000)]


class Transport(StrEnum):
    """How requests travel."""

    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    """RTU frames in a TCP connection, as transparent serial servers pass them on."""
    TLS = "tls"
    """Modbus/TCP Security: the server shows a certificate, and we where it asks for one."""
    SERIAL = "serial"
    """RTU on a serial line of this computer."""


class Serial(Section):
    """A serial line."""

    device: str
    """Such as `/dev/ttyS1`."""
    baud_rate: Annotated[int, Field(ge=300, le=4_000_000)] = 9600
    parity: Literal["none", "even", "odd"] = "even"
    """Even is the standard's; without parity it asks for two stop bits (Modbus over Serial Line V1.02, 2.5.1)."""
    stop_bits: Literal[1, 2] = 1


class Tls(Section):
    """Certificates of a TLS connection."""

    ca_file: Path
    certificate_file: Path | None = None
    key_file: Path | None = None
    server_name: str | None = None
    """The name in the server's certificate where it is not the host's."""

    @model_validator(mode="after")
    def whole(self) -> Tls:
        """A certificate goes with its key."""
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together: give both or neither")
        return self


class UnitLimits(Section):
    """What one unit can take, where it is less than the others behind the same connection."""

    unit_id: Annotated[int, Field(ge=0, le=255)]
    registers_max: Registers | None = None
    bits_max: Bits | None = None
    hole_max: Annotated[int, Field(ge=0, le=124)] | None = None
    gap_ms: Milliseconds | None = None
    timeout_s: Seconds | None = None


class ModbusSource(TableSource):
    """A Modbus server, gateway or serial line with all units behind it: one connection."""

    protocol: Literal["modbus"]
    transport: Transport = Transport.TCP
    host: str | None = None
    port: Port | None = None
    """Of the transport, if not given: 502, with TLS 802."""
    serial: Serial | None = None
    tls: Tls | None = None
    address_base: Literal[0, 1] = 0
    """The number that the device's papers give its first register."""
    order: ByteOrder = ByteOrder.ABCD
    """Of points whose own order is not given."""
    timeout_s: Seconds = 1.0
    gap_ms: Milliseconds = 0.0
    """Silence between an answer and the next request."""
    registers_max: Registers = 125
    bits_max: Bits = 2000
    hole_max: Annotated[int, Field(ge=0, le=124)] = 16
    """Unused registers read along."""
    bit_hole_max: Annotated[int, Field(ge=0, le=1999)] = 64
    """Unused coils or discrete inputs read along."""
    units: tuple[UnitLimits, ...] = ()

    @model_validator(mode="after")
    def fits_transport(self) -> ModbusSource:
        """Each transport has its own place to say where."""
        is_serial, is_tls = self.transport is Transport.SERIAL, self.transport is Transport.TLS
        unit_ids = [unit.unit_id for unit in self.units]
        faults = {
            f"transport '{self.transport.value}' needs a host": not is_serial and self.host is None,
            "transport 'serial' needs a table [sources.serial]": is_serial and self.serial is None,
            "transport 'tls' needs a table [sources.tls]": is_tls and self.tls is None,
            "host and port do not go with transport 'serial'": is_serial and (self.host or self.port),
            "a table [sources.serial] goes with transport 'serial' only": not is_serial and self.serial,
            "a table [sources.tls] goes with transport 'tls' only": not is_tls and self.tls,
            "units: a unit_id stands twice": len(set(unit_ids)) != len(unit_ids),
        }
        if told := [what for what, is_so in faults.items() if is_so]:
            raise ValueError("; ".join(told))
        return self

    @property
    def endpoint(self) -> tuple[str, int]:
        """What the connection goes to; two sources must not share it."""
        if self.serial is not None:
            return self.serial.device, 0
        return self.host or "", self.port or (802 if self.transport is Transport.TLS else 502)
