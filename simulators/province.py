"""A whole province of virtual mines, for load: each a Modbus TCP server on a port of its own, in one process.

Mines differ by their seeds and share one point table, the Modbus one of 演示一矿 read at a slower pace. What that mine
serves over OPC UA is left out: one such server takes more memory than all the mines together.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from contract.point import Protocol
from simulators.mine import CODE, Mine
from simulators.modbus_server import serve_modbus
from simulators.plant import CHAMBERS, FACES
from simulators.points import FILES, points, text

PACE_S: Final = 5.0
"""The shortest period of a point: for two hundred mines one core answers a few thousand requests a second."""
TABLE: Final = f"points/{FILES[Protocol.MODBUS]}"


@dataclass(frozen=True, slots=True)
class ServedMine:
    """One of the mines, and where it is."""

    code: str
    name: str
    host: str
    port: int


@asynccontextmanager
async def province(
    *, now_ms: Callable[[], int], mines: int, seed: int = 1, host: str = "127.0.0.1", first_port: int = 0
) -> AsyncIterator[tuple[ServedMine, ...]]:
    """Serve so many mines on ports that follow each other, until the block ends; with port 0 on any free ones.

    Raises `Transient` if a port is taken.
    """
    table = points(Protocol.MODBUS)
    served = []
    async with AsyncExitStack() as stack:
        for number in range(mines):
            mine = Mine(
                seed + number, now_ms(), code=f"{int(CODE) + number:012}", name=f"演示{number + 1:03}矿"
            )
            port = first_port + number if first_port else 0
            serving = serve_modbus(mine, table, now_ms=now_ms, host=host, port=port)
            served.append(ServedMine(mine.code, mine.name, host, await stack.enter_async_context(serving)))
        yield tuple(served)


def files_of(mines: Sequence[ServedMine]) -> Mapping[str, str]:
    """What agents and a centre need to read a province: configs by path, and the point table."""
    return {
        TABLE: paced(text(Protocol.MODBUS), PACE_S),
        "gateway.toml": gateway_config(mines),
        **{f"{mine.code}/edge.toml": edge_config(mine) for mine in mines},
    }


def paced(table: str, pace_s: float) -> str:
    """A point table none of whose points is read more often than that."""
    rows = list(csv.DictReader(table.splitlines()))
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row | {"period_s": f"{max(float(row['period_s']), pace_s):g}"})
    return written.getvalue()


def edge_config(mine: ServedMine) -> str:
    """The config of a mine's agent; the broker is one on this machine."""
    return f"""[node]
mine = "{mine.code}"
gateway = "gw-1"

[outbox]
path = "outbox.sqlite"

[[sources]]
protocol = "modbus"
name = "plc"
host = "{mine.host}"
port = {mine.port}
points = "../{TABLE}"
"""


def gateway_config(mines: Sequence[ServedMine]) -> str:
    """The config of a centre that knows all of them; broker and store are on this machine."""
    areas = "".join(
        f'\n[[mines.{kind}]]\ncode = "{area.code}"\nname = "{area.name}"\nkind = "{area.kind}"\n'
        for kind, listed in (("faces", FACES), ("chambers", CHAMBERS))
        for area in listed
    )
    listed = "".join(f'\n[[mines]]\ncode = "{mine.code}"\nname = "{mine.name}"\n{areas}' for mine in mines)
    return f'[store]\nkind = "embedded"\n{listed}'
