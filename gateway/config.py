"""The centre's config file: `load` checks everything, opens only files, and reports all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator

from contract import config_form
from contract.broker_form import BrokerForm
from contract.config_form import Section
from contract.errors import Fault, Misconfigured
from contract.topic import is_valid_id
from gateway.alarm_config import Alarms, Notify, rulebook, scope_faults
from gateway.reports.settings import ReportSettings
from rules.chambers.rule import Kind as ChamberKind
from rules.chambers.rule import Level
from rules.chambers.rule_file import ChamberFigures
from rules.plan.evidence import DEFAULT_FIGURES, EvidenceFigures
from rules.shift_calendar import THREE_EIGHT, Calendar
from rules.staffing import StaffingRule

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Port = Annotated[int, Field(gt=0, lt=65536)]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
EARLIEST = date(2000, 1, 1)


class Mqtt(BrokerForm):
    """The broker that the mines' gateways publish to."""

    retry_s: Seconds = 1.0
    host_id: str = "ninebelow"
    """Our name as a Sparkplug host application."""


class Session(Section):
    """Limits of the Sparkplug host (definitions.md §4)."""

    reorder_ms: Count = 2_000
    rebirth_pause_ms: Count = 5_000
    rebirths_per_s: Seconds = 5.0
    live_age_s: Seconds = 60.0


class EmbeddedStore(Section):
    """The historian in a file of this machine."""

    kind: Literal["embedded"] = "embedded"
    path: Path = Path("var/historian.duckdb")
    memory_limit: str = "512MB"
    threads: Count = 1


class InfluxStore(Section):
    """The historian in InfluxDB: 1.x by database, 2.x by organisation, bucket (`database`) and token."""

    kind: Literal["influx"]
    url: str = "http://127.0.0.1:8086"
    database: str = "ninebelow"
    username: str | None = None
    password: SecretStr | None = None
    org: str | None = None
    token: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def http_url(cls, value: str) -> str:
        """Only http and https."""
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value


Store = Annotated[EmbeddedStore | InfluxStore, Field(discriminator="kind")]


class Http(Section):
    """Console and API. Beyond loopback nothing is shown without the token."""

    host: str = "127.0.0.1"
    port: Port = 8080
    token: SecretStr | None = None

    @model_validator(mode="after")
    def token_beyond_loopback(self) -> Http:
        """Without signing in nothing is shown, this machine aside."""
        if self.host not in LOOPBACK and self.token is None:
            raise ValueError(f"host {self.host} is not loopback: set token, or bind 127.0.0.1")
        return self


class Face(Section):
    """A working face."""

    code: str
    name: str
    kind: Literal["mining_face", "driving_face"]
    intelligent: bool = True
    hazard: Literal["severe", "other"] = "other"
    method: Literal["mechanised", "blasting"] = "mechanised"
    count_from: Literal["headcount", "cards"] = "headcount"
    """Where its headcount comes from: `Personnel/Headcount`, or the cards of `Personnel/Cards`."""


class Chamber(Section):
    """A machine chamber; `declared` is the level in the enterprise's filing."""

    code: str
    name: str
    kind: ChamberKind
    door_required: bool = False
    declared: Level | None = None


class Mine(Section):
    """A mine, its shift calendar, its faces and chambers. Codes are the groups and devices of the wire."""

    code: str
    name: str
    timezone: str = "Asia/Shanghai"
    calendar: Annotated[tuple[Calendar, ...], Field(strict=False)] = ()
    """Empty means 三八制: three shifts of eight hours, the first one maintenance."""
    faces: tuple[Face, ...] = ()
    chambers: tuple[Chamber, ...] = ()

    @field_validator("timezone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        """An IANA name."""
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown timezone {value!r}, as in 'Asia/Shanghai'") from error
        return value

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the faces and chambers."""
        return (*(face.code for face in self.faces), *(chamber.code for chamber in self.chambers))

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """The calendar, or 三八制."""
        return self.calendar or (Calendar(effective_on=EARLIEST, shifts=THREE_EIGHT),)


class Plan(Section):
    """The plan: its data comes from the registry, or from a file of projects alone."""

    projects: Path | None = None
    """In place of the registry."""
    demo: bool = False
    """Marks every page and answer as demonstration data."""
    chamber_share_goal: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Share of the chambers that “基本” asks for."""


class Registry(Section):
    """Where the master data lies: a SQLite file, or PostgreSQL by URL."""

    path: Path = Path("var/registry.sqlite")
    url: SecretStr | None = None


class GatewayConfig(Section):
    """The whole file."""

    mqtt: Mqtt = Mqtt()
    session: Session = Session()
    store: Store = EmbeddedStore()
    http: Http = Http()
    staffing: StaffingRule = StaffingRule()
    chambers: ChamberFigures = ChamberFigures()
    plan: Plan = Plan()
    registry: Registry = Registry()
    evidence: EvidenceFigures = DEFAULT_FIGURES
    reports: ReportSettings = ReportSettings()
    alarms: Alarms = Alarms()
    notify: Notify = Notify()
    mines: Annotated[list[Mine], Field(min_length=1)]


def load(path: Path) -> GatewayConfig:
    """The config; raises `Misconfigured` with every fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error}")]) from error
    config = config_form.load(GatewayConfig, text, str(path))
    faults = [Fault(str(path), None, what) for what in (*code_faults(config), *notify_faults(config))]
    try:
        rulebook(config.alarms)
    except Misconfigured as misconfigured:
        faults += misconfigured.faults
    if faults:
        raise Misconfigured(faults)
    return config


def notify_faults(config: GatewayConfig) -> Iterator[str]:
    """Routes that lead nowhere, or are for mines and areas that do not exist."""
    mines = {mine.code for mine in config.mines}
    areas = {code for mine in config.mines for code in mine.areas}
    yield from scope_faults(config.notify, mines, areas)
    if config.notify.routes:
        from gateway.live.apprise_sender import url_faults  # noqa: PLC0415  (only where messages are sent)

        yield from url_faults(config.notify)


def code_faults(config: GatewayConfig) -> Iterator[str]:
    """Codes that are no ids on the wire, or stand twice."""
    mines = [mine.code for mine in config.mines]
    areas = [(mine.code, code) for mine in config.mines for code in mine.areas]
    for code in [*mines, *(area for _, area in areas)]:
        if not is_valid_id(code):
            yield f"code {code!r} must be filled and free of + / #"
    yield from (f"mine {code} stands twice" for code in sorted({c for c in mines if mines.count(c) > 1}))
    yield from (
        f"area {code} of mine {mine} stands twice"
        for mine, code in sorted({a for a in areas if areas.count(a) > 1})
    )
