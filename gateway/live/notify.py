"""Tells people outside the console: each place on its own, tried again, never more than it can read.

Rules
- What comes while a place may not be written to (rate, or its last message is still being tried) waits and goes out as
  one message. At most `waiting_max` wait; above it the oldest are dropped and counted in the message.
- A message is tried `tries` times, with doubling waits; then it is given up. Either way the log has it: when, to whom,
  about what, how often tried, and what came of it.
- Sending blocks, so it is done in threads of its own: a mail server that hangs holds up nobody else.
- What waits is lost with the process; alarms that nobody acknowledges are told again when they escalate.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from gateway.alarm_config import Notify, Route
from gateway.live.alarm_file import Json
from gateway.live.notices import Notice, message_of, wants
from gateway.live.views import time_of

log = logging.getLogger(__name__)

GATHER_S: Final = 0.5
"""Alarms of one moment go out together."""
MINUTE_S: Final = 60.0
THREADS: Final = 4

Send = Callable[[str, str], str | None]
Sent = Callable[[int, Sequence[str], Json], None]
"""Takes a log entry: instant, mines and what happened."""


@dataclass(eq=False, slots=True)
class Place:
    """One place of a route, and what waits for it."""

    route: Route
    shown: str
    send: Send
    waiting: deque[Notice] = field(default_factory=deque)
    missed: int = 0
    """Dropped since the last message."""
    failed: str | None = None
    """Why the last message was given up."""
    sent_at: deque[float] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Notifier:
    """All places; `run` until cancelled."""

    config: Notify
    now_ms: Callable[[], int]
    sent: Sent
    places: list[Place] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, notices: Iterable[Notice]) -> None:
        """Queue notices for those who want them; never blocks."""
        for notice in notices:
            for place in self.places:
                if not wants(place.route, notice):
                    continue
                if len(place.waiting) >= self.config.waiting_max:
                    place.waiting.popleft()
                    place.missed += 1
                    self.counts["dropped"] += 1
                place.waiting.append(notice)
                place.wake.set()

    async def run(self) -> None:
        """Send what waits."""
        threads = ThreadPoolExecutor(THREADS, "gateway.notify")
        try:
            async with asyncio.TaskGroup() as tasks:
                for place in self.places:
                    tasks.create_task(self.serve(place, threads), name=f"gateway.notify.{place.route.name}")
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    async def serve(self, place: Place, threads: ThreadPoolExecutor) -> None:
        """One place: gather, wait for its turn, send, for ever."""
        while True:
            await place.wake.wait()
            await asyncio.sleep(GATHER_S)
            await self.turn(place)
            place.wake.clear()
            notices, missed = list(place.waiting), place.missed
            place.waiting.clear()
            place.missed = 0
            await self.deliver(place, notices, missed, threads)

    async def turn(self, place: Place) -> None:
        """Wait until one more message is not too many."""
        loop = asyncio.get_running_loop()
        while place.sent_at and loop.time() - place.sent_at[0] >= MINUTE_S:
            place.sent_at.popleft()
        if len(place.sent_at) >= self.config.messages_per_min:
            await asyncio.sleep(place.sent_at.popleft() + MINUTE_S - loop.time())

    async def deliver(
        self, place: Place, notices: Sequence[Notice], missed: int, threads: ThreadPoolExecutor
    ) -> None:
        """One message, until it is taken or given up."""
        title, body = message_of(notices, missed)
        loop = asyncio.get_running_loop()
        place.sent_at.append(loop.time())
        wait_s = self.config.retry_s
        why: str | None = None
        for tried in range(1, self.config.tries + 1):
            why = await loop.run_in_executor(threads, attempt, place.send, title, body)
            if why is None or tried == self.config.tries:
                break
            self.counts["retries"] += 1
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self.config.retry_max_s)
        self.note(place, why, title, notices, tried)

    def note(self, place: Place, why: str | None, title: str, notices: Sequence[Notice], tried: int) -> None:
        """Count it, log a change for the better or the worse, and put it on record."""
        self.counts["sent" if why is None else "failed"] += 1
        if why is not None and place.failed is None:
            log.warning("route %s, %s takes no messages: %s", place.route.name, place.shown, why)
        elif why is None and place.failed is not None:
            log.info("route %s, %s takes messages again", place.route.name, place.shown)
        place.failed = why
        at_ms = self.now_ms()
        view: Json = {
            "at": time_of(at_ms),
            "route": place.route.name,
            "to": place.shown,
            "title": title,
            "alarms": [notice.alarm_id for notice in notices],
            "sent": why is None,
            "tried": tried,
            "why_not": why,
        }
        self.sent(at_ms, sorted({notice.mine for notice in notices}), view)


def attempt(send: Send, title: str, body: str) -> str | None:
    """Send; whatever a service's plug-in raises is a refusal, told by its kind: its text may hold a secret."""
    try:
        return send(title, body)
    except Exception as error:  # noqa: BLE001  (a hundred plug-ins of others)
        return type(error).__name__
