"""A capture as mosquitto's own subscriber writes it, a message a line.

mosquitto_sub -q 2 -t 'spBv1.0/#' -F '%U %q %r %x %t'
1650000000.000000000 0 0 0801 spBv1.0/M1/NBIRTH/gw-1

Time, QoS, retain flag, payload in hexadecimal digits, topic. A set retain flag says that the message lay at the broker
when the subscriber came; so it must not be asked for flags as published. The lines do not say at which QoS it
subscribed, and below 2 the broker may have lowered that of a message: whoever recorded them has to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from contract.errors import Fault, Misconfigured
from contract.grading.capture import Capture, Event, Published, Sight
from contract.grading.capture_form import FAULTS_MAX

LINE: Final = re.compile(
    r"(?P<s>[0-9]{1,12})\.(?P<ms>[0-9]{3})[0-9]{0,6} (?P<qos>[0-2]) (?P<retain>[01]) "
    r"(?P<payload>(?:[0-9a-fA-F]{2})*) (?P<topic>.+)"
)
WANTED: Final = "a line is time, QoS, retain flag, payload and topic: mosquitto_sub -F '%U %q %r %x %t'"


def is_one(first_line: str) -> bool:
    """Whether a file that begins so has this form."""
    return LINE.fullmatch(first_line.rstrip("\r\n")) is not None


def parse(lines: Iterable[str], file: str, *, at_qos_2: bool) -> Capture:
    """The capture in these lines; raises `Misconfigured` with the faulty lines, at most `FAULTS_MAX` of them."""
    faults, events = list[Fault](), list[Event]()
    for number, line in enumerate(lines, start=1):
        form = LINE.fullmatch(line.rstrip("\r\n"))
        if form is not None:
            events.append(_event(form))
        elif line.strip():
            faults.append(Fault(file, number, WANTED))
        if len(faults) >= FAULTS_MAX:
            break
    if faults:
        raise Misconfigured(faults)
    return Capture(Sight.QOS if at_qos_2 else Sight.NOTHING, events)


def _event(form: re.Match[str]) -> Published:
    is_stored = form["retain"] == "1"
    return Published(
        1000 * int(form["s"]) + int(form["ms"]),
        form["topic"],
        bytes.fromhex(form["payload"]),
        int(form["qos"]),
        retain=is_stored,
        stored=is_stored,
    )
