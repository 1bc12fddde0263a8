"""Pins the gap ledger: what begins and ends a gap, what fills it, and what stays lost."""

from __future__ import annotations

from contract.delivery import DROPPED, THINNED, Loss
from gateway.ingest.actions import DeviceChanged, LinkChanged, OutboxReplaced, ReadingsLost
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.node import Device, Node, NodeKey
from gateway.live import facts
from gateway.live.gap_watch import GapWatch
from gateway.live.gaps import REFUSALS_APART_MS, Cause, Gap, GapLedger, Outcome
from tests.wire.peer import KEY, T0, born, flow, metric

OTHER = NodeKey("990000000002", "gw-1")


def told(ledger: GapLedger, key: NodeKey = KEY) -> list[tuple[Cause, str, int, int | None, Outcome]]:
    """The entries of a gateway, oldest first, times relative."""
    return [
        (gap.cause, gap.area, gap.from_ms - T0, None if gap.to_ms is None else gap.to_ms - T0, gap.outcome)
        for gap in ledger.gaps.get(key, ())
    ]


def watch() -> GapWatch:
    """A ledger over one node that numbers its batches."""
    node = Node(KEY, online=True)
    node.ledger = BatchLedger("e", 0)
    node.devices["F1"] = Device("F1")
    return GapWatch({KEY: node})


def test_a_link_outage_is_filled_when_everything_up_to_live_data_is_stored() -> None:
    one = watch()
    one.take(LinkChanged(KEY, False, T0), T0)
    assert told(one.ledger) == [(Cause.LINK, "", 0, None, Outcome.OPEN)]
    one.take(LinkChanged(KEY, True, T0 + 60), T0 + 60)
    assert told(one.ledger) == [(Cause.LINK, "", 0, 60, Outcome.FILLING)]
    one.ledger.sent_live(KEY, 7, T0 + 30)  # history
    one.ledger.sent_live(KEY, 9, T0 + 61)
    one.ledger.sent_live(KEY, 10, T0 + 62)
    one.ledger.stored(KEY, 8)
    assert told(one.ledger)[0][-1] is Outcome.FILLING
    one.ledger.stored(KEY, 9)
    assert told(one.ledger) == [(Cause.LINK, "", 0, 60, Outcome.FILLED)]


def test_a_dead_area_and_silent_points() -> None:
    """The area's death ends the gap of its points; with the link nobody knows of either."""
    one = watch()
    one.ledger.begin(KEY, Cause.DEVICE, T0, "F1", 3)
    one.ledger.begin(KEY, Cause.DEVICE, T0 + 5, "F1", 4)
    one.take(DeviceChanged(KEY, "F1", False, T0 + 10), T0 + 10)
    one.take(LinkChanged(KEY, False, T0 + 20), T0 + 20)
    one.take(LinkChanged(KEY, True, T0 + 30), T0 + 30)
    one.take(DeviceChanged(KEY, "F1", True, T0 + 40), T0 + 40)
    assert told(one.ledger) == [
        (Cause.DEVICE, "F1", 0, 10, Outcome.LOST),
        (Cause.FIELD_BUS, "F1", 10, 20, Outcome.LOST),
        (Cause.LINK, "", 20, 30, Outcome.FILLING),
    ]
    assert one.ledger.gaps[KEY][0].points == 4


def test_what_the_gateway_gave_up_is_an_entry_of_its_own_that_grows() -> None:
    one = watch()
    one.take(ReadingsLost(KEY, THINNED, Loss(1, 200, "raw samples, outbox full", 50, T0, T0 + 10)), T0)
    one.take(ReadingsLost(KEY, THINNED, Loss(1, 400, "raw samples, outbox full", 90, T0, T0 + 20)), T0)
    one.take(ReadingsLost(KEY, DROPPED, Loss(500, 500, "inbox full, disk refused", 7, T0, T0)), T0)
    thinned, dropped = one.ledger.gaps[KEY]
    assert (thinned.cause, thinned.readings, thinned.to_ms) == (Cause.LINK, 90, T0 + 20)
    assert (dropped.cause, dropped.readings, dropped.batches) == (Cause.GATEWAY, 7, (500, 500))


