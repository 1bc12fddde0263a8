"""Which batches to send when: the live lane first, the history lane at a limited rate (definitions.md §4).

Rules
- Batches written while the link is up are live: sent at once, in order.
- Everything older that is not committed is history: sent as historical, lowest first, at most
  `window` of them in flight without a commit, at most `rate_per_s` of them a second.
- When no commit comes within `timeout_ms`, what was sent and is not committed becomes history again; the
  wait doubles up to `timeout_max_ms` while the centre stays silent, and starts again with its next commit.
- When the history lane has run empty, the newest value of each metric that it touched is sent once more as
  ordinary data, so that a lost last change (9 → 10) reaches every screen: `refresh` tells when.

Batch numbers come in and go out; nothing here reads, sends or looks at a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NEVER_MS = 1 << 62


@dataclass(slots=True)
class Lanes:
    """The state of delivery on one connection after another."""

    window: int
    rate_per_s: int
    timeout_ms: int
    timeout_max_ms: int
    reached: int = 0
    """Highest number that the centre can have heard of: sent or announced, by us or perhaps by an earlier process."""
    committed: int = 0
    """Highest batch that the centre has stored."""
    sent: int = 0
    """Highest batch sent since the link came up, on either lane; live numbers run on from here."""
    history_next: int = 1
    history_last: int = 0
    """The history lane: batches still to be sent again, inclusive; empty while next > last."""
    waits_ms: int = field(init=False)
    due_at_ms: int = NEVER_MS
    """When silence of the centre counts as loss."""
    allowance: float = 0.0
    allowance_at_ms: int = 0
    in_history: bool = False

    def __post_init__(self) -> None:
        """Start with the shortest wait."""
        self.waits_ms = self.timeout_ms

    def connected(self, oldest: int, last: int, now_ms: int) -> None:
        """The link is up; batches `oldest` to `last` are kept, and all of them are history."""
        self.committed = oldest - 1
        self.sent = last
        self.restart_history(now_ms)
        self.due_at_ms = NEVER_MS

    def sent_live(self, number: int, now_ms: int) -> None:
        """A new batch went out."""
        self.sent = max(self.sent, number)
        self.heard_of(number)
        self.expect_commit(now_ms)

    def heard_of(self, number: int) -> None:
        """The centre is told of this number."""
        self.reached = max(self.reached, number)

    def expect_commit(self, now_ms: int) -> None:
        """Something is in flight: silence will count from now unless it counts already."""
        self.due_at_ms = min(self.due_at_ms, now_ms + self.waits_ms)

    def commit(self, number: int, now_ms: int) -> bool:
        """The centre has stored up to `number`; false, and no change, if that is no progress or never was sent."""
        if not self.committed < number <= self.reached:
            return False
        self.committed = number
        self.history_next = max(self.history_next, number + 1)
        self.waits_ms = self.timeout_ms
        self.due_at_ms = now_ms + self.waits_ms if number < self.sent else NEVER_MS
        return True

    def history_due(self, now_ms: int) -> tuple[int, int] | None:
        """The next run of history to send, first and last inclusive, or `None`; counts as sent."""
        if now_ms >= self.due_at_ms:
            self.waits_ms = min(2 * self.waits_ms, self.timeout_max_ms)
            self.due_at_ms = NEVER_MS
            self.restart_history(now_ms)
        self.allowance = min(
            float(self.rate_per_s), self.allowance + (now_ms - self.allowance_at_ms) * self.rate_per_s / 1000
        )
        self.allowance_at_ms = now_ms
        last = min(
            self.history_last,
            self.committed + self.window,
            self.history_next + int(self.allowance) - 1,
        )
        if self.history_next > last:
            return None
        run = (self.history_next, last)
        self.allowance -= last - self.history_next + 1
        self.history_next = last + 1
        self.heard_of(last)
        self.expect_commit(now_ms)
        return run

    def overflowed(self, last: int, now_ms: int) -> None:
        """Live batches up to `last` could not wait for the link: they go as history."""
        self.sent = max(self.sent, last)
        self.restart_history(now_ms)

    def restart_history(self, now_ms: int) -> None:
        """All that is sent or kept and not committed has to go again."""
        self.history_next, self.history_last = self.committed + 1, self.sent
        self.allowance, self.allowance_at_ms = 0.0, now_ms
        self.in_history = self.history_next <= self.history_last

    @property
    def sent_through(self) -> int:
        """Every batch up to this one was sent on this connection or is committed."""
        return self.history_next - 1 if self.history_next <= self.history_last else self.sent

    def refresh(self) -> bool:
        """True once after the history lane has run empty."""
        if self.in_history and self.history_next > self.history_last:
            self.in_history = False
            return True
        return False
