"""Signed and encrypted sessions with a foreign OPC UA server (npm node-opcua), with a certificate of its own making."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from contract.quality import Quality
from edge_agent.source_config.opcua_files import APPLICATION_URI
from edge_agent.sources.opcua_security import Identity, Security
from tests.foreign_opcua import LIMIT_S, MINE, node, point, sessions, set_to, source_of
from tests.foreign_servers import ForeignServer, opcua_server, serving
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
Pairs = Mapping[str, tuple[Path, Path]]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignServer]:
    """One that wants signed messages, and has a name in its endpoints that means nothing here, as behind a router."""
    folder = tmp_path_factory.mktemp("secured")
    name = "plc-3204.vendor.invalid"
    with serving(opcua_server(folder, namespaces=[MINE], secured=True, calls_itself=name)) as server:
        server.ask({"add": [node("F1/level", "Double", 1.5)]})
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignServer]:
    """One that wants signed messages and a user."""
    folder, users = tmp_path_factory.mktemp("guarded"), {"reader": "矿井-9"}
    with serving(opcua_server(folder, namespaces=[MINE], secured=True, users=users)) as server:
        server.ask({"add": [node("F1/level", "Double", 1.5)]})
        yield server


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """Certificates and keys: of the agent, of an agent that nobody trusts yet, of a person, of another server."""
    folder = tmp_path_factory.mktemp("pairs")
    client, server = [ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.SERVER_AUTH]
    made = {}
    for name, uri, use in [
        ("agent", APPLICATION_URI, client), ("unknown", APPLICATION_URI, client),
        ("person", "urn:a:person", client), ("impostor", "urn:impostor", server),
    ]:  # fmt: skip
        certificate, key = folder / f"{name}.der", folder / f"{name}.pem"
        asyncio.run(setup_self_signed_certificate(key, certificate, uri, "localhost", use, {}))
        made[name] = certificate, key
    return made


def security_of(server: ForeignServer, pairs: Pairs) -> Security:
    """The agent's side of a connection to this server, which is told to trust the agent."""
    server.ask({"trust": str(pairs["agent"][0])})
    return Security("Basic256Sha256", "SignAndEncrypt", *pairs["agent"], Path(server.told["certificate"]))


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
async def test_a_secured_session(secured: ForeignServer, pairs: Pairs, mode: str) -> None:
    """Values, changes and a break over a signed, and over an encrypted connection."""
    level, taken = point("F1/level"), Taken()
    security = replace(security_of(secured, pairs), mode=mode)
    secured.ask(set_to("F1/level", 1.5))
    async with running(source_of(secured, [level], security=security), taken):
        await taken.until_all([level])
        secured.ask(set_to("F1/level", 2.5))
        await taken.until(lambda: taken.last(level) == (2.5, GOOD))
        secured.ask({"drop": True})
        await taken.until_all([level], STALE)
        await taken.until_all([level])


async def test_a_server_that_wants_a_certificate_gets_one(secured: ForeignServer, pairs: Pairs) -> None:
    """Without security no session is opened; and none with a server that is not the pinned one."""
    level, taken = point("F1/level"), Taken()
    impostor = replace(security_of(secured, pairs), server_certificate=pairs["impostor"][0])
    for security in (None, impostor):
        async with running(source := source_of(secured, [level], security=security), taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 2)
            assert not source.health.connected
    assert {quality for _, quality in taken.of(level)} == {STALE}


async def test_a_certificate_that_the_server_does_not_trust(secured: ForeignServer, pairs: Pairs) -> None:
    """Refused, until an engineer at the server trusts it; then the source comes in by itself."""
    level, taken = point("F1/level"), Taken()
    certificate, key = pairs["unknown"]
    security = replace(security_of(secured, pairs), certificate=certificate, key=key)
    async with running(source := source_of(secured, [level], security=security), taken):
        await taken.until(lambda: sum(source.health.errors.values()) >= 2, LIMIT_S)
        assert taken.of(level) == [(None, STALE)]
        secured.ask({"trust": str(certificate)})
        await taken.until_all([level])


async def test_a_folder_of_trusted_certificates(secured: ForeignServer, pairs: Pairs, tmp_path: Path) -> None:
    """The server's own certificate lies in it, or not yet: it counts from the next connection on."""
    level, taken = point("F1/level"), Taken()
    shutil.copy(pairs["impostor"][0], tmp_path)
    security = replace(security_of(secured, pairs), server_certificate=None, trust_folder=tmp_path)
    async with running(source := source_of(secured, [level], security=security), taken):
        await taken.until(lambda: sum(source.health.errors.values()) >= 2, LIMIT_S)
        assert taken.of(level) == [(None, STALE)]
        shutil.copy(secured.told["certificate"], tmp_path)
        await taken.until_all([level])


async def test_user_and_password(guarded: ForeignServer, pairs: Pairs) -> None:
    """The right ones let in; wrong ones, and none, do not, and leave no session behind."""
    level, taken = point("F1/level"), Taken()
    security = security_of(guarded, pairs)
    for identity in (None, Identity("reader", "wrong"), Identity("x", "矿井-9")):
        wrong = source_of(guarded, [level], security=security, identity=identity)
        async with running(wrong, taken):
            await taken.until(lambda: sum(wrong.health.errors.values()) >= 2, LIMIT_S)  # noqa: B023 (awaited at once)
    assert {quality for _, quality in taken.of(level)} == {STALE}
    assert sessions(guarded) == 0
    right = source_of(guarded, [level], security=security, identity=Identity("reader", "矿井-9"))
    async with running(right, taken):
        await taken.until_all([level])
        assert taken.last(level) == (1.5, GOOD)


async def test_a_user_with_a_certificate(guarded: ForeignServer, pairs: Pairs) -> None:
    """Let in once an engineer trusts the user's certificate at the server, and not before."""
    level, taken = point("F1/level"), Taken()
    certificate, key = pairs["person"]
    person = Identity(certificate=certificate, key=key)
    source = source_of(guarded, [level], security=security_of(guarded, pairs), identity=person)
    async with running(source, taken):
        await taken.until(lambda: sum(source.health.errors.values()) >= 2, LIMIT_S)
        assert taken.of(level) == [(None, STALE)]
        guarded.ask({"trust": str(certificate)})
        await taken.until_all([level])
