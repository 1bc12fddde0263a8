"""The staffing command against the slow reference: any calendar, rule, headcounts and cards give the same records."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ninebelow.staffing import app
from tests.unit.reference_staffing import EPOCH, S, evaluate

Row = tuple[int, str, str, str]

FACES = ("F1", "F 2", "三号")
ZONES_AND_DAYS = (
    ("Asia/Shanghai", date(2022, 3, 1)),
    ("Europe/Warsaw", date(2022, 3, 27)),  # 02:00 becomes 03:00
    ("Europe/Warsaw", date(2022, 10, 30)),  # 03:00 becomes 02:00
    ("Australia/Lord_Howe", date(2022, 4, 3)),  # half an hour back
    ("UTC", date(2024, 2, 29)),
)
GAPS_S = (0, 0.000001, 1, 5, 10, 29.5, 30, 31, 59.999999, 60, 61, 90, 300, 601)
COUNTS = ("0", "7", "8", "9", "9.0", "10", "10.00", "11", "12", "16", "20", "24", "30", "31", "48", "50")
ODD_COUNTS = ("", "x", "-1", "9.5", " 9", "1e1", "00010", "٣", "000000000000000000000012")
ODD_QUALITIES = ("GOOD", "Good", "bad", "stale", "", " good")
POSTS = ("", "矿领导", "inspector", "miner")
CARDS = ("", "A", "B", "C", "D,", "甲")

shifts = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["零点班", "八点班", 'a"b,']),
        "start": st.sampled_from(["00:00", "00:00", "00:10", "00:25", "02:30", "23:50"]),
        "minutes": st.sampled_from([20, 10, 10, 20, 45, 5, 2, 1, 480, 1500]),
        "kind": st.sampled_from(["production"] * 3 + ["maintenance"]),
    }
)
figures = st.fixed_dictionaries(
    {"handover_min": st.sampled_from([0, 0, 0.5, 1, 2, 30])},
    optional={
        "limit": st.sampled_from([0, 8, 9, 10]),
        "sustain_s": st.sampled_from([0.5, 1, 30, 45, 60, 61, 120]),
        "over_total_s": st.sampled_from([0.000001, 1, 60, 90, 600]),
        "stale_after_s": st.sampled_from([0, 1, 30, 60, 90, 600]),
        "coverage_min": st.sampled_from([0, 0.5, 0.9, 0.95, 1]),
        "lateness_min": st.sampled_from([0, 10, 60]),
        "dwell_min": st.sampled_from([0, 1, 2.5, 10]),
        "exempt_posts": st.lists(st.sampled_from(POSTS), max_size=2),
        "exempt_dwell_min": st.sampled_from([0, 0.5, 2, 5, 30]),
        "reentry_min": st.sampled_from([0, 0.5, 1, 2, 15]),
    },
)


@st.composite
def calendars(draw: st.DrawFn, day: date) -> list[dict[str, Any]]:
    chosen = draw(
        st.lists(
            st.tuples(
                st.sampled_from([None, None, *FACES]),
                st.sampled_from([-2, -2, -1, 0, 1]),
                st.lists(shifts, max_size=3),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda each: (each[0], each[1]),
        )
    )
    return [
        {"effective_on": day + timedelta(days=since), "shifts": of_day} | ({"face": face} if face else {})
        for face, since, of_day in chosen
    ]


@st.composite
def faces(draw: st.DrawFn, *, has_cards: bool) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(FACES), min_size=1, unique=True))
    kinds = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["mining_face", "driving_face"]),
            "intelligent": st.sampled_from([True] * 5 + [False]),
            "hazard": st.sampled_from(["severe", "other"]),
        },
        optional={
            "method": st.sampled_from(["mechanised", "blasting"]),
            "count_from": st.sampled_from(["cards", "headcount"] if has_cards else ["headcount"]),
        },
    )
    return {name: draw(kinds) for name in names}


class Source:
    """Rows by chance: mostly steady or mostly odd, as `odd` says."""

    def __init__(self, seed: int, odd: float, gap_s: float) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - nothing secret
        self.odd, self.gap_s = odd, gap_s

    def pick(self, usual: Sequence[str], odd: Sequence[str]) -> str:
        """A usual text, or now and then an odd one."""
        return self.chance.choice(odd if self.chance.random() < self.odd else usual)

    def instants(self, from_us: int, count: int) -> Iterator[int]:
        """Instants at an even pace, now and then at another one."""
        at = from_us
        for _ in range(count):
            gap = self.chance.choice(GAPS_S) if self.chance.random() < self.odd else self.gap_s
            at += round(gap * S)
            yield at

    def headcounts(self, face: str, from_us: int, count: int, counts: Sequence[str]) -> Iterator[Row]:
        """Rows of headcount.csv."""
        for at in self.instants(from_us, count):
            yield at, face, self.pick(counts, ODD_COUNTS), self.pick(["good"], ODD_QUALITIES)

    def snapshots(self, face: str, from_us: int, count: int) -> Iterator[Row]:
        """Rows of cards.csv: people come and go."""
        inside: dict[str, str] = {}
        for at in self.instants(from_us, count):
            if self.chance.random() < 0.4:
                inside = {
                    card: self.chance.choice(POSTS)
                    for card in self.chance.sample(CARDS, self.chance.randint(1, 5))
                }
            rows = [(at, face, card, post) for card, post in inside.items()] or [(at, face, "", "")]
            yield from (
                rows
                if self.chance.random() > self.odd
                else [*rows, (at, face, self.chance.choice(CARDS), "")]
            )


sources = st.builds(
    Source,
    seed=st.integers(0, 2**32),
    odd=st.sampled_from([0, 0, 0.02, 0.02, 0.1, 0.5]),
    gap_s=st.sampled_from([5, 30, 30, 60, 0.5]),
)
lengths = st.sampled_from([150, 100, 60, 200, 20, 0])
begins = st.sampled_from([-600, -30, 0, 0, 17, 300])


@st.composite
def headcounts(draw: st.DrawFn, from_us: int) -> list[Row]:
    rows: list[Row] = []
    for face in FACES:
        source, begin = draw(sources), from_us + draw(begins) * S
        counts = draw(st.lists(st.sampled_from(COUNTS), min_size=1, max_size=4))
        rows += source.headcounts(face, begin, draw(lengths), counts)
    if draw(st.booleans()):
        draw(sources).chance.shuffle(rows)
    return rows


@st.composite
def card_rows(draw: st.DrawFn, from_us: int) -> list[Row]:
    rows: list[Row] = []
    for face in FACES:
        rows += draw(sources).snapshots(face, from_us + draw(begins) * S, draw(lengths))
    return rows


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    zone, day = draw(st.sampled_from(ZONES_AND_DAYS))
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    from_us = (midnight - EPOCH) // timedelta(microseconds=1)
    has_cards = draw(st.booleans())
    return {
        "calendar": {"timezone": zone, "calendar": draw(calendars(day))},
        "rule": draw(figures) | {"faces": draw(faces(has_cards=has_cards))},
        "headcount": draw(headcounts(from_us)),
        "cards": draw(card_rows(from_us)) if has_cards else None,
        "period": (
            day - timedelta(days=draw(st.sampled_from([0, 0, 1]))),
            day + timedelta(days=draw(st.sampled_from([1, 1, 2]))),
            from_us + draw(st.sampled_from([5 * 86_400, 3 * 3600, 3000, 1200])) * S,
        ),
    }


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_any_case_gives_the_reference_s_records(case: dict[str, Any]) -> None:
    """Every key of every record, in order."""
    assert run_command(case) == evaluate(**case)


def run_command(case: dict[str, Any]) -> Any:
    """The command's JSON for a case, through its files."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "calendar.toml").write_text(toml(case["calendar"]), encoding="utf-8")
        (folder / "rule.toml").write_text(toml(case["rule"]), encoding="utf-8")
        write_csv(folder / "headcount.csv", "at,face,headcount,quality", case["headcount"])
        first, end, now = case["period"]
        files = ["--calendar", "calendar.toml", "--rule", "rule.toml", "--headcount", "headcount.csv"]
        if case["cards"] is not None:
            write_csv(folder / "cards.csv", "at,face,card,post", case["cards"])
            files += ["--cards", "cards.csv"]
        files = [str(folder / each) if "." in each else each for each in files]
        asked = ["--from", str(first), "--to", str(end), "--now", written(now), "--json"]
        result = CliRunner().invoke(app, ["evaluate", *files, *asked], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


def write_csv(path: Path, header: str, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split(","))
        writer.writerows((written(at), *rest) for at, *rest in rows)


def written(at_us: int) -> str:
    return (EPOCH + timedelta(microseconds=at_us)).isoformat()


def toml(value: Any) -> str:
    """TOML of plain values, tables last; texts as JSON writes them."""
    lines = [
        f"{json.dumps(key)} = {inline(item)}" for key, item in value.items() if not isinstance(item, dict)
    ]
    for key, item in value.items():
        if isinstance(item, dict):
            for name, table in item.items():
                lines += [f"[{json.dumps(key)}.{json.dumps(name, ensure_ascii=False)}]", toml(table)]
    return "\n".join(lines)


def inline(value: Any) -> str:
    match value:
        case dict():
            inside = ", ".join(f"{json.dumps(key)} = {inline(item)}" for key, item in value.items())
            return "{" + inside + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False)
