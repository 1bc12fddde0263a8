"""Pins the grammar of personnel-position files: names, encodings, separators, headers, times, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.acquisition.personnel.grammar import (
    Incomplete,
    RecordFault,
    Unreadable,
    document,
    file_name,
    split,
    time_ms,
)
from edge_agent.acquisition.personnel.profile import STANDARD, Kind, Profile
from tests.personnel_writer import AT_MS, MINE, NAMES, Person, card, china, file_text, ryqy, ryss, ryxx, zone

SAMPLE = (
    "410403004688;示例煤矿;2026-09-23 10:13:19~62082300920390001;测试1;1;2026-09-23 06:33:52;;6208230092030008;"
    "2026-09-23 06:33:52;6208230092030008000012;2026-09-23 06:33:52;三八制;-3.50;正常;0;0;"
    "6208230092030008000012&2026-09-23 06:33:52~||"
)
FIELD = st.text(st.characters(exclude_characters=";~|；\r\n", exclude_categories=["Cs"]), max_size=8)
PEOPLE = [Person(card(number), zone(8), name=NAMES[number]) for number in range(3)]


def records(content: bytes, mine: str = MINE, encoding: str = "utf-8") -> list[str]:
    """The records of a file."""
    return [*document(content, mine, STANDARD, encoding).records]


def test_the_published_sample() -> None:
    """The example that circulates with the format."""
    found = document(SAMPLE.encode(), "410403004688", STANDARD, "utf-8")

    assert found.at_ms == 1_790_129_599_000  # 2026-09-23 02:13:19 UTC
    fields = split(found.records[0], 1, Kind.RYSS, STANDARD)
    assert isinstance(fields, list)
    assert dict(zip(STANDARD.ryss, fields, strict=True))["zone"] == "6208230092030008"
    assert fields[4] == "", "an empty field keeps its place"
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("990000000001_RYSS_20210301080000.txt", "RYSS"),
        ("990000000001_RYXX_20210301080000.txt", "RYXX"),
        ("990000000001_JZSS_20210301080000.txt", "JZSS"),
        ("990000000001_RYSS_20210301080000.txt.tmp", None),
        ("990000000001_RYSS_20210301080000.TXT", None),
        ("~990000000001_RYSS_20210301080000.txt", None),
        ("99000000001_RYSS_20210301080000.txt", None),
        ("990000000001_RYSS_2021030108000.txt", None),
        ("990000000001_ryss_20210301080000.txt", None),
        ("９９0000000001_RYSS_20210301080000.txt", None),
        ("990000000001_RYSS_20210301080000.txt\n", None),
        ("", None),
    ],
)
def test_names(text: str, kind: str | None) -> None:
    """Only the whole form is a name; temporary names are none."""
    name = file_name(text)
    assert (name.kind if name else None) == kind
    if name:
        assert (name.text, name.mine, name.stamp) == (text, MINE, "20210301080000")


@given(st.lists(st.lists(FIELD, min_size=15, max_size=15), max_size=5), st.sampled_from(["", "\r\n", "\n"]))
def test_what_is_written_is_read(rows: list[list[str]], line_break: str) -> None:
    """Every field in its place, line breaks after records or not."""
    text = file_text((MINE, "矿", china(AT_MS)), map(";".join, rows), line_break)

    found = document(text.encode(), MINE, STANDARD, "utf-8")

    assert found.at_ms == AT_MS
    assert [split(record, 1, Kind.RYSS, STANDARD) for record in found.records] == rows


@given(st.data())
def test_a_file_without_its_end_is_incomplete(data: st.DataObject) -> None:
    """However little is missing, in the middle of a character too."""
    content = ryss(PEOPLE).encode()
    part = content[: data.draw(st.integers(0, len(content) - 1))]

    with pytest.raises(Incomplete, match=r"does not end with \|\|"):
        document(part, MINE, STANDARD, "utf-8")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ryss(PEOPLE).encode(), "utf-8"),
        (ryss(PEOPLE).encode("utf-8-sig"), "utf-8"),
        (ryss(PEOPLE).encode("utf-8-sig"), "gb18030"),
        (ryss(PEOPLE).encode("gb18030"), "gb18030"),
        (ryss(PEOPLE).encode("gbk"), "gb18030"),
        ((ryss(PEOPLE) + "\r\n").encode(), "utf-8"),
        (ryss(PEOPLE, line_break="\r\n").encode("gbk"), "gb18030"),
        (ryss(PEOPLE).replace("~||", "||").encode(), "utf-8"),
    ],
)
def test_encodings_and_line_ends(content: bytes, encoding: str) -> None:
    """BOM, GBK, CRLF, a last record without its own end: the same three records."""
    assert records(content, encoding=encoding) == [person.record for person in PEOPLE]


def test_another_encoding_is_told() -> None:
    """A character's second byte may be a separator elsewhere, so nothing is guessed."""
    with pytest.raises(Unreadable, match=r"not utf-8 from byte 15 on: see 'encoding'"):
        records(ryss(PEOPLE).encode("gbk"))


