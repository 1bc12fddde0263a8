"""Where a broker is and how we get in: a URL, a password from a file or the environment, certificates."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from contract.errors import Fault, Misconfigured

PASSWORD_VARIABLE: Final = "NINEBELOW_MQTT_PASSWORD"  # noqa: S105  (its name)
PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker and our way in."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    version: Literal["3.1.1", "5"]

    def __str__(self) -> str:
        """As people write it; without the password."""
        scheme = "mqtt" if self.tls is None else "mqtts"
        return f"{scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Files:
    """Files named on the command line."""

    password: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def broker_of(url: str, files: Files, version: Literal["3.1.1", "5"]) -> Broker:
    """The broker at `mqtt[s]://[user@]host[:port]`; raises `Misconfigured` with every fault."""
    faults: list[Fault] = []
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError as error:
        raise Misconfigured([Fault("--mqtt", None, f"{url!r}: {error}")]) from error
    if parts.scheme not in PORTS or not host or parts.path.strip("/"):
        faults.append(Fault("--mqtt", None, f"{url!r} must be as mqtt://host:1883 or mqtts://user@host:8883"))
    if parts.password is not None:
        what = f"no password in the URL, where others on this machine read it: --password-file or {PASSWORD_VARIABLE}"
        faults.append(Fault("--mqtt", None, what))
    password = password_of(files.password, faults)
    tls = tls_of(parts.scheme, files, faults)
    if faults or host is None:
        raise Misconfigured(faults)
    return Broker(host, port or PORTS[parts.scheme], unquote(user) if user else None, password, tls, version)


def password_of(file: Path | None, faults: list[Fault]) -> str | None:
    """The password, from the file or else from the environment; a line end after it is no part of it."""
    if file is None:
        return os.environ.get(PASSWORD_VARIABLE)
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(str(file), None, f"cannot be read: {error}"))
        return None


def tls_of(scheme: str, files: Files, faults: list[Fault]) -> ssl.SSLContext | None:
    """TLS for `mqtts`, by the given authority or those that the system trusts."""
    given = {"--ca": files.ca, "--cert": files.certificate, "--key": files.key}
    if scheme != "mqtts":
        faults += [
            Fault(option, None, "needs a URL that begins with mqtts://")
            for option, file in given.items()
            if file
        ]
        return None
    if (files.certificate is None) is not (files.key is None):
        faults.append(Fault("--cert", None, "--cert and --key go together"))
        return None
    try:
        context = ssl.create_default_context(cafile=files.ca)
        if files.certificate is not None:
            context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        names = ", ".join(str(file) for file in given.values() if file)
        faults.append(Fault(names or "--mqtt", None, f"certificates cannot be used: {error}"))
        return None
    return context
