"""What an OPC UA status code makes of a value, or of a wish to watch a node; pure.

OPC UA Part 4, 7.39: the two highest bits are the severity, the upper half names the status. Part 8, 6.3 says what
the codes of data access mean:
- Good is good, a local override included: it is what the server stands for.
- Uncertain is good as long as the value is what the instrument shows now (sensor not accurate, engineering units
  exceeded, sub-normal): to hide a methane value above the range of its sensor would be worse than to show it.
- Uncertain, but the last usable value after the connection or the writer stopped, is stale.
- Uncertain, but an initial or a substituted value, was never measured, and is bad.
- Bad is bad, and so is the reserved fourth severity.
"""

from __future__ import annotations

from typing import Final

from contract.quality import Quality

LAST_USABLE: Final = frozenset({0x408F_0000, 0x4090_0000})
"""UncertainNoCommunicationLastUsableValue, UncertainLastUsableValue."""
NEVER_MEASURED: Final = frozenset({0x4091_0000, 0x4092_0000})
"""UncertainSubstituteValue, UncertainInitialValue."""
GONE: Final = frozenset({0x8033_0000, 0x8034_0000, 0x8035_0000})
"""BadNodeIdInvalid, BadNodeIdUnknown, BadAttributeIdInvalid: the item itself has to be made anew."""
FILTER_REFUSED: Final = frozenset({0x8043_0000, 0x8044_0000, 0x8045_0000, 0x808E_0000})
"""BadMonitoredItemFilterInvalid, …FilterUnsupported, BadFilterNotAllowed, BadDeadbandFilterInvalid."""
UNWATCHABLE: Final = frozenset({
    0x8002_0000,  # BadInternalError
    0x8003_0000,  # BadOutOfMemory
    0x8004_0000,  # BadResourceUnavailable
    0x800B_0000,  # BadServiceUnsupported
    0x8010_0000,  # BadTooManyOperations
    0x803D_0000,  # BadNotSupported
    0x8040_0000,  # BadNotImplemented
    0x80DB_0000,  # BadTooManyMonitoredItems
})  # fmt: skip
"""The node may well be there: the server cannot or will not watch it."""
UPPER_HALF: Final = 0xFFFF_0000
OVERFLOW: Final = 0x0480
"""The code belongs to a value, and values before it were dropped from the server's queue (Part 4, 7.39.1)."""
SEVERITY: Final = 30
GOOD, UNCERTAIN = 0, 1


def quality_of(code: int) -> Quality:
    """The quality of a value with this status code."""
    severity, status = code >> SEVERITY, code & UPPER_HALF
    if severity == GOOD or (severity == UNCERTAIN and status not in LAST_USABLE | NEVER_MEASURED):
        return Quality.GOOD
    return Quality.STALE if status in LAST_USABLE else Quality.BAD


def is_gone(code: int) -> bool:
    """Whether the node is not there (any more)."""
    return code & UPPER_HALF in GONE


def is_filter_refused(code: int) -> bool:
    """Whether a node is not watched only because of the deadband that was asked for."""
    return code & UPPER_HALF in FILTER_REFUSED


def is_unwatchable(code: int) -> bool:
    """Whether a node that cannot be watched may still be read."""
    return code & UPPER_HALF in UNWATCHABLE


def has_overflown(code: int) -> bool:
    """Whether the server dropped values that were sampled before this one."""
    return code & OVERFLOW == OVERFLOW
