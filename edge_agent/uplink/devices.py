"""Which devices (areas) can be read at all: a device is *lost* when every metric of it is stale; pure.

Stale is what a source says of points that it cannot read; a lost device comes back with its first good value. Bad
changes nothing: it is what a lost point becomes in time, and what a machine that is there says of one that it refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from contract.quality import Quality


@dataclass(slots=True)
class Devices:
    """The lost ones among the devices, by what was read last of their metrics."""

    alias_of_device: dict[str, set[int]] = field(default_factory=dict)
    device_of: dict[int, str] = field(default_factory=dict)
    not_stale: dict[str, set[int]] = field(default_factory=dict)
    """Metrics that hold a device: those not read yet, too, since nothing is known against them."""
    lost: set[str] = field(default_factory=set)

    def declare(self, metrics: Mapping[str, Collection[int]]) -> None:
        """These are the devices and their metrics from now on; what is known of metrics that stay is kept."""
        stale = {
            alias
            for device, aliases in self.alias_of_device.items()
            for alias in aliases
            if alias not in self.not_stale[device]
        }
        self.alias_of_device = {device: set(aliases) for device, aliases in metrics.items()}
        self.device_of = {alias: device for device, aliases in metrics.items() for alias in aliases}
        self.not_stale = {device: set(aliases) - stale for device, aliases in metrics.items()}
        self.lost = {device for device in self.lost if device in metrics and not self.not_stale[device]}

    def read(self, alias: int, quality: Quality) -> None:
        """A metric was read with another quality than before."""
        device = self.device_of.get(alias)
        if device is None:
            return
        held = self.not_stale[device]
        if quality is Quality.GOOD:
            held.add(alias)
            self.lost.discard(device)
        elif quality is Quality.STALE:
            held.discard(alias)
            if not held:
                self.lost.add(device)
