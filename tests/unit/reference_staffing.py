"""A slow, obvious evaluator of definitions.md §1, to check the real one against; it shares no code with `rules`.

It lays the time out in pieces in which nothing changes and reads everything off them, by the wording of the
definitions and with exact fractions. Input is what the files hold, as Python values; instants are microseconds
since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

S = 1_000_000
MIN = 60 * S
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DEFAULTS: dict[str, Any] = {
    "limit": 9,
    "sustain_s": 60,
    "over_total_s": 600,
    "handover_min": 30,
    "stale_after_s": 600,
    "coverage_min": 0.95,
    "lateness_min": 60,
    "dwell_min": 10,
    "exempt_posts": [],
    "exempt_dwell_min": 30,
    "reentry_min": 15,
}

Row = tuple[int, str, str, str]
Piece = tuple[int, int, int | None]  # from, to, headcount or unknown


def evaluate(
    calendar: dict[str, Any],
    rule: dict[str, Any],
    headcount: list[Row],
    cards: list[Row] | None,
    period: tuple[date, date, int],
) -> list[dict[str, Any]]:
    """The records that the command must print, from rows `at, face, headcount, quality` and `at, face, card, post`."""
    rule = DEFAULTS | rule
    first, end, now = period
    case = Case(calendar, rule, headcount, cards, now)
    records = []
    for face in rule["faces"]:
        shifts = []
        day = first
        while day < end:
            shifts += [
                (at, order, day, shift) for order, (at, shift) in enumerate(shifts_of(calendar, face, day))
            ]
            day += timedelta(days=1)
        shifts.sort(key=lambda each: each[0])
        for at, _, day, shift in shifts:
            if at + shift["minutes"] * MIN <= now:
                records.append(record(case, face, at, day, shift))
    return records


def shifts_of(calendar: dict[str, Any], face: str, day: date) -> list[tuple[int, dict[str, Any]]]:
    own = [c for c in calendar["calendar"] if c.get("face") == face and c["effective_on"] <= day]
    mine = [c for c in calendar["calendar"] if "face" not in c and c["effective_on"] <= day]
    chosen = own or mine
    if not chosen:
        return []
    zone = ZoneInfo(calendar["timezone"])
    found = []
    for shift in max(chosen, key=lambda c: c["effective_on"])["shifts"]:
        hour, minute = map(int, shift["start"].split(":"))
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        found.append((int((local.astimezone(UTC) - EPOCH) / timedelta(microseconds=1)), shift))
    return found


class Case(NamedTuple):
    """Everything that is given."""

    calendar: dict[str, Any]
    rule: dict[str, Any]
    headcount: list[Row]
    cards: list[Row] | None
    now: int


def record(case: Case, face: str, starts: int, day: date, shift: dict[str, Any]) -> dict[str, Any]:
    calendar, rule, headcount, cards, now = case
    settings = {"method": "mechanised", "count_from": "headcount"} | rule["faces"][face]
    ends = starts + shift["minutes"] * MIN
    handover = round(rule["handover_min"] * MIN)
    first_window = (starts, min(ends, starts + handover))
    last_window = (max(starts, ends - handover), ends)
    judged = (first_window[1], last_window[0]) if first_window[1] < last_window[0] else (starts, starts)

    if cards is not None:
        seen = card_pieces(rule, [row for row in cards if row[1] == face], now)
    if settings["count_from"] == "cards":
        pieces = [(a, b, None if inside is None else counted(rule, inside, a)) for a, b, inside in seen]
    else:
        pieces = headcount_pieces(rule, [row for row in headcount if row[1] == face], now)

    whole, part = cut(pieces, starts, ends), cut(pieces, *judged)
    sustained = sustained_headcount(rule, part)
    windows = [
        found
        for window in (first_window, last_window)
        if (found := sustained_headcount(rule, cut(pieces, *window))) is not None
    ]
    over = [(a, b) for a, b, n in part if n is not None and n > rule["limit"]]
    statutory = statutory_limit(settings, shift["kind"])
    beyond = [(a, b) for a, b, n in whole if n is not None and n > statutory]
    hazard = sustained_headcount(rule, whole)
    coverage = Fraction(known_time(whole), ends - starts)
    judged_length = judged[1] - judged[0]
    coverage_judged = Fraction(known_time(part), judged_length) if judged_length else None
    minimum = Fraction(str(rule["coverage_min"]))

    verdict: tuple[str, str | None]
    if shift["kind"] == "maintenance":
        verdict = ("not_judged", "maintenance")
    elif not settings["intelligent"]:
        verdict = ("not_judged", "not_intelligent")
    elif sustained is not None and sustained > rule["limit"]:
        verdict = ("exceeded", "sustained")
    elif length(over) >= rule["over_total_s"] * S:
        verdict = ("exceeded", "cumulative")
    elif judged_length < rule["sustain_s"] * S:
        verdict = ("no_verdict", "too_short")
    elif coverage_judged is None or coverage_judged < minimum:
        verdict = ("no_verdict", "coverage")
    elif sustained is None:
        verdict = ("no_verdict", "fragmented")
    else:
        verdict = ("within", None)

    zone = ZoneInfo(calendar["timezone"])
    return {
        "face": face,
        "shift_on": str(day),
        "shift": shift["name"],
        "kind": shift["kind"],
        "starts_at": iso(starts, zone),
        "ends_at": iso(ends, zone),
        "limit": rule["limit"],
        "headcount_max": sustained,
        "headcount_max_handover": max(windows) if windows else None,
        "over_limit_s": length(over) / S,
        "first_over_at": iso(over[0][0], zone) if over else None,
        "distinct_persons": None if cards is None else distinct_persons(rule, cut_cards(seen, *judged)),
        "person_minutes": sum((b - a) * n for a, b, n in whole if n is not None) / MIN,
        "statutory_limit": statutory,
        "statutory_over_s": length(beyond) / S,
        "statutory_first_over_at": iso(beyond[0][0], zone) if beyond else None,
        "major_hazard": (
            True
            if hazard is not None and Fraction(hazard) >= Fraction(12, 10) * statutory
            else None
            if coverage < minimum
            else False
        ),
        "coverage": float(coverage),
        "coverage_judged": None if coverage_judged is None else float(coverage_judged),
        "verdict": verdict[0],
        "reason": verdict[1],
        "revision": 1,
        "final": now >= ends + rule["lateness_min"] * MIN,
    }


def iso(at: int, zone: ZoneInfo) -> str:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone).isoformat()


def length(stretches: list[tuple[int, int]]) -> int:
    return sum(b - a for a, b in stretches)


def known_time(pieces: list[Piece]) -> int:
    return sum(b - a for a, b, n in pieces if n is not None)


def cut(pieces: list[Piece], from_: int, to: int) -> list[Piece]:
    """The pieces within, with unknown time wherever there is none."""
    if from_ >= to:
        return []
    inside = [(max(a, from_), min(b, to), n) for a, b, n in pieces if max(a, from_) < min(b, to)]
    whole: list[Piece] = []
    at = from_
    for a, b, n in inside:
        if at < a:
            whole.append((at, a, None))
        whole.append((a, b, n))
        at = b
    if at < to:
        whole.append((at, to, None))
    return whole


def known_between(instants: list[int], index: int, stale: int, now: int) -> int | None:
    """Until when the row at `instants[index]` is known."""
    after = instants[index + 1] if index + 1 < len(instants) else now
    return after if after - instants[index] <= stale else None


def headcount_pieces(rule: dict[str, Any], rows: list[Any], now: int) -> list[Piece]:
    by_instant: dict[int, int | None] = {}
    for at, _, text, quality in rows:
        if at <= now:
            usable = quality.lower() == "good" and re.fullmatch(r"[0-9]+(\.0+)?", text)
            by_instant[at] = int(text.split(".")[0]) if usable else None
    instants = sorted(by_instant)
    pieces = []
    for index, at in enumerate(instants):
        until = known_between(instants, index, rule["stale_after_s"] * S, now)
        if until is not None and until > at and by_instant[at] is not None:
            pieces.append((at, until, by_instant[at]))
    return pieces


def card_pieces(rule: dict[str, Any], rows: list[Any], now: int) -> list[Any]:
    """Pieces of time, each with the cards inside: card -> (exempt, begin of its visit)."""
    snapshots: dict[int, dict[str, str]] = {}
    for at, _, card, post in rows:
        if at <= now:
            snapshots.setdefault(at, {})
            if card:
                snapshots[at][card] = post
    instants = sorted(snapshots)
    absence: dict[str, int] = {}
    visit: dict[str, int] = {}
    pieces: list[Any] = []
    dwell = round(rule["exempt_dwell_min"] * MIN)
    for index, at in enumerate(instants):
        until = known_between(instants, index, rule["stale_after_s"] * S, now)
        if until is None or until == at:
            continue
        holds = snapshots[at]
        for card in holds:
            away = absence.get(card, 0)
            if card not in visit or (away > 0 and away >= rule["reentry_min"] * MIN):
                visit[card] = at
            absence[card] = 0
        for card in visit:
            if card not in holds:
                absence[card] += until - at
        inside = {
            card: (post != "" and post in rule["exempt_posts"], visit[card]) for card, post in holds.items()
        }
        turns = sorted(
            {at, until, *(visit[card] + dwell for card in holds if at < visit[card] + dwell < until)}
        )
        pieces += [(a, b, inside) for a, b in pairwise(turns)]
    return pieces


def counted(rule: dict[str, Any], inside: dict[str, tuple[bool, int]], at: int) -> int:
    dwell = round(rule["exempt_dwell_min"] * MIN)
    return sum(1 for exempt, visit in inside.values() if not exempt or at - visit >= dwell)


def cut_cards(pieces: list[Any], from_: int, to: int) -> list[Any]:
    return [(max(a, from_), min(b, to), inside) for a, b, inside in pieces if max(a, from_) < min(b, to)]


def distinct_persons(rule: dict[str, Any], pieces: list[Any]) -> int:
    free: dict[str, int] = {}
    whole: dict[str, int] = {}
    for a, b, inside in pieces:
        for card, (exempt, _) in inside.items():
            whole[card] = whole.get(card, 0) + b - a
            free[card] = free.get(card, 0) + (0 if exempt else b - a)
    return sum(
        1
        for card in whole
        if (free[card] > 0 and free[card] >= rule["dwell_min"] * MIN)
        or whole[card] >= rule["exempt_dwell_min"] * MIN
    )


def sustained_headcount(rule: dict[str, Any], pieces: list[Piece]) -> int | None:
    sustain = rule["sustain_s"] * S
    runs: list[list[tuple[int, int]]] = [[]]
    unknown = 0
    for a, b, n in pieces:
        if n is None:
            unknown += b - a
            continue
        if unknown >= sustain:
            runs.append([])
        unknown = 0
        runs[-1].append((b - a, n))
    for candidate in sorted({n for _, _, n in pieces if n is not None}, reverse=True):
        for run in runs:
            lasted = 0
            for time, n in run:
                lasted = lasted + time if n >= candidate else 0
                if lasted >= sustain:
                    return candidate
    return None


def statutory_limit(face: dict[str, Any], kind: str) -> int:
    severe = face["hazard"] == "severe"
    if face["kind"] == "mining_face":
        if face["method"] == "blasting":
            return 25
        if kind == "production":
            return 25 if severe else 20
        return 40 if severe else 30
    if face["method"] == "blasting":
        return 15 if severe else 12
    return 18 if severe else 16
