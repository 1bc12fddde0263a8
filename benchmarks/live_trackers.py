"""`python -m benchmarks.live_trackers [--mines 200] [--faces 6] [--chambers 4] [--seconds 60] [--json]`: a province.

What keeping its judgement current costs. Every face has a day of headcounts (one each 5 s) and of card snapshots (one
each 30 s) in memory, every third is counted by its cards; every chamber has two days of its signals (one row each 60 s)
and a month of recorded days. Then time goes on as in the centre: what a half-second brings is taken, and what is due is
judged, at the same instants as there, but without waiting. Of that, not of making the readings, the processor time is
told, as a share of one core in real time, and how long the longest half-second took: a reading is judged half a second
and that later at most.

Four times of day: an ordinary minute; one in which every reading differs from the one before; the end of a shift; and
midnight, when every chamber's day and level are recorded. Ends with exit code 1 if one of them takes a fifth of a core,
or two seconds for one half-second.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.proc import rss
from contract.datatype import DataType, Value
from contract.quality import Quality
from gateway.config import GatewayConfig
from gateway.ingest.actions import Record
from gateway.ingest.node import MetricState, NodeKey, Sample
from gateway.ingest.router import route
from gateway.live.chamber_facts import RecordedDay
from gateway.live.chambers import ChamberTracker
from gateway.live.faces import KEPT_US, FaceTracker
from gateway.live.series import LiveSeries
from gateway.live.trackers import Trackers
from rules.chambers.presence import Earlier
from rules.chambers.records import Day, DayRecord
from rules.chambers.rule import Signal, State
from rules.series import HOUR_US, SECOND_US, Samples
from rules.time_text import DAY_US

ZONE: Final = ZoneInfo("Asia/Shanghai")
ON: Final = date(2022, 3, 2)
CYCLE_MS: Final = 500
HEADCOUNT_S: Final = 5
CARDS_S: Final = 30
SIGNAL_S: Final = 60
CHANGES: Final = 0.05
"""Share of the readings that differ from the one before, on an ordinary day."""
SHARE_MAX: Final = 0.20
CYCLE_S_MAX: Final = 2.0
METRICS: Final = {
    Signal.OCCUPANCY: "Personnel/Headcount", Signal.CONTROL_MODE: "Control/Mode", Signal.VIDEO: "Video/Online",
    Signal.PROTECTIONS: "Protection/Healthy", Signal.LINK: "Link/Healthy", Signal.DOOR: "Door/Closed",
}  # fmt: skip
USUAL: Final = {Signal.OCCUPANCY: 0.0, Signal.CONTROL_MODE: 2.0}
"""What a signal says on an ordinary day, as the rules read it; all others say 1."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one phase took."""

    phase: str
    seconds: int
    readings_per_s: float
    judged_per_s: float
    facts: int
    share_of_core: float
    longest_half_second_ms: float
    memory_mib: int


