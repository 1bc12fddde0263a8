"""Points for tests, with as little ceremony as possible."""

from __future__ import annotations

from collections.abc import Mapping

from contract.point import ByteOrder, ModbusAddress, OpcUaAddress, Point, RawType, Register


def modbus_point(
    address: int,
    kind: RawType = RawType.UINT16,
    *,
    unit_id: int = 1,
    table: Register = Register.HOLDING,
    bit: int | None = None,
    order: ByteOrder = ByteOrder.ABCD,
    name: str = "",
    period_s: float = 1.0,
    scale: float = 1.0,
    offset: float = 0.0,
    enum: Mapping[int, str] | None = None,
    deadband: float = 0.0,
    max_silence_s: float = 60.0,
    stale_after_s: float = 600.0,
    swing: float = 0.0,
    limits: tuple[float, ...] = (),
    length: int = 0,
    mask: int | None = None,
    flags: Mapping[int, str] | None = None,
) -> Point:
    """A point named after where it lies."""
    where = name or f"Pump {address + 1}/{table.value}-{unit_id}-{kind.value}-{bit}-{order.value}"
    return Point(
        area="F1",
        metric=where,
        address=ModbusAddress(unit_id, table, address, kind, bit, order, length),
        period_s=period_s,
        scale=scale,
        offset=offset,
        enum=enum or {},
        deadband=deadband,
        max_silence_s=max_silence_s,
        stale_after_s=stale_after_s,
        swing=swing,
        limits=limits,
        mask=mask,
        flags=flags or {},
    )


def opcua_point(
    node: str,
    *,
    period_s: float = 0.05,
    scale: float = 1.0,
    offset: float = 0.0,
    enum: Mapping[int, str] | None = None,
    deadband: float = 0.0,
    max_silence_s: float = 60.0,
    stale_after_s: float = 600.0,
    mask: int | None = None,
    flags: Mapping[int, str] | None = None,
) -> Point:
    """A point named after its node."""
    return Point(
        area="F1",
        metric=node,
        address=OpcUaAddress(node),
        period_s=period_s,
        scale=scale,
        offset=offset,
        enum=enum or {},
        deadband=deadband,
        max_silence_s=max_silence_s,
        stale_after_s=stale_after_s,
        mask=mask,
        flags=flags or {},
    )
