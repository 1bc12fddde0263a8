"""The historian in InfluxDB: line protocol to `/write`, InfluxQL from `/query`.

Both paths are served by InfluxDB 1.x and, by their compatible ones, 2.x and 3. The database is made when the
server first says that it is missing, so this opens with the server absent and survives a dropped database:
`CREATE DATABASE` on 1.x, a bucket through `influxdb-client` where a token and an organisation are given (2.x
serves `/write` and `/query` of a bucket through a DBRP mapping; a bucket's own name is mapped by itself).
"""

from __future__ import annotations

import asyncio
import gzip
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

import httpx
from pydantic import SecretStr

from gateway.historian.historian import (
    AT_MS_MAX,
    Bucket,
    HistorianUnavailable,
    Point,
    PointsRejected,
    Row,
    Series,
    check_buckets,
)
from gateway.historian.influxql import QueryFailed, Select, SelectBuckets, SelectMany, error_in, name
from gateway.historian.line_protocol import Encoded, encode

ROWS_PER_CHUNK: Final = 2_000
"""Rows that are parsed at once: a few ms of the event loop."""
REFUSING: Final = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Answers that say something of these lines, not of the server."""
REPEATED_LINE: Final = re.compile(r"unable to parse '.*': ", re.DOTALL)
REASON_CHARS_MAX: Final = 500
UNREADABLE_REFUSAL: Final = "illegal header line"
"""1.x repeats the line that it cannot parse in a header, where a control character of its text is illegal."""
CONFLICT: Final = re.compile(r'input field "(?P<field>.*)" on measurement "(?P<measurement>.*)" is type')
DROPPED: Final = re.compile(r"\bdropped=(\d+)")
BEYOND_RETENTION: Final = re.compile(r"beyond retention policy dropped=(\d+)")


Answer = TypeVar("Answer")
Found = TypeVar("Found")


class Question(Protocol[Found]):
    """InfluxQL as its text, and how its answers are read."""

    def rows(self, answer: bytes) -> list[Found]:
        """What one chunk of an answer holds; raises `QueryFailed`."""


class DatabaseMissing(HistorianUnavailable):
    """The server runs but has no such database, or none is mapped to that name."""


class InfluxHistorian:
    """A historian in one InfluxDB database. Async context manager; opening asks nothing of the server."""

    def __init__(
        self,
        url: str,
        *,
        database: str,
        username: str = "",
        password: SecretStr | None = None,
        token: SecretStr | None = None,
        org: str = "",
        timeout_s: float = 10.0,
        lines_max: int = 5_000,
        use_gzip: bool = False,
    ) -> None:
        """`username` and `password` for 1.x, `token` for 2.x and 3, with `org` so that buckets can be made.

        `lines_max` bounds one request; `use_gzip` pays where the server is far away.
        """
        self._database = database
        self._token = token
        self._org = org
        self._timeout_s = timeout_s
        self._lines_max = lines_max
        self._use_gzip = use_gzip
        self._client = httpx.AsyncClient(
            base_url=url,
            auth=(username, password.get_secret_value() if password else "") if username else None,
            headers={"Authorization": f"Token {token.get_secret_value()}"} if token else {},
            timeout=timeout_s,
            verify=_authorities() if url.startswith("https:") else False,
            trust_env=False,  # the store stands in our own network, a proxy of the environment does not
        )
        self._where = f"InfluxDB at {self._client.base_url.copy_with(userinfo=b'')}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def write(self, points: Sequence[Point]) -> None:
        """As the protocol says. A line that the server refuses is lost whole, and only that line."""
        refused: list[str] = []
        for start in range(0, len(points), self._lines_max):
            encoded = await asyncio.to_thread(encode, points[start : start + self._lines_max])
            refused += encoded.refused + await self._store(encoded)
        if refused:
            raise PointsRejected(refused[0], len(refused))

    async def read(self, series: Series, fields: Sequence[str], from_ms: int, to_ms: int) -> list[Row]:
        """As the protocol says."""
        if not fields:
            return []
        select = Select(series, tuple(dict.fromkeys(fields)), from_ms, to_ms)
        return await self._with_database(partial(self._ask, select))

    async def last_before(self, series: Series, fields: Sequence[str], before_ms: int) -> Row | None:
        """As the protocol says."""
        if not fields:
            return None
        select = Select(series, tuple(dict.fromkeys(fields)), -AT_MS_MAX, before_ms, newest_only=True)
        return next(iter(await self._with_database(partial(self._ask, select))), None)

    async def read_many(
        self,
        series: Sequence[Series],
        fields: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        newest_only: bool = False,
    ) -> dict[Series, list[Row]]:
        """As the protocol says."""
        if not fields or not series:
            return {}
        select = SelectMany(tuple(series), tuple(dict.fromkeys(fields)), from_ms, to_ms, newest_only)
        found: dict[Series, list[Row]] = {}
        for of, row in await self._with_database(partial(self._ask, select)):
            found.setdefault(of, []).append(row)
        return found

    async def buckets(
        self, series: Series, field: str, from_ms: int, to_ms: int, width_ms: int
    ) -> list[Bucket]:
        """As the protocol says."""
        check_buckets(field, from_ms, to_ms, width_ms)
        if from_ms >= to_ms:
            return []
        select = SelectBuckets(series, field, from_ms, to_ms, width_ms)
        return await self._with_database(partial(self._ask, select))

    async def _store(self, encoded: Encoded) -> list[str]:
        """Store lines; where the server refuses some, split until every line is stored or refused by itself.

        An answer about part of a request says nothing sure of the rest (1.6 answers when the first of several
        shards fails), and lines may be sent again at no harm: so only whole answers are believed.
        """
        refused: list[str] = []
        waiting = [encoded]
        while waiting:
            part = waiting.pop(0)
            reason = await self._with_database(partial(self._post_lines, part.lines))
            if reason is None:
                continue
            if beyond := BEYOND_RETENTION.search(reason):  # told last, when all else is stored
                refused += [reason] * int(beyond[1])
            elif len(part.lines) == 1 or _dropped(reason) == len(part.lines):
                refused += [reason] * len(part.lines)
            else:
                waiting[:0] = _split(part, reason)  # in order: of two values of one instant the later counts
        return refused

    async def _post_lines(self, lines: Sequence[str]) -> str | None:
        """Send one request; `None` once it is stored, else why lines of it were refused."""
        if not lines:
            return None
        body = await asyncio.to_thread(_body, lines, use_gzip=self._use_gzip)
        headers = {"Content-Encoding": "gzip"} if self._use_gzip else {}
        params = {"db": self._database, "precision": "ms"}
        try:
            response = await self._client.post("/write", params=params, content=body, headers=headers)
        except httpx.TransportError as error:
            if UNREADABLE_REFUSAL in str(error):
                return "unable to parse a line"
            raise self._unreachable(error) from error
        if response.is_success:
            return None
        if response.status_code in REFUSING:
            return _reason(response)
        raise self._unavailable(response)

    async def _ask(self, select: Question[Found]) -> list[Found]:
        params = {"db": self._database, "epoch": "ms", "chunked": "true", "chunk_size": str(ROWS_PER_CHUNK)}
        question = {"q": str(select)}
        rows: list[Found] = []
        try:
            async with self._client.stream("POST", "/query", params=params, data=question) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._unavailable(response)
                paused_at = 0
                async for chunk in _lines(response):
                    rows += select.rows(chunk)
                    if len(rows) - paused_at >= ROWS_PER_CHUNK:  # lines that are here already do not wait
                        paused_at = len(rows)
                        await asyncio.sleep(0)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        except QueryFailed as failed:
            kind = DatabaseMissing if "not found" in str(failed) else HistorianUnavailable
            raise kind(f"{self._where} cannot answer: {failed}") from failed
        return rows

    async def _with_database(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask; if the server says that the database is missing, make it and ask once more."""
        try:
            return await ask()
        except DatabaseMissing:
            await self._create_database()
            return await ask()

    async def _create_database(self) -> None:
        if self._token and self._org:
            await asyncio.to_thread(self._create_bucket, self._token, self._org)
            return
        question = {"q": f"CREATE DATABASE {name(self._database)}"}
        try:
            response = await self._client.post("/query", data=question)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if not response.is_success:
            raise self._unavailable(response)
        if failure := error_in(response.json()):
            raise HistorianUnavailable(
                f"{self._where} cannot make database {self._database!r}: {failure} "
                "(2.x makes a bucket if token and organisation are given)"
            )

    def _create_bucket(self, token: SecretStr, org: str) -> None:
        """Make the bucket of 2.x; one that is there already is as good."""
        from influxdb_client import InfluxDBClient  # noqa: PLC0415  # heavy, and needed at most once
        from influxdb_client.client.exceptions import InfluxDBError  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        address = str(self._client.base_url)
        timeout_ms = int(self._timeout_s * 1000)
        try:
            with InfluxDBClient(address, token.get_secret_value(), org=org, timeout=timeout_ms) as client:
                client.buckets_api().create_bucket(bucket_name=self._database, org=org)
        except InfluxDBError as error:
            if getattr(error, "status", None) != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise HistorianUnavailable(
                    f"{self._where} cannot make bucket {self._database!r} in organisation {org!r}: "
                    f"{error.message} (make it by hand, or give a token that may)"
                ) from error
        except HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> HistorianUnavailable:
        why = str(error) or type(error).__name__
        return HistorianUnavailable(
            f"{self._where} does not answer ({why}): is it running, is the url right?"
        )

    def _unavailable(self, response: httpx.Response) -> HistorianUnavailable:
        match response.status_code:
            case HTTPStatus.UNAUTHORIZED:
                mend = "check username and password, or the token"
            case HTTPStatus.FORBIDDEN:
                mend = f"give this user or token the right to write and read {self._database!r}; "
                mend += "if it may not make that database, make it by hand"
            case HTTPStatus.NOT_FOUND:
                mend = f"check the url, and that database or bucket {self._database!r} exists; "
                mend += "in 2.x a DBRP mapping must lead to a bucket of another name"
            case HTTPStatus.TOO_MANY_REQUESTS:
                mend = "it asks for fewer requests"
            case _:
                mend = "see the server's own log"
        what = f"{self._where} answers {response.status_code}: {_reason(response)}"
        kind = DatabaseMissing if _is_database_missing(response) else HistorianUnavailable
        return kind(f"{what} ({mend})")


