"""The outbox on a real disk: what it has acknowledged survives restarts, crashes and damaged files around it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.delivery import Dropped
from edge_agent.uplink.outbox import Batch, Draft, Extent, Outbox, OutboxUnavailable, Tag
from tests import outbox_writer


def opened(directory: Path, batches_max: int = 1_000) -> Outbox:
    """The outbox of a test."""
    return Outbox(directory / "var" / "outbox.sqlite", batches_max=batches_max)


def drafts(count: int, readings: int = 2) -> list[Draft]:
    """Batches without a number."""
    return [Draft("F1", readings, b"%d" % i) for i in range(count)]


def test_batches_are_numbered_in_their_order_and_come_back(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        assert outbox.extent() == Extent(oldest=1, following=1, readings=0)
        assert [batch.number for batch in outbox.append(drafts(3))] == [1, 2, 3]
        assert outbox.append([Draft("F2", 5, b"\x00\xff")]) == [Batch(4, "F2", 5, b"\x00\xff")]
        assert outbox.extent() == Extent(oldest=1, following=5, readings=11)
        assert [batch.number for batch in outbox.read(2, 9, 2)] == [2, 3]
        assert outbox.read(4, 4, 10) == [Batch(4, "F2", 5, b"\x00\xff")]
        assert outbox.append([]) == []


def test_a_commit_deletes_up_to_it_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(5))
        assert outbox.commit(3) == 6
        assert outbox.extent() == Extent(oldest=4, following=6, readings=4)
        assert outbox.commit(3) == 0
        assert outbox.commit(99) == 4
        assert outbox.extent() == Extent(oldest=6, following=6, readings=0)


def test_numbers_epoch_and_tags_outlive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        epoch = outbox.epoch
        tags = outbox.number({("F1", "Pump 1/Flow"): 10, ("F1", "Delivery/Batch"): 4})
        outbox.append(drafts(5))
        outbox.commit(5)
    with opened(tmp_path) as outbox:
        assert outbox.epoch == epoch
        assert outbox.extent() == Extent(oldest=6, following=6, readings=0)
        assert [batch.number for batch in outbox.append(drafts(1))] == [6]  # never 1…5 again
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
        outbox.append([Draft("F2", 1, b""), Draft("F1", 1, b"")])
        outbox.number({("F2", "a"): 4})
        assert outbox.kept_tags() == [Tag(1, "F1", "a", 10), Tag(2, "F2", "a", 4), Tag(3, "F2", "b", 10)]
        outbox.commit(1)
        assert {tag.device for tag in outbox.kept_tags()} == {"F1"}


def test_alias_0_is_never_given(tmp_path: Path) -> None:
    """Peers that write proto3 leave out a 0, and an alias that is left out is none."""
    with opened(tmp_path) as outbox:
        assert min(outbox.number({("F1", "a"): 10, ("F1", "b"): 10}).values()) == 1


def test_above_the_limit_the_oldest_go_and_are_named(tmp_path: Path) -> None:
    with opened(tmp_path, batches_max=4) as outbox:
        outbox.append(drafts(4))
        assert outbox.trim() is None
        outbox.append(drafts(3, readings=10))
        assert outbox.trim() == Dropped(1, 3, "outbox above 4 batches")
        assert outbox.extent() == Extent(oldest=4, following=8, readings=32)
        assert outbox.readings_dropped == 6
        assert outbox.trim() is None


def test_extent_and_trim_cost_the_same_with_a_long_backlog(tmp_path: Path) -> None:
    """They run with every flush; a scan would stop the agent just when the link has been down for long."""
    with opened(tmp_path, batches_max=10_000_000) as outbox:
        outbox.append(drafts(30_000))
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        outbox.database.set_progress_handler(count, 100)
        outbox.trim()
        outbox.extent()
        assert steps <= 2


def test_bd_seq_goes_on_over_restarts_and_wraps(tmp_path: Path) -> None:
    """tck-id-topics-nbirth-bdseq-increment, and the trap that the standard leaves: a late will of an old session."""
    with opened(tmp_path) as outbox:
        assert [outbox.next_bd_seq() for _ in range(3)] == [0, 1, 2]
    with opened(tmp_path) as outbox:
        assert [outbox.next_bd_seq() for _ in range(255)][-3:] == [255, 0, 1]


def test_a_full_disk_refuses_and_forgets_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(3))
        (pages,) = outbox.database.execute("PRAGMA page_count").fetchone()
        outbox.database.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(sqlite3.OperationalError):
            outbox.append([Draft("F1", 1, bytes(100_000))])
        assert outbox.extent() == Extent(oldest=1, following=4, readings=6)
        outbox.database.execute("PRAGMA max_page_count = 1000000")
        assert [batch.number for batch in outbox.append(drafts(1))] == [4]


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
        outbox.append([Draft("F1", 1, b"x" * 1000)] * 200)
    file = tmp_path / "var" / "outbox.sqlite"
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with opened(tmp_path) as outbox:
        assert outbox.files_set_aside == 1
        assert outbox.epoch != epoch
        assert [batch.number for batch in outbox.append(drafts(1))] == [1]
    aside = [path for path in (tmp_path / "var").iterdir() if "unreadable" in path.name]
    assert [path.read_bytes() for path in aside] == [damaged]
    with opened(tmp_path) as outbox:
        assert (outbox.files_set_aside, outbox.extent().following) == (0, 2)


def test_an_empty_file_is_a_new_outbox(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "outbox.sqlite").touch()
    with opened(tmp_path) as outbox:
        assert outbox.append(drafts(1))[0].number == 1


def test_a_rest_of_a_write_in_the_log_beside_it_is_ignored(tmp_path: Path) -> None:
    """A power cut in the middle of a commit leaves half a frame in the write-ahead log."""
    with opened(tmp_path) as outbox:
        outbox.append(drafts(5))
        shutil.copytree(tmp_path / "var", tmp_path / "cut" / "var")
    log = tmp_path / "cut" / "var" / "outbox.sqlite-wal"
    with log.open("ab") as end:
        end.write(log.read_bytes()[-3000:])
    with opened(tmp_path / "cut") as outbox:
        assert (outbox.files_set_aside, outbox.extent().readings) == (0, 10)


# Good files that cannot be opened now: never put aside, what they hold is wanted


def test_a_file_of_another_agent_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as outbox:
        outbox.append(drafts(1))
        with pytest.raises(OutboxUnavailable, match="locked"):
            opened(tmp_path)
        assert not [path for path in (tmp_path / "var").iterdir() if "unreadable" in path.name]
        outbox.append(drafts(1))
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
    with Outbox(file, batches_max=1_000_000) as outbox:
        extent = outbox.extent()
        assert outbox.files_set_aside == 0
        assert extent.following > kept[-1]
        assert extent.oldest <= max(1, kept[-1] - 46)  # only what was committed is gone
        found = outbox.read(extent.oldest, kept[-1], len(kept))
        assert [batch.number for batch in found] == list(range(extent.oldest, kept[-1] + 1))
        for batch in found:
            draft = outbox_writer.draft(batch.number)
            assert (batch.device, batch.readings, batch.body) == (draft.device, draft.readings, draft.body)
        assert outbox.append(drafts(1))[0].number == extent.following
