"""A scripted centre: serves the console's page with its strict policy, and streams what a test tells it to.

Plain threads, so that a test can cut the stream, go silent, answer 503 or restart at an exact moment.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from dashboards.web import ASSETS
from gateway.api.app import CONTENT_SECURITY_POLICY
from tests.browser.scenes import NOW, Json, acknowledged, alarms, iso, session

HEARTBEAT_S = 0.1  # faster than any real centre, so that tests need not wait
PAGE = ASSETS / "wall" / "index.html"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}


class FakeCentre:
    """Serves on a free loopback port, kept over restarts; `overview` is the test's to change."""

    def __init__(self, overview: Json) -> None:
        """Not serving yet."""
        self.overview = overview
        self.mines: list[Json] = [overview["mine"]]
        self.session: Json | None = session("see", "acknowledge")
        """Who is here; `None`: nobody any more, and every answer is 401."""
        self.refusal: tuple[int, str] | None = None
        """How acknowledgements are refused."""
        self.acknowledged: list[str] = []
        self.silent = False
        self.refusing = False
        self.bytes_sent = 0
        self._streams: list[queue.SimpleQueue[str | None]] = []
        self._deaf: list[queue.SimpleQueue[str | None]] = []
        self._port = 0
        self._server: _Server | None = None
        self._since = time.monotonic()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve, on the same port as before if there was one."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="fake-centre").start()

    def stop(self) -> None:
        """End every stream and close the port."""
        assert self._server is not None
        self.cut()
        self._server.shutdown()
        self._server.server_close()

    def cut(self) -> None:
        """End every open stream; the page may come back."""
        for stream in tuple(self._streams):
            stream.put(None)

    def deafen(self) -> None:
        """Let the streams that are open now stay open and never speak again; new ones do."""
        self._deaf.extend(self._streams)

    def now(self) -> str:
        """The scene's clock, which runs."""
        return iso(NOW + timedelta(seconds=time.monotonic() - self._since))

    def tick(self, **changed: object) -> None:
        """Send a tick with what changed, e.g. `faces=[…]`, to every open stream; heartbeats say no other afterwards."""
        self.overview = {
            **self.overview,
            **{key: changed[key] for key in ("shift", "delivered") if key in changed},
        }
        for stream in tuple(self._streams):
            stream.put(self.tick_frame(changed))

    def show(self, overview: Json) -> None:
        """Replace the overview and send it to every open stream."""
        self.overview = overview
        for stream in tuple(self._streams):
            stream.put(self.overview_frame())

    def acknowledge(self, alarm_id: str) -> None:
        """As the centre does it: every screen is told, and the alarm goes behind those that still wait."""
        self.acknowledged.append(alarm_id)
        assert self.session is not None
        who = self.session["person"]["title"]
        shown = [
            acknowledged(one, who) if one["id"] == alarm_id else one
            for one in self.overview["alarms"]["shown"]
            if one["id"] != alarm_id or one["state"] != "returned"
        ]
        shown.sort(key=lambda one: one["state"] == "acknowledged")
        self.overview["alarms"] = alarms(*shown)
        self.tick(alarms=self.overview["alarms"])

    def overview_frame(self) -> str:
        """The overview as an event."""
        return _frame("overview", {**self.overview, "now": self.now()})

    def tick_frame(self, changed: Json | None = None) -> str:
        """A tick as an event; a bare one is a heartbeat."""
        bare: Json = {"shift": self.overview["shift"], "delivered": self.overview["delivered"]}
        return _frame(
            "tick", {**bare, "links": [], "faces": [], "chambers": [], **(changed or {}), "now": self.now()}
        )

    def stream(self) -> queue.SimpleQueue[str | None]:
        """A new stream's queue, its overview already in."""
        frames: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        frames.put(self.overview_frame())
        self._streams.append(frames)
        return frames

    def forget(self, stream: queue.SimpleQueue[str | None]) -> None:
        """The stream has ended."""
        self._streams.remove(stream)

    def is_mute(self, stream: queue.SimpleQueue[str | None]) -> bool:
        """Whether nothing may be said on the stream."""
        return self.silent or any(stream is each for each in self._deaf)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], centre: FakeCentre) -> None:
        self.centre = centre
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that goes away in mid-answer is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        """The page, its assets, and the API."""
        centre, path = self.server.centre, urlsplit(self.path).path
        if centre.refusing:
            self._answer(503, "text/plain", b"")
        elif centre.session is None and path.startswith("/api/"):
            self._json({"detail": "请登录 / sign in"}, 401)
        elif path == "/api/v1/session":
            self._json(centre.session)
        elif path == "/api/v1/live":
            self._stream()
        elif path == "/api/v1/mines":
            self._json(centre.mines)
        elif path in {"/", "/wall"}:
            self._answer(200, _TYPES[".html"], PAGE.read_bytes())
        elif path.startswith("/assets/") and (asset := ASSETS / path.removeprefix("/assets/")).is_file():
            self._answer(200, _TYPES[asset.suffix], asset.read_bytes())
        else:
            self._answer(404, "text/plain", b"")

    def do_POST(self) -> None:
        """An acknowledgement."""
        centre, parts = self.server.centre, urlsplit(self.path).path.split("/")
        self.rfile.read(int(self.headers["content-length"]))
        if parts[-1] != "ack" or parts[-3] != "alarms":
            self._answer(404, "text/plain", b"")
        elif centre.session is None:
            self._json({"detail": "请登录 / sign in"}, 401)
        elif centre.refusal is not None:
            self._json({"detail": centre.refusal[1]}, centre.refusal[0])
        else:
            centre.acknowledge(parts[-2])
            self._json({})

    def _json(self, body: object, status: int = 200) -> None:
        self._answer(status, "application/json", json.dumps(body, ensure_ascii=False).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.server.centre.bytes_sent += len(body)
        self.send_response(status)
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", CONTENT_SECURITY_POLICY)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        centre = self.server.centre
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        frames = centre.stream()
        try:
            while (frame := self._next(frames)) is not None:
                if not centre.is_mute(frames):
                    self.wfile.write(frame.encode())
                    self.wfile.flush()
        except OSError:
            return
        finally:
            centre.forget(frames)

    def _next(self, frames: queue.SimpleQueue[str | None]) -> str | None:
        try:
            return frames.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            return self.server.centre.tick_frame()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        """Tests speak for themselves."""


def _frame(event: str, data: Json) -> str:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
