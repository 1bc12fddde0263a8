"""Pins that the agent can only read from machines: no Modbus write and no OPC UA write or call exists in its code.

Only the adapters in edge_agent/sources may import the protocol libraries. In a module that does, every name that
could write is refused wherever it stands (attribute, import, string), and so are the ways around that: raw PDUs and
function codes, the transport, `getattr`. The rest of the agent talks to a broker and a disk and may use such words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

AGENT = Path(__file__).parents[2] / "edge_agent"
PROTOCOLS = frozenset({"pymodbus", "asyncua"})

PYMODBUS_IMPORTS = frozenset({
    "AsyncModbusTcpClient", "AsyncModbusSerialClient", "ModbusException", "FramerRTU", "FramerSocket", "ModbusPDU",
})  # fmt: skip
ASYNCUA_IMPORTS = frozenset({
    "Client", "ua", "UaError", "UaSession",
    "SecurityPolicyAes128Sha256RsaOaep", "SecurityPolicyAes256Sha256RsaPss", "SecurityPolicyBasic256Sha256",
})  # fmt: skip
READING_FUNCTIONS = frozenset({1, 2, 3, 4})

MODBUS_WRITES = frozenset({
    "write_coil", "write_coils", "write_register", "write_registers", "mask_write_register",
    "readwrite_registers", "write_file_record",
})  # fmt: skip
OPCUA_WRITES = frozenset({
    "write", "write_value", "write_values", "write_attribute", "write_attributes", "write_attribute_value",
    "write_data_type_definition", "set_value", "set_values", "set_attribute", "set_attr_bit", "set_writable",
    "call", "call_method", "history_update", "update_history", "delete_history", "add_nodes", "add_references",
    "delete_nodes", "delete_references", "add_variable", "add_object", "add_method", "add_property", "delete",
})  # fmt: skip
AROUND = frozenset(
    {"execute", "pdu_send", "low_level_send", "sendto", "send", "getattr", "eval", "exec", "__import__"}
)
"""Raw PDUs, the transport, and names put together at run time."""
MESSAGES = re.compile(
    r"(Write|MaskWrite|ReadWrite|Call|HistoryUpdate|Add|Delete(?!MonitoredItems|Subscriptions))[A-Z]\w*"
)
"""Requests of either protocol that change something, and their parts."""
FORBIDDEN = MODBUS_WRITES | OPCUA_WRITES | AROUND


def protocol_of(name: str | None) -> str | None:
    """The protocol library that a module belongs to."""
    root = (name or "").partition(".")[0]
    return root if root in PROTOCOLS else None


def imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(protocol library, imported name); the name is `*` where the whole library comes in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if library := protocol_of(alias.name):
                    yield library, "*"
        elif isinstance(node, ast.ImportFrom) and (library := protocol_of(node.module)):
            for alias in node.names:
                yield library, alias.name


def names_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name by which something could be reached, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, lineno=line) | ast.Name(id=name, lineno=line):
                yield line, name
            case ast.Constant(value=str(name), lineno=line):
                yield line, name
            case ast.keyword(arg=str(name), lineno=line):
                yield line, name
            case _:
                pass


def function_codes_in(tree: ast.Module) -> Iterator[tuple[int, object]]:
    """What is assigned to anything called `function_code`, as a number where it is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if "function_code" in (getattr(target, "id", ""), getattr(target, "attr", "")):
                    yield node.lineno, node.value.value if isinstance(node.value, ast.Constant) else None


def violations(source: str, *, is_adapter: bool) -> list[str]:
    """What in this module could write to a machine, or would escape this check."""
    tree = ast.parse(source)
    imports = list(imports_of(tree))
    if imports and not is_adapter:
        return [f"imports {library} outside edge_agent/sources" for library, _ in imports]
    allowed = {"pymodbus": PYMODBUS_IMPORTS, "asyncua": ASYNCUA_IMPORTS}
    found = [f"imports {name} of {library}" for library, name in imports if name not in allowed[library]]
    if imports:
        found += [
            f"line {line}: {name}"
            for line, name in names_in(tree)
            if name in FORBIDDEN or MESSAGES.fullmatch(name)
        ]
        found += [
            f"line {line}: function code {code}"
            for line, code in function_codes_in(tree)
            if code not in READING_FUNCTIONS
        ]
    return found


