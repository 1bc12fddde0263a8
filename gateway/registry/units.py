"""Which plan unit an enterprise of the registry counts for."""

from __future__ import annotations

from gateway.registry.form import Row
from rules.plan.table import plan_unit


def unit_of(enterprise: Row) -> str:
    """The plan unit that it names, else itself."""
    return plan_unit(str(enterprise["plan_unit"] or enterprise["enterprise"]))


def is_its_own_unit(enterprise: Row) -> bool:
    """Does it count for itself, under whichever of its names?"""
    return unit_of(enterprise) == plan_unit(str(enterprise["enterprise"]))
