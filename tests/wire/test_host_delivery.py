"""Committed delivery at the host: what its commits say, and when (definitions.md §4)."""

from __future__ import annotations

import pytest

from contract import topic
from contract.proto.sparkplug_b_pb2 import Payload
from gateway.ingest.actions import Action, Command, Record
from gateway.ingest.batch_ledger import BatchLedger
from gateway.ingest.host_session import HostSession
from tests.wire.peer import FLOW, INT64, KEY, STRING, T0, Peer, commands, flow, host, metric

BATCH = metric("Delivery/Batch", alias=9, datatype=INT64, is_null=True)


def delivery(epoch: str = "e1", oldest: int = 1) -> list[Payload.Metric]:
    """What a birth says of the outbox."""
    return [
        metric("Delivery/Epoch", datatype=STRING, string_value=epoch),
        metric("Delivery/Oldest", datatype=INT64, long_value=oldest),
        metric("Delivery/Dropped", datatype=STRING, is_null=True),
    ]


def born(epoch: str = "e1", oldest: int = 1) -> tuple[HostSession, Peer]:
    """A host that has seen the births of a node that numbers its batches."""
    session, peer = host(), Peer()
    birth(session, peer, epoch, oldest)
    return session, peer


def birth(session: HostSession, peer: Peer, epoch: str = "e1", oldest: int = 1) -> None:
    """Births once more."""
    session.message(*peer.nbirth(*delivery(epoch, oldest)), T0)
    session.message(*peer.dbirth(FLOW, BATCH), T0)


def batch(session: HostSession, peer: Peer, number: int) -> Record:
    """A batch arrives; gives its record."""
    message = peer.ddata(flow(1.0, T0 + number), metric(alias=9, long_value=number))
    (record,) = session.message(*message, T0 + number)
    assert isinstance(record, Record)
    return record


def store(session: HostSession, *records: Record) -> list[bool]:
    """The historian acknowledges."""
    return [session.stored(one.key, one.epoch or "", one.batch or 0, len(one.samples)) for one in records]


def test_a_batch_that_the_store_refuses_is_committed_and_not_delivered() -> None:
    """Sent again it would be refused again; `delivered` tells the truth of it."""
    session, peer = born()
    first, second, third = (batch(session, peer, number) for number in (1, 2, 3))
    assert store(session, first) == [True]
    assert session.refused(KEY, "e1", 2, 0)
    assert not session.refused(KEY, "e1", 2, 0)
    assert not session.refused(KEY, "e2", 2, 0)
    assert store(session, second, third) == [False, True]
    assert commits(session.timer(T0 + 1_000)) == [("e1", 3)]
    (node,) = session.nodes.values()
    assert node.ledger is not None
    assert (node.ledger.delivered, node.ledger.gone, node.readings_stored) == (2 / 3, 1, 2)
    assert session.counts["batches_refused"] == 1


def commits(actions: list[Action]) -> list[tuple[str, int]]:
    """Epoch and number of each commit."""
    found = []
    for payload in commands(actions):
        metrics = {one.name: one for one in payload.metrics}
        if "Delivery/Committed" in metrics:
            found.append((metrics["Delivery/Epoch"].string_value, metrics["Delivery/Committed"].long_value))
    return found


def ledger(session: HostSession) -> BatchLedger:
    """The node's books."""
    found = session.nodes[KEY].ledger
    assert found is not None
    return found


def test_a_record_names_its_batch_and_epoch_and_holds_readings_only() -> None:
    session, peer = born()
    record = batch(session, peer, 7)
    assert (record.batch, record.epoch, record.device) == (7, "e1", "F1")
    assert [sample.metric.name for sample in record.samples] == ["Pump 1/Flow"]


def test_nothing_is_committed_before_it_is_stored() -> None:
    session, peer = born()
    record = batch(session, peer, 1)
    assert commits(session.timer(T0 + 100)) == []
    assert store(session, record) == [True]
    assert commits(session.timer(T0 + 1_000)) == [("e1", 1)]
    assert commits(session.timer(T0 + 2_000)) == []
    assert session.nodes[KEY].readings_stored == 1


def test_a_commit_is_an_ncmd_by_name_without_seq() -> None:
    """tck-id-payloads-ncmd-seq, payloads-ncmd-timestamp, topics-ncmd-topic."""
    session, peer = born()
    store(session, batch(session, peer, 1))
    (command,) = session.timer(T0 + 1_000)
    assert isinstance(command, Command)
    assert command.topic == topic.commands(*KEY)
    payload = Payload.FromString(command.payload)
    assert (payload.HasField("seq"), payload.timestamp) == (False, T0 + 1_000)


