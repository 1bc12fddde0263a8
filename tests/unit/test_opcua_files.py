"""Pins that certificates, keys and revocation lists that are no good are told when the config is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.source_config.opcua import OpcUaSecurity, OpcUaServer
from edge_agent.source_config.opcua_files import APPLICATION_URI, certificate_faults
from tests.opcua_certificates import CLIENT, Holder, application, authority

AGENT = application("agent", uri=APPLICATION_URI, use=CLIENT)
SERVER = application("plc", is_rsa=False)


def faults(folder: Path, **security: object) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with a server whose files lie in a folder."""
    given = {"certificate_file": folder / "agent.pem", "key_file": folder / "agent.key.pem", **security}
    server = OpcUaServer(url="opc.tcp://plc:4840", security=OpcUaSecurity.model_validate(given))
    return list(certificate_faults(server))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With everything in order."""
    AGENT.files(tmp_path, "agent")
    ca = authority()
    ca.put(tmp_path / "trusted", "ca")
    SERVER.put(tmp_path / "trusted", "plc")
    ca.revoke(tmp_path / "trusted" / "crl", "ca")
    (tmp_path / "trusted" / "readme.txt").write_text("whom we trust")
    return tmp_path


def test_files_in_order(folder: Path) -> None:
    """PEM and DER, a chain behind the certificate, a folder or one certificate, and no security at all."""
    assert faults(folder, trust_folder=folder / "trusted") == []
    AGENT.files(folder, "agent", behind=[authority()])
    assert faults(folder, server_certificate_file=folder / "trusted" / "plc.der") == []
    assert list(certificate_faults(OpcUaServer(url="opc.tcp://plc:4840"))) == []


def test_a_certificate_that_has_expired_is_left_to_the_session(folder: Path) -> None:
    """The agent with its other sources must start."""
    application("agent", uri=APPLICATION_URI, days=(-9, -1)).files(folder, "agent")
    assert faults(folder, trust_folder=folder / "trusted") == []


@pytest.mark.parametrize(
    ("holder", "what"),
    [
        (application("agent", uri="urn:another"), f"lacks URI:{APPLICATION_URI} in its subjectAltName"),
        (application("agent", uri="", hosts=()), f"lacks URI:{APPLICATION_URI}"),
        (application("agent", uri=APPLICATION_URI, is_rsa=False), "holds no RSA key"),
        (
            application("agent", uri=APPLICATION_URI, bits=1024),
            "has 1024 bits; the policies ask for 2048 or more",
        ),
    ],
)
def test_an_own_certificate_that_no_server_takes(folder: Path, holder: Holder, what: str) -> None:
    """Told before any server refuses it."""
    holder.files(folder, "agent")
    [(key, said)] = faults(folder, trust_folder=folder / "trusted")
    assert key == ("security", "certificate_file")
    assert what in said


def test_a_key_of_another_certificate(folder: Path) -> None:
    """Mixed up files."""
    _, other = application("other").files(folder, "other")
    [(_, said)] = faults(folder, key_file=other, trust_folder=folder / "trusted")
    assert f"{other}: is not the key of the certificate in {folder / 'agent.pem'}" in said


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("agent.pem", b"", "holds no certificate in PEM or DER"),
        ("agent.pem", None, "cannot be read: No such file"),
        ("agent.key.pem", b"-----BEGIN PRIVATE KEY-----", "holds no private key without a passphrase"),
        ("trusted/plc.der", b"\x30\x82\x01\x00", "holds no certificate in PEM or DER"),
        ("trusted/crl/ca.crl", b"-----BEGIN X509 CRL-----", "holds no revocation list"),
    ],
)
def test_files_that_hold_something_else(folder: Path, name: str, content: bytes | None, what: str) -> None:
    """By name, with what should be in them."""
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    [(_, said)] = faults(folder, trust_folder=folder / "trusted")
    assert str(folder / name) in said
    assert what in said


def test_a_revocation_list_of_somebody_else(folder: Path) -> None:
    """Who can write files into the folder must not be able to revoke, or to clear, without the issuer's key."""
    authority().revoke(folder / "trusted" / "crl", "forged")
    [(key, said)] = faults(folder, trust_folder=folder / "trusted")
    assert key == ("security", "trust_folder")
    assert "forged.crl: is not signed by CN=ca, its issuer" in said


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_trusts_nobody(folder: Path, is_there: bool) -> None:
    """Empty, or not there."""
    empty = folder / "empty"
    if is_there:
        empty.mkdir()
    [(_, said)] = faults(folder, trust_folder=empty)
    assert ("holds no certificate" if is_there else "cannot be read") in said


def test_a_user_by_certificate(folder: Path) -> None:
    """Both files of it, beside the application's own."""
    files = AGENT.files(folder, "user")
    security = {
        "certificate_file": folder / "agent.pem", "key_file": folder / "agent.key.pem",
        "trust_folder": folder / "trusted",
    }  # fmt: skip
    user = {"user_certificate_file": files[0], "user_key_file": files[1]}
    given = {"url": "opc.tcp://plc:4840", "security": security, **user}
    assert list(certificate_faults(OpcUaServer.model_validate(given))) == []
    files[1].write_bytes(b"no key")
    [(key, said)] = certificate_faults(OpcUaServer.model_validate(given))
    assert key == ("user_certificate_file",)
    assert str(files[1]) in said
