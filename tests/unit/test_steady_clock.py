"""Pins whose time readings have: jumps are not followed until the centre confirms them, and time never goes back."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.steady_clock import JUMP_MS, SLEW, SteadyClock

T0 = 1_700_000_000_000
HOUR_MS = 3_600_000


@dataclass
class Clocks:
    """A computer's two clocks."""

    monotonic: int = 5_000
    ahead: int = 0

    def wall_ms(self) -> int:
        """The computer's clock."""
        return T0 + self.monotonic + self.ahead

    def monotonic_ms(self) -> int:
        """Since it started."""
        return self.monotonic

    def steady(self) -> SteadyClock:
        """The agent's."""
        return SteadyClock(self.wall_ms, self.monotonic_ms)

    def pass_time(self, clock: SteadyClock, seconds: int) -> None:
        """Time goes on, and the agent looks every second."""
        for _ in range(seconds):
            self.monotonic += 1_000
            clock.look()


def test_a_jump_is_not_followed() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.pass_time(clock, 5)
    clocks.ahead = 24 * HOUR_MS
    clocks.pass_time(clock, 60)
    assert clock.now_ms() == T0 + clocks.monotonic
    assert (clock.jumps, clock.jumps_believed, clock.is_doubted) == (1, 0, True)
    clocks.ahead = 0  # somebody mended it
    clocks.pass_time(clock, 1)
    assert (clock.jumps, clock.is_doubted) == (2, False)


def test_a_jump_that_the_centre_confirms_is_followed() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.ahead = HOUR_MS  # the clock had been wrong by an hour, NTP sets it
    clocks.pass_time(clock, 1)
    assert clock.heard(clocks.wall_ms() + 40)
    assert clock.now_ms() == clocks.wall_ms()
    assert (clock.jumps_believed, clock.is_doubted, clock.centre_ahead_ms) == (1, False, 40)


def test_a_jump_that_the_centre_denies_is_not() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.ahead = -HOUR_MS
    clocks.pass_time(clock, 1)
    assert not clock.heard(T0 + clocks.monotonic + 40)
    assert clock.now_ms() == T0 + clocks.monotonic


def test_a_centre_with_another_time_is_told_of_and_not_followed() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.pass_time(clock, 1)
    assert not clock.heard(clocks.wall_ms() + HOUR_MS)
    assert clock.centre_ahead_ms == HOUR_MS
    assert clock.now_ms() == clocks.wall_ms()


def test_small_differences_are_followed_slowly() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.ahead = 200
    clocks.pass_time(clock, 10)
    assert clock.now_ms() == T0 + clocks.monotonic + 100
    clocks.pass_time(clock, 30)
    assert clock.now_ms() == clocks.wall_ms()
    assert clock.jumps == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 3_000), st.integers(-3 * JUMP_MS, 3 * JUMP_MS), st.integers(-9, 9)),
        max_size=60,
    )
)
def test_time_never_goes_back_unless_the_centre_says_so(steps: list[tuple[int, int, int]]) -> None:
    clocks = Clocks()
    clock = clocks.steady()
    for passed, jump, _ in steps:
        before = clock.now_ms()
        clocks.monotonic += passed
        clocks.ahead += jump
        clock.look()
        assert before <= clock.now_ms() <= before + passed * (1 + SLEW) + 1


def test_a_clock_that_is_behind_what_was_kept_has_jumped() -> None:
    clocks = Clocks(ahead=-HOUR_MS)
    clock = clocks.steady()
    clock.resume(T0)
    assert clock.now_ms() == T0 + 1
    assert clock.is_doubted
    clocks.pass_time(clock, 60)
    assert clock.now_ms() == T0 + 1 + 60_000
    clocks.ahead = 0  # NTP sets it
    clocks.pass_time(clock, 1)
    assert clock.heard(clocks.wall_ms() + 40)
    assert clock.now_ms() == clocks.wall_ms()


def test_a_clock_that_was_ahead_before_the_start_is_right_when_the_centre_says_so() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clock.resume(T0 + HOUR_MS)
    assert clock.heard(clocks.wall_ms() + 40)  # before the first look
    assert clock.now_ms() == clocks.wall_ms()


def test_a_clock_a_little_behind_is_caught_up_with_slowly() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clock.resume(clocks.wall_ms() + 200)
    before, times = clock.now_ms(), []
    for _ in range(30):
        clocks.pass_time(clock, 1)
        times.append(clock.now_ms())
    assert times == sorted({before, *times})[1:]
    assert clock.now_ms() == clocks.wall_ms()
    assert clock.jumps == 0


def test_a_clock_that_has_gone_on_is_left_alone() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clock.resume(clocks.wall_ms() - 1)
    assert clock.now_ms() == clocks.wall_ms()
    assert not clock.is_doubted