def test_what_the_store_refuses_for_good_is_an_entry_that_grows() -> None:
    one = watch()
    one.ledger.refused(KEY, 7, 3, T0, T0 + 10)
    one.ledger.refused(KEY, 9, 2, T0 + 20, T0 + 30)
    one.ledger.refused(KEY, 11, 1, T0 + REFUSALS_APART_MS + 31, T0 + REFUSALS_APART_MS + 31)
    one.ledger.refused(KEY, 12, 4, T0 - 5, T0 - 5)
    assert [
        (gap.cause, gap.outcome, gap.batches, gap.readings, gap.to_ms) for gap in one.ledger.gaps[KEY]
    ] == [
        (Cause.STORE, Outcome.LOST, (7, 9), 5, T0 + 30),
        (Cause.STORE, Outcome.LOST, (11, 11), 1, T0 + REFUSALS_APART_MS + 31),
        (Cause.STORE, Outcome.LOST, (12, 12), 4, T0 - 5),
    ]
    assert len(one.ledger.take_changed()) == 3


def test_another_outbox_leaves_what_was_to_be_filled_lost() -> None:
    one = watch()
    one.take(LinkChanged(KEY, False, T0), T0)
    one.take(LinkChanged(KEY, True, T0 + 60), T0 + 60)
    one.take(OutboxReplaced(KEY), T0 + 61)
    assert [gap.outcome for gap in one.ledger.gaps[KEY]] == [Outcome.LOST, Outcome.LOST]


def test_broker_and_store() -> None:
    one = watch()
    one.servers(broker=False, historian=True, now_ms=T0)
    one.servers(broker=False, historian=False, now_ms=T0 + 5)
    one.servers(broker=True, historian=True, now_ms=T0 + 9)
    assert told(one.ledger) == [(Cause.BROKER, "", 0, 9, Outcome.FILLING)]
    (store,) = [gap for gap in one.ledger.of([]) if gap.cause is Cause.STORE]
    assert (store.from_ms, store.to_ms, store.outcome) == (T0 + 5, T0 + 9, Outcome.FILLED)


def test_stale_points_are_found_by_looking() -> None:
    session, peer = born()
    one = GapWatch(session.nodes)
    stale = metric(alias=1, at=T0 + 50, is_null=True)
    stale.properties.keys.append("Quality")
    stale.properties.values.add(type=3, int_value=500)
    session.message(*peer.ddata(stale), T0 + 50)
    assert list(one.look(T0 + 60)) == []
    assert told(one.ledger) == [(Cause.DEVICE, "F1", 50, None, Outcome.OPEN)]
    session.message(*peer.ddata(flow(1.0, T0 + 70)), T0 + 70)
    assert list(one.look(T0 + 80)) == []
    assert told(one.ledger) == [(Cause.DEVICE, "F1", 50, 80, Outcome.LOST)]


def test_the_ledger_is_bounded_and_tells_each_change_once() -> None:
    ledger = GapLedger(kept=50)
    for at in range(70):
        ledger.lost(KEY, DROPPED, Loss(at, at, "outbox full", 1, T0 + at, T0 + at))
    assert len(ledger.gaps[KEY]) == len(ledger.told) == 50
    assert len(ledger.take_changed()) == 70
    assert ledger.take_changed() == []


def test_gaps_of_other_gateways_are_not_shown() -> None:
    ledger = GapLedger()
    ledger.begin(KEY, Cause.LINK, T0)
    ledger.begin(OTHER, Cause.LINK, T0)
    assert [gap.key for gap in ledger.of([OTHER])] == [OTHER]


def test_a_gap_as_a_fact() -> None:
    """No empty tag, and every field, so that a later state leaves nothing of this one."""
    point = facts.gap(Gap(KEY, Cause.FIELD_BUS, "F1", T0))
    assert point.series.tags == (
        ("area", "F1"),
        ("cause", "field_bus"),
        ("gateway", "gw-1"),
        ("mine", KEY.group),
    )
    assert point.fields["to_ms"] == -1
    assert point.fields["outcome_text"] == "open"
    everywhere = facts.gap(Gap(NodeKey("", ""), Cause.STORE, "", T0, T0 + 1, Outcome.FILLED, batches=(3, 4)))
    assert everywhere.series.tags == (("cause", "store"),)
    assert (everywhere.fields["first_batch"], everywhere.fields["last_batch"]) == (3, 4)
