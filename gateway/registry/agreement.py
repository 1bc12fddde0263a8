"""Where the centre's config and the registry tell different things of a mine. Pure.

The live judgement takes faces, chambers and calendars from the config, the plan takes them from the registry; nothing
makes them one, so what differs is told.

Rules
- A mine is the same by its code, a face or chamber by its code within the mine; looked at is what stands on the day.
- What a mine's registry does not say (no calendar at all, no method, no door, no declared level) cannot differ.
- A face that is accepted but that the config does not take for an intelligent one is not judged: that is told too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from gateway import config
from gateway.registry.form import Row
from gateway.registry.register_of import Rows, all_of, lifetime, register_of, standing
from rules.plan.mandatory import standing as accepted_and_completed
from rules.plan.register import Register
from rules.shift_calendar import Calendar, ShiftCalendar, ShiftTimes

MECHANISED: Final = "mechanised"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of a mine, by its code on the wire, and what is said of it in both languages."""

    mine: str
    area: str | None
    zh: str
    en: str


def differences(rows: Rows, mines: Sequence[config.Mine], day: date) -> tuple[Difference, ...]:
    """By mine in the config's order: the mine, its faces, its chambers, its calendars."""
    by_code = {
        str(row["code"]): row for row in all_of(rows, "mines") if row["code"] and lifetime(row).covers(day)
    }
    register = register_of(rows)
    found: list[Difference] = []
    for mine in mines:
        row = by_code.get(mine.code)
        if row is None:
            found.append(
                Difference(mine.code, None, "登记库没有该编码的煤矿", "the registry has no mine of this code")
            )
            continue
        name = str(row["mine"])
        found += of_faces(mine, {str(each["face"]): each for each in here(rows, "faces", name, day)})
        found += not_judged(mine, name, register, day)
        found += of_chambers(mine, name, rows, register, day)
        found += of_calendars(mine, name, rows, day)
    return tuple(found)


def here(rows: Rows, table: str, mine: str, day: date) -> Iterator[Row]:
    """What a mine has in a table on a day."""
    return (row for row in all_of(rows, table) if row["mine"] == mine and lifetime(row).covers(day))


def one_sided(
    mine: str, watched: Iterable[str], registered: Mapping[str, Row], what: tuple[str, str]
) -> Iterator[Difference]:
    """What only one of the two has."""
    watched = dict.fromkeys(watched)
    zh, en = what
    for code in watched:
        if code not in registered:
            yield Difference(
                mine, code, f"配置中的{zh}没有登记", f"a {en} of the config that is not registered"
            )
    for code in registered:
        if code not in watched:
            yield Difference(
                mine, code, f"已登记的{zh}不在配置中，没有监测", f"a registered {en} that is not watched"
            )


def unlike(
    mine: str, area: str, what: tuple[str, str], values: tuple[object, object]
) -> Iterator[Difference]:
    """A thing that both say, and not alike; config first."""
    ours, theirs = values
    if ours != theirs:
        zh, en = what
        yield Difference(
            mine, area, f"{zh}不同：配置 {ours}，登记库 {theirs}", f"{en}: config {ours}, registry {theirs}"
        )


def of_faces(mine: config.Mine, registered: Mapping[str, Row]) -> Iterator[Difference]:
    """Kind and method."""
    yield from one_sided(mine.code, (face.code for face in mine.faces), registered, ("工作面", "face"))
    for face in mine.faces:
        if row := registered.get(face.code):
            yield from unlike(mine.code, face.code, ("类别", "kind"), (face.kind, row["kind"]))
            method = row["method"] or MECHANISED
            yield from unlike(mine.code, face.code, ("工艺", "method"), (face.method, method))


def not_judged(mine: config.Mine, name: str, register: Register, day: date) -> Iterator[Difference]:
    """Accepted faces whose shifts the config leaves unjudged."""
    projects = {project.name: project.as_of(day) for project in register.projects}
    plain = {face.code for face in mine.faces if not face.intelligent}
    for face in register.faces:
        if face.mine == name and face.code in plain and face.lifetime.covers(day):
            accepted, _ = accepted_and_completed(face, projects, day)
            if accepted:
                yield Difference(
                    mine.code,
                    face.code,
                    "已验收为智能化工作面，配置 intelligent = false，不评定限员",
                    "accepted as intelligent, but intelligent = false in the config: its shifts are not judged",
                )


def of_chambers(
    mine: config.Mine, name: str, rows: Rows, register: Register, day: date
) -> Iterator[Difference]:
    """Kind, door and declared level."""
    registered = {str(row["chamber"]): row for row in here(rows, "chambers", name, day)}
    levels = {each.code: each.level_on(day) for each in register.chambers if each.mine == name}
    watched = (chamber.code for chamber in mine.chambers)
    yield from one_sided(mine.code, watched, registered, ("硐室", "chamber"))
    for chamber in mine.chambers:
        if row := registered.get(chamber.code):
            yield from unlike(mine.code, chamber.code, ("类别", "kind"), (chamber.kind, row["kind"]))
            if row["door_required"] is not None:
                door = (chamber.door_required, row["door_required"])
                yield from unlike(mine.code, chamber.code, ("要求闭门", "door required"), door)
            level = levels[chamber.code]
            if level is not None and chamber.declared is not None:
                said = (chamber.declared, level)
                yield from unlike(mine.code, chamber.code, ("申报水平", "declared level"), said)


def of_calendars(mine: config.Mine, name: str, rows: Rows, day: date) -> Iterator[Difference]:
    """The shifts that each face of the config works on the day."""
    theirs = tuple(calendars_of(row for row in standing(rows, "shifts") if row["mine"] == name))
    if not theirs:
        return
    zone = ZoneInfo(mine.timezone)
    for face in mine.faces:
        works, told = (
            [
                f"{shift.name} {shift.start}+{shift.minutes} {shift.kind}"
                for shift in sorted(found.shifts if found else (), key=lambda each: each.start)
            ]
            for found in (
                ShiftCalendar(zone, calendars).on(face.code, day) for calendars in (mine.calendars, theirs)
            )
        )
        yield from unlike(
            mine.code, face.code, ("班制", "shifts"), ("、".join(works) or "—", "、".join(told) or "—")
        )


def calendars_of(shifts: Iterable[Row]) -> Iterator[Calendar]:
    """The registry's rows as calendars."""
    of: dict[tuple[str | None, date], list[ShiftTimes]] = {}
    for row in shifts:
        on = row["effective_on"]
        assert isinstance(on, date)
        times = ShiftTimes.model_validate(
            {word: row[word] for word in ("start", "minutes", "kind")} | {"name": row["shift"]}
        )
        of.setdefault((str(row["face"]) if row["face"] else None, on), []).append(times)
    for (face, on), times_ in of.items():
        yield Calendar(effective_on=on, face=face, shifts=tuple(times_))
