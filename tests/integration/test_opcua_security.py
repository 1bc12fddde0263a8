"""Pins whom an OPC UA source talks to, as whom, and that nothing is told to anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from asyncua import ua
from cryptography.hazmat.primitives.serialization import Encoding

from contract.quality import Quality
from edge_agent.source_config.opcua_files import APPLICATION_URI
from edge_agent.sources.opcua_security import Identity, Security
from tests.opcua_certificates import CLIENT, Holder, application, authority
from tests.opcua_server import OpcUaServer, Secured, Users, link_to, opcua_server
from tests.opcua_sources import point, source_of
from tests.taken import Taken, running

GOOD, STALE = Quality.GOOD, Quality.STALE
LEVEL = point("level")
PASSWORD = "Grubenlicht-7"  # noqa: S105 (a test's)
AGENT = application("agent", uri=APPLICATION_URI, use=CLIENT)
SERVER = application("plc")
TYPES = ua.SecurityPolicyType
POLICIES = {
    ("Basic256Sha256", "Sign"): TYPES.Basic256Sha256_Sign,
    ("Basic256Sha256", "SignAndEncrypt"): TYPES.Basic256Sha256_SignAndEncrypt,
    ("Aes128Sha256RsaOaep", "Sign"): TYPES.Aes128Sha256RsaOaep_Sign,
    ("Aes128Sha256RsaOaep", "SignAndEncrypt"): TYPES.Aes128Sha256RsaOaep_SignAndEncrypt,
    ("Aes256Sha256RsaPss", "Sign"): TYPES.Aes256Sha256RsaPss_Sign,
    ("Aes256Sha256RsaPss", "SignAndEncrypt"): TYPES.Aes256Sha256RsaPss_SignAndEncrypt,
}


@dataclass
class Scene:
    """A server, and what the agent has to talk to it."""

    server: OpcUaServer
    security: Security
    trusted: Path
    folder: Path

    async def refusal(self, caplog: pytest.LogCaptureFixture, **settings: object) -> tuple[str, str]:
        """How the source fails, and what it says of it; by then it has failed twice, and left nothing behind."""
        settings = {"security": self.security, **settings}
        taken = Taken()
        async with running(source := source_of(self.server.url, [LEVEL], **settings), taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 2)
        assert taken.of(LEVEL) == [(None, STALE)]
        await taken.until(lambda: self.server.sessions == 0)
        [kind] = source.health.errors
        said = [record.message for record in caplog.records if "is lost" in record.message]
        assert len(said) == 1
        caplog.clear()
        return kind, said[0]

    async def connects(self, **settings: object) -> None:
        """Whether a value comes."""
        settings = {"security": self.security, **settings}
        taken = Taken()
        async with running(source_of(self.server.url, [LEVEL], **settings), taken):
            await taken.until_all([LEVEL])
        await taken.until(lambda: self.server.sessions == 0)


@asynccontextmanager
async def scene(
    folder: Path,
    holder: Holder = SERVER,
    *,
    behind: tuple[Holder, ...] = (),
    key: Path | None = None,
    policies: tuple[ua.SecurityPolicyType, ...] = tuple(POLICIES.values()),
    users: Users | None = None,
) -> AsyncIterator[Scene]:
    """A server with this certificate and an empty trust folder."""
    certificate, own_key = holder.files(folder, "plc", behind)
    agent = AGENT.files(folder, "agent")
    trusted = folder / "trusted"
    trusted.mkdir()
    security = Security("Basic256Sha256", "SignAndEncrypt", *agent, trust_folder=trusted)
    secured = Secured(certificate, key or own_key, policies)
    async with opcua_server({"level": 1}, secured=secured, users=users) as server:
        yield Scene(server, security, trusted, folder)


# Policies


async def test_every_policy_signed_and_encrypted(tmp_path: Path) -> None:
    """From Basic256Sha256 up, with the server's own certificate in the folder, or as the only one."""
    async with scene(tmp_path) as here:
        pinned = SERVER.put(here.trusted, "plc")
        for policy, mode in POLICIES:
            await here.connects(security=replace(here.security, policy=policy, mode=mode))
        await here.connects(security=replace(here.security, server_certificate=pinned, trust_folder=None))


