"""The bulletin of a projects.csv or a registry as a file: what has no source offline, telemetry, says 无数据."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from contract import config_form
from contract.errors import Fault, Misconfigured
from gateway.reports.bulletin import Bulletin, bulletin
from gateway.reports.desk import printed_as
from gateway.reports.inputs import Inputs, Span
from gateway.reports.settings import ReportSettings
from ninebelow.offline.plan_source import PlanSource


def write_bulletin(
    source: PlanSource,
    as_of: date,
    period: Literal["month", "quarter", "year"],
    form: Literal["docx", "xlsx", "pdf", "json"],
    out: Path,
    *,
    settings: Path | None,
) -> Bulletin:
    """Make it and write it; raises `Misconfigured` for settings or a place that cannot be used."""
    chosen = read_settings(settings)
    made = bulletin(Inputs(source.register, demo=source.demo), Span(period), as_of)
    file = printed_as(form, made, chosen)
    try:
        out.write_bytes(file)
    except OSError as error:
        what = f"无法写入 / cannot be written: {error.strerror}"
        raise Misconfigured([Fault(str(out), None, what)]) from error
    return made


def read_settings(path: Path | None) -> ReportSettings:
    """The keys of the centre's section `[reports]`, in a file of their own."""
    if path is None:
        return ReportSettings()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(path), None, f"无法读取 / cannot be read: {error}")]) from error
    return config_form.load(ReportSettings, text, str(path))
