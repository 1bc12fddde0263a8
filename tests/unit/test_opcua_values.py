"""Pins what becomes of an OPC UA server's data values: their times, confirmations, doubts and counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from asyncua import ua

from contract.point import Point
from contract.quality import Quality
from edge_agent.acquisition.reading import Reading
from edge_agent.sources.opcua_follow import Feed
from edge_agent.sources.opcua_values import EPOCH, NO_TIME, Leeway, Values
from edge_agent.sources.source import SourceHealth
from tests.points import opcua_point

GOOD, BAD, STALE = Quality.GOOD, Quality.BAD, Quality.STALE
NOW = datetime(2022, 3, 1, 8, tzinfo=UTC)
NOW_MS = (NOW - EPOCH) // timedelta(milliseconds=1)


EXACT = Leeway(0.0, 2.0)


def values_of(*points: Point) -> Values:
    """Of a source whose clock shows `NOW_MS`."""
    return Values(
        "test",
        points or (opcua_point("i=1"),),
        clock_skew_max_s=300.0,
        health=SourceHealth(),
        now=lambda: NOW_MS,
    )


def data(
    value: object = 1.0, *, at: float | datetime | None = None, server: float | None = None, code: int = 0
) -> ua.DataValue:
    """A data value; times in seconds from `NOW`."""
    source = NOW + timedelta(seconds=at) if isinstance(at, (int, float)) else at
    return ua.DataValue(
        ua.Variant(value),
        StatusCode=ua.StatusCode(code),
        SourceTimestamp=source,
        ServerTimestamp=None if server is None else NOW + timedelta(seconds=server),
    )


def after_s(reading: Reading | None) -> float | None:
    """The time of a reading's source, in seconds from `NOW`."""
    return None if reading is None else (reading.source_at_ms - NOW_MS) / 1000


def test_the_first_value_counts_from_its_receipt() -> None:
    """Its stamp may be of a change days ago, of which we know only now; that is no fault of the clock."""
    values = values_of()
    assert after_s(values.change(0, data(at=-86_400 * 3), NOW_MS)) == 0
    assert values.health.errors == {}


@pytest.mark.parametrize(
    ("sent", "seen_s"),
    [
        (data(at=-2), -2),
        (data(at=-2, server=-1), -2),
        (data(server=-1), -1),
        (data(), 0),
        (data(at=NO_TIME, server=-1), 0),
        (data(at=299), 299),
        (data(at=-299), -299),
    ],
)
def test_the_time_of_a_change(sent: ua.DataValue, seen_s: float) -> None:
    """The source's; the server's where the source gives none; that of receipt where nobody does."""
    values = values_of()
    values.change(0, data(0.0, at=-10), NOW_MS)
    assert after_s(values.change(0, sent, NOW_MS)) == seen_s
    assert values.health.errors == {}


