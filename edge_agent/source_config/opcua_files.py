"""What is wrong with the certificates, keys and revocation lists that an OPC UA source names.

Dates are not looked at here: a certificate that expires must not keep the agent, with all its other sources, from
starting. The session counts and tells it (sources/opcua_security.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cryptography import x509

from edge_agent.certificate_files import Own, Unreadable, certificates_in, own_in, trusted_in
from edge_agent.source_config.opcua import OpcUaSecurity, OpcUaServer

APPLICATION_URI: Final = "urn:ninebelow:edge"
"""Who the agent is to OPC UA servers; they look for it in its certificate (Part 6, 6.2.2)."""
BITS_MIN: Final = 2048
"""Of RSA keys, for each of the policies (Part 7, 6.6)."""


def certificate_faults(server: OpcUaServer) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each fault with the key in the source's table at which it is to be mended."""
    if server.user_certificate_file is not None and server.user_key_file is not None:
        certificate, key = server.user_certificate_file, server.user_key_file
        yield from faults_of(("user_certificate_file",), lambda: own_in(certificate, key))
    if server.security is not None:
        for (name, *rest), what in security_faults(server.security):
            yield ("security", name, *rest), what


def security_faults(security: OpcUaSecurity) -> Iterator[tuple[tuple[str, ...], str]]:
    """The same within the table `security`."""
    pinned, folder = security.server_certificate_file, security.trust_folder
    yield from faults_of(
        ("certificate_file",), lambda: own_application(security.certificate_file, security.key_file)
    )
    if pinned is not None:
        yield from faults_of(("server_certificate_file",), lambda: certificates_in(pinned))
    if folder is not None:
        yield from faults_of(("trust_folder",), lambda: trusted_in(folder))


def faults_of(key: tuple[str, ...], read: Callable[[], object]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What reading brings to light."""
    try:
        read()
    except Unreadable as error:
        yield key, f"{'.'.join(key)}: {error}"


def own_application(certificate: Path, key: Path) -> Own:
    """The agent's certificate as servers want it; raises `Unreadable`."""
    own = own_in(certificate, key)
    if own.key.key_size < BITS_MIN:
        raise Unreadable(key, f"has {own.key.key_size} bits; the policies ask for {BITS_MIN} or more")
    try:
        names = own.chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except x509.ExtensionNotFound:
        uris = []
    if APPLICATION_URI not in uris:
        raise Unreadable(
            certificate, f"lacks URI:{APPLICATION_URI} in its subjectAltName: issue it with that"
        )
    return own
