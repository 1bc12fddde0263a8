"""Pins which files of a folder are read, how often, and when one without its end is given up."""

from __future__ import annotations

from edge_agent.acquisition.personnel.grammar import FileName
from edge_agent.acquisition.personnel.intake import Due, Found, Intake, Signature, Task


def name(stamp: int) -> FileName:
    """A file by its stamp."""
    return FileName(f"{stamp:014d}.txt", "", "", f"{stamp:014d}")


def found(stamp: int, size: int = 100, modified: int = 0) -> Found:
    """A file as it lies there."""
    return Found(name(stamp), Signature(size, modified))


def intake(files_max: int = 5) -> Intake:
    """An intake with short patience."""
    return Intake(files_max, settled_s=60)


def test_a_new_file_is_read_once() -> None:
    """In the order of names; accepted or refused, not again while it lies there."""
    seen = intake()
    files = [found(2), found(1)]
    assert seen.due(files, 0) == [Due(name(1), Task.READ), Due(name(2), Task.READ)]
    seen.judged(name(1), is_accepted=True)
    seen.judged(name(2), is_accepted=False)
    assert seen.due(files, 5) == []
    assert seen.due([*files, found(3)], 10) == [Due(name(3), Task.READ)]


def test_a_growing_file_is_read_when_it_has_changed() -> None:
    """And given up when it has not for long enough, by the agent's own watch."""
    seen = intake()
    assert seen.due([found(1, 10)], 0) == [Due(name(1), Task.READ)]
    seen.waits(name(1))
    assert seen.is_waiting
    assert seen.due([found(1, 10)], 59) == []
    assert seen.due([found(1, 20)], 60) == [Due(name(1), Task.READ)]
    seen.waits(name(1))
    assert seen.due([found(1, 20, modified=1)], 70) == [Due(name(1), Task.READ)]
    seen.waits(name(1))
    assert seen.due([found(1, 20, modified=1)], 129) == []
    assert seen.due([found(1, 20, modified=1)], 130) == [Due(name(1), Task.READ_LAST)]
    seen.judged(name(1), is_accepted=False)
    assert not seen.is_waiting
    assert seen.due([found(1, 20, modified=1)], 200) == []


def test_a_failed_file_that_is_mended_is_read_again() -> None:
    """A slow writer may come back."""
    seen = intake()
    seen.due([found(1, 10)], 0)
    seen.judged(name(1), is_accepted=False)
    assert seen.due([found(1, 30)], 100) == [Due(name(1), Task.READ)]


def test_another_file_under_an_accepted_name_is_refused() -> None:
    """Once, as long as the first or not; a file that grew before it was read is not another one."""
    seen = intake()
    seen.due([found(1, 10)], 0)
    seen.judged(name(1), is_accepted=True, signature=Signature(100, 7))
    assert seen.due([found(1, 100, modified=7)], 5) == []
    assert seen.due([found(1, 100, modified=8)], 10) == [Due(name(1), Task.REFUSE)]
    assert seen.due([found(1, 101, modified=9)], 15) == [Due(name(1), Task.REFUSE)]
    assert seen.due([found(1, 101, modified=9)], 20) == []


def test_a_name_that_comes_again_after_it_was_put_away_is_refused() -> None:
    """Even if it is as long as the first."""
    seen = intake()
    seen.due([found(1)], 0)
    seen.judged(name(1), is_accepted=True)
    seen.gone(name(1))
    assert seen.due([], 5) == []
    assert seen.due([found(1)], 10) == [Due(name(1), Task.REFUSE)]


def test_only_the_newest_names_are_looked_at() -> None:
    """As many as files_max."""
    assert [due.name for due in intake(3).due(map(found, range(10)), 0)] == [name(7), name(8), name(9)]


def test_a_folder_that_vanishes_and_returns_brings_nothing_new() -> None:
    """A share that is mounted again has the same files; one that waited is read anew."""
    seen = intake()
    seen.due([found(1), found(2)], 0)
    seen.judged(name(1), is_accepted=True)
    seen.waits(name(2))
    assert seen.due([], 5) == []
    assert not seen.is_waiting
    assert seen.due([found(1), found(2)], 10) == [Due(name(2), Task.READ)]


def test_what_is_remembered_is_bounded() -> None:
    """What lies there, and as many of what does not; an old file that stays is never forgotten."""
    seen = intake(3)
    seen.due([found(0)], 0)
    seen.judged(name(0), is_accepted=False)
    for stamp in range(1, 50):
        assert seen.due([found(0), found(stamp)], stamp) == [Due(name(stamp), Task.READ)]
        seen.judged(name(stamp), is_accepted=True)
        seen.gone(name(stamp))
        assert len(seen.sightings) <= 6
    assert seen.due([found(0), found(49)], 60) == [Due(name(49), Task.REFUSE)]
