"""`ninebelow user`: who may sign in at the centre, and its walls. Works while the centre runs, and before."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from contract.errors import Fault, Misconfigured
from ninebelow import words
from ninebelow.clock import Clock
from ninebelow.offline.grid import print_grid
from ninebelow.process import run

if TYPE_CHECKING:
    from gateway.access.desk import AccessDesk
    from gateway.access.person import Role, Scope
    from gateway.config import GatewayConfig

app = typer.Typer(no_args_is_help=True, help="用户和大屏 / users and walls")
Result = TypeVar("Result")

Name = Annotated[str, typer.Argument(help="用户名 / name to sign in with")]
Config = Annotated[Path, typer.Option("--config", help="中心的配置文件 / the centre's config")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
CONFIG = Path("gateway.toml")


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="operator、engineer、enterprise、authority 或 admin / role")],
    scope: Annotated[
        str, typer.Option(help="province、enterprise:企业名称 或 mine:煤矿编码 / how far they see")
    ],
    title: Annotated[str, typer.Option(help="姓名 / what people call them")] = "",
    config: Config = CONFIG,
) -> None:
    """添加用户；口令从提示或标准输入读 / add a user; the password comes from a prompt or stdin."""
    from gateway.access.person import Person

    person = Person(name, title, role_of(role), scope_from(scope))
    settings = loaded(config)
    secret = new_password()
    at_desk(settings, lambda desk: desk.add(person, secret, by()))
    print(words.USER_ADDED.format(name=name, role=role, scope=scope))
    point_out(settings, person.scope)


@app.command()
def change(
    name: Name,
    role: Annotated[str, typer.Option(help="角色 / role")],
    scope: Annotated[str, typer.Option(help="范围 / how far they see")],
    title: Annotated[str, typer.Option(help="姓名 / what people call them")] = "",
    config: Config = CONFIG,
) -> None:
    """换角色、范围或姓名，立即生效 / another role, scope or title; holds at once."""
    from gateway.access.person import Person

    person, settings = Person(name, title, role_of(role), scope_from(scope)), loaded(config)
    at_desk(settings, lambda desk: desk.change(person, by()))
    print(words.USER_TURNED.format(name=name, role=role, scope=scope))
    point_out(settings, person.scope)


@app.command()
def password(name: Name, config: Config = CONFIG) -> None:
    """换口令，已有的登录全部失效 / another password; their sessions end."""
    settings, new = loaded(config), new_password()
    at_desk(settings, lambda desk: desk.set_password(name, new, by()))
    print(words.USER_CHANGED.format(name=name))


@app.command()
def close(name: Name, config: Config = CONFIG) -> None:
    """停用用户或大屏（kiosk-…） / close a user or a wall (kiosk-…)."""
    from gateway.access.desk import KIOSK_PREFIX

    def closed(desk: AccessDesk) -> Awaitable[None]:
        return (desk.close_kiosk if name.startswith(KIOSK_PREFIX) else desk.close_user)(name, by())

    at_desk(loaded(config), closed)
    print(words.USER_CLOSED.format(name=name))


@app.command()
def kiosk(
    mine: Annotated[str, typer.Argument(help="煤矿编码 / code of the mine")],
    title: Annotated[str, typer.Option(help="大屏名称，如 调度室 / where the wall hangs")] = "",
    config: Config = CONFIG,
) -> None:
    """建立大屏链接，只能打开一次 / make a wall's link, which opens once."""
    from gateway.api.users import wall_path

    settings = loaded(config)
    if mine not in {each.code for each in settings.mines}:
        raise Misconfigured([Fault("MINE", None, words.USER_UNKNOWN_MINE.format(mine=mine))])
    made, token = at_desk(settings, lambda desk: desk.make_kiosk(mine, title, by()))
    print(words.USER_KIOSK.format(name=made.name, hours=settings.access.kiosk_token_h), file=sys.stderr)
    scheme = "http" if settings.http.certificate is None else "https"
    print(f"{scheme}://{settings.http.host}:{settings.http.port}{wall_path(token)}")


