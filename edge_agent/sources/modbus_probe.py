"""A few registers of one unit, read once, with the one in front of them: papers count from 0 or from 1."""

from __future__ import annotations

from contract.point import ADDRESS_MAX, Register
from edge_agent.acquisition.read_plan import Request
from edge_agent.engineering.probe import request_for
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.sources.modbus import ILLEGAL
from edge_agent.sources.modbus_link import Refusal
from edge_agent.sources.modbus_pass import OnceReader


async def registers_around(
    config: ModbusSource, unit_id: int, table: Register, address: int, count: int
) -> tuple[Request, bytes]:
    """What the device gives of `count` registers from an address and the one before, fewer where it has no more.

    Raises `LinkFailure`, or `Refusal` where it gives none of them.
    """
    reader = OnceReader(config)
    try:
        link = await reader.connected()
        spans = spans_to_try(address, count)
        while True:
            request = request_for(unit_id, table, *spans.pop(0))
            try:
                return request, await reader.read(link, request)
            except Refusal as refusal:
                if refusal.code not in ILLEGAL or not spans:
                    raise
    finally:
        reader.drop_link()


def spans_to_try(address: int, count: int) -> list[tuple[int, int]]:
    """First register and number, the most wanted first."""
    last = min(address + count, ADDRESS_MAX + 1)
    wanted = [(address - 1, last), (address, last), (address - 1, address + 2), (address, address + 2)]
    wanted += [(address - 1, address + 1), (address, address + 1), (address - 1, address)]
    return list(dict.fromkeys((first, end - first) for first, end in wanted if first >= 0 and end <= last))
