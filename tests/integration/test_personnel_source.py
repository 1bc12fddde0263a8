"""Pins the personnel source with real files in real folders: what it reports, and that no fault becomes a headcount."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import BinaryIO

import pytest

from contract.card_list import cards_in
from contract.errors import Misconfigured
from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.personnel.grammar import FileName
from edge_agent.acquisition.personnel.profile import Kind
from edge_agent.acquisition.personnel.pseudonym import Pseudonyms
from edge_agent.acquisition.reading import Reading
from edge_agent.source_config import personnel as source_config
from edge_agent.sources import personnel_files
from edge_agent.sources.drop_folder import DropFolder, Listing
from edge_agent.sources.personnel_files import PersonnelSource
from tests.personnel_writer import (
    AT_MS,
    KEY,
    MINE,
    MINUTE_MS,
    NAMES,
    Person,
    card,
    china,
    file_name,
    ryqy,
    ryss,
    ryxx,
    zone,
)
from tests.taken import Taken, running

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
PSEUDONYM = Pseudonyms(KEY).of
NOT_YET = -1.0
CHOICES = {"scan_s": 0.02, "settled_ms": 150.0}


@dataclass
class Mine:
    """A drop folder, the agent's config for it, and the agent's clock."""

    root: Path
    clock_ms: int = AT_MS

    @property
    def folder(self) -> Path:
        """Where files are dropped."""
        return self.root / "positions"

    def source(self, **settings: object) -> PersonnelSource:
        """A source as an agent would start it; areas F1 (zones 1, 2) and F2 (zone 3)."""
        (self.root / "card.key").write_bytes(KEY + b"\n")
        config = source_config.PersonnelSource.model_validate(
            {
                "protocol": "personnel", "name": "positions", "folder": self.folder, "mine_code": MINE,
                "key_file": self.root / "card.key", "areas": {"F1": [zone(1), zone(2)], "F2": [zone(3)]},
                **CHOICES, **settings,
            }
        )  # fmt: skip
        return personnel_files.of_config(config, source_config.points_of(config), now=lambda: self.clock_ms)

    def drop(self, kind: str, content: str | bytes, at_ms: int | None = None, *, mine: str = MINE) -> Path:
        """Write under a temporary name and rename, as it should be done; the time is that of the file's name."""
        path = self.folder / file_name(kind, self.clock_ms if at_ms is None else at_ms, mine)
        part = path.with_suffix(".tmp")
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.rename(path)
        return path

    def snapshot(self, people: int, age_s: float = 0, *more: Person | str) -> Path:
        """Drop a snapshot of so many people in F1, and one who has left."""
        at_ms = self.clock_ms - round(1000 * age_s)
        return self.drop(
            "RYSS", ryss([*crew(people), Person(card(99), zone(1), flag="2"), *more], at_ms), at_ms
        )


def crew(people: int) -> list[Person]:
    """People in F1."""
    return [Person(card(number), zone(1 + number % 2), name=NAMES[number % 5]) for number in range(people)]


@pytest.fixture
def mine(tmp_path: Path) -> Mine:
    """A mine with an empty folder."""
    (tmp_path / "positions").mkdir()
    return Mine(tmp_path)


def headcounts(taken: Taken, area: str = "F1") -> list[Reading]:
    """What was reported of an area's headcount."""
    return [reading for reading in taken.readings if reading.point.key == (area, "Personnel/Headcount")]


def values(readings: Sequence[Reading]) -> list[object]:
    """Values, or the quality where there is none."""
    return [reading.value if reading.quality is GOOD else reading.quality for reading in readings]


def point_of(source: PersonnelSource, area: str, quantity: str) -> Point:
    """A point of the source."""
    return next(point for point in source.points if point.key == (area, f"Personnel/{quantity}"))


async def until_headcount(taken: Taken, source: PersonnelSource, people: int) -> None:
    """Wait until so many people are in F1."""
    await taken.until(lambda: taken.last(point_of(source, "F1", "Headcount")) == (people, GOOD))


async def until_read(taken: Taken, source: PersonnelSource, reads: int) -> None:
    """Wait until so many files are being read."""
    await taken.until(lambda: source.health.reads >= reads)


