"""Certificates as OPC UA applications have them: self-signed or of an authority, and lists of what one revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.certificates import SIGNS, named

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
HOSTS = ("localhost", "127.0.0.1")
DAYS = (-1, 1)


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and its key, who may be an authority."""

    certificate: x509.Certificate
    key: Key

    def files(self, folder: Path, name: str, behind: Sequence[Holder] = ()) -> tuple[Path, Path]:
        """Certificate, those of its issuers behind it, and key as PEM files."""
        chain = [holder.certificate.public_bytes(Encoding.PEM) for holder in (self, *behind)]
        files = folder / f"{name}.pem", folder / f"{name}.key.pem"
        files[0].write_bytes(b"".join(chain))
        files[1].write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def put(self, folder: Path, name: str) -> Path:
        """The certificate alone, in DER, into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.der"
        path.write_bytes(self.certificate.public_bytes(Encoding.DER))
        return path

    def revocations(self, *revoked: Holder) -> x509.CertificateRevocationList:
        """A list of these, signed as their issuer."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=1))
        for holder in revoked:
            one = x509.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number)
            builder = builder.add_revoked_certificate(one.revocation_date(now - timedelta(hours=1)).build())
        return builder.sign(self.key, hashes.SHA256())

    def revoke(self, folder: Path, name: str, *revoked: Holder) -> Path:
        """The same as a file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.crl"
        path.write_bytes(self.revocations(*revoked).public_bytes(Encoding.DER))
        return path


def new_key(*, is_rsa: bool, bits: int = 2048) -> Key:
    """OPC UA wants RSA; elliptic curves are quicker where only certificates are looked at."""
    return rsa.generate_private_key(65537, bits) if is_rsa else ec.generate_private_key(ec.SECP256R1())


def authority(name: str = "ca", *, issuer: Holder | None = None, is_one: bool = True) -> Holder:
    """A certificate authority; `is_one=False` makes one that claims not to be."""
    key = new_key(is_rsa=False)
    builder = begun(name, key, issuer, DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_one, path_length=None), critical=True)
    return signed(builder.add_extension(SIGNS, critical=True), key, issuer)


def application(
    name: str,
    *,
    issuer: Holder | None = None,
    uri: str = "urn:test:server",
    hosts: Sequence[str] = HOSTS,
    days: tuple[float, float] = DAYS,
    use: x509.ObjectIdentifier | None = SERVER,
    is_rsa: bool = True,
    bits: int = 2048,
) -> Holder:
    """An application's certificate, self-signed without an issuer."""
    key = new_key(is_rsa=is_rsa, bits=bits)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)] if uri else []
    for host in hosts:
        is_address = host[0].isdigit()
        names.append(x509.IPAddress(ip_address(host)) if is_address else x509.DNSName(host))
    builder = begun(name, key, issuer, days)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if use is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return signed(builder, key, issuer)


def begun(name: str, key: Key, issuer: Holder | None, days: tuple[float, float]) -> x509.CertificateBuilder:
    """What every certificate has."""
    now = datetime.now(UTC)
    issuer_name = issuer.certificate.subject if issuer else named(name)
    builder = x509.CertificateBuilder().subject_name(named(name)).issuer_name(issuer_name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now + timedelta(days=days[0])).not_valid_after(
        now + timedelta(days=days[1])
    )


def signed(builder: x509.CertificateBuilder, key: Key, issuer: Holder | None) -> Holder:
    """By its issuer, or by itself."""
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)
