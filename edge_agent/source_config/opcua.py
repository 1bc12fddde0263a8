"""An OPC UA server in the config: where it is, who we are to it, and how its nodes are followed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from contract.config_form import Section
from edge_agent.source_config.table import Count, Seconds, TableSource


class OpcUaSecurity(Section):
    """Signed and encrypted, with certificates. A server whose certificate is not trusted is refused."""

    policy: Literal["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"] = "Basic256Sha256"
    mode: Literal["Sign", "SignAndEncrypt"] = "SignAndEncrypt"
    certificate_file: Path
    """Ours; `urn:ninebelow:edge` must stand in it as URI."""
    key_file: Path
    server_certificate_file: Path | None = None
    """The server's own certificate: exactly that one is trusted, whatever host it names."""
    trust_folder: Path | None = None
    """Certificates that are trusted where they name the server's host: servers' own, or authorities'; a subfolder
    `crl` holds revocation lists."""

    @model_validator(mode="after")
    def trusts_something(self) -> OpcUaSecurity:
        """Encryption to somebody unknown protects nothing."""
        if (self.server_certificate_file is None) == (self.trust_folder is None):
            raise ValueError(
                "give server_certificate_file, the one certificate to trust, or trust_folder, and not both"
            )
        return self


class OpcUaServer(Section):
    """How a server is reached."""

    url: str
    timeout_s: Seconds = 5.0
    username: str | None = None
    password: SecretStr | None = None
    user_certificate_file: Path | None = None
    user_key_file: Path | None = None
    security: OpcUaSecurity | None = None
    """Without it nothing is signed or encrypted (policy None), and nobody logs in."""

    @field_validator("url")
    @classmethod
    def is_opc(cls, url: str) -> str:
        """Only the binary protocol over TCP."""
        parts = urlsplit(url)
        if parts.scheme != "opc.tcp" or not parts.hostname:
            raise ValueError("must be as opc.tcp://host:4840")
        return url

    @model_validator(mode="after")
    def one_identity(self) -> OpcUaServer:
        """A user is known by a password or by a certificate, and neither travels in the clear."""
        if "@" in urlsplit(self.url).netloc:
            raise ValueError("url holds a user: give username and password instead, a url is written to logs")
        if (self.user_certificate_file is None) != (self.user_key_file is None):
            raise ValueError("user_certificate_file and user_key_file go together: give both or neither")
        if self.username is not None and self.user_certificate_file is not None:
            raise ValueError(
                "give username and password, or user_certificate_file and user_key_file, not both"
            )
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together: give both or neither")
        if self.security is None and (self.username is not None or self.user_certificate_file is not None):
            raise ValueError(
                "who logs in needs a table [sources.security]: without it a password could be read on its way, "
                "and the server could be anybody"
            )
        return self


class OpcUaSource(OpcUaServer, TableSource):
    """A server and its point table."""

    protocol: Literal["opcua"]
    mode: Literal["subscribe", "poll"] = "subscribe"
    """`poll` reads every node every period, for servers that cannot subscribe or do it badly."""
    queue_size: Count = 10
    """Values of one node that the server keeps between two publications; the oldest go first."""
    publish_ms: Annotated[float, Field(ge=10, le=60_000)] = 250.0
    """How long the server may gather changes before it sends them."""
    server_deadband: bool = True
    """Whether the server is asked to hold back what a point's deadband holds back anyway."""
    retry_s: Seconds = 30.0
    """How often nodes that the server does not know are tried again."""
    clock_skew_max_s: Seconds = 300.0
    """A source time further from the agent's clock than this is counted and replaced by that of receipt. A clock that
    runs a little wrong keeps its times; one of another time zone, or fallen back to 2000, would misdate shifts."""