async def append(file: BinaryIO, part: bytes, taken: Taken, source: PersonnelSource) -> None:
    """Write, and wait until a reading that began afterwards has ended: one under way might see what comes next."""
    reads, source.health.read_latency_ms = source.health.reads, NOT_YET
    file.write(part)
    file.flush()
    await taken.until(lambda: source.health.reads > reads and source.health.read_latency_ms != NOT_YET)


async def test_who_is_in_which_area(mine: Mine) -> None:
    """Headcount and cards of every area, at the snapshot's own time, with posts from the roster; nobody is 0."""
    mine.drop("RYXX", ryxx([(card(0), "采煤工", "班长"), (card(1), "瓦检员", "瓦斯检查员")]))
    mine.snapshot(3, 20, replace(crew(1)[0], zone=zone(2)), Person(card(50), zone(7)))
    taken, source = Taken(), mine.source()
    async with running(source, taken):
        await taken.until_all(source.points)

    cards = {PSEUDONYM(card(0)): "班长", PSEUDONYM(card(1)): "瓦斯检查员", PSEUDONYM(card(2)): ""}
    assert taken.of(point_of(source, "F1", "Headcount")) == [(3, GOOD)]
    ((text, _),) = taken.of(point_of(source, "F1", "Cards"))
    assert isinstance(text, str)
    assert cards_in(text) == cards
    assert taken.of(point_of(source, "F2", "Headcount")) == [(0, GOOD)]
    assert taken.of(point_of(source, "F2", "Cards")) == [("", GOOD)]
    assert {(reading.source_at_ms, reading.read_at_ms) for reading in taken.readings} == {
        (AT_MS - 20_000, AT_MS)
    }
    assert (source.health.reads, source.health.readings, source.health.errors) == (2, 4, {})
    assert source.health.last_good_at_ms == AT_MS


@pytest.mark.parametrize(
    ("encoding", "config", "line_break"),
    [("utf-8", "utf-8", "\r\n"), ("utf-8-sig", "utf-8", ""), ("gbk", "gb18030", ""), ("gb18030", "gb18030", "\n"),
     ("utf-8-sig", "gb18030", "")],
)  # fmt: skip
async def test_encodings(mine: Mine, encoding: str, config: str, line_break: str) -> None:
    """With BOM, in GBK, with line breaks: the same people."""
    mine.drop("RYSS", ryss(crew(9), line_break=line_break).encode(encoding))
    taken = Taken()
    async with running(source := mine.source(encoding=config), taken):
        await taken.until_all(source.points)
    assert values(headcounts(taken)) == [9]


async def test_a_file_is_read_when_it_is_whole(mine: Mine) -> None:
    """Written where it lies, bit by bit: nothing is told of a part, and the whole is told once."""
    content = ryss(crew(9)).encode()
    path = mine.folder / file_name("RYSS")
    taken = Taken()
    async with running(source := mine.source(settled_ms=60_000), taken):
        await taken.until(lambda: headcounts(taken))
        with path.open("ab") as file:
            for start in range(0, len(content), 200):
                await append(file, content[start : start + 200], taken, source)
        await taken.until(lambda: len(headcounts(taken)) > 1)
    assert values(headcounts(taken)) == [STALE, 9]
    assert source.health.errors == {"no_snapshot": 1}


async def test_a_file_that_is_unfinished_at_the_start_is_waited_for(mine: Mine) -> None:
    """Nothing is marked before it could be read, so it has its own time."""
    text = ryss(crew(9), AT_MS - 20_000)
    path = mine.folder / file_name("RYSS", AT_MS - 20_000)
    path.write_text(text[:-1])
    taken = Taken()
    async with running(source := mine.source(settled_ms=60_000), taken):
        await until_read(taken, source, 1)
        path.write_text(text)
        await taken.until_all(source.points)
    assert [reading[1:4] for reading in headcounts(taken)] == [(9, GOOD, AT_MS - 20_000)]


async def test_a_file_that_is_never_finished_has_failed(mine: Mine) -> None:
    """Once it has stayed as it is; and when its writer comes back after all, it is data."""
    path = mine.folder / file_name("RYSS")
    text = ryss(crew(9))
    path.write_text(text[:-1])
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until(lambda: source.health.errors.get("failed"))
        await taken.until_all(source.points, STALE)
        path.write_text(text)
        await taken.until_all(source.points)
    assert source.health.errors == {"failed": 1, "no_snapshot": 1}


