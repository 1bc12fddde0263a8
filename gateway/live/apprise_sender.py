"""Messages through apprise: WeCom, DingTalk, Feishu, mail, webhooks and a hundred more, each by a URL. Blocking."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import apprise
from pydantic import SecretStr

from gateway.alarm_config import Notify

SECRET_CHARS_MIN: Final = 4
ASSET: Final = apprise.AppriseAsset(app_id="ninebelow", app_desc="ninebelow", async_mode=False)
logging.getLogger("apprise").setLevel(logging.CRITICAL)  # what it says of a URL may hold its secrets

Send = Callable[[str, str], str | None]
"""Title and text to one place; gives why it was not taken, `None` if it was."""


@dataclass(frozen=True, slots=True)
class Sender:
    """One place to send to; `shown` names it without its secrets."""

    shown: str
    send: Send


def sender(url: SecretStr) -> Sender:
    """Where a URL leads; raises `ValueError` for one that apprise does not know."""
    text = url.get_secret_value()
    place = apprise.Apprise(asset=ASSET)
    if not place.add(text):
        raise ValueError("apprise does not know this kind of URL, or it is incomplete")
    masked = urlsplit(next(iter(place)).url(privacy=True))  # type: ignore[no-untyped-call]  # it gives a str

    def send(title: str, body: str) -> str | None:
        result = place.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        if result:
            return None
        said = [entry.message for entry in result.logs()]
        return without_secrets(said[-1], text) if said else "refused"

    return Sender(f"{masked.scheme}://{masked.netloc.rpartition('@')[2]}", send)


def without_secrets(said: str, url: str) -> str:
    """What a plug-in said, with every part of the URL that may be secret hidden."""
    for part in sorted(secrets_of(url), key=len, reverse=True):
        said = said.replace(part, "****")
    return said


def secrets_of(url: str) -> set[str]:
    """The parts of a URL that may be secret: user, password, path and query, and the whole."""
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    found = {*user.split(":"), *parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))}
    if not re.fullmatch(r"[\w.-]+\.\w+|localhost", parts.hostname or ""):  # a key in place of a host
        found.add(parts.netloc)
    found |= {unquote(part) for part in found}
    return {part for part in found if len(part) >= SECRET_CHARS_MIN} | {url}


def url_faults(config: Notify) -> Iterator[tuple[int, int, str]]:
    """URLs that lead nowhere, by the numbers of their route and place: what they say may be secret."""
    for number, route in enumerate(config.routes):
        for place, url in enumerate(route.urls):
            try:
                sender(url)
            except ValueError as error:
                yield number, place, str(error)
