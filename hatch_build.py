"""Before a wheel or a source distribution is made: fetch what the console takes from npm."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from dashboards.web import vendor  # not installed where it is built


class VendorHook(BuildHookInterface[Any]):
    """An editable install is a checkout: `scripts/setup` fetches there, and may fail without breaking the install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fetch what is missing; raises `NotFetched`."""
        if version != "editable":
            vendor.fetch()

    def dependencies(self) -> list[str]:
        """npm, where it is needed and there is none."""
        return [vendor.WHEEL] if vendor.missing() and not shutil.which("npm") else []