@app.command("list")
def list_(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """列出用户和大屏 / the users and walls."""
    from gateway.api.users import kiosk_view, user_view

    async def told(desk: AccessDesk) -> tuple[list[Any], list[Any]]:
        users, kiosks = await desk.users(), await desk.kiosks()
        return [user_view(each) for each in users], [kiosk_view(each) for each in kiosks]

    users, kiosks = at_desk(loaded(config), told)
    if as_json:
        print(json.dumps({"users": users, "kiosks": kiosks}, ensure_ascii=False))
        return
    print_grid(
        "用户 / users",
        ["用户名\nname", "姓名\ntitle", "角色\nrole", "范围\nscope", "停用\nclosed"],
        [[row["name"], row["title"], row["role"], shown(row["scope"]), row["closed"] or ""] for row in users],
        text_columns=5,
    )
    print_grid(
        "大屏 / walls",
        ["名称\nname", "说明\ntitle", "煤矿\nmine", "启用\nopened", "停用\nclosed"],
        [
            [row["name"], row["title"], row["mine"], row["opened"] or "", row["closed"] or ""]
            for row in kiosks
        ],
        text_columns=5,
    )


def shown(scope: Mapping[str, str | None]) -> str:
    """A scope as it is typed."""
    return ":".join(part for part in (scope["kind"], scope["of"]) if part)


def role_of(word: str) -> Role:
    """A role a user may have; raises `Misconfigured`."""
    from gateway.access.person import Role

    roles = [role for role in Role if role is not Role.KIOSK]
    if word not in roles:
        raise Misconfigured([Fault("--role", None, f"{word}: {', '.join(roles)}")])
    return Role(word)


def scope_from(text: str) -> Scope:
    """A scope as it is typed; raises `Misconfigured`."""
    from gateway.access.person import scope_of

    try:
        return scope_of(text)
    except ValueError as error:
        raise Misconfigured([Fault("--scope", None, f"{text}: {error}")]) from error


def loaded(config: Path) -> GatewayConfig:
    """The centre's config."""
    from gateway import config as gateway_config

    return gateway_config.load(config)


def point_out(settings: GatewayConfig, scope: Scope) -> None:
    """Say so where there is nothing in the scope now."""
    if scope.of is not None and not is_known(settings, scope):
        print(words.USER_UNKNOWN_SCOPE.format(of=scope.of), file=sys.stderr)


def is_known(settings: GatewayConfig, scope: Scope) -> bool:
    """Is there now what the scope names: a mine of the config or the registry, an enterprise with mines?"""
    from gateway.access.reach import reach_of
    from gateway.registry.opening import plan_desk

    if scope.of in {mine.code for mine in settings.mines}:
        return True

    async def looked() -> bool:
        async with plan_desk(settings) as plan:
            rows = (await plan.source.edition()).rows
            return bool(reach_of(scope, rows, datetime.now(UTC).date()).mines)

    return run(looked())


def new_password() -> str:
    """From a prompt, typed twice, or the first line of stdin; raises `Misconfigured`."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise Misconfigured([Fault("stdin", None, words.USER_NO_INPUT)])
        return line
    first = getpass.getpass(f"{words.USER_PROMPT}: ")
    if getpass.getpass(f"{words.USER_AGAIN}: ") != first:
        raise Misconfigured([Fault("password", None, words.USER_DIFFERS)])
    return first


def by() -> str:
    """Who is at the machine, for the log."""
    return f"{getpass.getuser()}@cli"


def at_desk(settings: GatewayConfig, act: Callable[[AccessDesk], Awaitable[Result]]) -> Result:
    """Open the users' file, act, close it."""
    from gateway.access.desk import opened

    async def acting() -> Result:
        async with opened(settings.access, None, Clock().now_ms) as desk:
            return await act(desk)

    return run(acting())
