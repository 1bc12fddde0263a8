"""Pins the config of personnel-position files: defaults, faults with their lines, the points, the key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from contract import config_form
from contract.config_form import Section
from contract.errors import Misconfigured
from contract.point import Point, PositioningAddress
from edge_agent.acquisition.personnel import profile
from edge_agent.acquisition.personnel.intake import After
from edge_agent.source_config.personnel import PersonnelSource, key_in, points_of

ZONE = "9900000000010008"
PLAIN = f"""[[sources]]
protocol = "personnel"
name = "positions"
folder = "positions"
mine_code = "990000000001"
key_file = "/etc/ninebelow/card.key"
[sources.areas]
F1 = ["{ZONE}", "9900000000010009"]
C1 = ["9900000000010010"]
"""


class Config(Section):
    """A file with sources."""

    sources: Annotated[list[PersonnelSource], Field(min_length=1)]


def source_of(text: str) -> PersonnelSource:
    """The source of a config."""
    return config_form.load(Config, text, "/etc/ninebelow/edge.toml").sources[0]


def faults_of(text: str) -> list[tuple[int | None, str]]:
    """Lines and words of what is wrong."""
    with pytest.raises(Misconfigured) as refused:
        source_of(text)
    return [(fault.line, fault.what) for fault in refused.value.faults]


def with_line(line: str, before: str = "[sources.areas]\n") -> str:
    """The plain config with a line more, which is line 7 unless it goes elsewhere."""
    return PLAIN.replace(before, f"{line}\n{before}")


def test_defaults_are_those_of_the_format() -> None:
    """Nothing but the place, the mine, the key and the areas must be said."""
    source = source_of(PLAIN)

    assert (source.interval_s, source.stale_after_s, source.future_max_s, source.bad_share_max) == (
        300,
        600,
        300,
        0.2,
    )
    assert (source.encoding, source.after, source.post_from) == ("utf-8", After.KEEP, "post")
    assert source.folder == Path("/etc/ninebelow/positions")
    form, standard = source.profile, profile.STANDARD
    assert (form.ryss, form.ryxx, form.ryqy) == (standard.ryss, standard.ryxx, standard.ryqy)
    assert (form.headers, form.elsewhere) == (standard.headers, standard.elsewhere)
    assert (form.field_separator, form.record_end, form.file_end) == (";", "~", "||")
    assert (form.underground, source.post_from) == (standard.underground, standard.post_from)


def test_two_points_for_every_area() -> None:
    """Headcount and cards, with the zones as their address, never held back by a deadband."""
    points = points_of(source_of(PLAIN))

    address = PositioningAddress((ZONE, "9900000000010009"))
    assert points[:2] == tuple(
        Point("F1", metric, address, period_s=300.0, max_silence_s=300.0, stale_after_s=600.0)
        for metric in ("Personnel/Headcount", "Personnel/Cards")
    )
    assert [point.key for point in points[2:]] == [("C1", "Personnel/Headcount"), ("C1", "Personnel/Cards")]
    assert all(point.deadband == 0 for point in points)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (PLAIN.replace("990000000001", "99000000001", 1), 5, "mine_code"),
        (with_line("interval_s = 301"), 1, "stale_after_s 600 must be at least twice interval_s 301"),
        (with_line("interval_s = 0"), 7, "interval_s"),
        (with_line("bad_share_max = 0"), 7, "bad_share_max"),
        (with_line('encoding = "utf-16"'), 7, "encoding"),
        (with_line('after = "burn"'), 7, "after"),
        (with_line('post_from = "name"'), 7, "post_from"),
        (with_line("no_such = 1"), 7, "unknown key"),
        (PLAIN.replace(ZONE, ZONE[1:]), 8, "a zone (区域编码) has 16 digits"),
        (PLAIN.replace('["9900000000010010"]', "[]"), 7, "area 'C1' has no zones"),
        (PLAIN.replace("9900000000010010", ZONE), 7, f"zone {ZONE} is in 'F1' and in 'C1'"),
        (PLAIN.replace("C1 =", '"C/1" ='), 7, "area 'C/1' must be filled and free of + / #"),
        (PLAIN[: PLAIN.index("F1")], 7, "areas"),
        (PLAIN + '[sources.profile]\nryss = ["card", "flag"]\n', 11, "field 'zone' is missing"),
        (PLAIN + '[sources.profile]\nryss = ["card", "zone"]\n', 11, "field 'flag' is missing"),
        (PLAIN + '[sources.profile]\nryss = ["zone", "flag"]\n', 11, "field 'card' is missing"),
        (PLAIN + '[sources.profile]\nryxx = ["card", "pots"]\n', 11, "unknown field 'pots'"),
        (PLAIN + '[sources.profile]\nryxx = ["card", "trade"]\n', 1, "post_from is 'post'"),
        (PLAIN + '[sources.profile]\nryqy = ["zone", "zone"]\n', 11, "field 'zone' stands twice"),
        (PLAIN + '[sources.profile]\nheaders = [["mine", "_"]]\n', 11, "field 'at' is missing"),
        (
            PLAIN + '[sources.profile]\nheaders = [["mine", "at"], ["at", "mine"]]\n',
            11,
            "no two with the same",
        ),
        (PLAIN + "[sources.profile]\nheaders = []\n", 11, "at least one form"),
        (PLAIN + '[sources.profile]\nunderground = "2"\n', 10, "cannot be both underground and elsewhere"),
        (PLAIN + '[sources.profile]\nrecord_end = ";"\n', 10, "must differ"),
    ],
)
def test_faults(text: str, line: int, what: str) -> None:
    """Each with the line it stands on, or that of the table around it."""
    ((found_line, found_what),) = faults_of(text)

    assert found_line == line
    assert what in found_what


def test_every_fault_at_once() -> None:
    """Of the source and of its profile."""
    text = with_line("scan_s = -1") + "[sources.profile]\nryss = []\nryqy = []\n"

    assert [line for line, _ in faults_of(text)] == [7, 12, 13]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"0123456789abcdef", b"0123456789abcdef"),
        (b"0123456789abcdef0123456789abcdef\r\n", b"0123456789abcdef0123456789abcdef"),
        (bytes(range(32)), bytes(range(32))),
        (b"0123456789abcde\n", None),
        (b"", None),
        (b"x" * 4097, None),
        (None, None),
    ],
    ids=["short", "line", "binary", "too-short", "empty", "too-long", "absent"],
)
def test_the_key(tmp_path: Path, content: bytes | None, key: bytes | None) -> None:
    """16 bytes or more without the line's end; a fault names the file and never shows what is in it."""
    path = tmp_path / "card.key"
    if content is not None:
        path.write_bytes(content)
    if key is not None:
        assert key_in(path) == key
        return
    with pytest.raises(Misconfigured, match=str(path)) as refused:
        key_in(path)
    assert not content or content.decode().strip() not in str(refused.value)
