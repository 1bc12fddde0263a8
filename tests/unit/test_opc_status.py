"""Pins what OPC UA status codes make of a value (Part 8, 6.3) and of a wish to watch one, info bits included."""

from __future__ import annotations

import pytest
from asyncua import ua

from contract.quality import Quality
from edge_agent.acquisition import opc_status
from edge_agent.acquisition.opc_status import (
    has_overflown,
    is_filter_refused,
    is_gone,
    is_unwatchable,
    quality_of,
)


@pytest.mark.parametrize(
    ("code", "quality"),
    [
        (0x0000_0000, Quality.GOOD),
        (0x0096_0000, Quality.GOOD),  # GoodLocalOverride
        (0x0000_0480, Quality.GOOD),  # Good, with info bits: overflow of the queue
        (0x4000_0000, Quality.GOOD),  # Uncertain
        (0x4093_0000, Quality.GOOD),  # UncertainSensorNotAccurate
        (0x4093_0400, Quality.GOOD),  # the same at its limit
        (0x4094_0000, Quality.GOOD),  # UncertainEngineeringUnitsExceeded
        (0x4095_0000, Quality.GOOD),  # UncertainSubNormal
        (0x408F_0000, Quality.STALE),  # UncertainNoCommunicationLastUsableValue
        (0x4090_0000, Quality.STALE),  # UncertainLastUsableValue
        (0x4090_0403, Quality.STALE),
        (0x4091_0000, Quality.BAD),  # UncertainSubstituteValue
        (0x4092_0000, Quality.BAD),  # UncertainInitialValue
        (0x8000_0000, Quality.BAD),  # Bad
        (0x808C_0000, Quality.BAD),  # BadSensorFailure
        (0x8031_0000, Quality.BAD),  # BadNoCommunication
        (0xC000_0000, Quality.BAD),  # the reserved severity
        (0xFFFF_FFFF, Quality.BAD),
    ],
)
def test_qualities(code: int, quality: Quality) -> None:
    """Code by code."""
    assert quality_of(code) is quality


def test_what_is_gone() -> None:
    """An item on such a node has to be made anew; any other failure heals by itself."""
    assert is_gone(0x8034_0000)
    assert not is_gone(0x808C_0000)
    assert not is_gone(0)


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        (opc_status.LAST_USABLE, {"UncertainNoCommunicationLastUsableValue", "UncertainLastUsableValue"}),
        (opc_status.NEVER_MEASURED, {"UncertainSubstituteValue", "UncertainInitialValue"}),
        (opc_status.GONE, {"BadNodeIdInvalid", "BadNodeIdUnknown", "BadAttributeIdInvalid"}),
        (
            opc_status.FILTER_REFUSED,
            {
                "BadMonitoredItemFilterInvalid", "BadMonitoredItemFilterUnsupported", "BadFilterNotAllowed",
                "BadDeadbandFilterInvalid",
            },
        ),
        (
            opc_status.UNWATCHABLE,
            {
                "BadInternalError", "BadOutOfMemory", "BadResourceUnavailable", "BadServiceUnsupported",
                "BadTooManyOperations", "BadNotSupported", "BadNotImplemented", "BadTooManyMonitoredItems",
            },
        ),
    ],
)  # fmt: skip
def test_codes_are_those_of_the_standard(codes: frozenset[int], names: set[str]) -> None:
    """The pure module knows numbers only; the library's table knows their names."""
    assert {ua.StatusCode(code).name for code in codes} == names


def test_what_may_be_asked_otherwise() -> None:
    """Without a deadband, or in turn; a node that is not there helps neither."""
    assert is_filter_refused(0x8045_0000)
    assert is_filter_refused(0x8045_0400)
    assert not is_filter_refused(0x8034_0000)
    assert is_unwatchable(0x80DB_0000)
    assert not is_unwatchable(0x8034_0000)
    assert not is_unwatchable(0)


@pytest.mark.parametrize(
    ("code", "is_so"), [(0x0480, True), (0x4093_0480, True), (0x0400, False), (0x0080, False), (0, False)]
)
def test_a_queue_that_overflew(code: int, is_so: bool) -> None:
    """The bit counts only where the info bits belong to a value."""
    assert has_overflown(code) is is_so
