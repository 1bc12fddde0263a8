"""A webhook and a mail server on loopback that keep what they get, and may refuse it first. Plain threads."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Kept = TypeVar("Kept")


@dataclass
class Webhook:
    """What came to a webhook; it answers 503 to the next `refusals` requests."""

    port: int = 0
    refusals: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    refused: int = 0


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Listening on a free port until the block ends."""
    kept = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            kept.paths.append(self.path)
            if kept.refusals:
                kept.refusals -= 1
                kept.refused += 1
                self.send_response(503)
            else:
                kept.bodies.append(json.loads(text))
                self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        yield from serving(server, kept)


@dataclass
class Mailbox:
    """What came to a mail server."""

    port: int = 0
    recipients: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def subject(self, place: int = -1) -> str:
        """A message's subject as people read it."""
        return str(make_header(decode_header(self.messages[place]["Subject"])))

    def text(self, place: int = -1) -> str:
        """Its plain text."""
        part = next(part for part in self.messages[place].walk() if part.get_content_type() == "text/plain")
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        return body.decode()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Enough of SMTP (RFC 5321) to take mail, on a free port until the block ends."""
    kept = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 mail.test")
            for raw in self.rfile:
                command = raw.decode().strip()
                match command[:4].upper():
                    case "DATA":
                        self.say("354 go on")
                        kept.messages.append(message_from_bytes(self.data()))
                        self.say("250 kept")
                    case "RCPT":
                        kept.recipients.append(command.partition("<")[2].rstrip("> "))
                        self.say("250 ok")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("250 mail.test")

        def data(self) -> bytes:
            lines = []
            for raw in self.rfile:
                if raw == b".\r\n":
                    break
                lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
            return b"".join(lines)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_address[1]
        yield from serving(server, kept)


def serving(server: socketserver.BaseServer, kept: Kept) -> Iterator[Kept]:
    """Serve in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