async def test_snapshots_are_reported_in_their_order(mine: Mine) -> None:
    """Several that come together: each with its own time, whatever the order in which they were written."""
    mine.snapshot(1, 599)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until(lambda: headcounts(taken))
        aside = mine.root / "aside"
        shutil.move(mine.folder, aside)
        mine.folder.mkdir()
        for people, age_s in ((5, 0), (3, 200), (4, 100), (2, 300)):
            mine.snapshot(people, age_s)
        for path in mine.folder.iterdir():
            path.rename(aside / path.name)
        mine.folder.rmdir()
        shutil.move(aside, mine.folder)
        await taken.until(lambda: source.health.reads == 5 and taken.last(source.points[0]) == (5, GOOD))
    ages = [(AT_MS - reading.source_at_ms) / 1000 for reading in headcounts(taken)]
    assert list(zip(values(headcounts(taken)), ages, strict=True)) == [
        (1, 599),
        (2, 300),
        (3, 200),
        (4, 100),
        (5, 0),
    ]


async def test_what_is_no_data_is_counted_and_changes_nothing(mine: Mine) -> None:
    """Future, stale, older, twice, too many bad records, no records, too large, another encoding."""
    mine.snapshot(9, 60)
    refused: list[tuple[str, Callable[[], object]]] = [
        ("future", lambda: mine.snapshot(1, -301)),
        ("stale", lambda: mine.drop("RYSS", ryss(crew(2), AT_MS - 601_000), AT_MS - 601_000)),
        ("duplicate", lambda: mine.snapshot(3, 61)),
        ("duplicate", lambda: mine.drop("RYSS", ryss(crew(4), AT_MS - 60_000), AT_MS - 59_000)),
        ("duplicate", lambda: mine.drop("RYSS", ryss(crew(5), AT_MS), AT_MS - 60_000)),
        ("failed", lambda: mine.drop("RYSS", ryss([*crew(4), "?"], AT_MS - 50_000), AT_MS - 50_000)),
        ("failed", lambda: mine.drop("RYSS", ryss([], AT_MS - 40_000), AT_MS - 40_000)),
        ("failed", lambda: mine.drop("RYSS", ryss(crew(90), AT_MS - 30_000), AT_MS - 30_000)),
        ("failed", lambda: mine.drop("RYSS", ryss(crew(6), AT_MS - 20_000).encode("gbk"), AT_MS - 20_000)),
    ]
    expected: dict[str, int] = {}
    taken = Taken()
    async with running(source := mine.source(file_bytes_max=10_000), taken):
        await taken.until_all(source.points)
        for verdict, drop in refused:
            drop()
            expected[verdict] = expected.get(verdict, 0) + 1
            await taken.until(lambda: source.health.errors == expected)
        assert values(headcounts(taken)) == [9]
        mine.snapshot(8)
        await taken.until(lambda: len(headcounts(taken)) > 1)
    assert values(headcounts(taken)) == [9, 8]
    assert source.health.errors == expected


async def test_a_stale_file_is_no_headcount(mine: Mine) -> None:
    """Found at the start or come late: unknown, never what was true long ago, never 0."""
    for age_s in (601, 901, 1201):
        mine.snapshot(9, age_s)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all(source.points, STALE)
        mine.snapshot(8, 600.5)
        await taken.until(lambda: source.health.errors.get("stale", 0) > 1)
        mine.snapshot(7, 599)
        await taken.until_all(source.points)
    assert values(headcounts(taken)) == [STALE, 7]
    assert source.health.errors["stale"] == 2, "of those at the start only the newest is looked at"


