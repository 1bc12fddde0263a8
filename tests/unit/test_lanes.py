"""Lanes as a state machine: an edge whose link and centre come and go, checked at every step against the rules."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge_agent.uplink.lanes import NEVER_MS, Lanes

MINUTE_MS = 60_000


class Delivery(RuleBasedStateMachine):
    """Batches 1…`last` are written; `got` are those that reached the centre, which commits when it likes."""

    @initialize(window=st.integers(1, 8), rate=st.integers(1, 50), kept=st.integers(0, 30))
    def start(self, window: int, rate: int, kept: int) -> None:
        self.lanes = Lanes(window=window, rate_per_s=rate, timeout_ms=500, timeout_max_ms=4_000, reached=kept)
        self.reached = kept
        self.now_ms = 1_000
        self.last = kept
        self.got: set[int] = set()
        self.up = False
        self.history: list[tuple[int, int]] = []
        """When each historical batch since the lane's last start went, and which."""
        self.owes_refresh = False
        self.starts = 0

    def committable(self) -> int:
        """Highest contiguous batch that the centre has."""
        number = self.lanes.committed
        while number + 1 in self.got:
            number += 1
        return number

    @rule(ms=st.sampled_from([0, 1, 10, 100, 499, 500, 3_000, MINUTE_MS]))
    def time_goes_on(self, ms: int) -> None:
        self.now_ms += ms

    @rule()
    @precondition(lambda self: not self.up)
    def connect(self) -> None:
        self.up = True
        self.lanes.connected(self.lanes.committed + 1, self.last, self.now_ms)
        self.history.clear()
        self.owes_refresh = self.lanes.committed < self.last

    @rule()
    @precondition(lambda self: self.up)
    def disconnect(self) -> None:
        self.up = False

    @rule()
    @precondition(lambda self: not self.up)
    def write_while_down(self) -> None:
        self.last += 1

    @rule(arrives=st.booleans())
    @precondition(lambda self: self.up)
    def write_and_send_live(self, arrives: bool) -> None:
        self.last += 1
        self.lanes.sent_live(self.last, self.now_ms)
        self.reached = self.last
        self.got |= {self.last} if arrives else set()

    @rule(count=st.integers(1, 5))
    @precondition(lambda self: self.up)
    def live_overflows(self, count: int) -> None:
        self.last += count
        self.lanes.overflowed(self.last, self.now_ms)
        self.history.clear()
        self.owes_refresh = True

    @rule(arrives=st.booleans())
    @precondition(lambda self: self.up)
    def send_history(self, arrives: bool) -> None:
        """The rules of the history lane, checked on each run it gives out."""
        silent = self.now_ms >= self.lanes.due_at_ms
        waits_ms = self.lanes.waits_ms
        if silent:
            self.history.clear()
            self.owes_refresh = self.lanes.committed < self.lanes.sent
        run = self.lanes.history_due(self.now_ms)
        assert self.lanes.waits_ms == (min(2 * waits_ms, 4_000) if silent else waits_ms)
        if run is None:
            return
        first, last = run
        assert self.lanes.committed < first <= last <= self.lanes.sent
        self.reached = max(self.reached, last)
        self.history += [(self.now_ms, number) for number in range(first, last + 1)]
        in_flight = [number for _, number in self.history if number > self.lanes.committed]
        assert len(in_flight) <= self.lanes.window
        assert [number for _, number in self.history] == sorted({number for _, number in self.history})
        assert self.lanes.due_at_ms < NEVER_MS
        self.got |= set(range(first, last + 1)) if arrives else set()

    @rule()
    @precondition(lambda self: self.up)
    def commit_what_came(self) -> None:
        number, before = self.committable(), self.lanes.committed
        assert self.lanes.commit(number, self.now_ms) is (number > before)
        assert self.lanes.committed == number
        if number > before:
            assert self.lanes.waits_ms == self.lanes.timeout_ms

    @rule(number=st.integers(-5, 100))
    @precondition(lambda self: self.up)
    def commit_of_no_progress_or_never_sent(self, number: int) -> None:
        if not self.lanes.committed < number <= self.reached:
            before = (self.lanes.committed, self.lanes.due_at_ms, self.lanes.history_next)
            assert not self.lanes.commit(number, self.now_ms)
            assert before == (self.lanes.committed, self.lanes.due_at_ms, self.lanes.history_next)

    @rule()
    @precondition(lambda self: self.up)
    def refresh_once_after_a_resend(self) -> None:
        empty = self.lanes.history_next > self.lanes.history_last
        assert self.lanes.refresh() is (self.owes_refresh and empty)
        self.owes_refresh &= not empty
        assert not self.lanes.refresh()

    @invariant()
    def rate_is_kept(self) -> None:
        """Never more than a second's worth at once, and over any stretch no more than the rate and that."""
        times = [at_ms for at_ms, _ in getattr(self, "history", ())]
        for first in range(len(times)):
            stretch_s = (times[-1] - times[first]) / 1000
            assert len(times) - first <= self.lanes.rate_per_s * (1 + stretch_s) + 1e-6

    def teardown(self) -> None:
        """With a centre that listens again, everything written is committed in the end."""
        if not hasattr(self, "lanes"):
            return
        if not self.up:
            self.connect()
        for _ in range(50 + 2 * self.last):
            self.now_ms += 5_000
            self.send_history(arrives=True)
            self.commit_what_came()
        assert self.lanes.committed == self.last
        assert self.lanes.due_at_ms == NEVER_MS


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def lanes(window: int = 10, rate: int = 1_000) -> Lanes:
    """Lanes of a fast link."""
    return Lanes(window=window, rate_per_s=rate, timeout_ms=500, timeout_max_ms=4_000, reached=10)