async def test_a_policy_that_the_server_does_not_offer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Told with those that it does; nothing weaker is tried instead."""
    async with scene(tmp_path, policies=(TYPES.NoSecurity, TYPES.Basic256Sha256_Sign)) as here:
        SERVER.put(here.trusted, "plc")
        kind, said = await here.refusal(caplog)
        assert kind == "policy_not_offered"
        assert "offers Basic256Sha256 Sign, None None_, not Basic256Sha256 SignAndEncrypt" in said
        assert here.server.odd.sessions == 0


# Trust


async def test_an_authority_in_the_folder(tmp_path: Path) -> None:
    """Its certificates are trusted, also by way of another that the server sends along."""
    ca = authority("mine ca")
    works = authority("works ca", issuer=ca)
    async with scene(tmp_path, application("plc", issuer=works), behind=(works,)) as here:
        works.put(here.trusted, "works")
        ca.put(here.trusted, "ca")
        await here.connects()


@pytest.mark.parametrize(
    ("shown", "kind", "mend"),
    [
        (application("plc", days=(-9, -1)), "certificate_expired", "give the server a new one"),
        (application("plc", days=(1, 9)), "certificate_not_yet_valid", "look at this computer's clock"),
        (
            application("plc", hosts=("plc-9", "10.0.0.9")),
            "certificate_wrong_host",
            "not for 127.0.0.1: connect by",
        ),
    ],
)
async def test_a_certificate_in_the_folder_that_is_no_good(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, shown: Holder, kind: str, mend: str
) -> None:
    """Refused before a session is asked for, with the mend."""
    async with scene(tmp_path, shown) as here:
        shown.put(here.trusted, "plc")
        failed, said = await here.refusal(caplog)
        assert failed == kind
        assert mend in said
        assert here.server.odd.sessions == 0


async def test_a_server_that_nobody_knows_until_it_is_trusted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The next attempt after its certificate was put into the folder succeeds, without a restart of the agent."""
    async with scene(tmp_path) as here:
        application("another").put(here.trusted, "another")
        kind, said = await here.refusal(caplog)
        assert kind == "certificate_unknown"
        assert "compare the thumbprint there and put the certificate into the folder" in said
        taken = Taken()
        async with running(source := source_of(here.server.url, [LEVEL], security=here.security), taken):
            await taken.until(lambda: source.health.errors)
            SERVER.put(here.trusted, "plc")
            await taken.until_all([LEVEL])


async def test_a_certificate_that_is_revoked_while_the_agent_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It counts from the next connection on."""
    ca = authority("mine ca")
    shown = application("plc", issuer=ca)
    async with scene(tmp_path, shown) as here:
        ca.put(here.trusted, "ca")
        ca.revoke(here.trusted / "crl", "empty")
        await here.connects()
        ca.revoke(here.trusted / "crl", "ca", shown)
        kind, said = await here.refusal(caplog)
        assert kind == "certificate_revoked"
        assert "give the server a new certificate" in said


async def test_another_than_the_one_that_is_known(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Even of the same name, for the same host, with everything else in order."""
    async with scene(tmp_path) as here:
        known = application("plc").put(tmp_path, "known")
        kind, said = await here.refusal(
            caplog, security=replace(here.security, server_certificate=known, trust_folder=None)
        )
        assert kind == "certificate_not_pinned"
        assert "not the one in server_certificate_file" in said
        assert here.server.odd.sessions == 0


async def test_an_impostor_who_shows_a_certificate_of_somebody_else(tmp_path: Path) -> None:
    """The certificate is trusted, but whoever answers has not its key: no session comes about."""
    _, other_key = application("other").files(tmp_path, "other")
    taken = Taken()
    async with scene(tmp_path, key=other_key) as here:
        SERVER.put(here.trusted, "plc")
        source = source_of(here.server.url, [LEVEL], security=here.security, timeout_s=0.5)
        async with running(source, taken):
            await taken.until(lambda: sum(source.health.errors.values()) >= 2)
        assert taken.of(LEVEL) == [(None, STALE)]
        assert here.server.odd.sessions == 0


