"""Pins cards, zones and the files of the positioning system, field by field: split and compared, by no reader of ours.

Layouts: MT/T 1201.3 as several public implementations have it.
"""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import Transient
from simulators.cards import Card
from simulators.mine import CODE, NAME, Mine
from simulators.people import ROADWAY, SURFACE, Visit, on_surface
from simulators.personnel_files import File, FileFault, FileKind, PersonnelFiles
from simulators.personnel_folder import EVERY_MS, KEPT_MAX, LISTS_MS, PersonnelFolder, personnel_folder
from simulators.plant import AREAS, DRIVING, MINING, PATROLS
from simulators.positioning import LISTED_MS, MOUTH
from simulators.scenario import ClockJump, Scenario, Source
from simulators.shifts import HOUR_MS, MINUTE_MS, Shift

NOW_MS = 1_646_101_800_000  # 2022-03-01T10:30:00+08:00, in a 八点班
INSTANTS = st.integers(1_640_966_400_000, 1_672_502_400_000)  # 2022
COVERED = [area.code for area in AREAS if area.code not in on_surface(PATROLS)]
MINE = Mine(1, NOW_MS)
FILES = MINE.personnel_files()


def lines(text: str) -> list[list[str]]:
    """Header and records; the file must be whole."""
    assert text.endswith("~||")
    assert not re.search(r"[\r\n；]", text)
    return [record.split(";") for record in text.removesuffix("~||").split("~")]


def at(text: str) -> int:
    """UTC milliseconds of a time in a file."""
    return round(datetime.fromisoformat(text + "+08:00").timestamp() * 1000)


def ryss(at_ms: int, files: PersonnelFiles = FILES) -> list[list[str]]:
    """The records of a snapshot."""
    file = files.snapshot(at_ms)
    assert file is not None
    return lines(file.text)[1:]


# --- cards


def test_everybody_has_a_card_of_his_own() -> None:
    cards = FILES.positioning.cards
    assert set(cards) == set(MINE.people.roster())
    codes = [card.code for card in cards.values()]
    assert len(set(codes)) == len(codes)
    for card in cards.values():
        assert re.fullmatch(CODE + r"[0-9]{5}", card.code)
        assert card.name.startswith("演示")
        assert re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", card.born)


def test_posts_are_those_of_a_mine() -> None:
    def crew(name: str, turn: int) -> list[Card]:
        return [card for p, card in FILES.positioning.cards.items() if (p.crew, p.turn) == (name, turn)]

    mining = Counter(card.trade for card in crew(MINING.code, 1))
    assert {"采煤机司机", "支架工", "瓦斯检查员", "电钳工"} <= set(mining)
    assert Counter(card.post for card in crew(MINING.code, 1))["班长"] == 1
    assert Counter(card.trade for card in crew(DRIVING.code, 2))["掘进机司机"] == 1
    assert Counter(card.trade for card in crew(MINING.code, 0)).most_common(1)[0][0] == "维修工"
    inspectors = crew("inspectors", 1)
    assert {card.post for card in inspectors} == {"矿领导", "安全检查员", "巡回瓦斯检查员"}
    assert [card.is_leader for card in inspectors] == [True, False, False]
    assert all(card.is_special == (card.trade != "管理人员") for card in inspectors)


def test_visitors_change_no_other_card() -> None:
    visit = Visit("visit 1", MINING.code, "检修工", 2, NOW_MS, NOW_MS + HOUR_MS)
    with_visit = Mine(1, NOW_MS, Scenario(visits=(visit,))).personnel_files().positioning.cards
    own = FILES.positioning.cards
    assert {person: with_visit[person] for person in own} == own
    assert [card.post for person, card in with_visit.items() if person not in own] == ["检修工"] * 2


# --- zones


def test_zones_are_told_by_their_codes() -> None:
    """Sixteen digits each; a face has several, a chamber below ground one, one on the surface none."""
    zones = FILES.positioning.zones
    assert len({zone.code for zone in zones}) == len(zones)
    assert all(re.fullmatch(CODE + r"[0-9]{4}", zone.code) for zone in zones)
    by_place = Counter(zone.place for zone in zones)
    assert by_place[MINING.code] == 3
    assert by_place[DRIVING.code] == 2
    assert set(by_place) == {MOUTH, ROADWAY, *COVERED}
    assert "C-FAN" not in by_place


# --- snapshots


