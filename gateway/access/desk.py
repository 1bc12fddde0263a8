"""Signing in and out, users and kiosks, for whoever asks: the API, and the command line.

The file is worked by one thread, passwords are hashed by another one: neither holds the event loop up, and hashing
takes the memory of one hash at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from contract.errors import Fault, Misconfigured, Rejected, Transient
from gateway.access import passwords
from gateway.access.access_file import AccessFile, Kiosk, User, VisitEntry
from gateway.access.attempts import Attempts
from gateway.access.person import NAME_MAX, SCOPES, TITLE_MAX, Kind, Person, Role
from gateway.access.reach import EVERYTHING, Reach, reach_of
from gateway.access.settings import MINUTE_MS, AccessSettings
from gateway.registry.desk import Edition, Source

log = logging.getLogger(__name__)
Result = TypeVar("Result")

SESSION_COOKIE: Final = "ninebelow_session"
KIOSK_COOKIE: Final = "ninebelow_kiosk"
KIOSK_PREFIX: Final = "kiosk-"
WAITING_MAX: Final = 16
"""Passwords that wait to be looked at; more are told to come back."""
REACHES_MAX: Final = 256
CHINA: Final = ZoneInfo("Asia/Shanghai")
NAME: Final = re.compile(rf"[\w.@-]{{1,{NAME_MAX}}}")
UNKNOWN: Final = "?"
"""Who the log says has tried, where there is no such user: people type passwords into the wrong field."""


class TooOften(Rejected):
    """Too many tries; `wait_s` tells how long to wait."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"尝试过多，请 {wait_s} 秒后再试 / too many tries: try again in {wait_s} s")


class WrongPassword(Rejected):
    """Name and password do not go together; which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("用户名或口令不对 / wrong name or password")


class SignedIn(NamedTuple):
    """A person and the session's secret."""

    person: Person
    secret: str


