"""The centre's config file: `load` checks everything, opens only files, and reports all faults at once."""

from __future__ import annotations

import ssl
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
from gateway import config_checks
from gateway.access.settings import AccessSettings
from gateway.alarm_config import Alarms, Notify
from gateway.mine_calendar import MineCalendar, check_calendars
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


class Limits(Section):
    """How much the centre holds in memory at most; what finds no room is counted."""

    gateways: Count = 10_000
    """Edge nodes that are listened to."""
    messages_out_of_order: Count = 100
    """Of one gateway, waiting for a missing one."""
    values_waiting: Count = 500_000
    """For the store; above it the newest are dropped, and our gateways send them again."""
    values_per_write: Count = 20_000
    conclusions_waiting: Count = 100_000
    """For the store; above it the oldest are dropped."""
    gaps_per_gateway: Count = 500
    """Entries of the gap ledger; older ones are in the store."""


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
    """Console and API."""

    host: str = "127.0.0.1"
    port: Port = 8080
    certificate: Path | None = None
    """PEM, the server's own certificate first; with `key` the console is served over https."""
    key: Path | None = None

    @model_validator(mode="after")
    def both_or_none(self) -> Http:
        """A certificate goes with its key."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        return self

    @property
    def is_loopback(self) -> bool:
        """Does only this machine reach it?"""
        return self.host in LOOPBACK


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
    calendar: tuple[MineCalendar, ...] = ()
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

    @model_validator(mode="after")
    def calendars_of_its_own_faces(self) -> Mine:
        """No two of one face or of the mine from the same day on."""
        check_calendars(self.calendar, {face.code for face in self.faces})
        return self

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
    limits: Limits = Limits()
    store: Store = EmbeddedStore()
    http: Http = Http()
    staffing: StaffingRule = StaffingRule()
    chambers: ChamberFigures = ChamberFigures()
    plan: Plan = Plan()
    registry: Registry = Registry()
    evidence: EvidenceFigures = DEFAULT_FIGURES
    reports: ReportSettings = ReportSettings()
    access: AccessSettings = AccessSettings()
    alarms: Alarms = Alarms()
    notify: Notify = Notify()
    mines: Annotated[list[Mine], Field(min_length=1)]


def load(path: Path) -> GatewayConfig:
    """The config; raises `Misconfigured` with every fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error}")]) from error
    try:
        config = config_form.load(GatewayConfig, text, str(path))
    except Misconfigured as misconfigured:
        beside = config_checks.faults_beside(text, str(path))
        raise Misconfigured([*misconfigured.faults, *beside]) from misconfigured
    faults = [Fault(str(path), None, what) for what in certificate_faults(config.http)]
    faults += config_checks.config_faults(config, text, str(path))
    if faults:
        raise Misconfigured(faults)
    return config


def certificate_faults(http: Http) -> Iterator[str]:
    """A certificate or key that cannot be used."""
    if http.certificate is None or http.key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            http.certificate, http.key, password=no_password
        )
    except (OSError, ValueError) as error:
        yield f"http.certificate, http.key: {http.certificate} and {http.key} cannot be used ({error})"


def no_password() -> str:
    """A key under a password: nobody is there to type it."""
    raise ValueError("the key must not have a password")