@pytest.mark.parametrize(
    "stamp", [301, -310, 8 * 3600, datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
)
def test_a_clock_that_is_wrong(stamp: float | datetime, caplog: pytest.LogCaptureFixture) -> None:
    """A time zone apart, fallen back to 2000, or beyond reason: counted each time, told once, the receipt stands in."""
    values = values_of()
    values.change(0, data(0.0, at=-10), NOW_MS)
    for value in (1.0, 2.0, 3.0):
        sent = data(
            value, at=stamp - timedelta(seconds=value) if isinstance(stamp, datetime) else stamp + value
        )
        assert after_s(values.change(0, sent, NOW_MS)) == 0
    assert values.health.errors == {"source_time_implausible": 3}
    assert len(caplog.records) == 1
    assert "set the clock" in caplog.text


def test_a_value_that_is_only_read_again() -> None:
    """A stamp that stays says nothing about the clock: the value was read just now."""
    values = values_of()
    values.change(0, data(at=-3_600), NOW_MS - 5_000)
    assert after_s(values.change(0, data(at=-3_600), NOW_MS)) == 0
    values.change(0, data(None, at=-1, code=0x8031_0000), NOW_MS)
    assert after_s(values.change(0, data(at=-3_600), NOW_MS)) == 0
    assert values.health.errors == {}


def test_a_bad_value_has_a_time_and_no_count() -> None:
    """Its time is its source's where that can be; a stamp that cannot be is not held against it."""
    values = values_of()
    values.change(0, data(), NOW_MS)
    bad = values.change(0, data(7.0, at=-2, code=0x808C_0000), NOW_MS)
    assert (bad.value, bad.quality, after_s(bad)) == (None, BAD, -2)
    worse = values.change(0, data(7.0, at=-9_999, code=0x808C_0000), NOW_MS)
    assert (worse.quality, after_s(worse)) == (BAD, 0)
    assert values.health.errors == {}


def test_what_status_codes_tell_besides() -> None:
    """Values that were dropped from the queue are counted; a node that is gone is remembered."""
    values = values_of()
    assert values.change(0, data(code=0x0480), NOW_MS).quality is GOOD
    assert values.health.errors == {"queue_overflow": 1}
    assert values.change(0, data(code=0x8034_0000), NOW_MS).quality is BAD
    assert values.gone == {0}


def test_a_value_as_it_was_heard_is_confirmed() -> None:
    """With the time of its reading, however old its stamp is."""
    values = values_of()
    values.change(0, data(5.0, at=-60), NOW_MS - 60_000)
    confirmed = values.confirmed(0, data(5.0, at=-60), NOW_MS, 0.0, EXACT)
    assert confirmed is not None
    assert (confirmed.value, after_s(confirmed)) == (5.0, 0)


def test_a_value_that_differs_waits_for_its_change() -> None:
    """It is older or newer than what is on its way; when that comes the doubt is over."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    assert values.confirmed(0, data(6.0), NOW_MS, 10.0, EXACT) is None
    assert values.doubted == {0: 10.0}
    values.change(0, data(6.0), NOW_MS)
    assert values.doubted == {}
    assert values.kept_back == set()


def test_a_change_that_never_comes() -> None:
    """What still reads differently when the change should be there stands, and the server is found out."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    assert values.confirmed(0, data(6.0), NOW_MS, 10.0, EXACT) is None
    assert values.confirmed(0, data(6.2), NOW_MS, 11.9, EXACT) is None
    assert values.kept_back == set()
    stands = values.confirmed(0, data(6.5), NOW_MS, 12.0, EXACT)
    assert stands is not None
    assert stands.value == 6.5
    assert values.kept_back == {0}
    assert values.doubted == {}
    assert values.confirmed(0, data(6.5), NOW_MS, 13.0, EXACT) is not None


def test_a_first_value_that_was_never_sent() -> None:
    """It stands when it should have come, and is not held against the server's deadband."""
    values = values_of()
    assert values.confirmed(0, data(6.0), NOW_MS, 10.0, EXACT) is None
    stands = values.confirmed(0, data(6.0), NOW_MS, 12.0, EXACT)
    assert stands is not None
    assert stands.value == 6.0
    assert values.kept_back == set()


def test_a_doubt_that_was_none() -> None:
    """A value that went back before the server looked is as it was heard."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    assert values.confirmed(0, data(6.0), NOW_MS, 10.0, EXACT) is None
    assert values.confirmed(0, data(5.0), NOW_MS, 11.0, EXACT) is not None
    assert values.doubted == {}
    assert values.kept_back == set()


@pytest.mark.parametrize(
    ("read", "is_confirmed"),
    [(5.9, True), (6.0, True), (4.0, True), (6.01, False), (True, False), ("5", False)],
)
def test_what_the_server_may_keep_to_itself(read: object, is_confirmed: bool) -> None:
    """Within its share of the deadband a number that differs is as it was heard."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    confirmed = values.confirmed(0, data(read), NOW_MS, 10.0, Leeway(1.0, 2.0))
    assert (confirmed is not None and confirmed.value == read) is is_confirmed


def test_a_quality_that_was_kept_back() -> None:
    """No deadband is wide enough for a value that went bad."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    assert values.confirmed(0, data(5.0, code=0x8031_0000), NOW_MS, 10.0, Leeway(9.0, 2.0)) is None
    stands = values.confirmed(0, data(5.0, code=0x8031_0000), NOW_MS, 12.0, Leeway(9.0, 2.0))
    assert stands is not None
    assert (stands.value, stands.quality) == (None, BAD)


def test_suspected_points_read_at_once_what_is_so() -> None:
    """After a lost publication what is read stands, as soon as the lost change would have been there."""
    values = values_of()
    values.change(0, data(5.0), NOW_MS)
    values.suspect([0], 10.0)
    stands = values.confirmed(0, data(6.0), NOW_MS, 12.0, EXACT)
    assert stands is not None
    assert stands.value == 6.0


def test_a_new_session_knows_nothing() -> None:
    """The first value counts from its receipt again."""
    values = values_of()
    values.change(0, data(at=-5), NOW_MS)
    values.begin()
    assert after_s(values.change(0, data(2.0, at=-4), NOW_MS)) == 0


@pytest.mark.parametrize(
    ("numbers", "missed"),
    [([1, 2, 3], []), ([7, 9], [9]), ([5, 5], [5]), ([0xFFFF_FFFF, 1], []), ([0xFFFF_FFFF, 2], [2])],
)
def test_publications_are_numbered(numbers: list[int], missed: list[int]) -> None:
    """Without a gap, and from the highest number on to 1."""
    feed = Feed(1, 0.25, 10.0, 0.0)
    assert [number for number in numbers if feed.misses(number)] == missed


@pytest.mark.parametrize("locale", ["zh-CN", None])
def test_a_text_in_some_language_is_its_text(locale: str | None) -> None:
    """Makers give states as LocalizedText."""
    values = values_of(opcua_point("i=1"))
    assert values.judged(0, data(ua.LocalizedText("远程", locale))) == ("远程", GOOD)
    assert values.judged(0, data(ua.LocalizedText(None, locale))) == (None, BAD)
