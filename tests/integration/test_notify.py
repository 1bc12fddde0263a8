"""Messages over a real webhook and a real mail server: tried again, digested in floods, on record, without secrets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import SecretStr

from gateway.alarm_config import Notify, Route
from gateway.live.alarm_file import Json
from gateway.live.apprise_sender import sender
from gateway.live.notices import Notice
from gateway.live.notify import Notifier, Place
from rules.alarms.alarm import Priority
from tests.message_servers import Mailbox, Webhook, mail_server, webhook
from tests.servers import free_port
from tests.stack import until

SECRET = "t0ken-of-the-hook"  # noqa: S105  (a test's)


def notice(number: int, priority: Priority = Priority.HIGH, mine: str = "m1") -> Notice:
    """One thing to tell."""
    return Notice(
        f"id{number}",
        mine,
        "F1",
        priority,
        False,
        f"[高] 报警 {number}",
        f"[高] 甲烷 {number}\n[high] methane",
    )


class Told:
    """A notifier and its log."""

    def __init__(self, config: Notify) -> None:
        self.log: list[tuple[int, Sequence[str], Json]] = []
        places = [
            Place(route, one.shown, one.send) for route in config.routes for one in map(sender, route.urls)
        ]
        self.notifier = Notifier(
            config, lambda: time.time_ns() // 1_000_000, lambda *entry: self.log.append(entry), places
        )

    @property
    def told(self) -> int:
        """How many notices went out."""
        alarms = [view["alarms"] for _, _, view in self.log]
        return sum(len(ids) for ids in alarms if isinstance(ids, list))


@asynccontextmanager
async def told(*urls: str, **settings: object) -> AsyncIterator[Told]:
    """One route to these URLs, running."""
    route = Route(name="调度室", urls=tuple(map(SecretStr, urls)))
    config = Notify.model_validate({"routes": [route], "retry_s": 0.05, "retry_max_s": 0.1} | settings)
    one = Told(config)
    task = asyncio.create_task(one.notifier.run())
    try:
        yield one
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def hook_url(hook: Webhook) -> str:
    """With a secret in its path."""
    return f"json://127.0.0.1:{hook.port}/hook/{SECRET}"


async def test_a_webhook_and_a_mailbox_get_the_same() -> None:
    """Each on its own; the log says to whom, about what, and that it was taken at the first try."""
    with webhook() as hook, mail_server() as mail:
        mail_url = f"mailto://127.0.0.1:{mail.port}?from=alarm@mine.test&to=boss@mine.test&mode=insecure"
        async with told(hook_url(hook), mail_url) as one:
            one.notifier.tell([notice(1)])
            await until(lambda: len(one.log) == 2)
        (body,) = hook.bodies
        assert (body["title"], body["message"]) == ("[高] 报警 1", "[高] 甲烷 1\n[high] methane")
        check_mail(mail)
        for _, mines, view in one.log:
            assert mines == ["m1"]
            assert (view["route"], view["sent"], view["tried"], view["alarms"]) == (
                "调度室",
                True,
                1,
                ["id1"],
            )
        assert {view["to"] for _, _, view in one.log} == {
            f"json://127.0.0.1:{hook.port}",
            f"mailto://127.0.0.1:{mail.port}",
        }


def check_mail(mail: Mailbox) -> None:
    """Chinese all the way."""
    assert mail.recipients == ["boss@mine.test"]
    assert mail.subject() == "[高] 报警 1"
    assert "[高] 甲烷 1" in mail.text()


async def test_a_refusing_webhook_is_tried_again_and_holds_up_nobody() -> None:
    """Two refusals, then taken; the other one had it at once."""
    with webhook() as slow, webhook() as quick:
        slow.refusals = 2
        async with told(hook_url(slow), hook_url(quick)) as one:
            one.notifier.tell([notice(1)])
            await until(lambda: len(one.log) == 2)
        assert (len(slow.bodies), slow.refused, len(quick.bodies)) == (1, 2, 1)
        assert sorted(view["tried"] for _, _, view in one.log) == [1, 3]  # type: ignore[type-var]  # whole numbers
        assert one.notifier.counts["retries"] == 2


async def test_given_up_after_some_tries_and_on_record(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody listens; what is logged and recorded names the place and the reason, never the secret."""
    caplog.set_level(logging.DEBUG)
    url = f"json://user:{SECRET}@127.0.0.1:{free_port()}/hook/{SECRET}"
    async with told(url, tries=3) as one:
        one.notifier.tell([notice(1)])
        await until(lambda: one.log)
        ((_, _, view),) = one.log
        assert (view["sent"], view["tried"]) == (False, 3)
        assert view["why_not"]
        one.notifier.tell([notice(2)])
        await until(lambda: len(one.log) == 2)
    ours = [record for record in caplog.records if record.name.startswith("gateway")]
    assert len(ours) == 1  # the transition, not every failure
    assert SECRET not in caplog.text + str(one.log)
    assert one.notifier.counts["failed"] == 2


async def test_waits_are_doubled_up_to_a_limit() -> None:
    """0.1 + 0.2 + 0.3 + 0.3 s between five tries."""
    with webhook() as hook:
        hook.refusals = 4
        began = time.monotonic()
        async with told(hook_url(hook), tries=5, retry_s=0.1, retry_max_s=0.3) as one:
            one.notifier.tell([notice(1)])
            await until(lambda: one.log)
        assert time.monotonic() - began >= 0.9
        assert len(hook.bodies) == 1


async def test_what_comes_meanwhile_is_one_message() -> None:
    """A flood past the rate, while the first message is still being tried."""
    with webhook() as hook:
        hook.refusals = 3
        async with told(hook_url(hook), waiting_max=50) as one:
            one.notifier.tell([notice(0)])
            await until(lambda: hook.refused)
            one.notifier.tell([notice(number) for number in range(1, 101)])
            await until(lambda: len(hook.bodies) == 2)
        assert hook.bodies[1]["title"] == "100 条报警消息 / 100 alarm messages"
        assert "另有 80 条" in hook.bodies[1]["message"]
        assert one.notifier.counts["dropped"] == 50


async def test_never_more_messages_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a minute here (a minute of a second): five moments make three messages at most in that time."""
    monkeypatch.setattr("gateway.live.notify.MINUTE_S", 1.5)
    monkeypatch.setattr("gateway.live.notify.GATHER_S", 0.01)
    with webhook() as hook:
        async with told(hook_url(hook), messages_per_min=2) as one:
            began = time.monotonic()
            for number in range(8):
                one.notifier.tell([notice(number)])
                await asyncio.sleep(0.1)
            await until(lambda: one.told == 8)
            took = time.monotonic() - began
        assert 3 <= len(hook.bodies) <= 2 + 2 * (took // 1.5)
        assert took >= 1.4


async def test_a_plug_in_that_raises_is_a_refusal() -> None:
    """Told by its kind only: the text of its error may hold anything."""
    config = Notify(tries=1)

    def broken(_title: str, _body: str) -> str | None:
        raise ValueError(SECRET)

    route = Route(name="x", urls=(SecretStr("json://localhost"),))
    log: list[Json] = []
    notifier = Notifier(
        config, lambda: 0, lambda _at, _mines, view: log.append(view), [Place(route, "x", broken)]
    )
    task = asyncio.create_task(notifier.run())
    notifier.tell([notice(1)])
    await until(lambda: log)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert log[0]["why_not"] == "ValueError"
