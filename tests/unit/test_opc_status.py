"""Pins what OPC UA status codes make of a value (Part 8, 6.3), info bits and reserved severities included."""

from __future__ import annotations

import pytest

from contract.quality import Quality
from edge_agent.acquisition.opc_status import is_gone, quality_of


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
