"""The outbox on a real disk: what it has acknowledged survives restarts, crashes and damaged files around it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.delivery import DROPPED, THINNED, Loss
from contract.proto.sparkplug_b_pb2 import Payload
from edge_agent.uplink import encode
from edge_agent.uplink.draft import Batch, Draft
from edge_agent.uplink.outbox import (
    INBOX_FULL,
    OUTBOX_FULL,
    RAW_SAMPLES,
    ROW_BYTES,
    TOO_OLD,
    Announced,
    Extent,
    Limits,
    Outbox,
    OutboxUnavailable,
    Tag,
)
from tests import outbox_writer

NOW = 1_700_000_000_000
HOUR_MS = 3_600_000


def opened(directory: Path, bytes_max: int = 100_000_000, age_max_h: int = 720) -> Outbox:
    """The outbox of a test."""
    return Outbox(directory / "var" / "outbox.sqlite", Limits(bytes_max, age_max_h * HOUR_MS))


def drafts(count: int, readings: int = 2) -> list[Draft]:
    """Batches without a number."""
    return [Draft("F1", readings, b"%d" % i) for i in range(count)]


def test_batches_are_numbered_in_their_order_and_come_back(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        assert outbox.extent() == Extent(oldest=1, following=1, readings=0)
        assert [batch.number for batch in outbox.append(drafts(3), NOW)] == [1, 2, 3]
        assert outbox.append([Draft("F2", 5, b"\x00\xff")], NOW) == [Batch(4, "F2", 5, b"\x00\xff")]
        assert outbox.extent() == Extent(oldest=1, following=5, readings=11)
        assert [batch.number for batch in outbox.read(2, 9, 2)] == [2, 3]
        assert outbox.read(4, 4, 10) == [Batch(4, "F2", 5, b"\x00\xff")]
        assert outbox.append([], NOW) == []


def test_a_commit_deletes_up_to_it_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(5), NOW)
        assert outbox.commit(3) == 6
        assert outbox.extent() == Extent(oldest=4, following=6, readings=4)
        assert outbox.commit(3) == 0
        assert outbox.commit(99) == 4
        assert outbox.extent() == Extent(oldest=6, following=6, readings=0)


def test_numbers_epoch_and_tags_outlive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        epoch = outbox.epoch
        tags = outbox.number({("F1", "Pump 1/Flow"): 10, ("F1", "Delivery/Batch"): 4})
        outbox.append(drafts(5), NOW)
        outbox.commit(5)
    with opened(tmp_path) as outbox:
        assert outbox.epoch == epoch
        assert outbox.extent() == Extent(oldest=6, following=6, readings=0)
        assert [batch.number for batch in outbox.append(drafts(1), NOW)] == [6]  # never 1…5 again
        again = outbox.number(
            {("F9", "Pump 1/Flow"): 10, ("F1", "Pump 1/Flow"): 12, ("F1", "Delivery/Batch"): 4}
        )
        assert {key: again[key] for key in tags} == tags
        assert len(set(again.values())) == 3
        assert outbox.files_set_aside == 0
    with opened(tmp_path) as outbox:
        assert outbox.extent().readings == 2


def test_tags_of_areas_of_which_batches_are_kept_are_remembered_with_their_types(tmp_path: Path) -> None:
    """An area may leave the config while the link is down; its batches are still to be sent."""
    with opened(tmp_path) as outbox:
        outbox.number({("F1", "a"): 10, ("F2", "a"): 12, ("F2", "b"): 10, ("F3", "a"): 10})
        outbox.append([Draft("F2", 1, b""), Draft("F1", 1, b"")], NOW)
        outbox.number({("F2", "a"): 4})
        assert outbox.kept_tags() == [Tag(1, "F1", "a", 10), Tag(2, "F2", "a", 4), Tag(3, "F2", "b", 10)]
        outbox.commit(1)
        assert {tag.device for tag in outbox.kept_tags()} == {"F1"}


def test_alias_0_is_never_given(tmp_path: Path) -> None:
    """Peers that write proto3 leave out a 0, and an alias that is left out is none."""
    with opened(tmp_path) as outbox:
        assert min(outbox.number({("F1", "a"): 10, ("F1", "b"): 10}).values()) == 1


def batch(*aliases: int) -> Draft:
    """A batch with a metric of each of these tags."""
    message = Payload(
        metrics=[Payload.Metric(alias=alias, timestamp=NOW, double_value=1.5) for alias in aliases]
    )
    return Draft("F1", len(aliases), message.SerializeToString())


def test_above_the_limit_raw_samples_go_first_and_then_the_oldest(tmp_path: Path) -> None:
    """Tag 1 is a headcount, tag 2 a raw sample; what is gone is named, and told again after a restart."""
    with opened(tmp_path) as outbox:
        outbox.append([batch(1, 2)] * 4, NOW)
        size = outbox.bytes
        outbox.limits = Limits(size)
        assert outbox.trim({1}, NOW) == []
        outbox.append([batch(1, 2)], NOW + 5)
        (thinned,) = outbox.trim({1}, NOW + 5)
        assert thinned == Announced(THINNED, Loss(1, 5, RAW_SAMPLES, 5, NOW, NOW + 5))
        assert outbox.extent() == Extent(oldest=1, following=6, readings=5)
        assert all(encode.thinned(kept.body, {2})[1] == 0 for kept in outbox.read(1, 9, 9))
        outbox.limits = Limits(outbox.bytes - 1)
        (dropped,) = outbox.trim({1}, NOW)
        assert dropped == Announced(DROPPED, Loss(1, 5, OUTBOX_FULL, 5, NOW, NOW + 5))
        assert outbox.extent() == Extent(oldest=6, following=6, readings=0)
        assert outbox.readings_lost == 10
        assert outbox.trim({1}, NOW) == []
    with opened(tmp_path) as outbox:
        assert outbox.losses() == [thinned, dropped]
        assert (outbox.readings_lost, outbox.bytes, outbox.readings) == (10, 0, 0)
        outbox.commit(5)
        assert outbox.losses() == []


def test_losses_that_touch_are_one(tmp_path: Path) -> None:
    with opened(tmp_path, bytes_max=1) as outbox:
        for turn in range(3):
            outbox.append([batch(1)], NOW + turn)
            outbox.trim({1}, NOW)
        assert outbox.losses() == [
            Announced(THINNED, Loss(1, 3, RAW_SAMPLES, 0, NOW, NOW + 2)),
            Announced(DROPPED, Loss(1, 3, OUTBOX_FULL, 3, NOW, NOW + 2)),
        ]


def test_old_batches_go(tmp_path: Path) -> None:
    with opened(tmp_path, age_max_h=2) as outbox:
        outbox.append([batch(1), batch(1, 2)], NOW)
        outbox.append([batch(1)], NOW + HOUR_MS)
        assert outbox.trim({1}, NOW + 2 * HOUR_MS) == []
        assert outbox.trim({1}, NOW + 2 * HOUR_MS + 1) == [
            Announced(DROPPED, Loss(1, 2, TOO_OLD, 3, NOW, NOW))
        ]
        assert outbox.extent() == Extent(oldest=3, following=4, readings=1)


def test_a_younger_batch_among_old_ones_is_not_dropped_unseen(tmp_path: Path) -> None:
    """The clock was set back before the last one: what goes is what is counted."""
    with opened(tmp_path, age_max_h=2) as outbox:
        for written_ms in (NOW, NOW + 4 * HOUR_MS, NOW):
            outbox.append(drafts(1), written_ms)
        (dropped,) = outbox.trim((), NOW + 3 * HOUR_MS)
        assert dropped == Announced(DROPPED, Loss(1, 1, TOO_OLD, 2, NOW, NOW))
        assert outbox.extent() == Extent(oldest=2, following=4, readings=4)
        assert outbox.readings_lost == 2


def test_readings_that_never_lay_on_the_disk_are_told_too(tmp_path: Path) -> None:
    """They get a number of their own: the centre misses it, and hears why."""
    with opened(tmp_path) as outbox:
        outbox.append([batch(1)], NOW)
        assert outbox.lose(7, NOW) == Announced(DROPPED, Loss(2, 2, INBOX_FULL, 7, NOW, NOW))
        assert outbox.append([batch(1)], NOW)[0].number == 3
        assert (outbox.readings, outbox.readings_lost) == (2, 7)


@settings(deadline=None)  # it writes to a disk
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.lists(st.sampled_from([1, 2]), min_size=1, max_size=4)),
            st.tuples(st.just("commit"), st.integers(0, 30)),
            st.tuples(st.just("trim"), st.integers(0, 400)),
            st.tuples(st.just("lose"), st.integers(1, 9)),
        ),
        max_size=25,
    )
)
def test_the_books_balance(steps: list[tuple[str, Any]]) -> None:
    """Whatever happens: given = stored + lost + kept, the sums are those of the rows, and a restart knows the same."""
    with tempfile.TemporaryDirectory() as folder:
        given = stored = 0
        with opened(Path(folder)) as outbox:
            for what, how in steps:
                if what == "append":
                    outbox.append([batch(*how)], NOW)
                    given += len(how)
                elif what == "commit":
                    stored += outbox.commit(how)
                elif what == "trim":
                    outbox.limits = Limits(how)
                    outbox.trim({1}, NOW)
                    assert outbox.bytes <= how or outbox.extent().readings == 0
                else:
                    outbox.lose(how, NOW)
                    given += how
                assert given == stored + outbox.readings_lost + outbox.readings
            rows = outbox.read(1, 99, 99)
            assert outbox.readings == sum(row.readings for row in rows)
            assert outbox.bytes == sum(len(row.body) + ROW_BYTES for row in rows)
            known = (
                outbox.readings,
                outbox.bytes,
                outbox.readings_lost,
                outbox.thinned_until,
                outbox.losses(),
            )
        with opened(Path(folder)) as outbox:
            again = (
                outbox.readings,
                outbox.bytes,
                outbox.readings_lost,
                outbox.thinned_until,
                outbox.losses(),
            )
            assert again[:3] == known[:3]
            assert again[4] == known[4]


def test_extent_and_trim_cost_the_same_with_a_long_backlog(tmp_path: Path) -> None:
    """They run with every flush; a scan would stop the agent just when the link has been down for long."""
    with opened(tmp_path) as outbox:
        outbox.append(drafts(30_000), NOW)
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        outbox.database.set_progress_handler(count, 100)
        outbox.trim({1}, NOW)
        outbox.extent()
        assert steps <= 2


def test_bd_seq_goes_on_over_restarts_and_wraps(tmp_path: Path) -> None:
    """tck-id-topics-nbirth-bdseq-increment, and the trap that the standard leaves: a late will of an old session."""
    with opened(tmp_path) as outbox:
        assert [outbox.next_bd_seq() for _ in range(3)] == [0, 1, 2]
    with opened(tmp_path) as outbox:
        assert [outbox.next_bd_seq() for _ in range(255)][-3:] == [255, 0, 1]


def test_how_far_time_had_come_outlives_a_restart_and_damage(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        assert (outbox.clock_ms, outbox.ahead()) == (0, {})
        outbox.number({("F1", "a"): 10, ("F1", "b"): 10})
        outbox.append([batch(1, 2)], NOW, {1: NOW + 30_000, 2: NOW + 5})
        outbox.append([Draft("F1", 1, b"x" * 1000)] * 20, NOW + 1_000, {1: NOW + 31_000})
        outbox.commit(99)
    with opened(tmp_path) as outbox:
        assert (outbox.clock_ms, outbox.ahead()) == (NOW + 1_000, {1: NOW + 31_000})
        # the clock was set back, and the centre has confirmed it
        outbox.append([Draft("F1", 1, b"x" * 1000)] * 200, NOW)
        outbox.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "var" / "outbox.sqlite"
    data = file.read_bytes()
    file.write_bytes(data[:-8192] + b"\xa5" * 4096 + data[-4096:])
    with opened(tmp_path) as outbox:
        assert outbox.files_set_aside == 1
        assert (outbox.clock_ms, outbox.ahead()) == (NOW, {1: NOW + 31_000, 2: NOW + 5})


def test_a_bd_seq_with_which_nobody_connected_is_given_again(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        assert outbox.next_bd_seq() == 0
        outbox.give_back_bd_seq(0)
    with opened(tmp_path) as outbox:
        assert [outbox.next_bd_seq() for _ in range(2)] == [0, 1]
        outbox.give_back_bd_seq(1)
        assert outbox.next_bd_seq() == 1


def test_a_full_disk_refuses_and_forgets_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(3), NOW)
        (pages,) = outbox.database.execute("PRAGMA page_count").fetchone()
        outbox.database.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(sqlite3.OperationalError):
            outbox.append([Draft("F1", 1, bytes(100_000))], NOW)
        assert outbox.extent() == Extent(oldest=1, following=4, readings=6)
        outbox.database.execute("PRAGMA max_page_count = 1000000")
        assert [batch.number for batch in outbox.append(drafts(1), NOW)] == [4]


# Files that are damaged


def cut(data: bytes) -> bytes:
    """The end is missing."""
    return data[: len(data) // 2]


def overwritten(data: bytes) -> bytes:
    """A page in the middle is rubbish."""
    return data[:4096] + b"\xa5" * 8192 + data[12288:]


@pytest.mark.parametrize(
    "damage", [cut, overwritten, lambda data: b"rubbish" * len(data), lambda _: b"\0" * 5000]
)
def test_a_damaged_file_is_put_aside_and_a_new_epoch_begins(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    with opened(tmp_path) as outbox:
        epoch = outbox.epoch
        outbox.append([Draft("F1", 1, b"x" * 1000)] * 200, NOW)
    file = tmp_path / "var" / "outbox.sqlite"
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with opened(tmp_path) as outbox:
        assert outbox.files_set_aside == 1
        assert outbox.epoch != epoch
        saved = outbox.extent()
        assert saved.readings == outbox.readings_saved
        assert outbox.append(drafts(1), NOW)[0].number == saved.following
    aside = [path for path in (tmp_path / "var").iterdir() if "unreadable" in path.name]
    assert [path.read_bytes() for path in aside] == [damaged]
    with opened(tmp_path) as outbox:
        assert (outbox.files_set_aside, outbox.extent().following) == (0, saved.following + 1)


def test_what_can_be_read_of_a_damaged_file_is_saved(tmp_path: Path) -> None:
    """A page of rubbish in the middle costs the batches on it, and no others; tags keep their numbers."""
    with opened(tmp_path) as outbox:
        tags = outbox.number({("F1", "a"): 10, ("F2", "b"): 10})
        outbox.append([Draft("F1", 1, b"%d " % i * 500) for i in range(300)], NOW)
    file = tmp_path / "var" / "outbox.sqlite"
    data = file.read_bytes()
    middle = len(data) // 2 // 4096 * 4096
    file.write_bytes(data[:middle] + b"\xa5" * 4096 + data[middle + 4096 :])
    with opened(tmp_path) as outbox:
        assert outbox.files_set_aside == 1
        assert 280 < outbox.readings_saved < 300
        bodies = [kept.body for kept in outbox.read(1, 999, 999)]
        assert bodies == sorted(bodies, key=lambda body: int(body.split()[0]))
        assert {b"%d " % i * 500 for i in (0, 299)} <= set(bodies)
        assert outbox.number({("F2", "b"): 10, ("F1", "a"): 10}) == tags


def test_an_empty_file_is_a_new_outbox(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "outbox.sqlite").touch()
    with opened(tmp_path) as outbox:
        assert outbox.append(drafts(1), NOW)[0].number == 1


def test_a_rest_of_a_write_in_the_log_beside_it_is_ignored(tmp_path: Path) -> None:
    """A power cut in the middle of a commit leaves half a frame in the write-ahead log."""
    with opened(tmp_path) as outbox:
        outbox.append(drafts(5), NOW)
        shutil.copytree(tmp_path / "var", tmp_path / "cut" / "var")
    log = tmp_path / "cut" / "var" / "outbox.sqlite-wal"
    with log.open("ab") as end:
        end.write(log.read_bytes()[-3000:])
    with opened(tmp_path / "cut") as outbox:
        assert (outbox.files_set_aside, outbox.extent().readings) == (0, 10)


# Good files that cannot be opened now: never put aside, what they hold is wanted


def test_a_file_of_another_agent_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(1), NOW)
        with pytest.raises(OutboxUnavailable, match="locked"):
            opened(tmp_path)
        assert not [path for path in (tmp_path / "var").iterdir() if "unreadable" in path.name]
        outbox.append(drafts(1), NOW)
    with opened(tmp_path) as outbox:
        assert outbox.extent().readings == 4


def test_a_place_that_cannot_hold_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "var" / "outbox.sqlite").mkdir(parents=True)
    with pytest.raises(OutboxUnavailable, match="outbox"):
        opened(tmp_path)
    assert (tmp_path / "var" / "outbox.sqlite").is_dir()


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var" / "outbox.sqlite") as other:
        other.execute("CREATE TABLE batch (whatever TEXT)")
    other.close()
    with pytest.raises(OutboxUnavailable):
        opened(tmp_path)


# Power


@pytest.mark.parametrize("after", [1, 40, 333])
def test_a_kill_in_mid_append_loses_no_acknowledged_batch(tmp_path: Path, after: int) -> None:
    file = tmp_path / "outbox.sqlite"
    command = [sys.executable, "-m", "tests.outbox_writer", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        kept = [int(writer.stdout.readline()) for _ in range(after)]
        writer.kill()
        kept += [int(line) for line in writer.stdout.read().splitlines()]
    assert kept == list(range(1, len(kept) + 1))
    with Outbox(file, Limits(1_000_000_000)) as outbox:
        extent = outbox.extent()
        assert outbox.files_set_aside == 0
        assert extent.following > kept[-1]
        assert extent.oldest <= max(1, kept[-1] - 46)  # only what was committed is gone
        found = outbox.read(extent.oldest, kept[-1], len(kept))
        assert [batch.number for batch in found] == list(range(extent.oldest, kept[-1] + 1))
        for batch in found:
            draft = outbox_writer.draft(batch.number)
            assert (batch.device, batch.readings, batch.body) == (draft.device, draft.readings, draft.body)
        assert outbox.append(drafts(1), NOW)[0].number == extent.following
