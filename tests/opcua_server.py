"""A small OPC UA server for tests, and a link before it that can be cut or frozen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole

from tests.odd_sessions import Odd

URI = "urn:test:mine"
ENCRYPTED = ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Secured:
    """Files for endpoints that want signed, or signed and encrypted messages."""

    certificate: Path
    key: Path
    policies: Sequence[ua.SecurityPolicyType] = (ENCRYPTED,)


@dataclass
class Users:
    """Who may log in: by password, or by certificate (DER)."""

    passwords: Mapping[str, str] = field(default_factory=dict)
    certificates: Sequence[bytes] = ()

    def get_user(
        self,
        _server: object,
        username: str | None = None,
        password: str | None = None,
        certificate: bytes | None = None,
    ) -> User | None:
        """The user, if they may."""
        known = self.passwords.get(username) == password if username else certificate in self.certificates
        return User(role=UserRole.User, name=username) if known else None


@dataclass
class OpcUaServer:
    """Variables by name in the namespace `URI`, which can be put behind others to get another index."""

    variables: Mapping[str, object]
    namespaces_before: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    secured: Secured | None = None
    users: Users | None = None
    odd: Odd = field(default_factory=Odd)
    server: Server = field(init=False)
    ids: int = 1000

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"opc.tcp://127.0.0.1:{self.port}/mine"

    async def start(self) -> None:
        """Start a new server with the present settings, on the same port."""
        self.server = Server(user_manager=self.users)
        self.server.disable_clock()  # it would take a second to stop
        await self.server.init()
        self.server.set_endpoint(self.url)
        self.odd.take_over(self.server.iserver)
        if self.secured:
            await self.server.load_certificate(self.secured.certificate)
            await self.server.load_private_key(self.secured.key)
            self.server.set_security_policy(list(self.secured.policies))
        else:
            self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        for uri in self.namespaces_before:
            await self.server.register_namespace(uri)
        self.index = await self.server.register_namespace(URI)
        for name, value in self.variables.items():
            await self.add(name, value)
        await self.server.start()

    async def stop(self) -> None:
        """Stop it."""
        await self.server.stop()

    async def add(self, name: str, value: object) -> None:
        """A new variable."""
        await self.server.nodes.objects.add_variable(ua.NodeId(name, self.index), name, value)

    async def put(self, path: str, value: object) -> ua.NodeId:
        """A new variable below folders, with a node id that nobody can know; names are of the namespace `URI`."""
        *folders, name = path.split("/")
        parent = self.server.nodes.objects
        for folder in folders:
            there = {(await child.read_browse_name()).Name: child for child in await parent.get_children()}
            parent = there.get(folder) or await parent.add_folder(self.new_id(), self.named(folder))
        node = self.new_id()
        await parent.add_variable(node, self.named(name), value)
        return node

    def new_id(self) -> ua.NodeId:
        """A number that no node had before, even before a restart."""
        self.ids += 1
        return ua.NodeId(self.ids, self.index)

    def named(self, name: str) -> ua.QualifiedName:
        """A browse name of the namespace `URI`."""
        return ua.QualifiedName(name, self.index)

    async def remove(self, name: str) -> None:
        """A variable less."""
        await self.server.delete_nodes([self.server.get_node(ua.NodeId(name, self.index))])

    async def set(self, name: str, value: object, **fields: object) -> None:
        """Give a variable a value; `fields` of a data value (`StatusCode_`, `SourceTimestamp`) as wished."""
        node = self.server.get_node(ua.NodeId(name, self.index))
        variant = value if isinstance(value, ua.Variant) else ua.Variant(value)
        await self.server.write_attribute_value(node.nodeid, ua.DataValue(variant, **fields))

    @property
    def sessions(self) -> int:
        """How many sessions clients hold."""
        return len(self.server.iserver._external_sessions)


@asynccontextmanager
async def opcua_server(variables: Mapping[str, object], **settings: object) -> AsyncIterator[OpcUaServer]:
    """A server that runs until the block ends."""
    server = OpcUaServer(variables, **settings)  # type: ignore[arg-type]  # the fields of the class
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@dataclass
class Link:
    """Forwards connections to a port. Frozen, it keeps them and forwards nothing; cut, it breaks them."""

    to_port: int
    port: int = 0
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    heard: bytearray | None = None
    """What passed, in both directions, if somebody listens."""
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        self.writers |= {writer, there_writer}
        await asyncio.gather(self.copy(reader, there_writer), self.copy(there_reader, writer))
        self.writers -= {writer, there_writer}
        self.connections.remove(task)

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction."""
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self.flowing.wait()
                if self.heard is not None:
                    self.heard += data
                writer.write(data)
        writer.close()

    def cut(self) -> None:
        """Break every connection."""
        for writer in self.writers:
            writer.transport.abort()


@asynccontextmanager
async def link_to(port: int) -> AsyncIterator[Link]:
    """A link until the block ends."""
    link = Link(port)
    link.flowing.set()
    server = await asyncio.start_server(link.forward, "127.0.0.1", 0)
    link.port = server.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        link.flowing.set()
        server.close()
        link.cut()
        await server.wait_closed()
        await asyncio.gather(*link.connections)
