"""The point tables of the virtual mine: the very files that an agent is given."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from contract.point import Point, Protocol
from contract.point_form import parse

FILES: Final = {Protocol.MODBUS: "modbus.csv", Protocol.OPCUA: "opcua.csv"}


def text(protocol: Protocol) -> str:
    """A table as it is handed over."""
    return files(__name__).joinpath(FILES[protocol]).read_text("utf-8")


def points(protocol: Protocol) -> tuple[Point, ...]:
    """The points of a table."""
    return parse(text(protocol), protocol, FILES[protocol])