def test_the_wait_doubles_while_the_centre_is_silent_and_starts_again_with_its_next_commit() -> None:
    lane = lanes()
    lane.connected(1, 0, 0)
    lane.sent_live(1, 0)
    resent, now_ms = [], 0
    for now_ms in range(0, 20_000, 50):
        if lane.history_due(now_ms):
            resent.append(now_ms)
    gaps = [later - earlier for earlier, later in zip([0, *resent], resent, strict=False)]
    assert gaps[0] == 500 + 50  # due, and a tick for the allowance
    assert gaps[1:4] == [1_000 + 50, 2_000 + 50, 4_000 + 50]
    assert set(gaps[4:]) == {4_000 + 50}
    assert lane.commit(1, now_ms)
    assert lane.waits_ms == 500


def test_a_commit_while_others_are_in_flight_gives_them_their_time() -> None:
    lane = lanes()
    lane.connected(1, 0, 0)
    lane.sent_live(1, 0)
    lane.sent_live(2, 400)
    assert lane.commit(1, 450)
    assert lane.history_due(600) is None
    assert lane.due_at_ms == 950


def test_live_batches_do_not_wait_for_the_window() -> None:
    lane = lanes(window=2)
    lane.connected(1, 10, 0)
    assert lane.history_due(1_000) == (1, 2)
    lane.sent_live(11, 1_000)
    assert lane.history_due(1_100) is None
    assert lane.commit(2, 1_200)
    assert lane.history_due(1_300) == (3, 4)


def test_a_commit_of_an_earlier_life_shortens_the_history() -> None:
    lane = lanes()
    lane.connected(1, 10, 0)
    assert lane.commit(10, 1)
    assert lane.history_due(1_000) is None
    assert lane.refresh()


def test_a_commit_of_what_was_written_and_never_sent_is_none() -> None:
    lane = lanes()
    lane.connected(1, 20, 0)
    assert not lane.commit(11, 1)
    assert lane.history_due(11) == (1, 10)
    assert not lane.commit(11, 12)
    assert lane.commit(10, 12)


def test_a_commit_may_end_with_a_loss_that_was_announced() -> None:
    """Batch 11 was never written, and the centre knows."""
    lane = lanes()
    lane.connected(1, 10, 0)
    assert lane.history_due(1_000) == (1, 10)
    assert not lane.commit(11, 1_001)
    lane.heard_of(11)
    assert lane.commit(11, 1_002)
    lane.sent_live(12, 1_003)
    assert lane.commit(12, 1_004)


def test_what_is_committed_and_still_kept_goes_again_on_the_next_connection() -> None:
    """A full disk may refuse to delete; a centre that began anew waits for the oldest that is kept."""
    lane = lanes(window=100)
    lane.connected(1, 10, 0)
    assert lane.commit(8, 1)
    lane.connected(5, 10, 2)
    assert lane.history_due(1_000) == (5, 10)
