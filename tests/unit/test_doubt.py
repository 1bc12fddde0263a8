"""Pins the marks of points that cannot be read: stale once and at once, bad once after the limit."""

from __future__ import annotations

from contract.quality import Quality
from edge_agent.acquisition.doubt import Doubt
from tests.points import modbus_point

A, B = modbus_point(0, stale_after_s=600), modbus_point(1, stale_after_s=30)


def test_stale_at_once_and_bad_after_the_points_own_limit() -> None:
    """One mark each time, whatever happens again in between."""
    doubt = Doubt()
    assert doubt.lose([A, B], 0) == [(A, Quality.STALE), (B, Quality.STALE)]
    assert doubt.lose([A, B], 5) == []
    assert doubt.expire(29) == []
    assert doubt.expire(30) == [(B, Quality.BAD)]
    assert doubt.expire(599) == []
    assert doubt.expire(600) == [(A, Quality.BAD)]
    assert doubt.expire(9_999) == []
    assert doubt.lose([A, B], 9_999) == []


def test_a_point_that_is_heard_of_again_starts_anew() -> None:
    """The limit counts from the loss that lasts."""
    doubt = Doubt()
    doubt.lose([A, B], 0)
    doubt.heard([B])
    assert doubt.lose([B], 20) == [(B, Quality.STALE)]
    assert doubt.expire(49) == []
    assert doubt.expire(50) == [(B, Quality.BAD)]


def test_a_refused_point_is_bad_at_once() -> None:
    """Whether or not it was stale, and not again at the limit."""
    doubt = Doubt()
    assert doubt.condemn([A]) == [(A, Quality.BAD)]
    assert doubt.condemn([A]) == []
    assert doubt.lose([A], 1) == []
    doubt.lose([B], 0)
    assert doubt.condemn([B]) == [(B, Quality.BAD)]
    assert doubt.expire(9_999) == []