MODULES = sorted(AGENT.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(AGENT)) for path in MODULES])
def test_no_module_of_the_agent_can_write(path: Path) -> None:
    """Module by module."""
    is_adapter = (AGENT / "sources") in path.parents
    assert violations(path.read_text(encoding="utf-8"), is_adapter=is_adapter) == []


def test_both_protocols_are_looked_at() -> None:
    """The check would be empty if the adapters moved."""
    adapters = [ast.parse(path.read_text(encoding="utf-8")) for path in MODULES if "sources" in path.parts]
    assert {library for tree in adapters for library, _ in imports_of(tree)} == PROTOCOLS


MODBUS = "from pymodbus.client import AsyncModbusTcpClient\n"
OPCUA = "from asyncua import Client, ua\n"


@pytest.mark.parametrize(
    "seed",
    [
        MODBUS + "async def f(client): await client.write_register(1, 2, device_id=1)",
        MODBUS + "async def f(client): await client.write_coils(1, [True])",
        MODBUS + "async def f(client): await client.mask_write_register(1)",
        MODBUS + "async def f(client): await client.readwrite_registers()",
        MODBUS + "def f(client): return client.execute(False, 1)",
        MODBUS + "def f(client, n): return getattr(client, n)",
        MODBUS + "f = {'way': 'write_register'}",
        MODBUS + "def f(client): client.ctx.transport.write(b'')",
        "from pymodbus.pdu import ModbusPDU\nclass A(ModbusPDU):\n    function_code = 6",
        "from pymodbus.pdu import ModbusPDU\nclass A(ModbusPDU):\n    function_code: int = 0x10",
        "from pymodbus.pdu import ModbusPDU\nclass A(ModbusPDU):\n    function_code = 3 + 3",
        "from pymodbus.pdu import ModbusPDU\ndef f(pdu): pdu.function_code = 5",
        "from pymodbus.pdu.register_message import WriteSingleRegisterRequest",
        "import pymodbus.client as m",
        "from pymodbus import client",
        OPCUA + "async def f(node): await node.write_value(1)",
        OPCUA + "async def f(node): await node.set_value(1)",
        OPCUA + "async def f(node): await node.write_attribute(1, 2)",
        OPCUA + "async def f(client): await client.write_values([], [])",
        OPCUA + "async def f(session): await session.write(1)",
        OPCUA + "async def f(session): await session.call([])",
        OPCUA + "async def f(node): await node.call_method('x')",
        OPCUA + "f = ua.WriteRequest()",
        OPCUA + "f = ua.CallMethodRequest()",
        OPCUA + "f = ua.WriteValue()",
        "from asyncua.common.methods import call_method",
    ],
)
def test_the_check_finds_what_could_write(seed: str) -> None:
    """Each of these would be refused."""
    assert violations(seed, is_adapter=True)


@pytest.mark.parametrize(
    "seed", [MODBUS, OPCUA, "import pymodbus", "def f():\n    from asyncua import Client"]
)
def test_only_adapters_may_use_the_libraries(seed: str) -> None:
    """Elsewhere in the agent even reading is out of place."""
    assert violations(seed, is_adapter=False)


@pytest.mark.parametrize(
    "seed",
    [
        MODBUS + "async def f(client): return await client.read_holding_registers(1, count=2, device_id=1)",
        OPCUA + "async def f(session): return await session.read(ua.ReadParameters())",
        "import sqlite3\ndef f(connection): connection.execute('insert'); open('x').write('y')",
        "def f(client): client.publish('x'); client.write('y')",
    ],
)
def test_reading_and_other_writing_are_left_alone(seed: str) -> None:
    """Reading adapters and the code for disk and broker pass."""
    assert violations(seed, is_adapter=True) == []