@settings(max_examples=60, deadline=None)
@given(INSTANTS)
def test_who_is_underground_is_who_the_mine_counts(at_ms: int) -> None:
    """Flag 1 in an area's zones is its headcount; nobody is there twice; who is out or at the mouth is not there."""
    records = ryss(at_ms)
    zone_of = {zone.code: zone for zone in FILES.positioning.zones}
    inside = Counter(zone_of[record[5]].place for record in records if record[2] == "1")
    for area in COVERED:
        assert inside[area] == MINE.people.headcount(area, at_ms), area
    assert len({record[0] for record in records}) == len(records)
    for record in records:
        assert (zone_of[record[5]].place == MOUTH) == (record[2] != "1")


@settings(max_examples=60, deadline=None)
@given(INSTANTS)
def test_every_field_of_a_record(at_ms: int) -> None:
    cards = {card.code: card for card in FILES.positioning.cards.values()}
    for record in ryss(at_ms):
        assert len(record) == 15
        card = cards[record[0]]
        code, name, flag, down, up, zone, zone_since, station, station_since = record[:9]
        assert (code, name) == (card.code, card.name)
        assert flag in ("0", "1", "2")
        assert (down == "") == (flag == "0")
        assert (up == "") == (flag != "2")
        if flag == "2":
            assert at(down) < at(up) <= at_ms < at(up) + LISTED_MS + 1000
        if flag == "1":
            assert at(down) <= at(zone_since) <= at_ms
        assert re.fullmatch(re.escape(zone) + r"[0-9]{6}", station)
        assert zone_since == station_since
        assert record[9] == "三八制"
        assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", record[10])
        assert record[11] == "正常"
        assert record[12] == str(int(card.is_leader))
        assert record[13] == str(int(card.is_special))
        track = [item.split("&") for item in record[14].split(",")]
        assert track[-1] == [station, station_since]
        assert [at(time) for _, time in track] == sorted(at(time) for _, time in track)


