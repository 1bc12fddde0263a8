"""Who we are to an OPC UA server, and whom we talk to.

The server's certificate is judged (opcua_trust.py) before a secure channel is opened to it, and the library then
holds the server to that certificate. Files are read anew for every session: a certificate that was renewed, trusted
or revoked counts from the next connection on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from asyncua import Client, ua
from asyncua.crypto.security_policies import (
    SecurityPolicyAes128Sha256RsaOaep,
    SecurityPolicyAes256Sha256RsaPss,
    SecurityPolicyBasic256Sha256,
)
from cryptography import x509

from edge_agent.certificate_files import Own, Trusted, Unreadable, certificates_in, own_in, trusted_in
from edge_agent.source_config.opcua import OpcUaServer
from edge_agent.sources import opcua_trust
from edge_agent.sources.opcua_failure import SessionFailure

POLICIES: Final = {
    "Basic256Sha256": SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": SecurityPolicyAes256Sha256RsaPss,
}
POLICY_NONE: Final = "http://opcfoundation.org/UA/SecurityPolicy#None"
DER_HEAD: Final = 4
"""Bytes before the content of a DER sequence of 256 to 65,535 bytes; the last two say how long it is."""


@dataclass(frozen=True, slots=True)
class Security:
    """Signed, or signed and encrypted, with certificates of both ends."""

    policy: str
    """Such as `Basic256Sha256`."""
    mode: str
    """`Sign` or `SignAndEncrypt`."""
    certificate: Path
    key: Path
    server_certificate: Path | None = None
    """The only one that is trusted; without it those of the folder are."""
    trust_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """The user: a name with a password, or a certificate with its key."""

    username: str | None = None
    password: str | None = None
    certificate: Path | None = None
    key: Path | None = None


class CarefulClient(Client):  # type: ignore[misc]  # the library has no types
    """A client that leaves no session behind at the server, and tells no password in the clear."""

    async def create_session(self) -> ua.CreateSessionResult:
        """A session that the library finds fault with after the server made it is ended there at once."""
        try:
            return await super().create_session()
        except Exception:
            with suppress(Exception):  # of many unrelated classes; what matters is the first
                await self.uaclient.close_session(delete_subscriptions=True)
            raise

    async def activate_session(
        self,
        username: str | None = None,
        password: str | None = None,
        certificate: x509.Certificate | None = None,
    ) -> ua.ActivateSessionResult:
        """Log in; raises `SessionFailure` where others could read the password.

        Without security of the channel even an encrypted password is not safe: it is encrypted for whoever answers.
        """
        token = self.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri or POLICY_NONE
        mode, modes = self.security_policy.Mode, ua.MessageSecurityMode
        if username and mode != modes.SignAndEncrypt and (mode != modes.Sign or token == POLICY_NONE):
            raise SessionFailure(
                "password_in_clear",
                "the password could be read on its way: set mode = 'SignAndEncrypt' in the source's security",
            )
        return await super().activate_session(username, password, certificate)


async def secure(client: CarefulClient, security: Security) -> None:
    """Look at the server's certificate, and let the client talk to its owner only; raises `SessionFailure`."""
    own, judge = await asyncio.to_thread(read, security)
    judge_own(own, datetime.now(UTC))
    endpoint = endpoint_of(await client.connect_and_get_server_endpoints(), security)
    chain = chain_in(endpoint.ServerCertificate or b"")
    host = client.server_url.hostname or ""
    if isinstance(judge, Trusted):
        opcua_trust.judge(chain, judge, host, datetime.now(UTC))
    else:
        opcua_trust.judge_pinned(chain[0], judge, datetime.now(UTC))
    mode = ua.MessageSecurityMode[security.mode]
    client.security_policy = POLICIES[security.policy](
        chain[0], own.chain[0], own.key, mode, host_cert_chain=own.chain[1:]
    )
    client.uaclient.set_security(client.security_policy)


async def identify(client: CarefulClient, identity: Identity) -> None:
    """Give the client the user to log in; raises `SessionFailure`."""
    if identity.username is not None:
        client.set_user(identity.username)
        client.set_password(identity.password or "")
    if identity.certificate is not None and identity.key is not None:
        own = await asyncio.to_thread(own_of, identity.certificate, identity.key)
        client.user_certificate, client.user_private_key = own.chain[0], own.key
        client.user_certificate_chain = list(own.chain[1:])


def read(security: Security) -> tuple[Own, Trusted | x509.Certificate]:
    """Our certificate, and those we trust, or the one we do; raises `SessionFailure`."""
    own = own_of(security.certificate, security.key)
    try:
        if security.server_certificate is not None:
            return own, certificates_in(security.server_certificate)[0]
        assert security.trust_folder is not None
        return own, trusted_in(security.trust_folder)
    except Unreadable as error:
        raise SessionFailure("certificate_unreadable", str(error)) from error


def own_of(certificate: Path, key: Path) -> Own:
    """A certificate of ours; raises `SessionFailure`."""
    try:
        return own_in(certificate, key)
    except Unreadable as error:
        raise SessionFailure("certificate_unreadable", str(error)) from error


def judge_own(own: Own, now: datetime) -> None:
    """Raises `SessionFailure` where every server would refuse our certificate."""
    until = own.chain[0].not_valid_after_utc
    if now > until:
        raise SessionFailure(
            "own_certificate_expired",
            f"certificate_file was valid until {until:%Y-%m-%d %H:%M} UTC: issue a new one and let the server trust it",
        )


def endpoint_of(endpoints: list[ua.EndpointDescription], security: Security) -> ua.EndpointDescription:
    """The server's endpoint with our policy and mode; raises `SessionFailure` where it has none."""
    policy, mode = POLICIES[security.policy], ua.MessageSecurityMode[security.mode]
    for endpoint in endpoints:
        if (endpoint.SecurityPolicyUri, endpoint.SecurityMode) == (policy.URI, mode):
            return endpoint
    offered = {f"{one.SecurityPolicyUri.rpartition('#')[2]} {one.SecurityMode.name}" for one in endpoints}
    raise SessionFailure(
        "policy_not_offered",
        f"the server offers {', '.join(sorted(offered)) or 'nothing'}, not {security.policy} {security.mode}: "
        "switch it on there, or choose another in the source's security",
    )


def chain_in(content: bytes) -> list[x509.Certificate]:
    """The certificates that a server shows, its own first, one behind the other; raises `SessionFailure`."""
    chain = []
    try:
        while content:
            size = DER_HEAD + int.from_bytes(content[2:DER_HEAD], "big")
            chain.append(x509.load_der_x509_certificate(content[:size]))
            content = content[size:]
    except ValueError as error:
        raise SessionFailure(
            "certificate_broken", "the server shows something that is no certificate"
        ) from error
    if not chain:
        raise SessionFailure("certificate_missing", "the server shows none: give it one")
    return chain


def security_of(config: OpcUaServer) -> Security | None:
    """As the config has it."""
    if (given := config.security) is None:
        return None
    return Security(
        given.policy,
        given.mode,
        given.certificate_file,
        given.key_file,
        given.server_certificate_file,
        given.trust_folder,
    )


def identity_of(config: OpcUaServer) -> Identity:
    """As the config has it."""
    password = None if config.password is None else config.password.get_secret_value()
    return Identity(config.username, password, config.user_certificate_file, config.user_key_file)
