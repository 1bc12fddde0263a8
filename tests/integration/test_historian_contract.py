"""What the centre expects of a historian (gateway/historian/historian.py).

Asked alike of the embedded store and of a real InfluxDB 1.x.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.historian.embedded import EmbeddedHistorian
from gateway.historian.historian import (
    Bucket,
    FieldValue,
    Historian,
    Point,
    PointsRejected,
    Row,
    Series,
)
from gateway.historian.influx import InfluxHistorian
from tests.embedded_writer import PUMP
from tests.servers import influxd

AT = 1_795_600_000_000
FOREVER = (-(10**15), 10**15)
NASTY = [
    "a,b",
    "a b",
    "a=b",
    'say "八"',
    "it's",
    "中央水泵房",
    "a\nb",
    "back\\",
    "\\n",
    "a\\,b",
    "\x00\x1f",
    "\x85\u2028",
    "😀",
    "#1",
    "$x;--",
]


@pytest.fixture(scope="module")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with influxd(tmp_path_factory.mktemp("influxd")) as url:
        yield url


@pytest.fixture
async def influx(influx_url: str, request: pytest.FixtureRequest) -> AsyncIterator[InfluxHistorian]:
    async with InfluxHistorian(influx_url, database=request.node.name) as historian:
        yield historian


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[EmbeddedHistorian]:
    async with EmbeddedHistorian(tmp_path / "historian.duckdb") as historian:
        yield historian


@pytest.fixture(params=["embedded", "influx"])
def historian(request: pytest.FixtureRequest) -> Historian:
    store: Historian = request.getfixturevalue(request.param)
    return store


async def test_nothing_is_known_at_first(historian: Historian) -> None:
    assert await historian.read(PUMP, ["flow"], *FOREVER) == []
    assert await historian.last_before(PUMP, ["flow"], AT) is None
    await historian.write([])
    await historian.write([Point(PUMP, AT, {})])
    assert await historian.read(PUMP, ["flow"], *FOREVER) == []
    assert await historian.read(PUMP, [], *FOREVER) == []


async def test_numbers_and_text_come_back_as_they_were(historian: Historian) -> None:
    fields: dict[str, FieldValue] = {
        "flow": 7.0, "head": 0.1 + 0.2, "level": -1e-300, "mode_text": "auto", "cards_text": "", "flow_q": 192.0
    }  # fmt: skip
    await historian.write([Point(PUMP, AT, fields)])
    [row] = await historian.read(PUMP, list(fields), AT, AT + 1)
    assert row == Row(AT, fields)
    assert {type(value) for value in row.fields.values()} == {float, str}


async def test_integers_and_booleans_become_floats(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"starts": 3, "running": True})])
    await historian.write([Point(PUMP, AT + 1, {"starts": 4.5, "running": 0.0})])
    rows = await historian.read(PUMP, ["starts", "running"], *FOREVER)
    assert rows == [Row(AT, {"starts": 3.0, "running": 1.0}), Row(AT + 1, {"starts": 4.5, "running": 0.0})]


async def test_writing_again_changes_nothing(historian: Historian) -> None:
    points = [Point(PUMP, AT + i, {"flow": float(i), "mode_text": str(i)}) for i in range(50)]
    for _ in range(3):
        await historian.write(points)
    rows = await historian.read(PUMP, ["flow", "mode_text"], *FOREVER)
    assert rows == [Row(point.at_ms, dict(point.fields)) for point in points]


async def test_fields_of_one_instant_merge_and_the_last_write_wins(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"flow": 1.0, "head": 2.0, "mode_text": "auto"})])
    await historian.write([Point(PUMP, AT, {"flow": 3.0, "level": 4.0, "mode_text": "local"})])
    rows = await historian.read(PUMP, ["flow", "head", "level", "mode_text"], *FOREVER)
    assert rows == [Row(AT, {"flow": 3.0, "head": 2.0, "level": 4.0, "mode_text": "local"})]


async def test_within_one_batch_the_later_point_wins(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT, {"flow": float(i)}) for i in range(100)])
    assert await historian.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 99.0})]


async def test_late_data_lands_at_its_own_time(historian: Historian) -> None:
    for at_ms in (AT + 5, AT - 86_400_000 * 400, AT, AT + 3):
        await historian.write([Point(PUMP, at_ms, {"flow": float(at_ms)})])
    rows = await historian.read(PUMP, ["flow"], *FOREVER)
    assert [row.at_ms for row in rows] == [AT - 86_400_000 * 400, AT, AT + 3, AT + 5]


async def test_a_range_has_its_start_and_not_its_end(historian: Historian) -> None:
    await historian.write([Point(PUMP, AT + i, {"flow": float(i)}) for i in range(5)])
    assert [row.at_ms - AT for row in await historian.read(PUMP, ["flow"], AT + 1, AT + 4)] == [1, 2, 3]
    assert await historian.read(PUMP, ["flow"], AT + 1, AT + 1) == []
    assert await historian.read(PUMP, ["flow"], AT + 3, AT + 1) == []


async def test_rows_have_only_the_asked_fields_and_at_least_one(historian: Historian) -> None:
    await historian.write(
        [Point(PUMP, AT, {"flow": 1.0}), Point(PUMP, AT + 1, {"head": 2.0, "mode_text": "auto"})]
    )
    assert await historian.read(PUMP, ["flow", "level"], *FOREVER) == [Row(AT, {"flow": 1.0})]
    assert await historian.read(PUMP, ["mode_text", "flow", "flow"], *FOREVER) == [
        Row(AT, {"flow": 1.0}),
        Row(AT + 1, {"mode_text": "auto"}),
    ]
    assert await historian.read(PUMP, ["never_written", "nor_this_text"], *FOREVER) == []


@pytest.mark.parametrize("age_ms", [1, 3_600_000, 7 * 86_400_000, 400 * 86_400_000])
async def test_the_newest_row_before_an_instant(historian: Historian, age_ms: int) -> None:
    newest = AT - age_ms
    await historian.write([Point(PUMP, newest - 1, {"flow": 1.0}), Point(PUMP, AT, {"flow": 9.0})])
    await historian.write([Point(PUMP, newest, {"flow": 2.0, "mode_text": "auto"})])
    await historian.write([Point(PUMP, newest, {"flow": 3.0})])
    fields = ["flow", "mode_text"]
    assert await historian.last_before(PUMP, fields, AT) == Row(newest, {"flow": 3.0, "mode_text": "auto"})
    assert await historian.last_before(PUMP, fields, newest) == Row(newest - 1, {"flow": 1.0})
    assert await historian.last_before(PUMP, fields, newest - 1) is None
    assert await historian.last_before(PUMP, ["flow"], FOREVER[1]) == Row(AT, {"flow": 9.0})
    assert await historian.last_before(PUMP, ["head"], FOREVER[1]) is None


async def test_a_series_is_told_from_those_with_more_or_other_tags(historian: Historian) -> None:
    every = [
        Series("pump", ()),
        Series("pump", (("area", "A"),)),
        Series("pump", (("area", "A"), ("unit", "1"))),
        Series("pump", (("area", "A"), ("unit", "2"))),
        Series("pump", (("area", "B"), ("unit", "1"))),
        Series("main_fan", (("area", "A"),)),
    ]
    await historian.write([Point(series, AT, {"flow": float(i)}) for i, series in enumerate(every)])
    for i, series in enumerate(every):
        assert await historian.read(series, ["flow"], *FOREVER) == [Row(AT, {"flow": float(i)})]
        assert await historian.last_before(series, ["flow"], AT + 1) == Row(AT, {"flow": float(i)})


async def test_nasty_strings_everywhere(historian: Historian) -> None:
    points = [
        Point(
            Series(f"m{text}", ((f"t{text}", text), ("z", "1"))),
            AT,
            {f"f{text}": 1.5, f"f{text}_text": text * 2},
        )
        for text in NASTY
    ]
    await historian.write(points)
    for point in points:
        assert await historian.read(point.series, list(point.fields), *FOREVER) == [
            Row(AT, dict(point.fields))
        ]


async def test_text_that_is_no_unicode_does_not_stop_a_batch(historian: Historian) -> None:
    await historian.write(
        [Point(PUMP, AT, {"mode_text": "a\ud800b"}), Point(PUMP, AT + 1, {"mode_text": "ok"})]
    )
    rows = await historian.read(PUMP, ["mode_text"], *FOREVER)
    assert rows == [Row(AT, {"mode_text": "a?b"}), Row(AT + 1, {"mode_text": "ok"})]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flow", "7"),
        ("mode_text", 7.0),
        ("flow", math.nan),
        ("flow", math.inf),
        pytest.param("flow", 10**400, id="huge"),
        ("time", 1.0),
    ],
)
async def test_a_value_that_breaks_the_rules_is_refused_and_the_rest_stored(
    historian: Historian, name: str, value: FieldValue
) -> None:
    good: dict[str, FieldValue] = {"head": 1.0, "state_text": "auto"}
    points = [Point(PUMP, AT, good), Point(PUMP, AT + 1, {**good, name: value}), Point(PUMP, AT + 2, good)]
    with pytest.raises(PointsRejected) as refusal:
        await historian.write(points)
    assert refusal.value.count == 1
    assert name in refusal.value.reason
    rows = await historian.read(PUMP, ["head", "state_text", "flow", "mode_text"], *FOREVER)
    assert rows == [Row(AT + i, dict(good)) for i in range(3)]


async def test_an_instant_out_of_range_is_refused_and_the_rest_stored(historian: Historian) -> None:
    with pytest.raises(PointsRejected) as refusal:
        await historian.write([Point(PUMP, 10**16, {"flow": 1.0}), Point(PUMP, AT, {"flow": 2.0})])
    assert refusal.value.count == 1
    assert await historian.read(PUMP, ["flow"], *FOREVER) == [Row(AT, {"flow": 2.0})]


async def test_a_big_batch(historian: Historian) -> None:
    every = [Series("shearer", (("area", f"F{i}"), ("mine", "990000000001"))) for i in range(4)]
    points = [
        Point(every[i % 4], AT + i // 4 * 1000, {"speed": i / 7, "traction": float(i), "mode_text": str(i)})
        for i in range(20_000)
    ]
    await historian.write(points)
    for number, series in enumerate(every):
        rows = await historian.read(series, ["speed", "traction", "mode_text"], *FOREVER)
        assert rows == [Row(point.at_ms, dict(point.fields)) for point in points[number::4]]


async def test_many_writers_at_once(historian: Historian) -> None:
    async with asyncio.TaskGroup() as tasks:
        for i in range(100):
            tasks.create_task(historian.write([Point(PUMP, AT + i, {"flow": float(i)})]))
    assert len(await historian.read(PUMP, ["flow"], *FOREVER)) == 100


FACES = [
    Series("shift_record", (("area", face), ("mine", mine), ("shift", shift)))
    for mine in ("m1", "m2")
    for face in ("F1", "F 2")
    for shift in ("八点班", "零点班")
]


@pytest.mark.parametrize("count", [1, 3, len(FACES)])
async def test_many_series_are_read_as_each_by_itself(historian: Historian, count: int) -> None:
    """Whatever else there is; a series without rows is not in the answer."""
    for place, series in enumerate(FACES):
        await historian.write(
            [Point(series, AT + at, {"verdict_text": f"{place} {at}", "limit": 9.0}) for at in range(place)]
        )
    more = Series("shift_record", (*FACES[1].tags, ("type", "x")))
    less = Series("shift_record", FACES[1].tags[:2])
    other = Series("other", FACES[1].tags)
    await historian.write(
        [Point(each, AT + 9, {"verdict_text": "not asked for"}) for each in (more, less, other)]
    )
    asked, fields = FACES[:count], ["verdict_text", "limit", "reason_text"]
    for bounds in (FOREVER, (AT + 1, AT + 3)):
        each = {series: await historian.read(series, fields, *bounds) for series in asked}
        assert await historian.read_many(asked, fields, *bounds) == {
            k: rows for k, rows in each.items() if rows
        }
        newest = await historian.read_many(asked, fields, *bounds, newest_only=True)
        assert newest == {series: rows[-1:] for series, rows in each.items() if rows}
    assert not each[FACES[0]]
    assert len(await historian.read_many([*asked, less], fields, *FOREVER)) == count


async def test_many_series_more_than_a_question_names(historian: Historian) -> None:
    series = [Series("shift_record", (("area", f"F{n}"), ("mine", "m1"))) for n in range(120)]
    await historian.write([Point(each, AT + n, {"limit": float(n)}) for n, each in enumerate(series)])
    found = await historian.read_many(series[10:110], ["limit"], *FOREVER)
    assert found == {
        each: [Row(AT + n, {"limit": float(n)})] for n, each in enumerate(series) if 10 <= n < 110
    }


async def test_the_newest_of_many_has_what_was_written_last(historian: Historian) -> None:
    """Fields of one instant merge, one written again counts as it was written last, older fields do not join."""
    written: list[tuple[int, dict[str, FieldValue]]] = [
        (0, {"a": 1.0, "b": 1.0}),
        (5, {"a": 2.0}),
        (5, {"a": 3.0, "c_text": "x"}),
        (2, {"b": 4.0}),
    ]
    for at, fields in written:
        await historian.write([Point(PUMP, AT + at, fields)])
    newest = await historian.read_many([PUMP], ["a", "b", "c_text"], *FOREVER, newest_only=True)
    assert newest == {PUMP: [Row(AT + 5, {"a": 3.0, "c_text": "x"})]}


async def test_nothing_of_many(historian: Historian) -> None:
    assert await historian.read_many([], ["flow"], *FOREVER) == {}
    assert await historian.read_many([PUMP], [], *FOREVER) == {}
    assert await historian.read_many([PUMP], ["flow"], *FOREVER) == {}
    with pytest.raises(ValueError, match="too many"):
        await historian.read_many([PUMP, FACES[0]], ["flow"], *FOREVER)


async def test_buckets_begin_where_they_are_asked_for(historian: Historian) -> None:
    instants = [AT + 3, AT + 12, AT + 13, AT + 22, AT + 43]
    await historian.write([Point(PUMP, at, {"flow": float(i)}) for i, at in enumerate(instants)])
    found = await historian.buckets(PUMP, "flow", AT + 3, AT + 43, 10)
    assert found == [
        Bucket(AT + 3, 2, 0.0, 1.0, 0.5),
        Bucket(AT + 13, 2, 2.0, 3.0, 2.5),
    ]


async def test_a_value_that_was_written_again_is_in_a_bucket_once(historian: Historian) -> None:
    for value in (9.0, 1.0, 5.0):
        await historian.write([Point(PUMP, AT, {"flow": value})])
    await historian.write([Point(PUMP, AT + 1, {"flow": 6.0, "mode_text": "auto"})])
    assert await historian.buckets(PUMP, "flow", AT, AT + 1000, 1000) == [Bucket(AT, 2, 5.0, 6.0, 5.5)]


async def test_buckets_of_nothing_and_of_what_has_none(historian: Historian) -> None:
    assert await historian.buckets(PUMP, "flow", AT, AT + 1000, 10) == []
    await historian.write([Point(PUMP, AT, {"flow": 1.0})])
    assert await historian.buckets(PUMP, "flow", AT + 10, AT, 10) == []
    assert await historian.buckets(PUMP, "never_written", AT, AT + 1000, 10) == []
    with pytest.raises(ValueError, match="text"):
        await historian.buckets(PUMP, "mode_text", AT, AT + 1000, 10)
    with pytest.raises(ValueError, match="buckets"):
        await historian.buckets(PUMP, "flow", AT, AT + 1_000_000_000, 1)


async def test_buckets_of_one_series_hold_no_other(historian: Historian) -> None:
    other = Series("pump", (*PUMP.tags, ("zone", "east")))
    nasty = Series("pu'mp", (("area", 'say "八"'), ("mine", "it's")))
    await historian.write([Point(PUMP, AT, {"flow": 1.0}), Point(other, AT, {"flow": 9.0})])
    await historian.write([Point(nasty, AT, {'fl"ow': 3.0})])
    assert await historian.buckets(PUMP, "flow", AT, AT + 10, 10) == [Bucket(AT, 1, 1.0, 1.0, 1.0)]
    assert await historian.buckets(nasty, 'fl"ow', AT, AT + 10, 10) == [Bucket(AT, 1, 3.0, 3.0, 3.0)]


async def test_buckets_before_1970(historian: Historian) -> None:
    await historian.write([Point(PUMP, -15, {"flow": 1.0})])
    assert await historian.buckets(PUMP, "flow", -20, 0, 10) == [Bucket(-20, 1, 1.0, 1.0, 1.0)]
