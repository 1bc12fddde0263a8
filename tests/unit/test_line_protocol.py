"""Line protocol: what is written reads back the same by a parser that shares nothing with the writer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.historian.historian import AT_MS_MAX, FieldValue, Point, Series, is_text
from gateway.historian.line_protocol import encode, series_key

PUMP = Series("pump", (("area", "C-PUMP"), ("mine", "990000000001"), ("unit", "2")))

# `%` stays out of names here: it is what the writer writes in place of characters that cannot be carried.
NASTY = st.text(st.sampled_from(', ="\\#\n\r\t\x00\x7f\x85\u2028a井下😀\ud800'), min_size=1, max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.sampled_from('%, ="\\#\n\r\x00\x85\u2028a井下😀'), max_size=12)
FIELDS = st.dictionaries(NASTY, NUMBERS, max_size=4).flatmap(
    lambda numbers: st.dictionaries(NASTY.map("{}_text".format), TEXTS, max_size=3).map(
        lambda texts: {**numbers, **texts}
    )
)
SERIES = st.builds(
    lambda measurement, tags: Series(measurement, tuple(sorted(tags.items()))),
    NASTY,
    st.dictionaries(NASTY, NASTY, max_size=3),
)
POINTS = st.builds(Point, SERIES, st.integers(-AT_MS_MAX + 1, AT_MS_MAX - 1), FIELDS)


class Reader:
    """Reads lines as the protocol's description has it, character by character."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._at = 0

    def points(self) -> Iterator[tuple[Series, int, dict[str, FieldValue]]]:
        """Series, instant and fields of every line."""
        while self._at < len(self._body):
            measurement = self._name(", ")
            tags = []
            while self._took(","):
                name = self._name("=")
                assert self._took("=")
                tags.append((name, self._name(", ")))
            assert self._took(" ")
            fields = dict([self._field()])
            while self._took(","):
                fields |= dict([self._field()])
            assert self._took(" ")
            digits = self._until("\n")
            assert self._at == len(self._body) or self._took("\n")
            yield Series(measurement, tuple(tags)), int(digits), fields

    def _took(self, character: str) -> bool:
        found = self._body.startswith(character, self._at)
        self._at += found
        return found

    def _until(self, ends: str) -> str:
        start = self._at
        while self._at < len(self._body) and self._body[self._at] not in ends:
            self._at += 2 if self._body[self._at] == "\\" else 1
        return self._body[start : self._at]

    def _name(self, ends: str) -> str:
        plain = re.sub(r"\\([, =])", r"\1", self._until(ends))
        return re.sub("%(D[89AB][0-9A-F]{2}|[0-9A-F]{2})", lambda found: chr(int(found[1], 16)), plain)

    def _field(self) -> tuple[str, FieldValue]:
        name = self._name("=")
        assert self._took("=")
        if not self._took('"'):
            return name, float(self._until(", "))
        quoted = self._until('"')
        assert self._took('"')
        return name, re.sub(r"\\([\\\"])", r"\1", quoted)


@given(st.lists(POINTS, max_size=4))
def test_what_is_written_reads_back(points: list[Point]) -> None:
    encoded = encode(points)
    assert list(Reader("\n".join(encoded.lines)).points()) == [
        (point.series, point.at_ms, dict(point.fields)) for point in points if point.fields
    ]
    assert encoded.points == [point for point in points if point.fields]
    assert encoded.refused == []


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"flow": 7.0}, "flow=7.0"),
        ({"flow": 7}, "flow=7.0"),
        ({"running": True, "flow": 0.1}, "running=1.0,flow=0.1"),
        ({"flow": -0.0}, "flow=-0.0"),
        ({"flow": 1e22, "head": 5e-324}, "flow=1e+22,head=5e-324"),
        ({"flow": 1e308, "head": 1e308}, "flow=1e+308,head=1e+308"),
        ({"mode_text": "auto"}, 'mode_text="auto"'),
        ({"mode_text": ""}, 'mode_text=""'),
        ({"cards_text": 'a "b", c\\'}, 'cards_text="a \\"b\\", c\\\\"'),
        ({"level": 1.5, "mode_text": "中\n文"}, 'level=1.5,mode_text="中\n文"'),
        ({"100 %": 1.0, "flow=,": 2.0}, "100\\ %=1.0,flow\\=\\,=2.0"),
    ],
)
def test_a_line(fields: dict[str, FieldValue], line: str) -> None:
    encoded = encode([Point(PUMP, 1_700_000_000_000, fields)])
    assert encoded.lines == [f"pump,area=C-PUMP,mine=990000000001,unit=2 {line} 1700000000000"]
    assert encoded.refused == []


@pytest.mark.parametrize(
    ("series", "key"),
    [
        (Series("pump", ()), "pump"),
        (Series("pump", (("unit", ""), ("area", "F1"))), "pump,area=F1"),
        (Series("main fan,a=b", (("a b", "c=d, e"),)), r"main\ fan\,a=b,a\ b=c\=d\,\ e"),
        (Series("#pump", (("point", "Kanal\\1\\"), ("x", "a\nb"))), "%23pump,point=Kanal%5C1%5C,x=a%0Ab"),
        (Series("telemetry", (("point", 'a "b" 瓦斯'),)), r'telemetry,point=a\ "b"\ 瓦斯'),
    ],
)
def test_a_series_key(series: Series, key: str) -> None:
    assert series_key(series) == key


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("flow", math.nan, "not finite"),
        ("flow", -math.inf, "not finite"),
        ("flow", 10**400, "no number"),
        ("flow", None, "no number"),
        ("flow", "7", "cannot hold text"),
        ("mode_text", 7.0, "cannot hold a number"),
        ("mode_text", None, "cannot hold a number"),
        ("time", 7.0, "no name"),
        ("", 7.0, "no name"),
    ],
)
def test_a_refused_value_is_left_out_and_told(name: str, value: FieldValue, reason: str) -> None:
    encoded = encode([Point(PUMP, 1, {name: value, "head": 2.0}), Point(PUMP, 2, {name: value})])
    assert [line.partition(" ")[2] for line in encoded.lines] == ["head=2.0 1"]
    assert len(encoded.refused) == 2
    assert all(reason in refused for refused in encoded.refused)


@pytest.mark.parametrize("at_ms", [AT_MS_MAX, -AT_MS_MAX, 10**30])
def test_an_instant_beyond_the_store_is_refused(at_ms: int) -> None:
    encoded = encode([Point(PUMP, at_ms, {"flow": 1.0}), Point(PUMP, 1, {"flow": 1.0})])
    assert len(encoded.lines) == len(encoded.refused) == 1


def test_a_field_name_decides_the_type() -> None:
    assert is_text("mode_text")
    assert not is_text("mode")
    assert not is_text("text")
