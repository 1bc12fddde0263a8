"""What the database holds, asked over its own HTTP interface and read without any code of the collector's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from benchmarks.conservation.points import POINTS, Place, place

DATABASE: Final = "ninebelow"
GOOD: Final = 192
ASK_S: Final = 120.0


@dataclass(slots=True)
class Found:
    """The numbers stored of one tag."""

    at_ms: dict[int, int] = field(default_factory=dict)
    """The earliest time of each number."""
    duplicated: int = 0
    restated: int = 0
    """Numbers that stand again where a stale mark ends: a birth says what holds since then."""

    def add(self, number: int, at_ms: int, quality: float | None) -> None:
        """One row, in the order of time."""
        if number not in self.at_ms:
            self.at_ms[number] = at_ms
        elif quality == GOOD:
            self.restated += 1
        else:
            self.duplicated += 1


def rows(answer: Iterable[str]) -> Iterator[tuple[int, Any, float | None]]:
    """Time, value and quality of InfluxDB's chunked answer."""
    for line in answer:
        if line:
            for result in json.loads(line)["results"]:
                if error := result.get("error"):
                    raise RuntimeError(f"InfluxDB: {error}")
                for series in result.get("series", ()):
                    yield from map(tuple, series["values"])


def found_of(answer: Iterable[str]) -> Found:
    """The numbers in an answer."""
    found = Found()
    for at_ms, stored, quality in rows(answer):
        if stored is not None:
            found.add(int(stored), at_ms, quality)
    return found


def query(where: Place) -> str:
    """Everything of one tag, by time."""
    conditions = " AND ".join(f"\"{key}\" = '{text}'" for key, text in where.tags)
    return f'SELECT "{where.field}", "{where.quality_field}" FROM "{where.measurement}" WHERE {conditions}'  # noqa: S608


async def stored(url: str) -> dict[int, Found]:
    """All tags."""
    found: dict[int, Found] = {}
    async with httpx.AsyncClient(base_url=url, timeout=ASK_S, trust_env=False) as client:
        for tag in range(len(POINTS)):
            asked = {"db": DATABASE, "epoch": "ms", "chunked": "true", "q": query(place(tag))}
            answer = await client.post("/query", data=asked)
            found[tag] = found_of(answer.raise_for_status().text.split("\n"))
    return found


async def gap_facts(url: str) -> list[tuple[str, str, float]]:
    """Cause, outcome and lost readings of every entry of the gap ledger that reached the database."""
    asked = {
        "db": DATABASE,
        "epoch": "ms",
        "q": 'SELECT "outcome_text", "readings" FROM "gap" GROUP BY "cause"',
    }
    async with httpx.AsyncClient(base_url=url, timeout=ASK_S, trust_env=False) as client:
        answer = (await client.post("/query", data=asked)).raise_for_status().json()
    return [
        (series["tags"]["cause"], outcome, readings)
        for result in answer["results"]
        for series in result.get("series", ())
        for _, outcome, readings in series["values"]
    ]
