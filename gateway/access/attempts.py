"""How often somebody may try to sign in. Pure.

Rules
- A try counts when it begins, for the name and for the address it comes from; one that succeeds is taken back, and
  the name's earlier ones with it. So tries that run side by side count each.
- With as many in the window as there may be, the next one waits until the oldest has left it.
- Of IPv6 an address is the network that one line has for itself: it can take as many within as it likes.
- At most `keys_max` names and addresses are remembered; the one that tried longest ago is forgotten first, and counted.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

KEYS_MAX = 10_000
HOST_BITS = 64
"""Of an IPv6 address: what whoever has it chooses freely."""


@dataclass(slots=True)
class Attempts:
    """The tries of the last while."""

    per_name: int
    per_address: int
    window_ms: int
    keys_max: int = KEYS_MAX
    refused: int = 0
    forgotten: int = 0
    tries: OrderedDict[tuple[str, str], deque[int]] = field(default_factory=OrderedDict)

    def begin(self, name: str, address: str, now_ms: int) -> int:
        """Count a try; gives 0, or how many milliseconds to wait before the next one, which then did not count."""
        keys = ((("name", name), self.per_name), (("address", line_of(address)), self.per_address))
        wait_ms = max(self.wait_ms(key, most, now_ms) for key, most in keys)
        if wait_ms > 0:
            self.refused += 1
            return wait_ms
        for key, _ in keys:
            self.tries.setdefault(key, deque()).append(now_ms)
            self.tries.move_to_end(key)
        while len(self.tries) > self.keys_max:
            self.tries.popitem(last=False)
            self.forgotten += 1
        return 0

    def succeeded(self, name: str, address: str) -> None:
        """The try was a good one."""
        self.tries.pop(("name", name), None)
        of_address = self.tries.get(("address", line_of(address)))
        if of_address:
            of_address.pop()

    def wait_ms(self, key: tuple[str, str], most: int, now_ms: int) -> int:
        """How long a key has to wait."""
        tries = self.tries.get(key)
        while tries and now_ms - tries[0] >= self.window_ms:
            tries.popleft()
        return self.window_ms - (now_ms - tries[0]) if tries and len(tries) >= most else 0


def line_of(address: str) -> str:
    """Where tries come from, as its owner cannot change it at will."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return f"{int(ip) >> HOST_BITS:x}"
    return address
