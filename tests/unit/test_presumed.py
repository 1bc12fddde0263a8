"""Pins what is presumed to have arrived where nobody commits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.uplink.presumed import Presumed


def test_a_batch_has_arrived_once_the_link_has_held() -> None:
    sent = Presumed(hold_ms=100)
    sent.went(3, 0)
    sent.went(5, 50)
    assert sent.arrived(99) is None
    assert sent.arrived(100) == 3
    assert sent.arrived(149) is None
    assert sent.arrived(400) == 5
    assert sent.arrived(900) is None


def test_a_new_connection_presumes_nothing_of_the_old_one() -> None:
    sent = Presumed(hold_ms=100)
    sent.went(3, 0)
    sent.connected()
    assert sent.arrived(1_000) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=40))
def test_nothing_arrives_before_its_time(steps: list[tuple[int, int]]) -> None:
    sent, now_ms, number, went_at = Presumed(hold_ms=100), 0, 0, dict[int, int]()
    for more, wait_ms in steps:
        now_ms += wait_ms
        for one in range(number + 1, number + more + 1):
            went_at[one] = now_ms
        number += more
        sent.went(number, now_ms)
        arrived = sent.arrived(now_ms) or 0
        assert all(went_at[one] <= now_ms - 100 for one in range(1, arrived + 1))
        assert len(sent.sent) <= 101
