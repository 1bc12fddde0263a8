"""Our edge and our host through a link that loses, doubles and reorders, and processes that restart.

What must hold: nothing trips either side; nothing that was written is ever gone without a trace; a commit never runs
ahead of the store; and one lossless rebirth makes the host see what the edge sees.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contract import payload
from contract.quality import Quality
from tests.readings import reading
from tests.wire.pair import KEY, POINTS, Edge, Host, truth

PLACES = st.integers(0, 50)
QUALITIES = st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.STALE])


class Link(RuleBasedStateMachine):
    """Rules are what may happen to either side and between them."""

    def __init__(self) -> None:
        super().__init__()
        self.edge, self.host = Edge(), Host()
        self.value = 0.0

    @initialize(born=st.booleans())
    def begin(self, born: bool) -> None:
        if born:
            self.edge.connect()
            self.round_without_trouble()

    @rule()
    def round_without_trouble(self) -> None:
        """Everything due is sent, arrives, is stored and committed."""
        self.edge.pump()
        self.all_messages_arrive()
        self.host.store(1_000)
        self.host.timer()
        commands, self.host.wire = self.host.wire, []
        for data in commands:
            self.edge.command(data)

    # Time and values

    @rule(ms=st.sampled_from([1, 50, 300, 600, 5_000]))
    def time_goes_on(self, ms: int) -> None:
        self.edge.now_ms += ms
        self.host.now_ms += ms

    @rule(places=st.lists(st.sampled_from(range(len(POINTS))), min_size=1, max_size=5), quality=QUALITIES)
    def read(self, places: list[int], quality: Quality) -> None:
        readings = []
        for place in places:
            self.value += 1.0
            self.time_goes_on(1)  # per tag the edge makes timestamps strictly increase
            value = self.value if quality is Quality.GOOD else None
            readings.append(reading(POINTS[place], value, self.edge.now_ms, quality))
        self.edge.write(readings)

    @rule()
    def pump(self) -> None:
        self.edge.pump()

    @rule()
    def host_timer(self) -> None:
        self.host.timer()

    @rule(count=st.integers(1, 9))
    def store(self, count: int) -> None:
        self.host.store(count)

    # The link

    @rule(place=PLACES, keep=st.booleans())
    @precondition(lambda self: self.edge.wire)
    def one_message_arrives(self, place: int, keep: bool) -> None:
        """Any of those under way, in any order; kept it will arrive once more."""
        place %= len(self.edge.wire)
        message = self.edge.wire[place]
        if not keep:
            del self.edge.wire[place]
        self.host.receive(message)

    @rule()
    def all_messages_arrive(self) -> None:
        messages, self.edge.wire = self.edge.wire, []
        for message in messages:
            self.host.receive(message)

    @rule(place=PLACES)
    @precondition(lambda self: self.edge.wire)
    def a_message_is_lost(self, place: int) -> None:
        del self.edge.wire[place % len(self.edge.wire)]

    @rule(place=PLACES, keep=st.booleans())
    @precondition(lambda self: self.host.wire)
    def a_command_arrives(self, place: int, keep: bool) -> None:
        place %= len(self.host.wire)
        data = self.host.wire[place]
        if not keep:
            del self.host.wire[place]
        self.edge.command(data)

    @rule()
    def commands_are_lost(self) -> None:
        self.host.wire.clear()

    @rule()
    @precondition(lambda self: not self.edge.session.online)
    def connect(self) -> None:
        self.edge.connect()

    @rule(will_arrives=st.booleans())
    @precondition(lambda self: self.edge.session.online)
    def link_dies(self, will_arrives: bool) -> None:
        will = self.edge.lose_link()
        if will and will_arrives:
            self.edge.wire.append(will)

    # Processes

    @rule()
    def edge_restarts(self) -> None:
        will = self.edge.lose_link()
        self.edge.wire += [will] if will else []
        self.time_goes_on(50)
        self.edge.start()

    @rule()
    def host_restarts(self) -> None:
        self.host.start()

    @rule(count=st.integers(1, 3))
    def outbox_is_over_its_limit(self, count: int) -> None:
        self.edge.trim(count)

    @rule()
    def outbox_is_unreadable(self) -> None:
        """A new epoch; its births arrive, and nothing of the old one after them.

        Were they lost, and the next data's `seq` by chance the one awaited, Sparkplug 3 could not tell the two
        epochs apart.
        """
        self.time_goes_on(50)
        self.edge.lose_outbox()
        self.edge.wire.clear()
        self.edge.connect()
        self.all_messages_arrive()

    # What must hold at every step

    @invariant()
    def nothing_is_gone_without_a_trace(self) -> None:
        kept = {(self.edge.epoch, number) for number in self.edge.bodies}
        assert set(self.edge.written) <= kept | self.edge.dropped | self.host.stored

    @invariant()
    def commit_never_runs_ahead_of_the_store(self) -> None:
        ledger = self.host.ledger
        if ledger is not None:
            covered = {(ledger.epoch, number) for number in range(ledger.first, ledger.committed + 1)}
            assert covered <= self.host.stored | self.edge.dropped
            assert ledger.stored <= len(
                {number for epoch, number in self.host.stored if epoch == ledger.epoch}
            )

    @invariant()
    def only_what_was_written_is_stored(self) -> None:
        assert self.host.stored <= set(self.edge.written)

    # And in the end

    def teardown(self) -> None:
        if self.edge.session.online and int(self.value) % 2:
            self.read([0], Quality.GOOD)  # without a further message no loss of the last one shows
            self.all_is_delivered()  # it mends by itself, too
        self.edge.wire.clear()
        self.host.wire.clear()
        if self.edge.session.online:
            self.edge.birth()
        else:
            self.edge.connect()
        births = self.edge.wire[: 1 + len(self.edge.session.devices)]
        self.edge.wire.clear()
        for message in births:
            self.host.receive(message)
        assert self.host.view() == truth(self.edge)
        self.all_is_delivered()
        assert self.host.view() == truth(self.edge)

    def all_is_delivered(self) -> None:
        """Without losses both sides come to rest: everything stored, committed, deleted."""
        for _ in range(20 + len(self.edge.bodies)):
            self.time_goes_on(600)
            self.round_without_trouble()
        assert not self.edge.bodies
        assert self.edge.lanes.committed == self.edge.last
        assert set(self.edge.written) <= self.edge.dropped | self.host.stored
        self.every_reading_is_in_the_store()

    def every_reading_is_in_the_store(self) -> None:
        by_alias = dict(enumerate(POINTS, start=1))
        for key in set(self.edge.written) - self.edge.dropped:
            for metric in payload.parse(self.edge.written[key]).metrics:
                one = by_alias[metric.alias]
                value = None if metric.is_null else metric.double_value
                assert self.host.points[one.area, one.metric, metric.timestamp] == (
                    value,
                    payload.quality_of(metric),
                )


TestLink = Link.TestCase
TestLink.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)


def test_death_with_an_old_bdseq_is_ignored() -> None:
    """The will of a dead session comes after the births of the next: tck-id-topics-nbirth-bdseq-matching."""
    edge, host = Edge(), Host()
    edge.connect()
    will = edge.lose_link()
    assert will is not None
    edge.connect()
    for message in [*edge.wire, will]:
        host.receive(message)
    assert host.session.nodes[KEY].online
    assert host.session.counts["old_death"] == 1


def test_death_makes_every_metric_stale_and_the_next_birth_good_again() -> None:
    """tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale."""
    edge, host = Edge(), Host()
    edge.connect()
    edge.write([reading(one, 5.0, edge.now_ms + 1) for one in POINTS])
    for message in edge.wire:
        host.receive(message)
    assert host.view() == truth(edge)
    will = edge.lose_link()
    assert will is not None
    host.now_ms += 22_000
    host.receive(will)
    assert set(host.view().values()) == {(None, Quality.STALE)}
    edge.wire.clear()
    edge.now_ms += 30_000
    edge.connect()
    for message in edge.wire:
        host.receive(message)
    assert host.view() == truth(edge)


def test_a_lost_last_change_reaches_the_screen() -> None:
    """definitions.md §4: 9 → 10 was lost in flight; the refresh brings it as ordinary data."""
    edge, host = Edge(), Host()
    edge.connect()
    for message in edge.wire:
        host.receive(message)
    edge.wire.clear()
    edge.write([reading(POINTS[0], 10.0, edge.now_ms + 1)])
    edge.wire.clear()  # lost
    for _ in range(3):
        edge.now_ms += 600
        host.now_ms += 600
        edge.pump()
    for message in edge.wire:
        host.receive(message)
    host.now_ms += 600
    host.timer()
    assert host.view()[POINTS[0].key] == (10.0, Quality.GOOD)
    *_, last = [message for message in edge.wire if "DDATA" in message.topic]
    assert not payload.parse(last.payload).metrics[0].is_historical
