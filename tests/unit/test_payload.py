"""Payloads against bytes written by hand from the wire format and the field table of Sparkplug 3.0, chapter 6.

What both ends of ours get wrong alike, no test between them finds; so nothing here was made by our encoder.
"""

from __future__ import annotations

import pytest

from contract import payload
from contract.datatype import DataType, Value
from contract.payload import MalformedPayload
from contract.proto.sparkplug_b_pb2 import Payload
from contract.quality import Quality

AT_MS = 1_486_144_502_122
AT = "eaf2f5a8a02b"  # the same as a varint


def golden(text: str) -> bytes:
    """Bytes of hexadecimal text with comments."""
    return bytes.fromhex("".join(line.partition("#")[0] for line in text.splitlines()))


NBIRTH = golden(f"""
    08 {AT}                        # 1 timestamp
    12 15                          # 2 metric, 21 bytes
      0a 05 62 64 53 65 71         #   1 name "bdSeq"
      18 {AT}                      #   3 timestamp
      20 04                        #   4 datatype Int64
      58 80 02                     #  11 long_value 256
      38 00                        #   7 is_null false, written out
    12 21                          # 2 metric, 33 bytes
      0a 14 4e 6f 64 65 20 43 6f 6e 74 72 6f 6c 2f 52 65 62 69 72 74 68   # "Node Control/Rebirth"
      18 {AT}
      20 0b                        #   Boolean
      70 00                        #  14 boolean_value false
    18 00                          # 3 seq 0
""")


def test_a_birth_made_by_hand_is_read() -> None:
    message = payload.parse(NBIRTH)
    assert (message.timestamp, message.seq, message.HasField("seq")) == (AT_MS, 0, True)
    bd_seq, rebirth = message.metrics
    assert (bd_seq.name, bd_seq.timestamp, bd_seq.datatype, bd_seq.long_value) == (
        "bdSeq", AT_MS, DataType.INT64, 256,
    )  # fmt: skip
    assert (rebirth.name, rebirth.boolean_value, rebirth.WhichOneof("value")) == (
        "Node Control/Rebirth", False, "boolean_value",
    )  # fmt: skip


WRITTEN: list[tuple[DataType, Value | None, str]] = [
    (DataType.INT8, -2, "20 01 50 fe 01"),
    (DataType.INT16, -2, "20 02 50 fe ff 03"),
    (DataType.INT32, -1, "20 03 50 ff ff ff ff 0f"),
    (DataType.INT64, -1, "20 04 58 ff ff ff ff ff ff ff ff ff 01"),
    (DataType.UINT8, 255, "20 05 50 ff 01"),
    (DataType.UINT32, 4_294_967_295, "20 07 50 ff ff ff ff 0f"),
    (DataType.UINT64, 2**64 - 1, "20 08 58 ff ff ff ff ff ff ff ff ff 01"),
    (DataType.FLOAT, 1.5, "20 09 65 00 00 c0 3f"),
    (DataType.DOUBLE, 0.42, "20 0a 69 e1 7a 14 ae 47 e1 da 3f"),
    (DataType.DOUBLE, 0.0, "20 0a 69 00 00 00 00 00 00 00 00"),
    (DataType.BOOLEAN, True, "20 0b 70 01"),
    (DataType.BOOLEAN, False, "20 0b 70 00"),
    (DataType.STRING, "自动", "20 0c 7a 06 e8 87 aa e5 8a a8"),
    (DataType.STRING, "", "20 0c 7a 00"),
    (DataType.DATETIME, AT_MS, f"20 0d 58 {AT}"),
    (DataType.DOUBLE, None, "20 0a 38 01"),
]


@pytest.mark.parametrize(("kind", "value", "tail"), WRITTEN)
def test_each_type_is_written_into_its_own_field(kind: DataType, value: Value | None, tail: str) -> None:
    message = Payload()
    payload.add(message, value, kind, at_ms=AT_MS, alias=3)
    metric = golden(f"10 03 18 {AT} {tail}")
    assert message.SerializeToString() == golden(f"12 {len(metric):02x}") + metric