async def test_a_bad_record_costs_its_own_area(mine: Mine, caplog: pytest.LogCaptureFixture) -> None:
    """That is stale until it can be told again; the other goes on. Where no zone can be told, it costs both."""
    spoilt = Person(card(5), zone(3)).record + ";x"
    mine.snapshot(9, 300, spoilt)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all([point_of(source, "F1", "Headcount")])
        mine.snapshot(8, 200)
        await taken.until_all(source.points)
        mine.snapshot(7, 100, "?")
        await taken.until_all(source.points, STALE)
    assert values(headcounts(taken)) == [9, 8, STALE]
    assert values(headcounts(taken, "F2")) == [STALE, 0, STALE]
    assert [reading.source_at_ms for reading in headcounts(taken, "F2")] == [
        AT_MS - age_s * 1000 for age_s in (300, 200, 100)
    ]
    assert source.health.errors == {"partial": 2, "area_untold": 3}
    assert (
        "is partial: 1 of 11 records are bad, the first is record 11: 16 fields instead of 15" in caplog.text
    )


async def test_silence_is_told_once_and_becomes_bad(mine: Mine) -> None:
    """A snapshot holds so long by its own time; what comes late but in order keeps its own place."""
    mine.snapshot(9, 599)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all(source.points)
        await taken.until_all(source.points, STALE)
        mine.clock_ms += 1000
        mine.snapshot(8, 599)
        await taken.until_all(source.points)
    assert [(reading.value, reading.quality, AT_MS - reading.source_at_ms) for reading in headcounts(taken)] == [
        (9, GOOD, 599_000), (None, STALE, 598_999), (8, GOOD, 598_000),
    ]  # fmt: skip
    assert source.health.errors == {"no_snapshot": 1}


async def test_stale_points_become_bad(mine: Mine) -> None:
    """After their time again, once, and a snapshot ends it; counted from its receipt where the file is ahead."""
    taken = Taken()
    mine.snapshot(9, -200)
    async with running(source := mine.source(interval_s=0.2, stale_after_s=0.4), taken):
        await taken.until_all(source.points, BAD)
        mine.clock_ms += 600_000
        mine.snapshot(8)
        await taken.until_all(source.points)
        await taken.until_all(source.points, STALE)
    assert values(headcounts(taken))[:4] == [9, STALE, BAD, 8]
    times = [reading.source_at_ms for reading in headcounts(taken)]
    assert times == sorted({*times})


async def test_the_folder_comes_and_goes(mine: Mine, caplog: pytest.LogCaptureFixture) -> None:
    """Missing at the start, there, gone, a file in its place, there again: told once each, mended by itself.

    A snapshot holds no less for the folder being away.
    """
    caplog.set_level(logging.INFO)
    mine.folder.rmdir()
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all(source.points, STALE)
        assert not source.health.connected
        mine.folder.mkdir()
        await taken.until(lambda: source.health.connected)
        mine.clock_ms += 1000
        mine.snapshot(9)
        await taken.until_all(source.points)
        mine.folder.rename(mine.root / "aside")
        missing = source.health.errors["folder_missing"]
        await taken.until(lambda: source.health.errors["folder_missing"] > missing)
        assert not source.health.connected
        mine.folder.touch()
        await taken.until(lambda: source.health.errors.get("folder_unreadable"))
        mine.folder.unlink()
        (mine.root / "aside").rename(mine.folder)
        await taken.until(lambda: source.health.connected)
        mine.clock_ms += 1000
        mine.snapshot(8)
        await until_headcount(taken, source, 8)
    assert values(headcounts(taken)) == [STALE, 9, 8]
    told = [record.getMessage() for record in caplog.records if "folder" in record.getMessage()]
    assert ["is back" in line for line in told] == [False, True, False, True]
    assert source.health.errors.keys() == {"folder_missing", "folder_unreadable", "no_snapshot"}