def test_a_crew_is_seen_all_the_way() -> None:
    """From the mouth down, along the roadway, through the airway to the face, and up again, over a shift and more."""
    shift = Shift(NOW_MS // (8 * HOUR_MS) + 1)
    seen: set[tuple[str, str]] = set()
    name_of = {zone.code: zone.name for zone in FILES.positioning.zones}
    card = FILES.positioning.cards[
        min(p for p in FILES.positioning.cards if p.crew == MINING.code and p.turn == 1)
    ]
    for minute in range(-60, 9 * 60):
        for record in ryss(shift.start_ms + minute * MINUTE_MS):
            if record[0] == card.code:
                seen.add((record[2], name_of[record[5]]))
    assert {
        ("0", "井口"),
        ("1", "井底大巷"),
        ("1", "14031 采煤面进风巷"),
        ("1", "14031 采煤面工作面"),
        ("2", "井口"),
    } <= seen


def test_people_of_the_surface_are_not_listed() -> None:
    surface = {
        FILES.positioning.cards[person].code
        for person in MINE.people.roster()
        if any(patrol.name == person.crew and patrol.base == SURFACE for patrol in PATROLS)
    }
    listed = {record[0] for hour in range(24) for record in ryss(NOW_MS + hour * HOUR_MS)}
    assert surface
    assert not surface & listed


# --- the files


def test_names_and_headers() -> None:
    snapshot, people, zones = FILES.snapshot(NOW_MS), FILES.people(NOW_MS), FILES.zones(NOW_MS)
    assert snapshot
    assert snapshot.name == f"{CODE}_RYSS_20220301103000.txt"
    assert people.name == f"{CODE}_RYXX_20220301103000.txt"
    assert zones.name == f"{CODE}_RYQY_20220301103000.txt"
    assert lines(snapshot.text)[0] == [CODE, NAME, "2022-03-01 10:30:00"]
    assert lines(zones.text)[0] == [CODE, NAME, "2022-03-01 10:30:00"]
    header = lines(people.text)[0]
    assert len(header) == 8
    assert (header[0], header[1], header[2].isdigit(), header[7]) == (CODE, NAME, True, "2022-03-01 10:30:00")


def test_lists_of_people_and_zones() -> None:
    people = lines(FILES.people(NOW_MS).text)[1:]
    cards = FILES.positioning.cards.values()
    assert [(r[0], r[1], r[2], r[3], r[7], r[8]) for r in people] == [
        (c.code, c.name, c.trade, c.post, str(int(c.is_leader)), str(int(c.is_special))) for c in cards
    ]
    assert {len(record) for record in people} == {9}
    zones = lines(FILES.zones(NOW_MS).text)[1:]
    assert [(r[0], r[1], r[2], r[3]) for r in zones] == [
        (z.kind, z.code, str(z.limit), z.name) for z in FILES.positioning.zones
    ]


def test_a_wrong_clock_is_wrong_everywhere() -> None:
    """Header, name and times of what happens meanwhile; what happened before has the time it was given then."""
    jump = ClockJump(Source.PERSONNEL, NOW_MS, NOW_MS + HOUR_MS, -HOUR_MS)
    files = Mine(1, NOW_MS, Scenario(clocks=(jump,))).personnel_files()
    file = files.snapshot(NOW_MS + 30 * MINUTE_MS)
    assert file
    assert file.name == f"{CODE}_RYSS_20220301100000.txt"
    assert lines(file.text)[0][2] == "2022-03-01 10:00:00"
    good = {record[0]: record for record in ryss(NOW_MS + 30 * MINUTE_MS)}
    for record in lines(file.text)[1:]:
        true_ms = at(good[record[0]][6])
        assert at(record[6]) == (true_ms - HOUR_MS if true_ms >= NOW_MS else true_ms)


# --- faults


def faulty(kind: FileKind, at_ms: int = NOW_MS + 5 * MINUTE_MS, **fields: float) -> File | None:
    fault = FileFault(kind=kind, from_ms=NOW_MS, to_ms=NOW_MS + HOUR_MS, **fields)
    return PersonnelFiles(CODE, NAME, FILES.positioning, faults=[fault]).snapshot(at_ms)


def test_files_that_are_faulty() -> None:
    good, begun = FILES.snapshot(NOW_MS + 5 * MINUTE_MS), FILES.snapshot(NOW_MS)
    assert good
    assert begun
    assert faulty(FileKind.MISSING) is None
    incomplete = faulty(FileKind.INCOMPLETE)
    assert incomplete
    assert incomplete.name == good.name
    assert good.text.startswith(incomplete.text)
    assert "||" not in incomplete.text
    future = faulty(FileKind.FUTURE)
    assert future
    assert future.name.endswith("_20220301104500.txt")
    assert lines(future.text)[0][2] == "2022-03-01 10:45:00"
    assert lines(future.text)[1:] == lines(good.text)[1:]
    assert faulty(FileKind.STALE) == (good.name, begun.text)
    assert faulty(FileKind.REPEATED) == begun


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_bad_records(share: float) -> None:
    """So many of them, each bad in a way that can be told; the rest is as it was, and the file is whole."""
    bad = good = 0
    for minute in range(10):
        at_ms = NOW_MS + minute * MINUTE_MS
        file, well = faulty(FileKind.BAD_RECORDS, at_ms, share=share), FILES.snapshot(at_ms)
        assert file
        assert well
        assert file.text.endswith("~||")
        kept = set(well.text.split("~"))
        for record in file.text.removesuffix("~||").split("~"):
            is_good = record in kept
            assert is_good != ("；" in record or record.count(";") != 14 or record.startswith("-9999")) or (
                record.count(";") == 2
            )
            bad, good = bad + (not is_good), good + is_good
    assert share / 3 < bad / (bad + good) < 2 * share


def test_after_a_fault_the_files_are_good_again() -> None:
    at_ms = NOW_MS + HOUR_MS
    assert faulty(FileKind.INCOMPLETE, at_ms) == FILES.snapshot(at_ms)


# --- the folder


def names(folder: Path, kind: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if f"_{kind}_" in path.name)


def test_files_come_at_whole_intervals_and_old_ones_go(tmp_path: Path) -> None:
    writer = PersonnelFolder(FILES, tmp_path)
    for step in range(240):
        writer.write_due(NOW_MS + step * EVERY_MS // 2)
    written = names(tmp_path, "RYSS")
    assert len(written) == 120
    assert {name[-6:-4] for name in written} == {"00", "30"}
    assert len(names(tmp_path, "RYXX")) == len(names(tmp_path, "RYQY")) == 2
    for step in range(240, 500, 2):
        writer.write_due(NOW_MS + step * EVERY_MS // 2)
    assert len(list(tmp_path.iterdir())) == KEPT_MAX
    assert names(tmp_path, "RYSS")[-1] > written[-1]
    writer.write_due(NOW_MS + 2 * LISTS_MS * 24)  # what was missed is not made up for
    assert len(list(tmp_path.iterdir())) == KEPT_MAX
    assert not list(tmp_path.glob("*.tmp"))


def test_a_file_is_what_was_rendered(tmp_path: Path) -> None:
    PersonnelFolder(FILES, tmp_path).write_due(NOW_MS)
    for file in (FILES.snapshot(NOW_MS), FILES.people(NOW_MS), FILES.zones(NOW_MS)):
        assert file
        assert (tmp_path / file.name).read_bytes() == file.text.encode()


async def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Transient, match="cannot write"):
        async with personnel_folder(FILES, tmp_path / "file", now_ms=lambda: NOW_MS):
            pass
