"""How a session with an OPC UA server, or one request in it, fails, and what a person could do about it."""

from __future__ import annotations

from typing import Final

from contract.errors import Rejected, Transient

USER: Final = (
    "the server does not let this user in: check username and password, or the user's certificate, there"
)
TRUST: Final = "the server does not trust us: let it trust the certificate in certificate_file"
FULL: Final = "the server has no session left: end others there, or let it have more"
MENDS: Final = {
    "BadUserAccessDenied": USER,
    "BadIdentityTokenRejected": USER,
    "BadIdentityTokenInvalid": USER,
    "BadCertificateUntrusted": TRUST,
    "BadCertificateInvalid": TRUST,
    "BadCertificateUriInvalid": TRUST,
    "BadSecurityChecksFailed": TRUST,
    "BadTooManySessions": FULL,
    "BadMaxConnectionsReached": FULL,
    "ConnectionRefusedError": "nothing listens there: check the url, and that the server runs",
    "gaierror": "nobody knows this host: check the url",
    "ConnectionError": "the server closes the connection: it may want another table [sources.security], or one at all",
    "timeout": "no answer in time: check the network, or give a longer timeout_s",
}
"""By kind, where the name of the kind is all that is known."""


class SessionFailure(Transient):
    """The session is of no more use; `kind` is what is counted, `mend` what could be done about it."""

    def __init__(self, kind: str, mend: str = "") -> None:
        mend = MENDS.get(kind) or mend
        super().__init__(f"{kind}: {mend}" if mend else kind)
        self.kind, self.mend = kind, mend


class ServiceFault(SessionFailure):
    """The server refused a whole request; whoever can do without its answer goes on in the same session."""

    def __init__(self, kind: str, code: int) -> None:
        super().__init__(kind)
        self.code = code


class NoNode(Rejected):
    """A node id or path that means nothing to this server; `kind` is what is counted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
