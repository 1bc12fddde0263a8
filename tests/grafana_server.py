"""A stand-in for Grafana's HTTP API, after its documentation: keeps what it is given and gives it back as Grafana does.

It numbers what it makes, adds fields of its own, never gives a secret back, and answers in Grafana's words. It is no
Grafana: that one of ours was opened by none is said in docs/grafana.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote

TOKEN = "glsa_geheim_1"  # noqa: S105  (of a test)
Json = dict[str, Any]
Answer = tuple[int, Any]
NOT_FOUND: Answer = (404, {"message": "not found"})


@dataclass
class StandIn:
    """What it keeps, and what it was asked."""

    version: str = "11.6.0"
    role: str = "Admin"
    migrates_to: int | None = None
    """A newer Grafana keeps dashboards in a newer form."""
    prefix: str = ""
    folders: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    groups: dict[tuple[str, str], Json] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    fails_at: str | None = None
    """Writing there answers 500."""
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def answer(self, method: str, path: str, body: Any, token: str | None) -> Answer:
        """One request."""
        self.requests[method] += 1
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Invalid API key"}
        if method != "GET" and self.role != "Admin":
            return 403, {"message": "You'll need additional permissions to perform this action."}
        if method != "GET" and self.fails_at is not None and path.startswith(self.fails_at):
            return 500, {"message": "database is locked"}
        return self.routed(method, path.removeprefix(f"{self.prefix}/api/").split("/"), body)

    def routed(self, method: str, parts: list[str], body: Any) -> Answer:
        """By the kind of thing."""
        match parts:
            case ["frontend", "settings"]:
                return 200, {"buildInfo": {"version": self.version, "edition": "Open Source"}}
            case ["folders", *rest]:
                return self.folder(method, rest, body)
            case ["datasources", *rest]:
                return self.source(method, rest, body)
            case ["dashboards", *rest]:
                return self.dashboard(method, rest, body)
            case ["v1", "provisioning", "folder", folder, "rule-groups", group]:
                return self.group(method, folder, unquote(group), body)
        return NOT_FOUND

    def folder(self, method: str, rest: list[str], body: Any) -> Answer:
        match method, rest:
            case "GET", [uid]:
                return (200, self.folders[uid]) if uid in self.folders else NOT_FOUND
            case "POST", []:
                self.folders[body["uid"]] = body | {"id": len(self.folders) + 1, "version": 1}
                return 200, self.folders[body["uid"]]
            case "PUT", [uid]:
                self.folders[uid] |= {"title": body["title"]}
                return 200, self.folders[uid]
        return NOT_FOUND

    def source(self, method: str, rest: list[str], body: Any) -> Answer:
        match method, rest:
            case "GET", ["uid", uid]:
                return (200, self.sources[uid]) if uid in self.sources else NOT_FOUND
            case ("POST", []) | ("PUT", ["uid", _]):
                given = deepcopy(body)
                secrets = self.secrets.setdefault(given["uid"], {})
                secrets |= given.pop("secureJsonData", {})
                self.sources[given["uid"]] = given | {
                    "id": 1, "orgId": 1, "readOnly": False, "database": "", "version": 1,
                    "secureJsonFields": dict.fromkeys(secrets, True),
                }  # fmt: skip
                return 200, {"datasource": self.sources[given["uid"]], "message": "Datasource added"}
        return NOT_FOUND

    def dashboard(self, method: str, rest: list[str], body: Any) -> Answer:
        match method, rest:
            case "GET", ["uid", uid]:
                return (200, self.dashboards[uid]) if uid in self.dashboards else NOT_FOUND
            case "POST", ["db"]:
                if body["folderUid"] not in self.folders:
                    return 400, {"message": "folder not found"}
                kept = deepcopy(body["dashboard"])
                before = self.dashboards.get(kept["uid"])
                kept |= {"id": 7, "version": before["dashboard"]["version"] + 1 if before else 1}
                if self.migrates_to is not None:
                    kept |= {"schemaVersion": self.migrates_to}
                    del kept["panels"][0]["options"]
                meta = {"folderUid": body["folderUid"], "provisioned": False}
                self.dashboards[kept["uid"]] = {"dashboard": kept, "meta": meta}
                return 200, {"status": "success", "uid": kept["uid"], "version": kept["version"]}
        return NOT_FOUND

    def group(self, method: str, folder: str, group: str, body: Any) -> Answer:
        match method:
            case "GET":
                return (200, self.groups[folder, group]) if (folder, group) in self.groups else NOT_FOUND
            case "PUT":
                if folder not in self.folders:
                    return 404, {"message": "folder does not exist"}
                kept = deepcopy(body)
                for number, rule in enumerate(kept["rules"], start=1):
                    rule |= {"id": number, "orgID": 1, "updated": "2026-11-25T08:00:00Z", "record": None}
                    rule["for"] = rule["for"].replace("1m", "1m0s")
                self.groups[folder, group] = kept
                return 200, kept
        return NOT_FOUND


@contextmanager
def grafana(stand_in: StandIn) -> Iterator[StandIn]:
    """It listens on a free loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        """Carries requests to the stand-in."""

        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            with stand_in.lock:
                status, answer = stand_in.answer(
                    self.command, self.path, body, self.headers.get("Authorization")
                )
                text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815  (as http.server calls them)

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}{stand_in.prefix}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
