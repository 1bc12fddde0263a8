"""Personnel-position files in the config: where they lie, how they are laid out, and which zones make up an area."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from contract.config_form import Section
from contract.errors import Fault, Misconfigured
from contract.point import Point, PositioningAddress
from contract.topic import is_valid_id
from edge_agent.acquisition.personnel import profile
from edge_agent.acquisition.personnel.census import CARDS, HEADCOUNT
from edge_agent.acquisition.personnel.grammar import ZONE
from edge_agent.acquisition.personnel.intake import After
from edge_agent.acquisition.personnel.profile import Kind
from edge_agent.acquisition.personnel.pseudonym import KEY_BYTES_MIN
from edge_agent.source_config.table import Count, Seconds

KEY_BYTES_MAX: Final = 4096


def zone_code(code: str) -> str:
    """A zone of the positioning system."""
    if not ZONE.fullmatch(code):
        raise ValueError("a zone (区域编码) has 16 digits")
    return code


ZoneCode = Annotated[str, AfterValidator(zone_code)]
Fields = tuple[str, ...]
Separator = Annotated[str, Field(min_length=1, max_length=8)]


class ProfileForm(Section):
    """How the mine's files are laid out; lists of fields are in their order in the file."""

    ryss: Fields = profile.RYSS
    ryxx: Fields = profile.RYXX
    ryqy: Fields = profile.RYQY
    headers: tuple[Fields, ...] = (profile.HEADER, profile.HEADER_RYXX)
    """Forms of the first record, told apart by their number of fields."""
    underground: str = "1"
    """The flag of a person who is below."""
    elsewhere: tuple[str, ...] = ("0", "2")
    """The flags of a person who is not; any other flag makes a record bad."""
    field_separator: Separator = ";"
    record_end: Separator = "~"
    file_end: Separator = "||"

    @field_validator("ryss", "ryxx", "ryqy")
    @classmethod
    def readable(cls, names: Fields, info: object) -> Fields:
        """What cannot be done without is there."""
        profile.check_fields(Kind(str(getattr(info, "field_name", "")).upper()), names)
        return names

    @field_validator("headers")
    @classmethod
    def readable_headers(cls, forms: tuple[Fields, ...]) -> tuple[Fields, ...]:
        """So it is in every header."""
        profile.check_headers(forms)
        return forms

    @model_validator(mode="after")
    def distinct(self) -> ProfileForm:
        """One flag or separator does not mean two things."""
        if self.underground in self.elsewhere:
            raise ValueError(f"flag {self.underground!r} cannot be both underground and elsewhere")
        if len({self.field_separator, self.record_end, self.file_end}) < len(("field", "record", "file")):
            raise ValueError("field_separator, record_end and file_end must differ")
        return self


class PersonnelSource(Section):
    """The drop folder of a mine's personnel positioning system."""

    protocol: Literal["personnel"]
    name: Annotated[str, Field(min_length=1)]
    folder: Path
    mine_code: Annotated[str, Field(pattern="^[0-9]{12}$")]
    """煤矿编码, 12 digits: the beginning of the files' names. Files of other mines are counted and left."""
    key_file: Path
    """The secret key of the cards' pseudonyms, 16 bytes or more. Whoever changes it makes everybody a stranger."""
    areas: Annotated[Mapping[str, tuple[ZoneCode, ...]], Field(min_length=1)]
    """Our faces and chambers, each with the zones that make it up."""
    interval_s: Seconds = 300.0
    """How often the positioning system makes a snapshot."""
    stale_after_s: Seconds = 600.0
    """A snapshot holds so long, by its own time; at least twice `interval_s`."""
    future_max_s: Annotated[float, Field(ge=0)] = 300.0
    """So far a file's time may be ahead of the agent's clock."""
    bad_share_max: Annotated[float, Field(gt=0, le=1)] = 0.2
    """A file with this share of bad records, or more, has failed."""
    settled_ms: Annotated[float, Field(ge=0)] = 60_000.0
    """A file without its end has failed when it has not changed for so long."""
    scan_s: Seconds = 5.0
    """How often the folder is looked at."""
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    """gb18030 includes GBK and GB 2312."""
    after: After = After.KEEP
    """What becomes of a file when a newer one of its kind has been accepted."""
    post_from: Literal["post", "trade"] = "post"
    """Which field of RYXX says what a person does: 职务 or 工种."""
    leader_post: str = "矿领导"
    """The post of whoever the files call a leader of the mine; empty: his own."""
    files_max: Count = 200
    """Files of each kind that are looked at, the newest by name."""
    file_bytes_max: Count = 8_388_608
    cards_chars_max: Count = 65_536
    """A longer list of cards is not sent: a part of it would say that the others have left. The headcount is."""
    profile: ProfileForm = ProfileForm()

    @field_validator("areas")
    @classmethod
    def told_apart(cls, areas: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        """Every area has zones, every zone one area."""
        area_of: dict[str, str] = {}
        for area, zones in areas.items():
            if not is_valid_id(area):
                raise ValueError(f"area {area!r} must be filled and free of + / #")
            if not zones:
                raise ValueError(f"area {area!r} has no zones: name at least one 区域编码")
            for zone in zones:
                other = area_of.setdefault(zone, area)
                if other != area:
                    raise ValueError(f"zone {zone} is in {other!r} and in {area!r}: a zone has one area")
        return areas

    @model_validator(mode="after")
    def repeats_in_time(self) -> PersonnelSource:
        """A source repeats its values at least every half of the time for which they hold."""
        if self.stale_after_s < 2 * self.interval_s:
            raise ValueError(
                f"stale_after_s {self.stale_after_s:g} must be at least twice interval_s {self.interval_s:g}"
            )
        if self.post_from not in self.profile.ryxx:
            raise ValueError(f"post_from is {self.post_from!r}, which is no field of profile.ryxx")
        return self


def points_of(source: PersonnelSource) -> tuple[Point, ...]:
    """Headcount and cards of every area."""
    return tuple(
        Point(
            area,
            metric,
            PositioningAddress(zones),
            period_s=source.interval_s,
            max_silence_s=source.interval_s,
            stale_after_s=source.stale_after_s,
        )
        for area, zones in source.areas.items()
        for metric in (HEADCOUNT, CARDS)
    )


def key_in(path: Path) -> bytes:
    """The key in a file, without the line's end; raises `Misconfigured`, and never shows it."""
    try:
        with path.open("rb") as file:
            key = file.read(KEY_BYTES_MAX + 1).rstrip(b"\r\n")
    except OSError as error:
        raise Misconfigured([Fault(str(path), None, f"cannot be read: {error.strerror}")]) from error
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise Misconfigured(
            [
                Fault(str(path), None,
                      f"a key has {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes: make one with 'openssl rand -hex 32'")
            ]
        )  # fmt: skip
    return key
