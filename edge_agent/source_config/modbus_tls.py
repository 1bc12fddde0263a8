"""The certificates of a Modbus TLS connection made ready for use: the same way when they are checked and at work."""

from __future__ import annotations

import ssl

from edge_agent.source_config.modbus import Tls


def client_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or later, to a server that `ca_file` vouches for; raises `ssl.SSLError` if a file is of no use."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.certificate_file is not None:
            context.load_cert_chain(tls.certificate_file, tls.key_file, password=no_password)
    except OSError as error:
        raise ssl.SSLError(
            ssl.SSL_ERROR_SSL,
            f"ca_file, certificate_file and key_file must be PEM, and the key that of the certificate and without a "
            f"password: {error}",
        ) from error
    return context


def no_password() -> str:
    """For a key that asks for one: else OpenSSL would ask on the terminal and wait."""
    return ""