async def test_a_restart_takes_the_newest_and_counts_nothing_again(mine: Mine) -> None:
    """Of a folder full of old files; one that is still being written comes in its turn."""
    for age_s in range(100, 1000, 100):
        mine.snapshot(age_s // 100, age_s)
    mine.drop("RYXX", ryxx([(card(0), "", "班长")]), AT_MS - 10**9)
    mine.drop("RYXX", ryxx([(card(0), "", "矿长")], AT_MS - 10**8), AT_MS - 10**8)
    text = ryss(crew(12), AT_MS - 50_000)
    path = mine.folder / file_name("RYSS", AT_MS - 50_000)
    path.write_text(text[:-1])
    taken = Taken()
    async with running(source := mine.source(settled_ms=60_000), taken):
        await taken.until_all(source.points)
        path.write_text(text)
        await until_headcount(taken, source, 12)
    assert values(headcounts(taken)) == [1, 12]
    assert "=矿长" in str(taken.last(point_of(source, "F1", "Cards")))
    assert source.health.errors == {}
    assert source.health.reads == 4

    again = Taken()
    async with running(source := mine.source(), again):
        await again.until_all(source.points)
    assert [reading[1:4] for reading in headcounts(again)] == [(12, GOOD, AT_MS - 50_000)]
    assert source.health.errors == {}


@pytest.mark.parametrize("after", ["move", "delete"])
async def test_files_are_put_away_when_a_newer_one_has_their_place(mine: Mine, after: str) -> None:
    """The newest stays for the next start, a refused one for whoever looks after it."""
    names = [mine.snapshot(1, 300).name]
    taken = Taken()
    async with running(source := mine.source(after=after), taken):
        await taken.until_all(source.points)
        for people, age_s in ((2, 200), (3, 100)):
            names.append(mine.snapshot(people, age_s).name)
            await until_headcount(taken, source, people)
        await taken.until(lambda: not (mine.folder / names[1]).exists())
        failed = mine.drop("RYSS", ryss([], AT_MS - 50_000), AT_MS - 50_000)
        mine.snapshot(4, 100)
        await taken.until(lambda: source.health.errors == {"failed": 1, "duplicate": 1})
        mine.snapshot(5, 300)
        await taken.until(lambda: not (mine.folder / names[0]).exists())
        assert {path.name for path in mine.folder.glob("*.txt")} == {names[2], failed.name}
    moved = {path.name for path in (mine.folder / "done").glob("*")}
    assert moved == ({*names[:2]} if after == "move" else set())
    assert values(headcounts(taken)) == [1, 2, 3]


async def test_a_restart_after_putting_away_has_a_headcount(mine: Mine) -> None:
    """That of the file that stayed."""
    mine.snapshot(1, 300)
    mine.snapshot(2, 200)
    for _ in range(2):
        taken = Taken()
        async with running(source := mine.source(after="delete"), taken):
            await taken.until_all(source.points)
        assert values(headcounts(taken)) == [2]


async def test_a_file_that_was_put_away_and_returns_is_known(mine: Mine) -> None:
    """Even as it was to the last bit: a duplicate, put away again."""
    path = mine.snapshot(1, 300)
    taken = Taken()
    async with running(source := mine.source(after="move"), taken):
        await taken.until_all(source.points)
        mine.snapshot(2, 200)
        await until_headcount(taken, source, 2)
        await taken.until(lambda: not path.exists())
        for times in (1, 2):
            (mine.folder / "done" / path.name).rename(path)
            await taken.until(lambda: not path.exists())
            assert source.health.errors == {"duplicate": times}
    assert values(headcounts(taken)) == [1, 2]
    assert source.health.reads == 2


async def test_a_file_that_cannot_be_put_away_is_no_new_one(
    mine: Mine, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays, counted and told once; reading goes on."""
    (mine.folder / "done").touch()
    mine.snapshot(1, 300)
    taken = Taken()
    async with running(source := mine.source(after="move"), taken):
        await taken.until_all(source.points)
        for people, age_s in ((2, 200), (3, 100), (4, 0)):
            mine.snapshot(people, age_s)
            await until_headcount(taken, source, people)
        await taken.until(lambda: source.health.errors.get("not_put_away") == 3)
    assert values(headcounts(taken)) == [1, 2, 3, 4]
    assert caplog.text.count("has to stay in the folder") == 1


async def test_what_else_lies_in_the_folder_is_left(mine: Mine) -> None:
    """Other mines' files are counted once; other kinds, folders, pipes and temporary names are not looked at."""
    mine.drop("RYSS", ryss(crew(3), mine="990000000002"), mine="990000000002")
    mine.drop("RYCS", "?")
    (mine.folder / file_name("RYSS", AT_MS - 1000)).mkdir()
    os.mkfifo(mine.folder / file_name("RYSS", AT_MS - 2000))
    (mine.folder / f"{file_name('RYSS')}.tmp").write_text(ryss(crew(4)))
    mine.snapshot(9, 10)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all(source.points)
        mine.snapshot(8)
        await until_headcount(taken, source, 8)
    assert source.health.errors == {"other_mine": 1}
    assert source.health.reads == 2
    assert len(list(mine.folder.iterdir())) == 7


async def test_a_file_that_is_too_large_is_not_taken_apart(
    mine: Mine, caplog: pytest.LogCaptureFixture
) -> None:
    """No more of it is read than may be."""
    path = mine.snapshot(90)
    assert len(mine.source(file_bytes_max=10_000).folder.read(FileName(path.name, "", "", ""))[0]) == 10_001
    taken = Taken()
    async with running(source := mine.source(file_bytes_max=10_000, settled_ms=60_000), taken):
        await taken.until(lambda: source.health.errors.get("failed"))
    assert "is failed: it is larger than file_bytes_max" in caplog.text


def test_only_the_newest_names_of_a_full_folder_are_remembered(mine: Mine) -> None:
    """Of each kind and of other mines, however many lie there."""
    for age_s in range(50):
        for kind in ("RYSS", "RYXX"):
            mine.drop(kind, "", AT_MS - 1000 * age_s)
        mine.drop("RYSS", "", AT_MS - 1000 * age_s, mine="990000000002")

    listing = mine.source(files_max=3).folder.listing()

    newest = {china(AT_MS - 1000 * age_s, "%Y%m%d%H%M%S") for age_s in range(3)}
    for kind, count in ((Kind.RYSS, 3), (Kind.RYXX, 3), (Kind.RYQY, 0)):
        assert len(listing.files[kind]) == count
        assert {found.name.stamp for found in listing.files[kind]} <= newest
    assert len(listing.foreign) == 3


async def test_a_list_of_cards_that_is_too_long_is_not_cut(mine: Mine) -> None:
    """A part of it would say that the others have left. The headcount stays exact."""
    mine.snapshot(50)
    taken = Taken()
    async with running(source := mine.source(cards_chars_max=849), taken):
        await taken.until(lambda: taken.last(point_of(source, "F1", "Cards")))
        assert len(PSEUDONYM(card(0))) * 50 + 49 == 849
        assert taken.last(point_of(source, "F1", "Cards")) != (None, BAD)
        mine.clock_ms += 1000
        mine.snapshot(51)
        await taken.until(lambda: taken.last(point_of(source, "F1", "Cards")) == (None, BAD))
    assert values(headcounts(taken)) == [50, 51]
    assert source.health.errors == {"cards_too_long": 1}


async def test_zones_that_the_mine_does_not_have(mine: Mine, caplog: pytest.LogCaptureFixture) -> None:
    """The mine's own list shows what is counted, and what cannot be; told once until it is mended."""
    caplog.set_level(logging.INFO)
    rows = [(zone(1), "3204工作面"), (zone(2), "3204回风巷")]
    mine.drop("RYQY", ryqy(rows, AT_MS - 1000), AT_MS - 1000)
    mine.snapshot(9)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all(source.points)
        assert f"1 configured zones are not in the mine's list (RYQY): {zone(3)}" in caplog.text
        assert f"area F1 counts zone {zone(1)} 3204工作面, authorised headcount 25" in caplog.text
        mine.drop("RYQY", ryqy([*rows, (zone(3), "3205工作面")]))
        await taken.until(lambda: "all configured zones are in the mine's list" in caplog.text)


@dataclass(frozen=True)
class HangingFolder(DropFolder):
    """A network share that hangs once it is told to."""

    hangs: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def listing(self) -> Listing:
        """Wait for the share."""
        if self.hangs.is_set():
            self.released.wait(60)
        return super().listing()


async def test_a_share_that_hangs_does_not_keep_a_headcount_alive(mine: Mine) -> None:
    """The points grow stale all the same, and read on when it answers again."""
    taken, source = Taken(), mine.source(interval_s=0.5, stale_after_s=1.0)
    source.folder = share = HangingFolder(mine.folder, MINE, 10, 100_000)
    mine.snapshot(9)
    try:
        async with running(source, taken):
            await taken.until_all(source.points)
            share.hangs.set()
            await taken.until_all(source.points, STALE)
            share.hangs.clear()
            share.released.set()
            mine.clock_ms += 1000
            mine.snapshot(8)
            await taken.until(lambda: 8 in values(headcounts(taken)))
    finally:
        share.released.set()


async def test_no_name_and_no_card_leaves(mine: Mine, caplog: pytest.LogCaptureFixture) -> None:
    """Not in readings, log lines or counters, and not in what the source keeps, whatever is wrong with the files."""
    caplog.set_level(logging.DEBUG)
    people = [replace(person, card=card(10_000 + at)) for at, person in enumerate(crew(30))]
    names = [(person.card, "", f"{name}{at}") for at, person in enumerate(people) for name in NAMES]
    spoilt: list[Person | str] = [
        replace(people[0], card=NAMES[1]),
        people[1].record + f";{NAMES[2]};{people[2].card}",
    ]
    mine.drop("RYXX", ryxx(names))
    mine.drop("RYQY", ryqy([(NAMES[3], NAMES[4]), (zone(1), "3204工作面")]))
    mine.drop("RYSS", ryss([*people, *spoilt], AT_MS - 9000), AT_MS - 9000)
    taken = Taken()
    async with running(source := mine.source(), taken):
        await taken.until_all([point_of(source, "F2", "Headcount")])
        header = f"{MINE};{NAMES[0]};{people[0].card}~{people[0].record}~||"
        for at, content in enumerate([
            header.encode(), ryss(people).encode("gbk"), ryss(spoilt).encode(), ryss(people).encode()[:-1],
            (ryss(people) + people[0].record).encode(), (ryss(people) + NAMES[0] + "||").encode(),
        ]):  # fmt: skip
            mine.drop("RYSS", content, AT_MS - 8000 + at * 1000)
        await taken.until(lambda: source.health.errors.get("failed") == 8)
        kept = repr(
            (
                source.muster,
                source.intakes,
                source.health,
                source.warned,
                source.deadband.watches,
                source.layout,
            )
        )
    assert source.health.errors["partial"] == 1
    told = caplog.text + repr([(record.msg, record.args) for record in caplog.records])
    assert "failed" in told
    for outside in (told, kept, repr(taken.readings)):
        assert not [word for person in people for word in (person.name, person.card) if word in outside]
        assert KEY.decode() not in outside


async def test_only_the_newest_accepted_snapshot_is_ever_told(mine: Mine) -> None:
    """A day of files in any order, some spoilt, some twice: every value is that of the file of its time."""
    chance = Random(20210301)  # noqa: S311 (a test's order)
    made = {AT_MS + minute * MINUTE_MS: chance.randrange(15) for minute in range(60)}
    spoilt = {*chance.sample(sorted(made), 12)}
    late = sorted(made, key=lambda at_ms: at_ms + chance.randrange(8) * MINUTE_MS)
    taken = Taken()
    async with running(source := mine.source(), taken):
        for at_ms in late:
            mine.clock_ms = max(mine.clock_ms, at_ms)
            people: list[Person | str] = [
                *crew(made[at_ms]),
                *(Person(card(90 + n), zone(9)) for n in range(3)),
            ]
            text = ryss([*people, *("?" for _ in people)] if at_ms in spoilt else people, at_ms)
            judged = source.health.reads
            mine.drop("RYSS", text, at_ms)
            if chance.random() < 0.5:
                await until_read(taken, source, judged + 1)
        await taken.until(lambda: source.health.reads == len(made))
        await until_headcount(taken, source, made[max({*made} - spoilt)])
    told = [reading for reading in headcounts(taken) if reading.quality is GOOD]
    assert all(reading.value == made[reading.source_at_ms] for reading in told)
    assert not {reading.source_at_ms for reading in told} & spoilt
    times = [reading.source_at_ms for reading in told]
    assert times == sorted({*times})
    assert sum(source.health.errors.get(kind, 0) for kind in ("failed", "duplicate")) >= len(spoilt)


def test_a_key_that_is_gone_is_told(mine: Mine) -> None:
    """When the agent starts, as `edge check` tells it."""
    config = source_config.PersonnelSource.model_validate(
        {"protocol": "personnel", "name": "positions", "folder": mine.folder, "mine_code": MINE,
         "key_file": mine.root / "none", "areas": {"F1": [zone(1)]}}
    )  # fmt: skip
    with pytest.raises(Misconfigured, match="none: cannot be read"):
        personnel_files.of_config(config, (), now=lambda: AT_MS)
