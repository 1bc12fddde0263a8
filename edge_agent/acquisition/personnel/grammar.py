"""The grammar that all files of the family share: name, encoding, records, header; pure.

    <mine 12 digits>_<KIND>_<yyyyMMddHHmmss>.txt      header~record~record~||

Fields are parted by `;`, records end with `~`, the file with `||`. A file without its end is not there yet. Line
breaks between records are let pass. Times are China's standard time, without a zone.

Nothing that is raised here quotes the file: names of people stand in it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from contract.errors import Rejected, Transient
from edge_agent.acquisition.personnel.profile import Kind, Profile

FILE_NAME: Final = re.compile(r"([0-9]{12})_([A-Z]+)_([0-9]{14})\.txt")
TIME: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
ZONE: Final = re.compile(r"[0-9]{16}")
ZONE_ANYWHERE: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
CHINA: Final = timezone(timedelta(hours=8))
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
FULL_WIDTH: Final = "；"
LINE_BREAKS: Final = "\r\n"


class Incomplete(Transient):
    """The file has no end yet: somebody is still writing it, or has given up."""


class Unreadable(Rejected):
    """The file as a whole says nothing; the text says why, without quoting it."""


class FileName(NamedTuple):
    """The name of a file, taken apart; `stamp` is in the order of time."""

    text: str
    mine: str
    kind: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file: when it was made (UTC milliseconds since 1970) and its records as they stand there."""

    at_ms: int
    records: Sequence[str]


@dataclass(frozen=True, slots=True)
class RecordFault:
    """A record that cannot be read: its number from 1, what is wrong, and the zone it speaks of if that is clear."""

    number: int
    what: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file says, whatever its kind."""

    at_ms: int
    records: int
    """How many it has, bad ones included."""
    faults: Sequence[RecordFault]


def file_name(text: str) -> FileName | None:
    """The parts of a file's name, or `None` if it is none of the family's: a temporary name, for one."""
    found = FILE_NAME.fullmatch(text)
    return FileName(text, found[1], found[2], found[3]) if found else None


def document(content: bytes, mine: str, profile: Profile, encoding: str) -> Document:
    """The records of a file; raises `Incomplete` or `Unreadable`."""
    header, *records = segments(decoded(content, profile, encoding), profile)
    fields = header.split(profile.field_separator)
    form = next((form for form in profile.headers if len(form) == len(fields)), None)
    if form is None:
        known = " or ".join(str(len(form)) for form in profile.headers)
        raise Unreadable(f"the header has {len(fields)} fields, the profile's have {known}")
    if fields[form.index("mine")].strip() != mine:
        raise Unreadable("its header names another mine than its name")
    return Document(time_ms(fields[form.index("at")].strip()), records)


def decoded(content: bytes, profile: Profile, encoding: str) -> str:
    """The text; a byte order mark outdoes the configured encoding.

    Strict: the second byte of a Chinese character may be a separator in another encoding. The end is looked for
    first, for a file may end in the middle of a character so far.
    """
    if content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    if not content.rstrip().endswith(profile.file_end.encode(encoding.removesuffix("-sig"))):
        raise Incomplete(f"it does not end with {profile.file_end}")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not {encoding} from byte {error.start} on: see 'encoding'") from None


def segments(text: str, profile: Profile) -> list[str]:
    """The header and the records."""
    text = text.rstrip()
    end = text.find(profile.file_end)
    if end < 0:
        raise Incomplete(f"it does not end with {profile.file_end}")
    if end + len(profile.file_end) < len(text):
        raise Unreadable(f"it goes on after {profile.file_end}")
    *ended, rest = text[:end].split(profile.record_end)
    found = [segment.strip(LINE_BREAKS) for segment in (*ended, rest)]
    return found if found[-1] or not ended else found[:-1]


def split(record: str, number: int, kind: Kind, profile: Profile) -> list[str] | RecordFault:
    """The fields of a record, or what is wrong with it."""
    fields = record.split(profile.field_separator)
    wanted = len(profile.fields(kind))
    if FULL_WIDTH in record:
        return RecordFault(number, "a full-width ； stands in it", zone_in(record))
    if len(fields) != wanted:
        return RecordFault(number, f"{len(fields)} fields instead of {wanted}", zone_in(record))
    return fields


def zone_in(record: str) -> str | None:
    """The zone that a record speaks of though its fields are out of place: the only such number in it."""
    found = {*ZONE_ANYWHERE.findall(record)}
    return found.pop() if len(found) == 1 else None


def time_ms(text: str) -> int:
    """UTC milliseconds of a time in a file; raises `Unreadable`."""
    found = TIME.fullmatch(text)
    try:
        at = datetime(*map(int, found.groups()), tzinfo=CHINA) if found else None  # type: ignore[arg-type, misc]  # six
    except ValueError:
        at = None
    if at is None:
        raise Unreadable("the time in its header is not as 2021-03-01 08:00:00")
    return (at - EPOCH) // MILLISECOND