def test_a_character_that_ends_like_a_separator() -> None:
    """In GBK 億 ends with the byte of `|`, and 瓇 with that of `~`: neither is one."""
    name = "億瓇"
    assert name.encode("gbk")[1::2] == b"|~"
    person = Person(card(1), zone(8), name=name)

    assert records(ryss([person]).encode("gbk"), encoding="gb18030") == [person.record]
    with pytest.raises(Incomplete):
        records("億".encode("gbk") + b"|", encoding="gb18030")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ryss(PEOPLE) + ryss(PEOPLE), r"goes on after \|\|"),
        ("||", "the header has 1 fields, the profile's have 3 or 8"),
        (f"{MINE};矿~||", "the header has 2 fields"),
        (f"{MINE}；矿；2021-03-01 08:00:00~||", "the header has 1 fields"),
        (ryss(PEOPLE, mine="990000000002"), "its header names another mine than its name"),
        (f"{MINE};矿;2021-03-01T08:00:00~||", "time in its header is not as"),
        (f"{MINE};矿;2021-02-29 08:00:00~||", "time in its header is not as"),
        (f"{MINE};矿;~||", "time in its header is not as"),
    ],
)
def test_what_is_no_file_of_the_mine(text: str, reason: str) -> None:
    """As a whole unreadable, with the reason, and nothing of the file quoted."""
    with pytest.raises(Unreadable, match=reason) as refused:
        records(text.encode())
    assert not any(name in str(refused.value) for name in NAMES)


def test_both_headers() -> None:
    """Told apart by their number of fields, in any file."""
    for text in (ryss(PEOPLE), ryxx([(card(1), "采煤工", "班长")]), ryqy([(zone(8), "3204工作面")])):
        assert document(text.encode(), MINE, STANDARD, "utf-8").at_ms == AT_MS


def test_separators_of_a_profile() -> None:
    """As a profile has them."""
    profile = Profile(field_separator="\t", record_end="\n", file_end="END")
    text = f"{MINE}\t矿\t2021-03-01 08:00:00\na\tb\nEND\n"

    assert document(text.encode(), MINE, profile, "utf-8").records == ["a\tb"]


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ("a;b", RecordFault(7, "2 fields instead of 15")),
        ("", RecordFault(7, "1 fields instead of 15")),
        (PEOPLE[0].record + ";", RecordFault(7, "16 fields instead of 15", zone(8))),
        (PEOPLE[0].record.replace(";", "；"), RecordFault(7, "a full-width ； stands in it", zone(8))),
        (
            PEOPLE[0].record.replace("三八制", "三；八制"),
            RecordFault(7, "a full-width ； stands in it", zone(8)),
        ),
        (f"{zone(8)};{zone(9)}", RecordFault(7, "2 fields instead of 15")),
        (f"{zone(8)};x;{zone(8)}", RecordFault(7, "3 fields instead of 15", zone(8))),
        (f"{zone(8)}1;x", RecordFault(7, "2 fields instead of 15")),
    ],
)
def test_bad_records(record: str, fault: RecordFault) -> None:
    """Their zone is known where it is the only number of its length, wherever it stands."""
    assert split(record, 7, Kind.RYSS, STANDARD) == fault


def test_times_are_those_of_china() -> None:
    """Eight hours ahead of UTC, without summer time."""
    assert time_ms("1970-01-01 08:00:00") == 0
    assert time_ms("2021-07-01 00:00:00") == 1_625_068_800_000