class Province:
    """The trackers, and readings for them."""

    def __init__(self, mines: int, faces: int, chambers: int) -> None:
        self.chance = Random(1)  # noqa: S311  (no secret)
        self.config = config(mines, faces, chambers)
        self.trackers = Trackers.of(self.config)
        self.metrics: dict[tuple[str, str, str], MetricState] = {}
        self.counts: defaultdict[tuple[str, str], int] = defaultdict(lambda: 7)
        self.posts = ["采煤工", "支架工", "电工", "班组长", "矿领导"]

    def fill(self, now_us: int) -> None:
        """The past: as if the centre had run for long."""
        for mine in self.trackers.mines.values():
            for face in mine.faces.values():
                self.fill_face(face, now_us)
            for chamber in mine.chambers.values():
                self.fill_chamber(chamber, now_us)

    def fill_face(self, face: FaceTracker, now_us: int) -> None:
        """A day of headcounts and of snapshots."""
        headcounts = np.repeat(np.random.default_rng(self.chance.getrandbits(32)).integers(5, 9, 4000), 20)
        fill(face.headcounts, now_us, HEADCOUNT_S, headcounts)
        lists = [face.cards.place(self.cards(face.face.code, seven)) for seven in range(150)]
        fill(face.cards.series, now_us, CARDS_S, np.repeat(lists, 30))

    def fill_chamber(self, chamber: ChamberTracker, now_us: int) -> None:
        """Two days of signals, a month of days."""
        chamber.look_around(now_us)
        assert chamber.yesterday is not None
        assert chamber.today is not None
        since_us = chamber.yesterday.from_us
        for signal in METRICS:
            rows = (now_us - since_us) // (SIGNAL_S * SECOND_US) + 1
            fill(chamber.series_of(signal), now_us, SIGNAL_S, np.full(rows, USUAL.get(signal, 1.0)), since_us)
        for ago in range(1, 31):
            from_us = since_us - ago * DAY_US
            day = Day(chamber.yesterday.on - timedelta(days=ago), from_us, from_us + DAY_US)
            spent = dict.fromkeys(State, 0) | {State.UNATTENDED: DAY_US}
            record = DayRecord(chamber.chamber.name, day, spent, 0, 0, 3, 8 * HOUR_US, 0)
            told = Earlier(first_row_us=from_us, last_visit_us=day.to_us - HOUR_US)
            chamber.book.days[day.on] = RecordedDay(record, told, State.UNATTENDED, from_us)

    def cards(self, face: str, turn: int) -> dict[str, str]:
        """Some people of a face."""
        return {
            f"{face}{(turn * 3 + n) % 40:012d}": self.posts[n % len(self.posts)] for n in range(5 + turn % 5)
        }

    def records(self, from_ms: int, to_ms: int, changes: float) -> Iterator[Record]:
        """What comes in that time: every source has its own second."""
        for number, (code, mine) in enumerate(self.trackers.mines.items()):
            for place, area in enumerate(mine.faces):
                offset_ms = (number * 7_919 + place * 911) % 30_000
                samples = list(self.face_samples(code, area, (from_ms, to_ms, offset_ms), changes))
                if samples:
                    yield Record(NodeKey(code, "gw"), area, samples, 1, "epoch")
            for place, area in enumerate(mine.chambers):
                offset_ms = (number * 7_919 + place * 1_877) % 60_000
                if at_ms := due(from_ms, to_ms, SIGNAL_S, offset_ms):
                    yield Record(
                        NodeKey(code, "gw"),
                        area,
                        [self.sample(code, area, METRICS[s], at_ms, self.says(s, changes)) for s in METRICS],
                        1,
                        "epoch",
                    )

    def face_samples(
        self, mine: str, area: str, when_ms: tuple[int, int, int], changes: float
    ) -> Iterator[Sample]:
        """A face's headcount and cards, where they are due; `when_ms` is from, to and offset."""
        from_ms, to_ms, offset_ms = when_ms
        if at_ms := due(from_ms, to_ms, HEADCOUNT_S, offset_ms):
            if self.chance.random() < changes:
                self.counts[mine, area] = 5 + (self.counts[mine, area] - 4) % 5
            yield self.sample(mine, area, "Personnel/Headcount", at_ms, self.counts[mine, area])
        if at_ms := due(from_ms, to_ms, CARDS_S, offset_ms):
            turn = self.chance.randrange(150) if self.chance.random() < 4 * changes else 7
            text = ";".join(f"{card}={post}" for card, post in sorted(self.cards(area, turn).items()))
            yield self.sample(mine, area, "Personnel/Cards", at_ms, text)

    def says(self, signal: Signal, changes: float) -> Value:
        """What a chamber's signal reads."""
        if signal is Signal.CONTROL_MODE:
            return "auto"
        usual = USUAL.get(signal, 1.0)
        return 1.0 - usual if self.chance.random() < changes else usual

    def sample(self, mine: str, area: str, metric: str, at_ms: int, value: Value) -> Sample:
        """A sample as the session makes one."""
        kind = DataType.STRING if isinstance(value, str) else DataType.DOUBLE
        state = self.metrics.get((mine, area, metric))
        if state is None:
            state = MetricState(metric, kind, route(mine, "gw", area, metric, kind))
            self.metrics[mine, area, metric] = state
        return Sample(state, at_ms, value, Quality.GOOD, False)

    def run(self, phase: str, start_ms: int, seconds: int, changes: float) -> Outcome:
        """Let time go on."""
        spent_s = longest_s = 0.0
        readings = judged = facts = 0
        for now_ms in range(start_ms + CYCLE_MS, start_ms + seconds * 1000 + 1, CYCLE_MS):
            records = list(self.records(now_ms - CYCLE_MS, now_ms, changes))
            readings += sum(len(record.samples) for record in records)
            now_us, begun_s = now_ms * 1000, time.process_time()
            for record in records:
                self.trackers.take(record, now_us)
            areas = self.trackers.due(now_us)
            for area in areas:
                facts += len(self.trackers.judge(area, now_us))
            took_s = time.process_time() - begun_s
            judged += len(areas)
            spent_s, longest_s = spent_s + took_s, max(longest_s, took_s)
        return Outcome(
            phase, seconds, readings / seconds, judged / seconds, facts, spent_s / seconds, longest_s * 1000,
            rss_mib(),
        )  # fmt: skip


