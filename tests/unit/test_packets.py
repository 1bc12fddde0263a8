"""The centre's MQTT packets: byte by byte as the standards write them, cut anywhere, refused when they are no MQTT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.packets import (
    DISCONNECT,
    PACKET_MAX,
    PINGREQ,
    Answer,
    Hello,
    Kind,
    LinkLost,
    Message,
    Wire,
)

WILL = Message("spBv1.0/STATE/c", b"{}")
V311, V5 = Wire(is_v5=False), Wire(is_v5=True)
versions = pytest.mark.parametrize("is_v5", [False, True])


def test_connect_of_3_1_1() -> None:
    """Clean session, will at QoS 1 and retained, user name and password, in the order of MQTT 3.1.1, 3.1.3."""
    packet = V311.connect(Hello(WILL, 15, "u", "pw"))
    assert packet == (
        b"\x10\x28" + b"\x00\x04MQTT" + b"\x04\xee" + b"\x00\x0f" + b"\x00\x00"
        b"\x00\x0fspBv1.0/STATE/c" + b"\x00\x02{}" + b"\x00\x01u" + b"\x00\x02pw"
    )  # fmt: skip


def test_connect_of_5_without_credentials() -> None:
    """The same with a Maximum Packet Size (0x27) and the will's own, empty, properties."""
    packet = V5.connect(Hello(WILL, 15))
    assert packet == (
        b"\x10\x28" + b"\x00\x04MQTT" + b"\x05\x2e" + b"\x00\x0f" + b"\x05\x27" + PACKET_MAX.to_bytes(4, "big")
        + b"\x00\x00" + b"\x00" + b"\x00\x0fspBv1.0/STATE/c" + b"\x00\x02{}"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wire", "packet"),
    [(V311, b"\x82\x08\x00\x01\x00\x03a/#\x00"), (V5, b"\x82\x09\x00\x01\x00\x00\x03a/#\x00")],
)
def test_subscribe(wire: Wire, packet: bytes) -> None:
    """At QoS 0, packet identifier 1."""
    assert wire.subscribe("a/#") == packet


@pytest.mark.parametrize(
    ("wire", "packet"),
    [(V311, b"\x33\x08\x00\x02ab\x00\x07hi"), (V5, b"\x33\x09\x00\x02ab\x00\x07\x00hi")],
)
def test_publish_at_qos_1_retained(wire: Wire, packet: bytes) -> None:
    """The packet identifier stands between topic and properties."""
    assert wire.publish(Message("ab", b"hi"), retain=True, packet_id=7) == packet


def test_simple_packets() -> None:
    """PINGREQ and DISCONNECT have no body."""
    assert (PINGREQ, DISCONNECT) == (b"\xc0\x00", b"\xe0\x00")


@versions
@given(
    messages=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
            st.binary(max_size=300),
        ),
        max_size=8,
    ),
    data=st.data(),
)
def test_what_is_written_is_read_however_it_is_cut(
    is_v5: bool, messages: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    """Every message once and in order, with answers in between, whatever pieces the network makes."""
    wire = Wire(is_v5=is_v5)
    sent = [Message(topic, payload) for topic, payload in messages]
    stream = b"".join(
        wire.publish(message, packet_id=data.draw(st.none() | st.integers(1, 65_535))) + b"\xd0\x00"
        for message in sent
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    came: list[Message] = []
    answers: list[Answer] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        some, others = wire.read(stream[start:end])
        came += some
        answers += others
    assert came == sent
    assert answers == [Answer(Kind.PINGRESP, b"")] * len(sent)
    assert wire.rest == b""


def test_properties_of_a_message_are_passed_over() -> None:
    """Version 5: user property and content type stand before the payload."""
    properties = b"\x26\x00\x01k\x00\x01v" + b"\x03\x00\x01t"
    body = b"\x00\x01a" + bytes((len(properties),)) + properties + b"data"
    assert V5.read(b"\x30" + bytes((len(body),)) + body) == ([Message("a", b"data")], [])


@pytest.mark.parametrize(
    "stream",
    [
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x30\x01\x00",  # no room for a topic's length
        b"\x30\x03\x00\x09a",  # a topic longer than its packet
        b"\x32\x03\x00\x01a",  # no packet identifier
        b"\x30" + b"\xff\xff\xff\x7f",  # 256 MiB
    ],
)
@versions
def test_what_is_no_mqtt_ends_the_connection(is_v5: bool, stream: bytes) -> None:
    """No frame from the wire trips anything but `LinkLost`."""
    with pytest.raises(LinkLost):
        Wire(is_v5=is_v5).read(stream)


@versions
@given(stream=st.binary(max_size=200))
def test_noise_is_read_or_refused(is_v5: bool, stream: bytes) -> None:
    """Any bytes: packets, or `LinkLost`, never another error."""
    wire = Wire(is_v5=is_v5)
    try:
        _, answers = wire.read(stream)
    except LinkLost:
        return
    for answer in answers:
        wire.refusal(answer)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(Kind.CONNACK, b"\x00\x00"), None),
        (Answer(Kind.CONNACK, b"\x01\x00\x00"), None),
        (Answer(Kind.CONNACK, b"\x00\x05"), "not authorized"),
        (Answer(Kind.CONNACK, b"\x00\x86\x00"), "wrong user name or password"),
        (Answer(Kind.CONNACK, b"\x00\x01"), "set mqtt.version"),
        (Answer(Kind.SUBACK, b"\x00\x01\x00"), None),
        (Answer(Kind.SUBACK, b"\x00\x01\x80"), "refused"),
        (Answer(Kind.SUBACK, b"\x00\x01\x00\x87"), "not authorized"),
        (Answer(Kind.PUBACK, b"\x00\x01"), None),
        (Answer(Kind.PUBACK, b"\x00\x01\x87"), "not authorized"),
        (Answer(Kind.PUBACK, b"\x00\x01\x10\x00"), None),
        (Answer(Kind.DISCONNECT, b"\x8e"), "another client"),
        (Answer(Kind.DISCONNECT, b"\xfe"), "0xFE"),
        (Answer(Kind.CONNACK, b""), "refused"),
        (Answer(Kind.PINGRESP, b""), None),
    ],
)
def test_refusals_say_what_to_do(answer: Answer, said: str | None) -> None:
    """Return and reason codes in words; success is none, "no matching subscribers" (0x10) too."""
    refusal = V5.refusal(answer)
    assert (refusal is None) if said is None else (refusal is not None and said in refusal)
