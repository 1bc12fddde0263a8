"""A capture as lines of JSON: a head that says what it shows, then an event a line; payloads in base64.

{"capture": 1, "sees": ["qos", "retain"]}
{"publish": "spBv1.0/M1/NBIRTH/gw-1", "at_ms": 1650000000000, "qos": 0, "retain": false, "payload": "CAE="}
{"connect": "gw-1", "at_ms": …, "version": "5", "clean_start": true, "session_expiry_s": 0, "will": {…}}
{"subscribe": "spBv1.0/#", "at_ms": …, "client": "centre", "qos": 1}
{"disconnect": "gw-1", "at_ms": …, "reason": 0}
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from contract.errors import Fault, Misconfigured
from contract.grading.capture import (
    Capture,
    Connected,
    Disconnected,
    Event,
    Published,
    Sight,
    Subscribed,
    Will,
)

VERSION: Final = 1
WRITTEN: Final = {Sight.QOS: "qos", Sight.RETAIN: "retain", Sight.CONNECTIONS: "connections"}
FAULTS_MAX: Final = 100


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("must be text in base64")  # noqa: TRY004  (pydantic's way to refuse)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


Encoded = Annotated[bytes, BeforeValidator(_bytes)]
Qos = Annotated[int, Field(ge=0, le=2)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Timed(_Line):
    at_ms: Annotated[int, Field(ge=0)]
    server: str = ""


class _Head(_Line):
    capture: Literal[1]
    sees: list[Literal["qos", "retain", "connections"]]


class _Will(_Line):
    topic: str
    payload: Encoded
    qos: Qos
    retain: bool


class _Connect(_Timed):
    connect: str
    version: Literal["3.1.1", "5"]
    clean_start: bool
    session_expiry_s: Annotated[int, Field(ge=0)] = 0
    will: _Will | None = None

    def event(self) -> Connected:
        left = self.will
        will = None if left is None else Will(left.topic, left.payload, left.qos, left.retain)
        return Connected(
            self.at_ms, self.connect, self.version, self.clean_start, self.session_expiry_s, will, self.server
        )


class _Subscribe(_Timed):
    subscribe: str
    client: str
    qos: Qos

    def event(self) -> Subscribed:
        return Subscribed(self.at_ms, self.client, self.subscribe, self.qos, self.server)


class _Disconnect(_Timed):
    disconnect: str
    reason: Annotated[int, Field(ge=0, le=255)] | None

    def event(self) -> Disconnected:
        return Disconnected(self.at_ms, self.disconnect, self.reason, self.server)


class _Publish(_Timed):
    publish: str
    payload: Encoded
    qos: Qos
    retain: bool
    stored: bool = False
    client: str | None = None

    def event(self) -> Published:
        return Published(
            self.at_ms,
            self.publish,
            self.payload,
            self.qos,
            self.retain,
            self.stored,
            self.client,
            self.server,
        )


_FORMS: Final[dict[str, TypeAdapter[Any]]] = {
    "publish": TypeAdapter(_Publish),
    "connect": TypeAdapter(_Connect),
    "subscribe": TypeAdapter(_Subscribe),
    "disconnect": TypeAdapter(_Disconnect),
}


def head_line(sees: Sight) -> str:
    """The first line."""
    return _json({"capture": VERSION, "sees": [word for flag, word in WRITTEN.items() if flag in sees]})


def event_line(event: Event) -> str:
    """The line of one event."""
    line: dict[str, object]
    match event:
        case Published():
            line = {"publish": event.topic, "at_ms": event.at_ms, "qos": event.qos, "retain": event.retain}
            line |= {"stored": True} if event.stored else {}
            line |= {"client": event.client} if event.client is not None else {}
            line |= {"payload": _text(event.payload)}
        case Connected():
            line = {"connect": event.client, "at_ms": event.at_ms, "version": event.version}
            line |= {"clean_start": event.clean_start, "session_expiry_s": event.session_expiry_s}
            if will := event.will:
                held = {
                    "topic": will.topic,
                    "qos": will.qos,
                    "retain": will.retain,
                    "payload": _text(will.payload),
                }
                line["will"] = held
        case Subscribed():
            line = {"subscribe": event.filter, "at_ms": event.at_ms, "client": event.client, "qos": event.qos}
        case Disconnected():
            line = {"disconnect": event.client, "at_ms": event.at_ms, "reason": event.reason}
    return _json(line | ({"server": event.server} if event.server else {}))


def parse(lines: Iterable[str], file: str) -> Capture:
    """The capture in these lines; raises `Misconfigured` with the faulty lines, at most `FAULTS_MAX` of them."""
    faults: list[Fault] = []
    sees, events = Sight.NOTHING, list[Event]()
    for number, line in enumerate(lines, start=1):
        try:
            if number == 1:
                sees = _sight(line)
            elif line.strip():
                events.append(_event(line))
        except ValueError as error:
            faults += [Fault(file, number, what) for what in _words(error)]
        if len(faults) >= FAULTS_MAX:
            break
    if not events and not faults:
        faults.append(
            Fault(file, None, "holds no event; record one with ninebelow wire grade --mqtt … --out")
        )
    if faults:
        raise Misconfigured(faults)
    return Capture(sees, events)


def _sight(line: str) -> Sight:
    head = TypeAdapter(_Head).validate_python(_object(line, 'the first line is {"capture": 1, "sees": […]}'))
    sees = Sight.NOTHING
    for flag, word in WRITTEN.items():
        sees |= flag if word in head.sees else Sight.NOTHING
    return sees


def _event(line: str) -> Event:
    found = _object(line, "a line is one event as a JSON object")
    kinds = [kind for kind in _FORMS if kind in found]
    if len(kinds) != 1:
        raise ValueError(f"an event has exactly one of the keys {', '.join(_FORMS)}")
    event: Event = _FORMS[kinds[0]].validate_python(found).event()
    return event


def _object(line: str, wanted: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(wanted)  # noqa: TRY004  (a fault of the file, told like the others)
    return found


def _words(error: ValueError) -> Iterator[str]:
    if not isinstance(error, ValidationError):
        yield str(error)
        return
    for fault in error.errors():
        place = ".".join(map(str, fault["loc"]))
        yield f"{place}: {fault['msg']}" if place else fault["msg"]


def _text(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


def _json(line: dict[str, object]) -> str:
    return json.dumps(line, ensure_ascii=False)
