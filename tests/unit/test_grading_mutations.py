"""Good captures with one message lost, doubled, moved or bent, found by chance: the grader sees it, every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.grading.capture import Event, Published
from contract.grading.clause import Level
from contract.grading.report import Outcome
from contract.proto.sparkplug_b_pb2 import Payload
from tests.grading_scene import DEVICE, HOST, T0, Scene, good, metric, overheard, violated, without

COUNTS = {"payloads-sequence-num-incrementing"}
NUMBERED = ("/DDATA/", "/NDATA/", "/DBIRTH/", "/DDEATH/")


def long_run(data: Sequence[bool]) -> Scene:
    """A session with data of device and node in any order; `seq` wraps where it is long enough."""
    scene = Scene().host_born().born()
    for of_device in data:
        scene = scene.ddata() if of_device else scene.ndata()
    return scene


def numbered(events: Sequence[Event]) -> list[int]:
    """Where messages stand that count on from another."""
    return [
        index
        for index, event in enumerate(events)
        if isinstance(event, Published) and any(word in event.topic for word in NUMBERED)
    ]


RUNS = st.lists(st.booleans(), min_size=2, max_size=40)


@given(st.lists(st.booleans(), max_size=600))
def test_a_long_run_violates_nothing(data: list[bool]) -> None:
    for scene in (long_run(data), overheard(long_run(data))):
        assert scene.faults() == set()


@given(RUNS, st.data())
def test_a_message_that_is_missing_is_seen(data: list[bool], chance: st.DataObject) -> None:
    """Unless it was the last, which nothing follows."""
    scene = overheard(long_run(data))
    index = chance.draw(st.sampled_from(numbered(scene.events)[1:-1] or numbered(scene.events)[:1]))
    scene.events = without(scene.events, index)

    assert scene.faults() >= COUNTS


@given(RUNS, st.data())
def test_a_message_that_comes_twice_is_seen(data: list[bool], chance: st.DataObject) -> None:
    scene = overheard(long_run(data))
    index = chance.draw(st.sampled_from(numbered(scene.events)))
    scene.events.insert(index, scene.events[index])

    assert scene.faults() >= COUNTS


@given(RUNS, st.data())
def test_two_messages_that_change_places_are_seen(data: list[bool], chance: st.DataObject) -> None:
    scene = overheard(long_run(data))
    index = chance.draw(st.sampled_from(numbered(scene.events)[1:-1] or numbered(scene.events)[:1]))
    scene.events[index : index + 2] = reversed(scene.events[index : index + 2])

    assert scene.faults() >= COUNTS


@given(st.integers(0, 2**64 - 1), st.integers(0, 255))
def test_any_seq_but_the_next_is_seen(seq: int, before: int) -> None:
    scene = overheard(long_run([True] * before))
    wanted = scene.seq
    scene.ddata(edit=lambda payload: setattr(payload, "seq", seq))

    assert (scene.faults() >= COUNTS) is (seq != wanted)


@given(st.integers(1, 255))
def test_any_other_number_in_a_death_is_seen(number: int) -> None:
    assert overheard(Scene().host_born().born().ndeath(number)).faults() == {"payloads-ndeath-bdseq"}


@given(st.binary(max_size=200))
def test_any_bytes_as_a_payload_are_judged(data: bytes) -> None:
    """Nothing stops the grader, and nothing that lacks time and `seq` passes."""
    report = Scene().host_born().born().ddata(payload=data or b"\x00").grade()

    try:
        payload = Payload.FromString(data or b"\x00")
    except Exception:  # noqa: BLE001  (whatever protobuf has against it)
        payload = Payload()
    if not payload.HasField("seq"):
        assert violated(report) >= {"payloads-ddata-seq"}


@pytest.mark.parametrize("hours", [-9.5, -5, 3, 5.5, 8, 12])
def test_local_times_are_told_from_clocks_that_are_off(hours: float) -> None:
    zone_ms = int(hours * 3_600_000)
    scene = overheard(Scene().host_born().born())
    scene.ddata(edit=lambda payload: setattr(payload, "timestamp", payload.timestamp + zone_ms))

    assert scene.faults() == {"payloads-timestamp-in-UTC"}


@pytest.mark.parametrize("off_s", [-86_400, -1_000, -70, 70, 1_000, 5_000, 40_000])
def test_a_clock_that_is_off_accuses_nobody(off_s: int) -> None:
    scene = overheard(Scene().host_born().born())
    scene.ddata(edit=lambda payload: setattr(payload, "timestamp", payload.timestamp + off_s * 1_000))

    assert scene.faults() == set()


def test_a_capture_that_begins_in_the_middle_accuses_nobody() -> None:
    """What was born before is not known; that is no fault of anybody's."""
    events = overheard(good()).events
    for start in range(len(events)):
        scene = Scene(events=events[start:], sees=overheard(good()).sees)
        report = scene.grade()
        assert report.of(Outcome.VIOLATED) == (), start


