"""Pins when a device is lost and when it is back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contract.quality import Quality
from edge_agent.uplink.devices import Devices

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE


def devices(**metrics: set[int]) -> Devices:
    """Devices with these metrics."""
    made = Devices()
    made.declare(metrics)
    return made


def test_a_device_is_lost_with_its_last_metric_and_back_with_its_first_good_value() -> None:
    one = devices(F1={1, 2}, C1={3})
    one.read(1, STALE)
    assert one.lost == set()
    one.read(2, STALE)
    assert one.lost == {"F1"}
    one.read(1, BAD)  # stale for too long
    assert one.lost == {"F1"}
    one.read(2, GOOD)
    assert one.lost == set()


def test_a_machine_that_refuses_everything_is_there() -> None:
    one = devices(F1={1, 2})
    one.read(1, BAD)
    one.read(2, BAD)
    assert one.lost == set()


def test_what_is_not_declared_is_nobodys() -> None:
    one = devices(F1={1})
    one.read(9, STALE)
    assert one.lost == set()


def test_a_new_declaration_keeps_what_is_known() -> None:
    one = devices(F1={1}, C1={3})
    one.read(1, STALE)
    one.read(3, STALE)
    one.declare({"F1": {1, 2}, "C2": {4}})
    assert one.lost == set()
    one.read(2, STALE)
    assert one.lost == {"F1"}
    one.declare({"F1": {1, 2}})
    assert one.lost == {"F1"}


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([GOOD, BAD, STALE])), max_size=40))
def test_lost_means_nothing_but_stale_and_bad_since(steps: list[tuple[int, Quality]]) -> None:
    """Against the rule in other words: lost when a step left all stale, unless a good value came after."""
    one = devices(F1={1, 2}, C1={3, 4})
    stale: set[int] = set()
    lost: set[str] = set()
    for alias, quality in steps:
        one.read(alias, quality)
        device, all_of_it = ("F1", {1, 2}) if alias in {1, 2} else ("C1", {3, 4})
        if quality is GOOD:
            stale.discard(alias)
            lost.discard(device)
        elif quality is STALE:
            stale.add(alias)
            lost |= {device} if all_of_it <= stale else set()
        assert one.lost == lost
