"""The chamber judgement again, written to be obvious and slow: second by second, straight from the definitions.

Shares no code with `rules`. All instants, durations and thresholds are whole seconds, so that every second
`[t, t + 1)` is of one kind and can be looked at on its own. Signals carry the words of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

SIGNALS = ("occupancy", "control_mode", "video", "protections", "link", "door", "patrol_robot", "running")
STATES = (
    "unattended",
    "patrol",
    "central_control",
    "attended",
    "unprotected",
    "local_control",
    "unknown",
)


@dataclass
class Figures:
    """The figures of the rule, in seconds."""

    stale_after_s: int = 600
    bridge_s: int = 60
    patrol_min_s: int = 60
    patrol_max_s: int = 1800
    patrol_people_max: int = 3
    reentry_s: int = 900
    patrol_interval_s: int = 28800
    window_days: int = 30
    days_min: int = 7
    level_share: Fraction = Fraction(95, 100)
    patrol_share_max: Fraction = Fraction(20, 100)


@dataclass
class Stay:
    """A spell of people or a run of the robot."""

    begin: int
    end: int
    seen: bool
    age: int = 0
    reentry: bool = False
    post: int | None = None


@dataclass
class Chamber:
    """One chamber's rows `(second, signal, word or None where unknown)`, looked at as of `now`."""

    kind: str
    door_required: bool
    rows: list[tuple[int, str, str | None]]
    figures: Figures
    now: int
    words: dict[str, dict[int, str | None]] = field(default_factory=dict)
    first_row: int | None = None
    spells: list[Stay] = field(default_factory=list)
    robots: list[Stay] = field(default_factory=list)
    visits: list[tuple[int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = [row for row in self.rows if row[0] <= self.now]
        self.first_row = min((at for at, _, _ in rows), default=None)
        for signal in SIGNALS:
            last_of_instant = {at: word for at, of, word in rows if of == signal}
            self.words[signal] = self._second_by_second(last_of_instant)
        self._find_spells()
        self._find_robots()
        self._find_visits()

    def _second_by_second(self, rows: dict[int, str | None]) -> dict[int, str | None]:
        words: dict[int, str | None] = {}
        instants = sorted(rows)
        for i, at in enumerate(instants):
            until = instants[i + 1] if i + 1 < len(instants) else self.now
            if until - at <= self.figures.stale_after_s:
                for second in range(at, until):
                    words[second] = rows[at]
        return words

    def _people(self, second: int) -> int | None:
        word = self.words["occupancy"].get(second)
        return None if word is None else int(word)

    def _find_spells(self) -> None:
        if self.first_row is None:
            return
        second = self.first_row
        while second < self.now:
            if (self._people(second) or 0) >= 1:
                spell = self._spell_from(second)
                self.spells.append(spell)
                second = spell.end
            else:
                second += 1

    def _spell_from(self, begin: int) -> Stay:
        end, seen = self._end_of_spell(begin)
        spell = Stay(begin, end, seen)
        if self.spells and begin - self.spells[-1].end < self.figures.reentry_s:
            before = self.spells[-1]
            spell.reentry = True
            spell.age = before.age + (before.end - before.begin)
        for second in range(begin, end):
            old = spell.age + (second - begin) >= self.figures.patrol_max_s
            crowded = (self._people(second) or 0) > self.figures.patrol_people_max
            if old or crowded:
                spell.post = second
                break
        return spell

    def _end_of_spell(self, begin: int) -> tuple[int, bool]:
        second = begin
        while True:
            while second < self.now and (self._people(second) or 0) >= 1:
                second += 1
            if second == self.now:
                return self.now, False
            if self._people(second) == 0:
                return second, True
            lost = second
            while second < self.now and self._people(second) is None:
                second += 1
            if second - lost >= self.figures.patrol_max_s:
                return lost, False
            if second == self.now:
                return self.now, False
            if self._people(second) == 0:
                return (second, True) if second - lost < self.figures.bridge_s else (lost, False)

    def _find_robots(self) -> None:
        robot = self.words["patrol_robot"]
        for second in range(self.first_row or 0, self.now):
            if robot.get(second) == "1":
                if self.robots and self.robots[-1].end == second:
                    self.robots[-1].end = second + 1
                else:
                    self.robots.append(Stay(second, second + 1, seen=False))
        for run in self.robots:
            run.seen = robot.get(run.end) == "0"

    def _find_visits(self) -> None:
        for spell in self.spells:
            if spell.seen and spell.end - spell.begin >= self.figures.patrol_min_s:
                self.visits.append((spell.end, spell.post is None and not spell.reentry))
        for run in self.robots:
            if run.seen and run.end - run.begin >= self.figures.patrol_min_s:
                self.visits.append((run.end, True))

    def spell_at(self, second: int) -> Stay | None:
        """The spell that the second lies in."""
        return next((spell for spell in self.spells if spell.begin <= second < spell.end), None)

    def in_post(self, second: int) -> bool:
        """Whether the second lies in a post."""
        spell = self.spell_at(second)
        return spell is not None and spell.post is not None and second >= spell.post

    def visit_age(self, second: int) -> int | None:
        """The age at the beginning of the second; `None` where it stays 0 throughout the second."""
        assert self.first_row is not None
        if self.spell_at(second):
            return None
        since = max((end for end, _ in self.visits if end <= second), default=self.first_row)
        for run in self.robots:
            if run.begin <= second < run.end:
                parked = run.begin + self.figures.patrol_max_s
                if second < parked:
                    return None
                since = max(since, parked)
        return second - since

    def required(self) -> set[str]:
        """The signals that must be known."""
        if self.kind == "district_substation":
            return {"occupancy", "door", "protections", "link"}
        if self.kind == "underground_compressor":
            needed = {"occupancy", "control_mode", "protections", "link"}
        else:
            needed = {"occupancy", "control_mode", "video", "protections", "link"}
        return needed | ({"door"} if self.door_required else set())

    def state(self, second: int) -> str:  # noqa: PLR0911 - one return per clause
        """The state throughout the second."""
        word = {signal: self.words[signal].get(second) for signal in SIGNALS}
        if self.first_row is None or second < self.first_row:
            return "unknown"
        if any(word[signal] is None for signal in self.required()):
            return "unknown"
        healthy = word["protections"] == "1" and word["link"] == "1"
        remote = word["control_mode"] in ("remote", "auto")
        central = remote and healthy
        in_spell = self.spell_at(second) is not None
        closed = word["door"] == "1"
        district = self.kind == "district_substation"
        if district:
            fit = healthy and (closed or in_spell)
        else:
            fit = central and word["video"] == "1" and (closed or not self.door_required)
        if self.kind != "underground_compressor" and not self.in_post(second) and fit:
            if in_spell:
                return "patrol"
            age = self.visit_age(second)
            if (0 if age is None else age) < self.figures.patrol_interval_s:
                return "unattended"
        if central:
            return "central_control"
        if self.in_post(second):
            return "attended"
        if remote or (district and word["occupancy"] == "0"):
            return "unprotected"
        return "local_control"

    def day(self, begin: int, end: int) -> dict[str, object]:
        """The day record's figures."""
        seconds = dict.fromkeys(STATES, 0)
        posted = unguarded = 0
        gaps: list[int] = []
        for second in range(begin, end):
            seconds[self.state(second)] += 1
            posted += self.in_post(second) and self._people(second) is not None
            unguarded += (
                self.kind == "underground_compressor"
                and self.words["running"].get(second) == "1"
                and self._people(second) == 0
            )
            if self.first_row is not None and second >= self.first_row:
                age = self.visit_age(second)
                gaps.append(0 if age is None else age + 1)
        overlaps = [min(spell.end, end) - max(spell.begin, begin) for spell in self.spells]
        return {
            "seconds": seconds,
            "posted_s": posted,
            "longest_presence_s": max([0, *overlaps]),
            "patrols": sum(patrol for at, patrol in self.visits if begin <= at < end),
            "longest_visit_gap_s": max(gaps, default=None),
            "unguarded_s": unguarded,
        }


def level(
    kind: str, days: list[dict[str, int]], figures: Figures, declared: str | None
) -> tuple[str, bool | None]:
    """Level and whether the declaration agrees, from the seconds of each recorded day."""
    window = days[-figures.window_days :]
    total = sum(sum(day.values()) for day in window)
    share = {state: Fraction(sum(day[state] for day in window), total) for state in STATES}
    alone = share["unattended"] + share["patrol"]
    accepted = alone + share["central_control"]
    if len(window) < figures.days_min:
        verdict = "no_verdict"
    elif alone >= figures.level_share and share["patrol"] <= figures.patrol_share_max:
        verdict = "unattended"
    elif accepted >= figures.level_share and (kind != "district_substation" or share["central_control"] > 0):
        verdict = "central_control"
    elif share["unknown"] > 0 and accepted + share["unknown"] >= figures.level_share:
        verdict = "no_verdict"
    else:
        verdict = "not_yet"
    if declared is None or verdict == "no_verdict":
        return verdict, None
    if (
        declared == "unattended"
        and verdict == "central_control"
        and alone + share["unknown"] >= figures.level_share
    ):
        return verdict, None
    return verdict, verdict == declared