def test_a_value_that_is_not_good_carries_its_quality_as_int32() -> None:
    """tck-id-payloads-propertyset-quality-value-type, payloads-propertyset-quality-value-value."""
    message = Payload()
    payload.add(message, None, DataType.DOUBLE, at_ms=AT_MS, alias=3, quality_of=Quality.STALE)
    assert message.SerializeToString() == golden(f"""
        12 1f
          10 03 18 {AT} 20 0a 38 01
          4a 10                             # 9 properties
            0a 07 51 75 61 6c 69 74 79      #   1 keys "Quality"
            12 05 08 03 18 f4 03            #   2 values: 1 type Int32, 3 int_value 500
    """)


def test_a_good_value_carries_no_quality() -> None:
    """tck-id-payloads-propertyset-quality-value-type: needed only where it is not good."""
    message = Payload()
    metric = payload.add(message, 1.0, DataType.DOUBLE, at_ms=AT_MS, alias=3)
    assert not metric.HasField("properties")
    assert payload.quality_of(metric) is Quality.GOOD


@pytest.mark.parametrize(
    ("held", "meaning"),
    [
        ("08 03 18 c0 01", Quality.GOOD),
        ("08 03 18 00", Quality.BAD),
        ("08 03 18 f4 03", Quality.STALE),
        ("08 04 20 f4 03", Quality.STALE),  # as Int64: some peers' only integer
        ("08 03 18 07", Quality.BAD),  # no quality of the standard
        ("08 03 10 01", Quality.BAD),  # null
        ("08 0c 42 03 62 61 64", Quality.BAD),  # text
    ],
)
def test_quality_as_peers_write_it(held: str, meaning: Quality) -> None:
    value = golden(held)
    properties = golden("0a 07 51 75 61 6c 69 74 79") + bytes([0x12, len(value)]) + value
    metric = Payload.Metric.FromString(golden("50 07") + bytes([0x4A, len(properties)]) + properties)
    assert payload.quality_of(metric) is meaning


def test_null_without_a_quality_is_bad() -> None:
    assert payload.quality_of(Payload.Metric.FromString(golden("38 01"))) is Quality.BAD


def test_keys_without_values_are_passed_over() -> None:
    metric = Payload.Metric.FromString(golden("4a 06 0a 04 75 6e 69 74"))
    assert payload.text_properties(metric) == {}
    assert payload.quality_of(metric) is Quality.GOOD


def test_properties_of_every_kind() -> None:
    message = Payload()
    metric = payload.add(
        message, 1.0, DataType.DOUBLE, at_ms=AT_MS, alias=3, properties={"unit": "℃", "low": -40, "gain": 0.5}
    )
    assert payload.text_properties(metric) == {"unit": "℃"}
    low, gain = metric.properties.values[1:]
    assert low.SerializeToString() == golden("08 03 18 d8 ff ff ff 0f")  # −40 in two's complement
    assert gain.SerializeToString() == golden("08 0a 31 00 00 00 00 00 00 e0 3f")


def test_fields_of_a_later_standard_are_passed_over() -> None:
    later = golden("fa 07 02 68 69")  # field 127
    assert payload.parse(NBIRTH + later).seq == 0


def test_messages_merge_when_their_bytes_stand_one_after_the_other() -> None:
    """What the edge relies on: a batch's metrics, then what belongs to the session."""
    body, tail = golden("12 04 10 03 50 07"), golden(f"08 {AT} 12 04 10 09 58 01 18 05")
    message = payload.parse(body + tail)
    assert (message.timestamp, message.seq) == (AT_MS, 5)
    assert [metric.alias for metric in message.metrics] == [3, 9]


@pytest.mark.parametrize(
    "data",
    [
        b"ONLINE",
        golden("12 7f 10"),  # shorter than it says
        golden("08 ff ff ff ff ff ff ff ff ff ff 01"),  # a varint without end
        golden("12 04 0a 02 ff fe"),  # a name that is not UTF-8
        golden("12 04 7a 02 ff fe"),  # a text that is not UTF-8
        golden("12 06 4a 04 0a 02 ff fe"),  # a key that is not UTF-8
    ],
)
def test_what_is_no_payload_is_refused(data: bytes) -> None:
    """Text that is not UTF-8 is refused whole: read as bytes it would surprise every place that takes text."""
    with pytest.raises(MalformedPayload):
        payload.parse(data)
