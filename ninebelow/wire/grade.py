"""`ninebelow wire grade`: is what is on the wire Sparkplug 3.0? From a capture file, or by listening to a broker."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contract.errors import Fault, Misconfigured, Transient

if TYPE_CHECKING:
    from contract.grading.capture import Capture
    from ninebelow.wire.broker_url import Broker

NONE_HELD = 3
"""Exit code: some clause that says MUST was violated."""


def grade(
    *,
    capture: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="记录文件，或 mosquitto_sub 的输出 / a capture file, or mosquitto_sub's output",
        ),
    ] = None,
    at_qos_2: Annotated[
        bool, typer.Option("--qos-2", help="mosquitto_sub 以 -q 2 订阅 / it was recorded with -q 2")
    ] = False,
    mqtt: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="代理 mqtt://host:1883、mqtts://user@host:8883 / a broker to listen to"
        ),
    ] = None,
    for_: Annotated[str, typer.Option("--for", help="监听多久，如 60s、5m / how long to listen")] = "60s",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="记录另存为 / keep the capture in a file")
    ] = None,
    group: Annotated[str | None, typer.Option(help="只看此 group（矿） / this group only")] = None,
    primary_host: Annotated[
        str | None,
        typer.Option(metavar="HOST_ID", help="各边缘节点等待的主机 / the host that the edge nodes wait for"),
    ] = None,
    version: Annotated[Literal["5", "3.1.1"], typer.Option(help="MQTT 版本 / version")] = "5",
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="密码文件，或环境变量 NINEBELOW_MQTT_PASSWORD / password, or by environment"
        ),
    ] = None,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", help="CA 证书 / CA certificate")] = None,
    cert: Annotated[Path | None, typer.Option(metavar="FILE", help="客户端证书 / client certificate")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="客户端私钥 / client key")] = None,
    whole: Annotated[bool, typer.Option("--all", help="列出全部条款 / list every clause")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """逐条评定线路是否符合 Sparkplug 3.0，只读 / judge the wire by Sparkplug 3.0, clause by clause, read-only."""
    from contract.grading import grader
    from ninebelow.durations import seconds_of
    from ninebelow.wire import report_form, words
    from ninebelow.wire.broker_url import Files, broker_of

    if (capture is None) is (mqtt is None):
        raise Misconfigured([Fault("--capture", None, "give either --capture FILE or --mqtt URL")])
    if at_qos_2 and capture is None:
        raise Misconfigured(
            [Fault("--qos-2", None, "says how mosquitto_sub recorded: give it with --capture")]
        )
    if capture is not None:
        held = read(capture, at_qos_2=at_qos_2)
    else:
        assert mqtt is not None
        for_s = seconds_of(for_, "--for")
        held = listen(broker_of(mqtt, Files(password_file, ca, cert, key), version), group, for_s, out)
    report = grader.grade(held if group is None else held.of_group(group), primary_host)
    if report.events == report.strangers or not (report.nodes or report.hosts):
        raise Transient(words.NOTHING_SEEN)
    if as_json:
        print(report_form.as_json(report))
    else:
        report_form.print_report(report, whole=whole)
    if not report.is_conformant:
        raise typer.Exit(NONE_HELD)


def read(path: Path, *, at_qos_2: bool) -> Capture:
    """The capture in a file, in our form or in mosquitto_sub's; raises `Misconfigured`."""
    from itertools import chain

    from contract.grading import capture_form, mosquitto_form

    try:
        with path.open(encoding="utf-8-sig") as lines:
            first = lines.readline()
            whole = chain([first] if first else [], lines)
            if mosquitto_form.is_one(first):
                return mosquitto_form.parse(whole, str(path), at_qos_2=at_qos_2)
            if at_qos_2:
                what = "holds no lines of mosquitto_sub; a capture of ours says itself what it shows"
                raise Misconfigured([Fault(str(path), None, f"--qos-2: {what}")])
            return capture_form.parse(whole, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error}")]) from error


def listen(broker: Broker, group: str | None, for_s: float, out: Path | None) -> Capture:
    """What the broker delivers in that time, or until Ctrl-C."""
    from contract import topic
    from ninebelow.process import run
    from ninebelow.wire import words
    from ninebelow.wire.recording import record

    if group is not None and not topic.is_valid_id(group):
        raise Misconfigured([Fault("--group", None, f"{group!r} is no Sparkplug group id")])
    filters = [topic.EVERYTHING] if group is None else [f"{topic.NAMESPACE}/{group}/#", topic.state("+")]
    limit = f"{words.FOR_SO_LONG.format(seconds=for_s)}，{words.UNTIL_STOPPED}"
    say = words.RECORDING.format(broker=broker, filters=" ".join(filters), limit=limit)
    print(say, file=sys.stderr, flush=True)
    return run(record(broker, filters, for_s, out))
