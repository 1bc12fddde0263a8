"""`/metrics` and `/healthz` of the agent, and nothing else: only GET, nothing can be changed here."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from edge_agent import health
from edge_agent.config import Http

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

    from edge_agent.app import EdgeAgent

log = logging.getLogger(__name__)

RETRY_S: Final = 30.0
STOP_S: Final = 1
METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process's root decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(config: Http, agent: EdgeAgent) -> None:
    """Serve until cancelled. A port that is taken is tried again: the agent reads without it."""
    token = config.token.get_secret_value() if config.token else None
    while True:
        with suppress(OSError), listening(config) as listener:
            server = Server(
                uvicorn.Config(
                    application(agent, token), log_level="warning", lifespan="off", access_log=False,
                    timeout_graceful_shutdown=STOP_S, ws="none",
                )
            )  # fmt: skip
            try:
                await server.serve(sockets=[listener])
            finally:
                server.should_exit = True
        log.warning("cannot serve health on %s:%s: is the port taken?", config.host, config.port)
        await asyncio.sleep(RETRY_S)


@contextmanager
def listening(config: Http) -> Iterator[socket.socket]:
    """The listening socket; raises `OSError` where the port is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        yield listener


def application(agent: EdgeAgent, token: str | None) -> Any:  # noqa: ANN401  (uvicorn's type is private)
    """The two pages as an ASGI application."""

    async def answer(scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        is_known = token is None or is_bearer(scope["headers"], token)
        status, kind, body = page(agent, scope["method"], scope["path"], is_known=is_known)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answer


def page(agent: EdgeAgent, method: str, path: str, *, is_known: bool) -> tuple[int, str, bytes]:
    """Status, content type and body of an answer; whether the agent is well is told to everybody."""
    if method not in {"GET", "HEAD"}:
        return 405, TEXT, b"GET\n"
    if path == "/healthz":
        told = health.summary(agent)
        shown = told if is_known else {"ok": told["ok"]}
        return 200 if told["ok"] else 503, JSON, json.dumps(shown, ensure_ascii=False).encode()
    if not is_known:
        return 401, TEXT, b"Authorization: Bearer <token>\n"
    if path == "/metrics":
        return 200, METRICS, health.text(agent)
    return 404, TEXT, b"/metrics /healthz\n"


def is_bearer(headers: Any, token: str) -> bool:  # noqa: ANN401  (pairs of bytes)
    """Whether a request carries the token; compared in constant time."""
    given = dict(headers).get(b"authorization", b"").removeprefix(b"Bearer ")
    return hmac.compare_digest(given, token.encode())
