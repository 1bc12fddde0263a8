"""`ninebelow dashboards build|provision`: Grafana's files from the code, and the same into a running Grafana."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from contract.errors import Fault, Misconfigured, NinebelowError
from ninebelow import words

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from dashboards.grafana.provision import Outcome

app = typer.Typer(no_args_is_help=True, help="Grafana 看板 / Grafana's dashboards")

SECRET_MAX: Final = 4096
CHECK_FAILED: Final = 3
VERSIONS: Final = (1, 2, 3)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
Check = Annotated[
    bool,
    typer.Option("--check", help="只比较，不写；不一致时退出码 3 / compare only; exit code 3 if they differ"),
]


@app.command()
def build(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写入的目录 / where to")] = Path(
        "deploy/grafana"
    ),
    *,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """由代码构建看板、数据源、报警规则文件 / build the files of dashboards, data sources and alert rules."""
    with_sdk()
    from dashboards.grafana.bundle import files

    built = files()
    stale = [path for path, text in built.items() if text_of(folder / path) != text]
    if not check:
        for path in stale:
            written(folder / path, built[path])
    if as_json:
        print(json.dumps({"files": sorted(built), "stale" if check else "written": stale}))
    elif check:
        for path in stale:
            print(words.DASHBOARDS_STALE.format(file=folder / path))
    else:
        print(words.DASHBOARDS_WRITTEN.format(written=len(stale), unchanged=len(built) - len(stale)))
    if check and stale:
        raise typer.Exit(CHECK_FAILED)


@app.command()
def provision(  # noqa: PLR0917  (options of a command line)
    url: Annotated[str, typer.Option("--url", help="Grafana 的地址 / Grafana's address: http://host:3000")],
    token_file: Annotated[
        Path,
        typer.Option("--token-file", help="服务账号令牌所在的文件 / file with a service account's token"),
    ],
    influx_url: Annotated[
        str, typer.Option("--influx-url", help="Grafana 看到的 InfluxDB / InfluxDB as Grafana reaches it")
    ] = "http://127.0.0.1:8086",
    influx_version: Annotated[
        int, typer.Option("--influx-version", help="1、2 或 3 / 1, 2 or 3", min=1, max=VERSIONS[-1])
    ] = 1,
    database: Annotated[
        str, typer.Option("--database", help="数据库，2.x 是桶 / the database, the bucket of 2.x")
    ] = "ninebelow",
    user: Annotated[str, typer.Option("--user", help="1.x 的只读账户 / the reading account of 1.x")] = "",
    secret_file: Annotated[
        Path | None,
        typer.Option(
            "--secret-file", help="InfluxDB 的口令（1.x）或令牌所在的文件 / file with its password or token"
        ),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", help="Grafana 证书的签发者 / who signed Grafana's certificate")
    ] = None,
    renew_secret: Annotated[
        bool,
        typer.Option("--renew-secret", help="数据源已有口令也重写 / write the secret even where one is set"),
    ] = False,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """把文件夹、数据源、看板、报警规则放进 Grafana；重复运行不改动 / put it all into Grafana; again changes nothing."""
    with_client()
    from dashboards.grafana.bundle import bundle
    from dashboards.grafana.provision import connected, steps
    from dashboards.grafana.sources import Source

    at, token, secret = checked(url, influx_url, token_file, secret_file, ca_file)
    source = Source(influx_version, influx_url, database, user, secret)
    api = connected(at, token, str(ca_file) if ca_file else None)
    planned = [*steps(api, bundle(), source, renew_secret=renew_secret)]
    outcomes: list[Outcome] = []
    try:
        for step in planned:
            if step.write is not None and not check:
                step.write()
            outcomes.append(step.outcome)
    finally:
        said(outcomes, check=check, as_json=as_json)
    if check and any(step.write is not None for step in planned):
        raise typer.Exit(CHECK_FAILED)


def said(outcomes: Iterable[Outcome], *, check: bool, as_json: bool) -> None:
    """What was done, or would be; also when the rest failed."""
    shown = [*outcomes]
    changed = sum(outcome.done != "unchanged" for outcome in shown)
    if as_json:
        parts = [{"part": one.part, "name": one.name, "done": one.done} for one in shown]
        print(json.dumps({"changed": changed, "checked_only": check, "parts": parts}, ensure_ascii=False))
        return
    for one in shown:
        print(f"{words.DASHBOARDS_DONE[one.done]}  {words.DASHBOARDS_PARTS[one.part]}  {one.name}")
    if changed == 0:
        print(words.DASHBOARDS_NOTHING)
    else:
        print((words.DASHBOARDS_WOULD if check else words.DASHBOARDS_CHANGED).format(count=changed))


def checked(
    url: str, influx_url: str, token_file: Path, secret_file: Path | None, ca_file: Path | None
) -> tuple[SplitResult, str, str | None]:
    """Address, token and secret; every fault of them at once."""
    faults: list[Fault] = []
    token = secret_in(token_file, "--token-file", faults)
    secret = None if secret_file is None else secret_in(secret_file, "--secret-file", faults)
    at = address(url, "--url", faults)
    address(influx_url, "--influx-url", faults)
    if ca_file is not None and not ca_file.is_file():
        faults.append(Fault("--ca-file", None, f"没有这个文件 / no such file: {ca_file}"))
    if faults:
        raise Misconfigured(faults)
    return at, token, secret


def address(url: str, option: str, faults: list[Fault]) -> SplitResult:
    """An http address without a name or password in it: they would stand in the list of processes."""
    parts = urlsplit("")
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        faults.append(Fault(option, None, "应为 http://主机:端口 / must be as http://host:3000"))
    elif "@" in parts.netloc:
        faults.append(
            Fault(option, None, "地址里不能有口令，写进文件 / no password in an address: put it into a file")
        )
    return parts


def secret_in(file: Path, option: str, faults: list[Fault]) -> str:
    """What a file holds, without blanks around it."""
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(
            Fault(option, None, f"读不了 / cannot be read: {file}: {getattr(error, 'strerror', error)}")
        )
        return ""
    if not text or len(text) > SECRET_MAX or not text.isprintable():
        faults.append(Fault(option, None, f"应为一行 / must hold one line: {file}"))
    return text


def text_of(file: Path) -> str | None:
    """What a file holds now."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def written(file: Path, text: str) -> None:
    """Write a file; raises `Misconfigured`."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Misconfigured(
            [Fault(str(file), None, f"无法写入 / cannot be written: {error.strerror}")]
        ) from error


def with_sdk() -> None:
    """Raises with the mend where the SDK is not installed."""
    try:
        import grafana_foundation_sdk  # noqa: F401
    except ImportError as error:
        raise NinebelowError(words.DASHBOARDS_EXTRA) from error


def with_client() -> None:
    """The same for the client."""
    with_sdk()
    try:
        import grafana_client  # noqa: F401
    except ImportError as error:
        raise NinebelowError(words.DASHBOARDS_EXTRA) from error
