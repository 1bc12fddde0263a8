"""Access for the demo, which only this machine reaches: everybody is the same person, nobody signs in."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address

from contract.errors import Fault, Misconfigured
from gateway.access.person import DEMO, Person
from gateway.access.reach import EVERYTHING, Reach


class OpenAccess:
    """Everything to everybody."""

    async def person(self, cookies: Mapping[str, str]) -> Person | None:  # noqa: ARG002
        """Always the same."""
        return DEMO

    async def reach(self, person: Person) -> Reach:  # noqa: ARG002
        """Everywhere."""
        return EVERYTHING

    def is_scraper(self, bearer: str) -> bool:  # noqa: ARG002
        """The demo's person may see the metrics anyway."""
        return False

    def counters(self) -> Mapping[str, float]:
        """Nobody signs in."""
        return {}


def loopback_only(listener: socket.socket) -> None:
    """Nobody signs in, so nobody else may come; raises `Misconfigured`."""
    host = listener.getsockname()[0]
    if not ip_address(host).is_loopback:
        what = "不登录时只能监听本机 / without signing in only this machine may come: bind 127.0.0.1"
        raise Misconfigured([Fault("http.host", None, f"{host}: {what}")])