def fill(
    series: LiveSeries, now_us: int, step_s: int, values: np.ndarray, since_us: int | None = None
) -> None:
    """Rows up to now, the last of these values."""
    from_us = now_us - KEPT_US if since_us is None else since_us
    at_us = np.arange(from_us, now_us, step_s * SECOND_US, dtype=np.int64)
    series.move(Samples(at_us, values[: at_us.size].astype(np.float64)))
    series.newest_us, series.newest = int(at_us[-1]), float(values[at_us.size - 1])
    series.floor_us = int(at_us[0])


def due(from_ms: int, to_ms: int, every_s: int, offset_ms: int) -> int | None:
    """The instant within `(from, to]` at which a source speaks, if it does."""
    every_ms = every_s * 1000
    at_ms = to_ms - (to_ms - offset_ms) % every_ms
    return at_ms if at_ms > from_ms else None


def config(mines: int, faces: int, chambers: int) -> GatewayConfig:
    """A province; every third face is counted by its cards."""
    return GatewayConfig.model_validate(
        {
            "staffing": {"exempt_posts": ["矿领导"]},
            "mines": [
                {
                    "code": f"99000000{number:04d}",
                    "name": f"{number}",
                    "faces": [
                        {
                            "code": f"F{place}", "name": f"F{place}", "kind": "mining_face",
                            "count_from": "cards" if place % 3 == 2 else "headcount",
                        }
                        for place in range(faces)
                    ],
                    "chambers": [
                        {"code": f"C{place}", "name": f"C{place}", "kind": "drainage_pump_room"}
                        for place in range(chambers)
                    ],
                }
                for number in range(mines)
            ],
        }
    )  # fmt: skip


def rss_mib() -> int:
    """This process's memory."""
    return rss(os.getpid()) // 2**20


def instant_ms(hour: int, minute: int, second: int = 0) -> int:
    """A time of the day that is judged."""
    return round(datetime(ON.year, ON.month, ON.day, hour, minute, second, tzinfo=ZONE).timestamp() * 1000)


def phases(args: argparse.Namespace) -> Iterator[Outcome]:
    """Each with trackers of its own."""
    for phase, start_ms, changes in (
        ("ordinary", instant_ms(14, 0), CHANGES),
        ("every reading differs", instant_ms(14, 0), 1.0),
        ("end of a shift", instant_ms(15, 59, 40), CHANGES),
        ("midnight", instant_ms(23, 59, 40), CHANGES),
    ):
        province = Province(args.mines, args.faces, args.chambers)
        province.fill(start_ms * 1000)
        province.run("warm", start_ms, 10, changes)  # the first judgement of everything is that of a start
        yield province.run(phase, start_ms + 10_000, args.seconds, changes)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, number in (("mines", 200), ("faces", 6), ("chambers", 4), ("seconds", 60)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--json", action="store_true", dest="as_json")
    args = parser.parse_args()
    outcomes = []
    for outcome in phases(args):
        outcomes.append(outcome)
        if not args.as_json:
            print(
                f"{outcome.phase}: {outcome.readings_per_s:.0f} readings/s, {outcome.judged_per_s:.0f} looks/s,"
                f" {100 * outcome.share_of_core:.1f} % of a core, longest half-second"
                f" {outcome.longest_half_second_ms:.0f} ms, {outcome.facts} facts, {outcome.memory_mib} MiB",
                flush=True,
            )
    if args.as_json:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
    too_slow = [
        o for o in outcomes
        if o.share_of_core >= SHARE_MAX or o.longest_half_second_ms >= CYCLE_S_MAX * 1000
    ]  # fmt: skip
    return int(bool(too_slow))


if __name__ == "__main__":
    sys.exit(main())
