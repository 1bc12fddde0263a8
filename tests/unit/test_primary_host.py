"""Pins which STATE messages count (tck-id-message-flow-edge-node-birth-publish-phid-wait-*)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.uplink.primary_host import PrimaryHost


def state(online: object, at_ms: object) -> bytes:
    """A STATE payload."""
    return json.dumps({"online": online, "timestamp": at_ms}).encode()


def connected() -> PrimaryHost:
    """An edge that waits for its host."""
    host = PrimaryHost("centre")
    host.connected("a")
    return host


def test_nothing_is_waited_for_without_a_host() -> None:
    host = PrimaryHost(None)
    host.connected("a")
    assert host.is_online


def test_online_and_offline() -> None:
    host = connected()
    assert not host.is_online
    host.state(state(True, 5))
    assert host.is_online
    host.state(state(False, 5))  # the will of this very connection has its birth's time
    assert not host.is_online


def test_an_old_will_does_not_count() -> None:
    """tck-id-operational-behavior-edge-node-termination-host-offline-timestamp."""
    host = connected()
    host.state(state(True, 5))
    host.state(state(False, 4))
    assert host.is_online
    assert host.ignored == 1


def test_a_new_connection_knows_nothing_of_the_host_but_the_time() -> None:
    host = connected()
    host.state(state(True, 5))
    host.connected("a")
    assert not host.is_online
    host.state(state(True, 4))
    assert not host.is_online
    host.state(state(True, 5))
    assert host.is_online


@pytest.mark.parametrize(
    "data",
    [b"ONLINE", b"", b"\xff", b"[]", state("true", 1), state(1, 1), state(True, "1"), state(True, True)],
)
def test_other_forms_are_ignored(data: bytes) -> None:
    """STATE of Sparkplug 2.2 is text."""
    host = connected()
    host.state(data)
    assert (host.is_online, host.ignored) == (False, 1)


@given(st.binary())
def test_no_bytes_trip_it(data: bytes) -> None:
    connected().state(data)
