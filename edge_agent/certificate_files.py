"""Certificates, keys and revocation lists in files, PEM or DER, as OPC UA wants them (Part 6, 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from contract.errors import Rejected

Loaded = TypeVar("Loaded")

PEM: Final = b"-----BEGIN "
CERTIFICATES: Final = frozenset({".pem", ".der", ".crt", ".cer"})
LISTS: Final = frozenset({".pem", ".der", ".crl"})


class Unreadable(Rejected):
    """A file that does not hold what it should; `path` is the file, `what` is wrong with it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path, self.what = path, what


@dataclass(frozen=True, slots=True)
class Own:
    """A certificate of ours with the chain of its issuers behind it, and its key."""

    chain: tuple[x509.Certificate, ...]
    key: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Trusted:
    """Certificates that are trusted, their owners' own or authorities', and what those have revoked."""

    certificates: tuple[x509.Certificate, ...]
    revocations: tuple[x509.CertificateRevocationList, ...] = ()


def certificates_in(path: Path) -> tuple[x509.Certificate, ...]:
    """One or more certificates; raises `Unreadable`."""
    of_der = x509.load_der_x509_certificate
    return tuple(
        loaded(path, "certificate", x509.load_pem_x509_certificates, lambda content: [of_der(content)])
    )


def own_in(certificate: Path, key: Path) -> Own:
    """A certificate and its key; raises `Unreadable`."""
    chain = certificates_in(certificate)
    found = loaded(key, "private key without a passphrase", pem_key, der_key)
    if not isinstance(found, RSAPrivateKey):
        raise Unreadable(key, "holds no RSA key; the security policies of OPC UA know no other")
    if public_bytes(found) != public_bytes(chain[0]):
        raise Unreadable(key, f"is not the key of the certificate in {certificate}")
    return Own(chain, found)


def trusted_in(folder: Path) -> Trusted:
    """What lies in a trust folder and its `crl`; raises `Unreadable`, also for a list that its issuer did not sign."""
    certificates = tuple(one for path in files_in(folder, CERTIFICATES) for one in certificates_in(path))
    if not certificates:
        raise Unreadable(
            folder, "holds no certificate (.pem, .der, .crt or .cer): put the server's own or its CA's in"
        )
    lists = []
    for path in files_in(folder / "crl", LISTS) if (folder / "crl").is_dir() else ():
        one = loaded(path, "revocation list", x509.load_pem_x509_crl, x509.load_der_x509_crl)
        issuers = [ca for ca in certificates if ca.subject == one.issuer]
        if issuers and not any(is_signed_by(one, ca) for ca in issuers):
            raise Unreadable(path, f"is not signed by {one.issuer.rfc4514_string()}, its issuer")
        lists.append(one)
    return Trusted(certificates, tuple(lists))


def files_in(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    """The files of a folder with one of these endings, by name; raises `Unreadable`."""
    try:
        yield from sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    except OSError as error:
        raise Unreadable(folder, f"cannot be read: {error.strerror}") from error


def loaded(
    path: Path, what: str, of_pem: Callable[[bytes], Loaded], of_der: Callable[[bytes], Loaded]
) -> Loaded:
    """What a file holds; raises `Unreadable`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(path, f"cannot be read: {error.strerror}") from error
    try:
        return of_pem(content) if content.lstrip().startswith(PEM) else of_der(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unreadable(path, f"holds no {what} in PEM or DER") from error


def pem_key(content: bytes) -> object:
    """A private key without a passphrase."""
    return load_pem_private_key(content, password=None)


def der_key(content: bytes) -> object:
    """A private key without a passphrase."""
    return load_der_private_key(content, password=None)


def public_bytes(of: RSAPrivateKey | x509.Certificate) -> bytes:
    """The public key of a key pair or certificate."""
    return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def is_signed_by(revocations: x509.CertificateRevocationList, ca: x509.Certificate) -> bool:
    """Whether an authority signed a revocation list."""
    try:
        return revocations.is_signature_valid(ca.public_key())  # type: ignore[arg-type]  # refused as TypeError
    except (TypeError, UnsupportedAlgorithm):
        return False
