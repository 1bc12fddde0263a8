"""The alarms' journal: what is answered is on disk, what is over leaves only its records, a bad file stops nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.errors import Misconfigured
from gateway.ingest.node import NodeKey
from gateway.live.alarm_file import AlarmFile, Entry, JournalUnavailable
from gateway.live.maintenance import Maintenance, Window
from rules.alarms import life
from rules.alarms.alarm import Alarm, AlarmKey, Definition, Level, Policy, Priority, Quiet
from rules.shift_calendar import THREE_EIGHT, Calendar, ShiftCalendar
from rules.time_text import parse_time

KEY = AlarmKey("m1", "F1", "Gas 1/Methane", "high")
DEFINITION = Definition(KEY, (Level(Priority.HIGH, "超限", "high"),), "甲烷", "methane")
RAISED, _ = life.judged(Alarm(DEFINITION), 1, 5_000_000, Policy(), value=1.2, limit=1.0)
OVER, _ = life.retired(RAISED, "", 6_000_000)
WINDOW = Window("m1", "C1", 1_000, 9_000, "王五", "检修")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "var" / "alarms.sqlite"


def reopened(file: AlarmFile) -> AlarmFile:
    """As after a restart."""
    file.close()
    return AlarmFile(file.path)


def test_what_is_open_comes_back(path: Path) -> None:
    """Alarms as they stood, windows that are not over, gateways."""
    file = AlarmFile(path)
    assert file.open(0).alarms == []
    file.write(Entry({KEY.id: RAISED}, windows=[WINDOW], gateways=[NodeKey("m1", "gw-1")] * 2))
    kept = (file := reopened(file)).open(8_999)
    assert (kept.alarms, kept.windows, kept.gateways) == ([RAISED], [WINDOW], [NodeKey("m1", "gw-1")])
    file.write(Entry({KEY.id: OVER}))
    kept = (file := reopened(file)).open(9_000)
    assert (kept.alarms, kept.windows) == ([], [])
    file.close()


def test_history_is_of_the_mine_and_the_centre_the_newest_first(path: Path) -> None:
    """Half-open; bounded."""
    file = AlarmFile(path)
    file.open(0)
    file.write(Entry(records=[(mine, at, {"n": at}) for at in range(5) for mine in ("m1", "m2", "")]))
    assert [row["n"] for row in file.history("m1", 1, 4, 100)] == [3, 3, 2, 2, 1, 1]
    assert len(file.history("m1", 0, 10, 3)) == 3
    file.trim(before_ms=2, records_max=100, sent_max=100)
    assert [row["n"] for row in file.history("m1", 0, 10, 100)] == [4, 4, 3, 3, 2, 2]
    file.trim(before_ms=0, records_max=2, sent_max=100)
    assert len(file.history("m1", 0, 10, 100)) + len(file.history("m2", 0, 10, 100)) == 3
    file.close()


def test_messages_are_kept_by_mine(path: Path) -> None:
    """One about two mines is of both; those about the centre are everybody's."""
    file = AlarmFile(path)
    file.open(0)
    file.write(Entry(sent=[(1, ["m1", "m2"], {"n": 1}), (2, ["m11"], {"n": 2}), (3, [""], {"n": 3})]))
    assert [row["n"] for row in file.sent("m1", 10)] == [3, 1]
    file.trim(0, 10, 1)
    assert [row["n"] for row in file.sent("m1", 10)] == [3]
    file.close()


def test_all_of_an_entry_or_nothing(path: Path) -> None:
    """A write that fails leaves nothing half done, and says so."""
    file = AlarmFile(path)
    file.open(0)
    bad = Entry({KEY.id: RAISED}, records=[("m1", 1, {})], sent=[(None, [], {})])  # type: ignore[list-item]  # a fault on purpose
    with pytest.raises(JournalUnavailable):
        file.write(bad)
    assert file.history("m1", 0, 10, 10) == []
    file.close()
    with pytest.raises(JournalUnavailable):
        file.write(Entry({KEY.id: RAISED}))


def test_an_unreadable_file_is_put_aside(path: Path) -> None:
    """The centre starts all the same; the old file is still there for whoever wants to look."""
    path.parent.mkdir()
    path.write_bytes(b"this is no database, however long it is" * 100)
    file = AlarmFile(path)
    assert file.open(0).alarms == []
    file.write(Entry({KEY.id: RAISED}))
    file.close()
    assert [other.name for other in path.parent.glob("*.unreadable-*")]


def test_an_alarm_of_another_version_is_left_out(path: Path) -> None:
    """The others come back."""
    file = AlarmFile(path)
    file.open(0)
    file.write(Entry({KEY.id: RAISED}))
    file.close()
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO alarm VALUES ('old', '{\"strange\": 1}')")
    database.close()
    file = AlarmFile(path)
    assert file.open(0).alarms == [RAISED]
    file.close()


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    """Told with the file and the mend."""
    (tmp_path / "var").write_text("a file where a folder should be")
    with pytest.raises(Misconfigured, match=r"alarms\.journal"):
        AlarmFile(tmp_path / "var" / "alarms.sqlite").open(0)


def test_an_acknowledgement_survives_kill_minus_nine(path: Path) -> None:
    """Answered means on disk: the process is killed right after."""
    writer = Path(__file__).parents[1] / "alarm_writer.py"
    with subprocess.Popen(
        [sys.executable, str(writer), str(path)],
        stdout=subprocess.PIPE,
        cwd=writer.parents[1],
        env={"PYTHONPATH": str(writer.parents[1])},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "acknowledged\n"
        process.kill()
    file = AlarmFile(path)
    (alarm,) = file.open(0).alarms
    assert alarm.ack is not None
    assert (alarm.state, alarm.ack.who, alarm.ack.note) == ("acknowledged", "张三", "去看了")
    assert [row["change"] for row in file.history("990000000001", 0, 1 << 60, 10)] == [
        "acknowledged",
        "raised",
    ]
    file.close()


def test_maintenance_by_window_and_by_shift() -> None:
    """A window holds its area or the whole mine; a shift only what allows it; some alarms nothing."""
    zone = ZoneInfo("Asia/Shanghai")
    calendar = ShiftCalendar(zone, (Calendar(effective_on=date(2020, 1, 1), shifts=THREE_EIGHT),))
    maintenance = Maintenance(lambda mine: calendar if mine == "m1" else None)
    night, morning = parse_time("2022-03-01T07:59:59", zone), parse_time("2022-03-01T08:00:00", zone)
    assert night is not None
    assert morning is not None
    assert maintenance.why(KEY, Quiet.SHIFT, night) == "检修班 / maintenance shift"
    assert maintenance.why(KEY, Quiet.SHIFT, morning) is None
    assert maintenance.why(KEY, Quiet.WINDOW, night) is None
    assert maintenance.why(KEY._replace(mine="m2"), Quiet.SHIFT, night) is None
    now_ms = morning // 1000
    maintenance.declare(Window("m1", "", now_ms, now_ms + 1000, "王五", "停产检修"))
    assert maintenance.why(KEY, Quiet.WINDOW, morning) == "停产检修 (王五)"
    assert maintenance.why(KEY, Quiet.NEVER, morning) is None
    assert maintenance.why(KEY, Quiet.WINDOW, morning + 1_000_000) is None
    maintenance.forget(now_ms + 1000)
    assert maintenance.of("m1") == []