class AccessDesk:
    """The people; `source` tells which mines an enterprise has."""

    def __init__(self, settings: AccessSettings, source: Source | None, now_ms: Callable[[], int]) -> None:
        self.settings = settings
        self.source = source
        self.now_ms = now_ms
        self.file = AccessFile(settings.path, settings.limits)
        self.attempts = Attempts(
            settings.attempts_per_name,
            settings.attempts_per_address,
            round(settings.attempts_window_min * MINUTE_MS),
        )
        self.told = Attempts(
            settings.attempts_per_address, settings.attempts_per_address, self.attempts.window_ms
        )
        """Refusals that the log tells: who hammers must not push the others out of it."""
        self._on_file = ThreadPoolExecutor(1, "access.file")
        self._on_password = ThreadPoolExecutor(1, "access.password")
        self._waiting = 0
        self._reaches: OrderedDict[object, tuple[Edition, date, Reach]] = OrderedDict()

    # What the guard asks

    async def person(self, cookies: Mapping[str, str]) -> Person | None:
        """Who is signed in, else which wall it is."""
        if session := cookies.get(SESSION_COOKIE):
            person = await self.work(lambda: self.file.in_session(key_of(session), self.now_ms()))
            if person is not None:
                return person
        if kiosk := cookies.get(KIOSK_COOKIE):
            return await self.work(lambda: self.file.at_kiosk(key_of(kiosk)))
        return None

    async def reach(self, person: Person) -> Reach:
        """What lies within their scope.

        One mine's readings need no registry: where it cannot be read now, they are all that is left of the scope.
        """
        scope = person.scope
        if scope.kind is Kind.PROVINCE:
            return EVERYTHING
        if person.role is Role.KIOSK or self.source is None:
            return reach_of(scope, {}, self.today())
        try:
            edition = await self.source.edition()
        except Transient:
            if scope.kind is Kind.MINE:
                return reach_of(scope, {}, self.today())
            raise
        known = self._reaches.get(scope)
        if known is None or known[0] is not edition or known[1] != self.today():
            known = edition, self.today(), reach_of(scope, edition.rows, self.today())
            self._reaches[scope] = known
            while len(self._reaches) > REACHES_MAX:
                self._reaches.popitem(last=False)
        return known[2]

    def is_scraper(self, bearer: str) -> bool:
        """Is it the token for the metrics?"""
        token = self.settings.metrics_token
        return token is not None and hmac.compare_digest(bearer.encode(), token.get_secret_value().encode())

    # Sessions

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """A new session; raises `WrongPassword`, `TooOften` and `Transient`."""
        name, now_ms = plain_name(name), self.now_ms()
        user = await self.work(lambda: self.file.user(name))
        shown = UNKNOWN if user is None else name
        if wait_ms := self.attempts.begin(name, address, now_ms):
            await self.note_refusal("limited", shown, address)
            raise TooOften(-(-wait_ms // 1000))
        kept = user.password if user is not None and user.closed_ms is None else None
        if not await self.hashing(lambda: passwords.matches(password, kept)):
            await self.note("refused", shown, address)
            raise WrongPassword
        assert user is not None
        secret = secrets.token_urlsafe()
        if not await self.work(lambda: self.file.begin(key_of(secret), user, address, now_ms)):
            await self.note("refused", shown, address)
            raise WrongPassword
        self.attempts.succeeded(name, address)
        if passwords.is_outdated(user.password):
            anew = await self.hashing(lambda: passwords.hashed(password))
            await self.work(lambda: self.file.renew_hash(name, user.password, anew))
        await self.note("signed_in", name, address)
        return SignedIn(user.person, secret)

    async def sign_out(self, cookies: Mapping[str, str], address: str) -> None:
        """The session is over; a wall stays one."""
        if secret := cookies.get(SESSION_COOKIE):
            person = await self.work(lambda: self.file.in_session(key_of(secret), self.now_ms()))
            await self.work(lambda: self.file.end(key_of(secret)))
            if person is not None:
                await self.note("signed_out", person.name, address)

    # Users

    async def users(self) -> list[User]:
        """All, closed ones too."""
        return await self.work(self.file.users)

    async def has_users(self) -> bool:
        """Is there anybody who can sign in?"""
        return await self.work(self.file.has_users)

    async def add(self, person: Person, password: str, by: str) -> None:
        """A new user; raises `Misconfigured` with every fault, and `Rejected` for a name that was used before."""
        person = checked(person)
        password = passwords.checked(password, person.name, self.settings.password_length_min)
        kept = await self.hashing(lambda: passwords.hashed(password))
        await self.work(lambda: self.file.add(person, kept, self.now_ms()))
        await self.note("user_added", person.name, by)

    async def change(self, person: Person, by: str) -> None:
        """Another title, role or scope, at once; raises `Misconfigured` with every fault, and `Rejected`."""
        person = checked(person)
        await self.open_user(person.name)
        await self.work(lambda: self.file.change(person))
        await self.note("user_changed", person.name, by)

    async def set_password(self, name: str, password: str, by: str, was: str | None = None) -> None:
        """Another password, which ends every session; raises `Misconfigured` and `Rejected`.

        With `was`, the hash that the old one was compared with, only in its place: else raises `WrongPassword`.
        """
        name = plain_name(name)
        await self.open_user(name)
        passwords.checked(password, name, self.settings.password_length_min)
        kept = await self.hashing(lambda: passwords.hashed(password))
        if not await self.work(lambda: self.file.set_password(name, kept, was)):
            await self.note("refused", name, by)
            raise WrongPassword
        await self.note("password_changed", name, by)

    async def change_password(self, person: Person, old: str, new: str, address: str) -> None:
        """One's own, for who knows the old one; raises as `sign_in` and `set_password` do."""
        if wait_ms := self.attempts.begin(person.name, address, self.now_ms()):
            raise TooOften(-(-wait_ms // 1000))
        user = await self.open_user(person.name)
        if not await self.hashing(lambda: passwords.matches(old, user.password)):
            await self.note("refused", person.name, address)
            raise WrongPassword
        self.attempts.succeeded(person.name, address)
        await self.set_password(person.name, new, address, was=user.password)

    async def close_user(self, name: str, by: str) -> None:
        """No more signing in; raises `Rejected` for one who is not there."""
        name = plain_name(name)
        await self.open_user(name)
        await self.work(lambda: self.file.close_user(name, self.now_ms()))
        await self.note("user_closed", name, by)

    async def open_user(self, name: str) -> User:
        """A user who is not closed; raises `Rejected`."""
        user = await self.work(lambda: self.file.user(name))
        if user is None or user.closed_ms is not None:
            raise Rejected(f"没有用户 {name} / there is no user {name}")
        return user

    # Kiosks

    async def kiosks(self) -> list[Kiosk]:
        """All, closed ones too."""
        return await self.work(self.file.kiosks)

    async def make_kiosk(self, mine: str, title: str, by: str) -> tuple[Kiosk, str]:
        """A wall's token, which is shown only now; raises `Rejected`."""
        name, token = KIOSK_PREFIX + secrets.token_hex(4), secrets.token_urlsafe()
        kiosk = Kiosk(name, mine, title.strip()[:TITLE_MAX] or name, by, self.now_ms(), None, None)
        await self.work(lambda: self.file.add_kiosk(kiosk, key_of(token)))
        await self.note("kiosk_made", name, by)
        return kiosk, token

    async def open_kiosk(self, token: str, address: str) -> str | None:
        """The cookie for a token, once; `None`: it opens nothing (any more)."""
        secret = secrets.token_urlsafe()
        opened = await self.work(lambda: self.file.open_kiosk(key_of(token), key_of(secret), self.now_ms()))
        if opened is None:
            await self.note_refusal("kiosk_refused", UNKNOWN, address)
            return None
        await self.note("kiosk_opened", opened.name, address)
        return secret

    async def close_kiosk(self, name: str, by: str) -> None:
        """It shows nothing any more; raises `Rejected` for one that is not there."""
        if not any(kiosk.name == name and kiosk.closed_ms is None for kiosk in await self.kiosks()):
            raise Rejected(f"没有大屏令牌 {name} / there is no kiosk {name}")
        await self.work(lambda: self.file.close_kiosk(name, self.now_ms()))
        await self.note("kiosk_closed", name, by)

    # The log

    async def visits(self, rows_max: int) -> list[VisitEntry]:
        """The log, the newest entries first."""
        return await self.work(lambda: self.file.log(rows_max))

    async def note(self, what: str, name: str, address: str) -> None:
        """An entry of the log."""
        await self.work(lambda: self.file.note(VisitEntry(self.now_ms(), what, name, address)))

    async def note_refusal(self, what: str, name: str, address: str) -> None:
        """An entry of what costs whoever asks nothing: some of each name and place, the rest is counted."""
        if self.told.begin(name, address, self.now_ms()) == 0:
            await self.note(what, name, address)

    def counters(self) -> Mapping[str, float]:
        """For the metrics."""
        return {
            "sign_ins_limited": self.attempts.refused,
            "sign_in_tries_forgotten": self.attempts.forgotten,
            "sign_in_refusals_not_logged": self.told.refused,
        }

    # Threads

    async def work(self, act: Callable[[], Result]) -> Result:
        """Let the file's thread do it."""
        return await asyncio.get_running_loop().run_in_executor(self._on_file, act)

    async def hashing(self, act: Callable[[], Result]) -> Result:
        """Let the passwords' thread do it; raises `Transient` where too many wait."""
        if self._waiting >= WAITING_MAX:
            raise Transient("登录的人太多，请稍后再试 / too many sign in at once: try again soon")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._on_password, act)
        finally:
            self._waiting -= 1

    def today(self) -> date:
        """The date in China."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC).astimezone(CHINA).date()

    def shut(self) -> None:
        """Let go of file and threads."""
        self._on_file.submit(self.file.close)
        self._on_file.shutdown()
        self._on_password.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def opened(
    settings: AccessSettings, source: Source | None, now_ms: Callable[[], int]
) -> AsyncIterator[AccessDesk]:
    """The desk, until the block ends; raises `Misconfigured`."""
    desk = AccessDesk(settings, source, now_ms)
    try:
        await desk.work(desk.file.open)
        yield desk
    finally:
        desk.shut()


def key_of(secret: str) -> str:
    """What is kept of a session's or token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def plain_name(name: str) -> str:
    """A name as it is kept: case does not matter."""
    return name.strip().casefold()


def checked(person: Person) -> Person:
    """A new user; raises `Misconfigured` with every fault."""
    name, title = plain_name(person.name), person.title.strip() or person.name.strip()
    faults = []
    if not NAME.fullmatch(name) or name.startswith(KIOSK_PREFIX):
        faults.append(("name", f"1—{NAME_MAX} 个字母、数字、汉字或 . @ - _ / letters, digits, . @ - _"))
    if len(title) > TITLE_MAX or not title.isprintable():
        faults.append(("title", f"最多 {TITLE_MAX} 个字 / {TITLE_MAX} characters at most"))
    if person.role is Role.KIOSK:
        faults.append(("role", "大屏用 user kiosk 建立 / a kiosk is made by user kiosk"))
    elif person.scope.kind not in SCOPES[person.role]:
        kinds = ", ".join(sorted(SCOPES[person.role]))
        faults.append(("scope", f"角色 {person.role} 的范围可以是 / the scope of this role may be: {kinds}"))
    if faults:
        raise Misconfigured([Fault(word, None, what) for word, what in faults])
    return Person(name, title, person.role, person.scope)