def test_a_late_will_of_an_earlier_session_accuses_nobody() -> None:
    """The broker may find out late that a connection is dead."""
    scene = Scene().host_born().born().ddata()
    scene.bd_seq = 1
    scene.nbirth().dbirth().ndeath(0).ddata().ndeath(1)

    assert overheard(scene).faults() == set()


def test_a_will_of_a_connection_that_broke_before_its_birth_accuses_nobody() -> None:
    """Numbers 1 and 2 were such connections: after the death of session 0, before it, and before the birth of 3."""
    after = Scene().host_born().born().ndeath(0).ndeath(1)
    before = Scene().host_born().born().ndeath(1).ndeath(0)
    between = Scene().host_born().born().ndeath(1).ndeath(2)
    between.bd_seq = 3
    for scene in (after, before, between.nbirth().dbirth()):
        assert overheard(scene).faults() == set()


def test_a_device_that_joins_late_accuses_nobody() -> None:
    """Chapter 5: a device may be born at any time of the session."""
    scene = Scene().host_born().born().ddata().ndata()
    scene.dbirth(metric("Door/Closed", alias=40, datatype=11, boolean_value=True), device="C1")

    assert scene.faults() == set()


def test_recommendations_are_no_violations() -> None:
    scene = Scene().host_born().born().ddata(metric(alias=10, datatype=10, double_value=9.0))
    report = scene.grade()

    assert [result.clause.level for result in report.of(Outcome.VIOLATED)] == [Level.SHOULD]
    assert report.is_conformant


OPERATIONS: dict[str, Callable[[Scene], object]] = {
    "connects": Scene.connects,
    "subscribes": Scene.subscribes,
    "nbirth": Scene.nbirth,
    "dbirth": Scene.dbirth,
    "other dbirth": lambda scene: scene.dbirth(device="C1"),
    "ddata": Scene.ddata,
    "ndata": Scene.ndata,
    "ddeath": Scene.ddeath,
    "ndeath": Scene.ndeath,
    "odd ndeath": lambda scene: scene.ndeath(9),
    "retained": lambda scene: scene.ddata(retain=True),
    "stored": lambda scene: scene.nbirth(retain=True, stored=True),
    "garbage": lambda scene: scene.ddata(payload=b"\xff\xff"),
    "stray": lambda scene: scene.ddata(topic="spBv1.0/M1/DDATA"),
    "next session": lambda scene: setattr(scene, "bd_seq", (scene.bd_seq + 1) % 256),
    "leaves": Scene.leaves,
    "breaks": lambda scene: scene.leaves(None),
    "host connects": Scene.host_connects,
    "host subscribes": Scene.host_subscribes,
    "host online": lambda scene: scene.says(True),
    "host offline": lambda scene: scene.says(False),
    "host's will": lambda scene: scene.says(False, T0, client=None),
    "host leaves": lambda scene: scene.leaves(client=HOST),
    "rebirth": Scene.commands,
    "dcmd": lambda scene: scene.commands(metric(alias=10, double_value=1.0), device=DEVICE),
    "wait": lambda scene: scene.waits(7),
}


@given(st.lists(st.sampled_from(sorted(OPERATIONS)), max_size=40))
def test_no_order_of_events_stops_the_grader(names: list[str]) -> None:
    """And what a subscriber holds against somebody, a tap holds against him, too."""
    scene = Scene()
    for name in names:
        OPERATIONS[name](scene)
    tapped, heard = scene.grade(HOST), overheard(scene).grade(HOST)

    assert violated(heard) <= violated(tapped)
    assert all(result.violated <= result.judged for result in tapped.results)
