"""What the InfluxDB historian makes of answers that no InfluxDB 1.x of the tests gives: 2.x, overload, wrong url.

A stand-in answers here; what it says of 2.x was seen on a real one, which is not among Debian's packages.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from gateway.historian.historian import HistorianUnavailable, Point, PointsRejected, Series
from gateway.historian.influx import InfluxHistorian

PUMP = Series("pump", (("area", "C-PUMP"),))
POINTS = [Point(PUMP, 1_000 + i, {"flow": float(i)}) for i in range(8)]
TOKEN = SecretStr("geheim")

Answer = tuple[int, object]
"""Status, and a body: JSON, or text as it is."""


@contextmanager
def stand_in(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """A server that answers a request's path and body as it is told; gives its url."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, content = answer(self.path, body)
            if "geheim" not in self.headers["Authorization"]:
                status, content = 401, {"error": "unauthorized"}
            data = (
                b""
                if status == 204
                else (content if isinstance(content, str) else json.dumps(content)).encode()
            )
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(content, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815  # the name by which it is called

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class Influx2:
    """As much of InfluxDB 2.x as a bucket needs."""

    def __init__(self, *, bucket_mapped: bool = False, bucket_exists: bool = False) -> None:
        self.mapped = bucket_mapped
        self.exists = bucket_exists
        self.lines: list[str] = []

    def __call__(self, path: str, body: str) -> Answer:
        """Organisations, buckets, and the two paths of 1.x."""
        if path.startswith("/api/v2/orgs"):
            found = [{"id": "00000000000000aa", "name": "coal"}] if "org=coal" in path else []
            return 200, {"orgs": found}
        if path == "/api/v2/buckets":
            if self.exists:
                return 422, {"code": "conflict", "message": "bucket with name mines already exists"}
            assert json.loads(body).items() >= {"name": "mines", "orgID": "00000000000000aa"}.items()
            self.exists = self.mapped = True
            return 201, {
                "id": "00000000000000bb",
                "name": "mines",
                "orgID": "00000000000000aa",
                "retentionRules": [],
            }
        if not self.mapped:
            return 404, {"code": "not found", "message": 'bucket "mines" not found'}
        if path.startswith("/write?db=mines&precision=ms"):
            self.lines += body.splitlines()
            return 204, ""
        return 200, {"results": [{"statement_id": 0}]}


def client(url: str, org: str = "") -> InfluxHistorian:
    return InfluxHistorian(url, database="mines", token=TOKEN, org=org, timeout_s=5.0)


async def test_a_bucket_of_2x_is_made_when_it_is_missing() -> None:
    influx = Influx2()
    with stand_in(influx) as url:
        async with client(url, org="coal") as historian:
            assert await historian.read(PUMP, ["flow"], 0, 9) == []
            assert influx.exists
            await historian.write(POINTS)
    assert len(influx.lines) == len(POINTS)


@pytest.mark.parametrize(
    ("influx", "org", "mend"),
    [
        (Influx2(bucket_exists=True), "coal", "DBRP mapping"),
        (Influx2(), "nobody", "cannot find organization"),
        (Influx2(), "", "DBRP mapping"),
    ],
)
async def test_a_bucket_of_2x_that_cannot_be_had(influx: Influx2, org: str, mend: str) -> None:
    with stand_in(influx) as url:
        async with client(url, org=org) as historian:
            with pytest.raises(HistorianUnavailable, match=mend):
                await historian.write(POINTS)
            with pytest.raises(HistorianUnavailable, match=mend):
                await historian.read(PUMP, ["flow"], 0, 9)


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        ((429, {"code": "too many requests", "message": "slow down"}), "slow down.*fewer requests"),
        ((503, "Service Unavailable"), "503: Service Unavailable.*own log"),
        ((500, {"error": "timeout"}), "500: timeout"),
        ((401, {"message": "unauthorized access"}), "check username and password, or the token"),
        ((403, {"message": "forbidden"}), "give this user or token the right"),
        ((404, "404 page not found"), "check the url"),
        ((599, ["odd"]), "599"),
    ],
)
async def test_what_to_mend(answer: Answer, mend: str) -> None:
    with stand_in(lambda _path, _body: answer) as url:
        async with client(url) as historian:
            with pytest.raises(HistorianUnavailable, match=mend) as unavailable:
                await historian.write(POINTS)
            assert TOKEN.get_secret_value() not in str(unavailable.value)
            with pytest.raises(HistorianUnavailable, match=mend):
                await historian.read(PUMP, ["flow"], 0, 9)


async def test_an_error_within_an_answer() -> None:
    with stand_in(lambda _path, _body: (200, {"results": [{"error": "query interrupted"}]})) as url:
        async with client(url) as historian:
            with pytest.raises(HistorianUnavailable, match="query interrupted"):
                await historian.last_before(PUMP, ["flow"], 9)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (413, {"error": "Request Entity Too Large"}),
        (413, "too large"),
        (422, {"message": "failure writing points"}),
    ],
)
async def test_a_request_that_is_refused_is_split_and_stored_in_order(status: int, body: object) -> None:
    stored: list[str] = []

    def answer(_path: str, lines: str) -> Answer:
        if lines.count("\n") > 1 or " flow=5.0 " in lines:
            return status, body
        stored.extend(lines.splitlines())
        return 204, ""

    with stand_in(answer) as url:
        async with client(url) as historian:
            with pytest.raises(PointsRejected) as refusal:
                await historian.write(POINTS)
    assert refusal.value.count == 1
    assert [line.split()[1] for line in stored] == [f"flow={i}.0" for i in range(8) if i != 5]


async def test_a_conflict_on_2x_is_understood() -> None:
    """Its words stand after others; whole answers need no more requests."""
    conflict = 'input field "flow" on measurement "pump" is type float, already exists as type integer'
    requests: list[str] = []

    def answer(_path: str, lines: str) -> Answer:
        requests.append(lines)
        dropped = lines.count("flow=")
        words = f"failure writing points to database: partial write: field type conflict: {conflict} dropped={dropped}"
        return (422, {"code": "unprocessable entity", "message": words}) if dropped else (204, "")

    with stand_in(answer) as url:
        async with client(url) as historian:
            with pytest.raises(PointsRejected) as refusal:
                await historian.write([*POINTS, Point(PUMP, 5_000, {"head": 1.0})])
    assert refusal.value.count == len(POINTS)
    assert len(requests) == 3


async def test_a_url_with_a_password_does_not_show_it() -> None:
    async with InfluxHistorian("http://me:geheim@127.0.0.1:1", database="mines") as historian:
        with pytest.raises(HistorianUnavailable) as unavailable:
            await historian.write(POINTS)
    assert "geheim" not in str(unavailable.value)
    assert "http://127.0.0.1:1" in str(unavailable.value)
