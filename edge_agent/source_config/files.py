"""The files that sources name besides their points: whether they are there, and are what they are named for."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from contract.config_form import line_of
from contract.errors import Fault, Misconfigured
from contract.toml_lines import KeyPath
from edge_agent.source_config.modbus import ModbusSource
from edge_agent.source_config.modbus_tls import client_context
from edge_agent.source_config.opcua import OpcUaServer
from edge_agent.source_config.opcua_files import certificate_faults
from edge_agent.source_config.personnel import PersonnelSource, key_in


def file_faults(sources: Iterable[BaseModel], file: str, lines: Mapping[KeyPath, int]) -> Iterator[Fault]:
    """What is wrong with the files and folders that the sources of a config name; `lines` are those of its text."""
    for at, source in enumerate(sources):
        where: KeyPath = ("sources", at)
        faults = [
            Fault(file, line_of(key, lines), what)
            for key, path in paths_in(source, where)
            if (what := unreadable(key, path))
        ]
        yield from faults
        if isinstance(source, ModbusSource) and source.tls is not None and not faults:
            try:
                client_context(source.tls)
            except ssl.SSLError as error:
                yield Fault(file, line_of((*where, "tls"), lines), f"tls: {error}")
        if isinstance(source, OpcUaServer) and not faults:
            for keys, what in certificate_faults(source):
                yield Fault(file, line_of((*where, *keys), lines), what)
        if isinstance(source, PersonnelSource) and not faults:
            yield from key_faults(source.key_file)


def key_faults(path: Path) -> Iterator[Fault]:
    """What is wrong with the key of the cards' pseudonyms."""
    try:
        key_in(path)
    except Misconfigured as misconfigured:
        yield from misconfigured.faults


def paths_in(section: BaseModel, where: KeyPath) -> Iterator[tuple[KeyPath, Path]]:
    """Every path that ends in `_file` or `_folder`, wherever in a section it stands."""
    for name, value in section:
        key = (*where, name)
        if isinstance(value, BaseModel):
            yield from paths_in(value, key)
        elif isinstance(value, Path) and name.endswith(("_file", "_folder")):
            yield key, value


def unreadable(key: KeyPath, path: Path) -> str:
    """Why a file or folder cannot be read; empty if it can."""
    name = str(key[-1])
    what = "folder" if name.endswith("_folder") else "file"
    is_there = path.is_dir() if what == "folder" else path.is_file()
    if not is_there:
        return f"{name}: there is no {what} {path}"
    return "" if os.access(path, os.R_OK) else f"{name}: may not read {path}: give this user the right to"