async def test_files_of_ours_that_are_no_good(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Told by name; the agent goes on trying, since they may be mended."""
    async with scene(tmp_path) as here:
        SERVER.put(here.trusted, "plc")
        gone = replace(here.security, key=tmp_path / "gone.pem")
        kind, said = await here.refusal(caplog, security=gone)
        assert (kind, str(tmp_path / "gone.pem") in said) == ("certificate_unreadable", True)
        expired = application("agent", uri=APPLICATION_URI, days=(-9, -1)).files(tmp_path, "expired")
        kind, said = await here.refusal(
            caplog, security=replace(here.security, certificate=expired[0], key=expired[1])
        )
        assert kind == "own_certificate_expired"
        assert "issue a new one" in said


# Users


async def test_a_user_with_a_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The right one is let in; wrong ones and nobody are not, and leave no session behind."""
    async with scene(tmp_path, users=Users({"reader": PASSWORD})) as here:
        SERVER.put(here.trusted, "plc")
        for mode in ("Sign", "SignAndEncrypt"):
            security = replace(here.security, mode=mode)
            await here.connects(security=security, identity=Identity("reader", PASSWORD))
        for identity in (Identity("reader", "wrong"), Identity("other", PASSWORD), None):
            kind, said = await here.refusal(caplog, identity=identity)
            assert kind == "BadUserAccessDenied"
            assert "username and password" in said
            assert PASSWORD not in said


async def test_a_user_with_a_certificate(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The user's, which is not the application's; one that the server does not know is refused."""
    known, unknown = (application(name, use=CLIENT, uri="") for name in ("reader", "stranger"))
    users = Users(certificates=[known.certificate.public_bytes(Encoding.DER)])
    async with scene(tmp_path, users=users) as here:
        SERVER.put(here.trusted, "plc")
        files = known.files(tmp_path, "reader")
        for policy, mode in POLICIES:
            security = replace(here.security, policy=policy, mode=mode)
            await here.connects(security=security, identity=Identity(certificate=files[0], key=files[1]))
        files = unknown.files(tmp_path, "stranger")
        kind, _ = await here.refusal(caplog, identity=Identity(certificate=files[0], key=files[1]))
        assert kind == "BadUserAccessDenied"


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
async def test_a_password_cannot_be_read_on_its_way(tmp_path: Path, mode: str) -> None:
    """Whoever listens sees the values of a session that is only signed, but not the password."""
    async with (
        scene(tmp_path, users=Users({"reader": PASSWORD})) as here,
        link_to(here.server.port) as link,
    ):
        SERVER.put(here.trusted, "plc")
        link.heard, taken = bytearray(), Taken()
        security = replace(here.security, mode=mode)
        url = f"opc.tcp://127.0.0.1:{link.port}/mine"
        async with running(
            source_of(url, [LEVEL], security=security, identity=Identity("reader", PASSWORD)), taken
        ):
            await taken.until_all([LEVEL])
        assert PASSWORD.encode() not in link.heard
        assert (b"reader" in link.heard) is (mode == "Sign")


async def test_a_server_that_asks_for_the_password_in_the_clear(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the session is only signed it is not told; where it is encrypted, that is enough."""
    async with scene(tmp_path, users=Users({"reader": PASSWORD})) as here:
        SERVER.put(here.trusted, "plc")
        for endpoint in here.server.server.iserver.endpoints:
            for token in endpoint.UserIdentityTokens:
                token.SecurityPolicyUri = "http://opcfoundation.org/UA/SecurityPolicy#None"
        identity = Identity("reader", PASSWORD)
        await here.connects(identity=identity)
        here.server.odd.asked.clear()
        kind, said = await here.refusal(
            caplog, security=replace(here.security, mode="Sign"), identity=identity
        )
        assert kind == "password_in_clear"
        assert "set mode = 'SignAndEncrypt'" in said
        assert "activate_session" not in here.server.odd.asked


async def test_no_password_without_security(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even encrypted: it would be for whoever answers."""
    every = (TYPES.NoSecurity, TYPES.Basic256Sha256_SignAndEncrypt)
    async with scene(tmp_path, policies=every, users=Users({"reader": PASSWORD})) as here:
        kind, _ = await here.refusal(caplog, security=None, identity=Identity("reader", PASSWORD))
        assert kind == "password_in_clear"
        assert "activate_session" not in here.server.odd.asked


# Sessions


async def test_refused_logins_leave_no_session_behind(tmp_path: Path) -> None:
    """Twenty of them: the server has never had more than one at a time."""
    async with scene(tmp_path, users=Users({"reader": PASSWORD})) as here:
        SERVER.put(here.trusted, "plc")
        most, taken = 0, Taken()
        source = source_of(
            here.server.url, [LEVEL], security=here.security, identity=Identity("reader", "wrong"),
            connect_wait_s=(0.01, 0.02),
        )  # fmt: skip
        async with running(source, taken):
            while source.health.errors.get("BadUserAccessDenied", 0) < 20:
                most = max(most, here.server.sessions)
                await asyncio.sleep(0)
        assert here.server.odd.sessions >= 20
        assert most == 1
        await taken.until(lambda: here.server.sessions == 0)


@pytest.mark.parametrize("code", [ua.StatusCodes.BadIdentityTokenInvalid, ua.StatusCodes.BadTooManySessions])
async def test_failing_activations_leave_no_session_behind(code: int) -> None:
    """And once the server is well again, one is enough."""
    taken = Taken()
    async with opcua_server({"level": 1}) as server:
        server.odd.refused["activate_session"] = code
        source = source_of(server.url, [LEVEL], connect_wait_s=(0.01, 0.02))
        async with running(source, taken):
            await taken.until(lambda: server.odd.sessions >= 20)
            assert server.sessions <= 1
            server.odd.refused.clear()
            await taken.until_all([LEVEL])
            assert server.sessions == 1
        await taken.until(lambda: server.sessions == 0)


async def test_a_session_that_the_library_finds_fault_with_is_ended(tmp_path: Path) -> None:
    """The server's answer lists no endpoint like the one in use: the session that it made for us is closed."""
    async with scene(tmp_path) as here:
        SERVER.put(here.trusted, "plc")
        taken = Taken()
        original = here.server.server.iserver.get_endpoints
        asked = 0

        async def get_endpoints(*given: object, **named: object) -> list[ua.EndpointDescription]:
            nonlocal asked
            asked += 1
            return (
                [] if asked % 2 == 0 else await original(*given, **named)
            )  # the second is asked by a session

        here.server.server.iserver.get_endpoints = get_endpoints
        source = source_of(here.server.url, [LEVEL], security=here.security, connect_wait_s=(0.01, 0.02))
        async with running(source, taken):
            await taken.until(lambda: here.server.odd.sessions >= 5)
            await taken.until(lambda: here.server.sessions <= 1)
        await taken.until(lambda: here.server.sessions == 0)
