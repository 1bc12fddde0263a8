"""Whether the certificate that an OPC UA server shows is trusted (Part 4, 6.1.3), and what to do if it is not.

- `server_certificate_file`: exactly that certificate, whatever host it names.
- `trust_folder`: a certificate that lies there, or one that an authority there issued to a server. It must name the
  host that we connect to, so that of several trusted servers none can stand in for another.
Either way it must be valid now, and not revoked by a list in the folder's `crl`. Lists that are missing or late
revoke nothing: whether there are any is up to who keeps the folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from edge_agent.certificate_files import Trusted
from edge_agent.sources.opcua_failure import SessionFailure


def judge_pinned(shown: x509.Certificate, pinned: x509.Certificate, now: datetime) -> None:
    """Raises `SessionFailure` unless it is the one we know, and valid."""
    if shown != pinned:
        raise SessionFailure(
            "certificate_not_pinned",
            f"the server shows {named(shown)}, not the one in server_certificate_file. "
            "If it was given a new one, compare the thumbprint at the server and put that into the file",
        )
    judge_time(shown, now)


def judge(chain: Sequence[x509.Certificate], trusted: Trusted, host: str, now: datetime) -> None:
    """Raises `SessionFailure` unless the first of the certificates that a server shows is trusted."""
    shown = chain[0]
    judge_time(shown, now)
    issuers = [shown] if shown in trusted.certificates else way_to_trust(chain, trusted, now)
    for revocations in trusted.revocations:
        for certificate in issuers:
            if revocations.issuer == certificate.issuer and is_revoked(certificate, revocations):
                raise SessionFailure(
                    "certificate_revoked",
                    f"{named(certificate)} was revoked by its issuer: give the server a new certificate",
                )
    if host_of(host) not in hosts_of(shown):
        raise SessionFailure(
            "certificate_wrong_host",
            f"{named(shown)} is for {', '.join(sorted(hosts_of(shown))) or 'no host'}, not for {host}: connect by "
            "a name that it has, or give it alone as server_certificate_file",
        )


def judge_time(shown: x509.Certificate, now: datetime) -> None:
    """Raises `SessionFailure` unless it is valid now."""
    if now > shown.not_valid_after_utc:
        raise SessionFailure(
            "certificate_expired",
            f"{named(shown)} was valid until {moment(shown.not_valid_after_utc)}: give the server a new one",
        )
    if now < shown.not_valid_before_utc:
        raise SessionFailure(
            "certificate_not_yet_valid",
            f"{named(shown)} is valid from {moment(shown.not_valid_before_utc)}: look at this computer's clock",
        )


def way_to_trust(
    chain: Sequence[x509.Certificate], trusted: Trusted, now: datetime
) -> Sequence[x509.Certificate]:
    """A server's certificate and its issuers up to a trusted one; raises `SessionFailure` where none issued it."""
    rules = ExtensionPolicy.permit_all()
    verifier = (
        PolicyBuilder()
        .store(Store(list(trusted.certificates)))
        .time(now)
        .extension_policies(
            ca_policy=rules.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, must_be_authority),
            ee_policy=rules.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, must_be_for_servers),
        )
        .build_client_verifier()
    )
    try:
        return verifier.verify(chain[0], list(chain[1:])).chain
    except VerificationError as error:
        raise SessionFailure(
            "certificate_unknown",
            f"nobody in trust_folder issued {named(chain[0])} ({error}). If it is the right server, compare the "
            "thumbprint there and put the certificate into the folder",
        ) from error


def must_be_authority(_: Policy, __: x509.Certificate, extension: x509.BasicConstraints) -> None:
    """Raises `ValueError` for the certificate of somebody who may not issue any."""
    if not extension.ca:
        raise ValueError("issued by somebody who is no authority")


def must_be_for_servers(_: Policy, __: x509.Certificate, extension: x509.ExtendedKeyUsage | None) -> None:
    """Raises `ValueError` for a certificate that was issued for something else only."""
    if extension is not None and ExtendedKeyUsageOID.SERVER_AUTH not in extension:
        raise ValueError("not issued for a server")


def is_revoked(certificate: x509.Certificate, revocations: x509.CertificateRevocationList) -> bool:
    """Whether it is on the list."""
    return revocations.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None


def hosts_of(certificate: x509.Certificate) -> set[str]:
    """The names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    addresses = names.get_values_for_type(x509.IPAddress)
    return {name.casefold() for name in names.get_values_for_type(x509.DNSName)} | set(map(str, addresses))


def host_of(url_host: str) -> str:
    """A host as certificates name it."""
    try:
        return str(ip_address(url_host))
    except ValueError:
        return url_host.casefold()


def moment(at: datetime) -> str:
    """An instant for people."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def named(certificate: x509.Certificate) -> str:
    """What a person can compare: the subject and the thumbprint."""
    return f"certificate {certificate.subject.rfc4514_string()!r} (SHA-256 {certificate.fingerprint(SHA256()).hex()})"