def _authorities() -> ssl.SSLContext:
    """Those of the system, where an operator adds his own."""
    return ssl.create_default_context()


def _body(lines: Sequence[str], *, use_gzip: bool) -> bytes:
    body = "\n".join(lines).encode(errors="replace")
    return gzip.compress(body, compresslevel=1) if use_gzip else body


def _reason(response: httpx.Response) -> str:
    """The server's own words (1.x says `error`, 2.x `message`), without the line that it repeats: data."""
    try:
        document = response.json()
        words = str(document.get("error") or document.get("message"))
    except (ValueError, AttributeError):
        words = response.text
    return REPEATED_LINE.sub("unable to parse a line: ", words)[:REASON_CHARS_MAX]


def _is_database_missing(response: httpx.Response) -> bool:
    """A 404 in the server's own form; that of a wrong url is plain text."""
    return response.status_code == HTTPStatus.NOT_FOUND and "json" in response.headers.get("Content-Type", "")


def _dropped(reason: str) -> int:
    found = DROPPED.search(reason)
    return int(found[1]) if found else 0


def _split(part: Encoded, reason: str) -> list[Encoded]:
    """Two smaller requests: the lines with the field that the server names and the rest, else two halves.

    Halves of time: a type is that of a field in one shard, and a shard is a stretch of time.
    """
    pairs = list(zip(part.lines, part.points, strict=True))
    if named := CONFLICT.search(reason):
        measurement, field = named["measurement"], named["field"]
        suspected = [p for p in pairs if p[1].series.measurement == measurement and field in p[1].fields]
        if 0 < len(suspected) < len(pairs):
            others = [p for p in pairs if p[1].series.measurement != measurement or field not in p[1].fields]
            return [_joined(suspected), _joined(others)]
    pairs.sort(key=lambda pair: pair[1].at_ms)
    return [_joined(pairs[: len(pairs) // 2]), _joined(pairs[len(pairs) // 2 :])]


def _joined(pairs: Sequence[tuple[str, Point]]) -> Encoded:
    return Encoded([line for line, _ in pairs], [point for _, point in pairs])


async def _lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """What stands between line ends; `aiter_lines` would also split at U+0085 within a text."""
    pieces: list[bytes] = []
    async for data in response.aiter_bytes():
        first, *others = data.split(b"\n")
        pieces.append(first)
        for other in others:
            if line := b"".join(pieces):
                yield line
            pieces = [other]
    if line := b"".join(pieces):
        yield line