def test_a_hole_holds_the_commit_until_it_is_filled() -> None:
    session, peer = born()
    records = [batch(session, peer, number) for number in (1, 3, 2)]
    store(session, records[0], records[1])
    assert commits(session.timer(T0 + 100)) == [("e1", 1)]
    store(session, records[2])
    assert commits(session.timer(T0 + 1_000)) == [("e1", 3)]


def test_commits_keep_a_pause_and_the_last_of_them_is_not_forgotten() -> None:
    """Each costs the centre and the edge's disk as much as a message."""
    session, peer = born()
    told = []
    for number in range(1, 31):
        store(session, batch(session, peer, number))
        told += commits(session.timer(T0 + number * 100))
    assert len(told) <= 8
    assert commits(session.timer(T0 + 5_000)) == [("e1", 30)]
    assert told == sorted(told)


def test_a_batch_stored_again_is_committed_again_and_not_counted_twice() -> None:
    """The commit was lost on its way: the edge sends again, and has to be told again."""
    session, peer = born()
    store(session, batch(session, peer, 1))
    session.timer(T0 + 100)
    assert store(session, batch(session, peer, 1)) == [False]
    assert commits(session.timer(T0 + 1_000)) == [("e1", 1)]
    assert session.nodes[KEY].readings_stored == 1


def test_a_birth_says_where_memory_begins() -> None:
    """A centre that was restarted does not wait for what it committed in its life before."""
    session, peer = born(oldest=1_000)
    store(session, batch(session, peer, 1_000))
    assert commits(session.timer(T0 + 100)) == [("e1", 1_000)]
    assert ledger(session).delivered == 1.0


def test_a_later_birth_tells_what_is_gone() -> None:
    session, peer = born()
    store(session, batch(session, peer, 1), batch(session, peer, 5))
    birth(session, peer, oldest=4)
    assert commits(session.timer(T0 + 100)) == [("e1", 3)]
    assert (ledger(session).gone, ledger(session).delivered) == (2, 0.4)
    assert session.counts["batches_gone"] == 2


def test_another_epoch_begins_another_ledger() -> None:
    session, peer = born()
    old = batch(session, peer, 1)
    birth(session, peer, epoch="e2")
    assert store(session, old) == [False]  # acknowledged late: it is no batch of the new epoch
    assert (ledger(session).epoch, ledger(session).committed) == ("e2", 0)
    store(session, batch(session, peer, 1))
    assert commits(session.timer(T0 + 100)) == [("e2", 1)]


def test_a_rebirth_of_the_same_epoch_keeps_the_books() -> None:
    session, peer = born()
    store(session, batch(session, peer, 1), batch(session, peer, 3))
    birth(session, peer)
    assert (ledger(session).committed, ledger(session).stored) == (1, 2)
    assert commits(session.timer(T0 + 100)) == [("e1", 1)]  # it may have missed the last one


def test_an_announced_drop_counts_as_contiguous_and_as_a_gap() -> None:
    session, peer = born()
    store(session, batch(session, peer, 5))
    dropped = metric("Delivery/Dropped", datatype=STRING, string_value="1-4 outbox full")
    session.message(*peer.ndata(dropped), T0)
    assert commits(session.timer(T0 + 100)) == [("e1", 5)]
    assert (ledger(session).gone, session.counts["batches_gone"]) == (4, 4)


@pytest.mark.parametrize("text", ["", "everything", "4-1 backwards"])
def test_a_drop_that_makes_no_sense_changes_nothing(text: str) -> None:
    session, peer = born()
    session.message(*peer.ndata(metric("Delivery/Dropped", datatype=STRING, string_value=text)), T0)
    assert ledger(session).gone == 0


def test_a_node_that_is_offline_is_sent_no_commit() -> None:
    session, peer = born()
    record = batch(session, peer, 1)
    session.message(*peer.ndeath(), T0)
    store(session, record)
    assert commits(session.timer(T0 + 100)) == []
    birth(session, peer)
    assert commits(session.timer(T0 + 1_000)) == [("e1", 1)]


def test_a_node_without_numbers_has_no_ledger_and_is_stored_all_the_same() -> None:
    session, peer = host(), Peer()
    session.message(*peer.nbirth(), T0)
    session.message(*peer.dbirth(FLOW), T0)
    (record,) = session.message(*peer.ddata(flow(2.0, T0 + 1)), T0)
    assert isinstance(record, Record)
    assert (record.batch, record.epoch, len(record.samples)) == (None, None, 1)
    assert session.nodes[KEY].ledger is None
    assert session.timer(T0 + 100) == []
