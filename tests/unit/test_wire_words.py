"""Topics, sequence numbers and what a drop says of itself: the small words of the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import topic
from contract.delivery import Loss
from contract.sequence import distance, successor
from contract.topic import MessageType, Topic


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("spBv1.0/M1/NBIRTH/gw-1", Topic("M1", MessageType.NBIRTH, "gw-1")),
        ("spBv1.0/M1/DDATA/gw-1/F14031", Topic("M1", MessageType.DDATA, "gw-1", "F14031")),
        ("spBv1.0/煤矿 一/DDEATH/网关/14031 面", Topic("煤矿 一", MessageType.DDEATH, "网关", "14031 面")),
        ("spBv1.0/M1/NCMD/gw-1", Topic("M1", MessageType.NCMD, "gw-1")),
    ],
)
def test_topics_are_read_and_written_alike(text: str, meaning: Topic) -> None:
    assert topic.parse(text) == meaning
    assert str(meaning) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "spBv1.0",
        "spBv1.0/STATE/host",
        "spAv1.0/M1/NBIRTH/gw-1",
        "spbv1.0/M1/NBIRTH/gw-1",
        "spBv1.0/M1/nbirth/gw-1",
        "spBv1.0/M1/NRECORD/gw-1",
        "spBv1.0/M1/NBIRTH",
        "spBv1.0/M1/NBIRTH/",
        "spBv1.0//NBIRTH/gw-1",
        "spBv1.0/M1/NBIRTH/gw-1/F1",  # a node's message with a device
        "spBv1.0/M1/DDATA/gw-1",  # a device's message without one
        "spBv1.0/M1/DDATA/gw-1/",
        "spBv1.0/M1/DDATA/gw-1/F1/x",
        "/spBv1.0/M1/NBIRTH/gw-1",
    ],
)
def test_anything_else_is_no_topic_of_ours(text: str) -> None:
    assert topic.parse(text) is None


@given(st.text())
def test_no_text_trips_the_reader(text: str) -> None:
    assert topic.parse(text) is None or str(topic.parse(text)) == text


def test_topics_by_name() -> None:
    assert topic.state("ninebelow") == "spBv1.0/STATE/ninebelow"  # tck-id-host-topic-phid-birth-topic
    assert topic.commands("M1", "gw-1") == "spBv1.0/M1/NCMD/gw-1"


@pytest.mark.parametrize("text", ["", "a+b", "a/b", "a#", "+", "a\0b"])
def test_ids_that_the_standard_forbids(text: str) -> None:
    """tck-id-topic-structure-namespace-valid-group-id, -edge-node-id, -device-id."""
    assert not topic.is_valid_id(text)


def test_sequence_numbers_run_to_255_and_start_again() -> None:
    """tck-id-payloads-sequence-num-incrementing, topics-nbirth-bdseq-increment."""
    assert [successor(number) for number in (0, 254, 255)] == [1, 255, 0]
    assert (distance(254, 1), distance(1, 254), distance(7, 7)) == (3, 253, 0)


DROPS = st.builds(
    Loss,
    st.integers(0, 9),
    st.integers(9, 2**63 - 1),
    st.text().filter(lambda reason: ";" not in reason),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**40),
    st.integers(1, 2**40),
)


@given(DROPS)
def test_a_drop_comes_back_from_its_text(dropped: Loss) -> None:
    assert Loss.parse(str(dropped)) == dropped


@pytest.mark.parametrize(
    "text", ["", "x", "5", "5-", "-5", "7-5 backwards", "1-2-3", "1 - 2", "-1-2", "²-³ up", f"1-{'9' * 5000}"]
)
def test_other_texts_announce_no_drop(text: str) -> None:
    assert Loss.parse(text) is None


@given(st.text())
def test_no_text_trips_the_reader_of_drops(text: str) -> None:
    assert Loss.parse(text) is None or Loss.parse(text) == Loss.parse(str(Loss.parse(text)))
