"""The gateway in a network of its own, where the machine allows it: a wire that can be pulled, and made narrow.

With root's rights and iproute2 the agent runs in a network namespace behind a veth pair. Pulling the wire loses
packets for real, below TCP; `tbf` makes it narrow; `netem` loses and delays packets at random, and where the kernel
lacks it nftables lose some.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

NEAR, FAR = "10.213.77.1", "10.213.77.2"
PATHS: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
IP: Final = shutil.which("ip", path=PATHS)
TC: Final = shutil.which("tc", path=PATHS)
NFT: Final = shutil.which("nft", path=PATHS)
RULES: Final = """
table inet loss {{
  chain in {{ type filter hook input priority 0; numgen random mod 100 < {percent} drop; }}
  chain out {{ type filter hook output priority 0; numgen random mod 100 < {percent} drop; }}
}}
"""


@dataclass(slots=True)
class Wire:
    """A namespace `name` and the near end of the wire to it."""

    name: str
    has_netem: bool = False
    has_nft: bool = False

    @property
    def end(self) -> str:
        """The near end's device."""
        return f"{self.name}a"

    @property
    def prefix(self) -> list[str]:
        """What makes a command run at the far end."""
        return [str(IP), "netns", "exec", self.name]

    def pull(self) -> None:
        """Nothing passes any more, and nobody is told."""
        run(IP, "link", "set", self.end, "down")

    def plug(self) -> None:
        """It passes again, at full width."""
        run(IP, "link", "set", self.end, "up")

    def shape(self, *how: str) -> None:
        """Put a queueing discipline before the wire, towards the gateway and away from it."""
        for prefix, device in (([], self.end), (self.prefix, f"{self.name}b")):
            run(*prefix, TC, "qdisc", "replace", "dev", device, "root", *how)

    def lose(self, percent: int, delay_ms: int) -> None:
        """Lose packets at random both ways; where the kernel can, they are late, too."""
        if self.has_netem:
            self.shape("netem", "loss", f"{percent}%", "delay", f"{delay_ms}ms", f"{delay_ms // 4}ms")
        else:
            run(*self.prefix, NFT, RULES.format(percent=percent))

    def lose_none(self) -> None:
        """No longer."""
        if self.has_netem:
            self.unshape()
        else:
            run(*self.prefix, NFT, "flush ruleset")

    def unshape(self) -> None:
        """Take it away."""
        for prefix, device in (([], self.end), (self.prefix, f"{self.name}b")):
            run(*prefix, TC, "qdisc", "del", "dev", device, "root", check=False)


@contextmanager
def wire() -> Iterator[Wire | None]:
    """A wire until the block ends; `None` where the machine does not allow it."""
    made = Wire(f"nb{os.getpid()}")
    if IP is None or TC is None or run(IP, "netns", "add", made.name, check=False):
        yield None
        return
    try:
        yield made if connected(made) else None
    finally:
        run(IP, "link", "del", made.end, check=False)
        run(IP, "netns", "del", made.name, check=False)


def connected(made: Wire) -> bool:
    """Lay the wire, and see what it can be made to do; false if it cannot be laid."""
    far = f"{made.name}b"
    laid = [
        run(IP, "link", "add", made.end, "type", "veth", "peer", "name", far, check=False),
        run(IP, "link", "set", far, "netns", made.name, check=False),
        run(IP, "addr", "add", f"{NEAR}/30", "dev", made.end, check=False),
        run(IP, "link", "set", made.end, "up", check=False),
        run(*made.prefix, IP, "addr", "add", f"{FAR}/30", "dev", far, check=False),
        run(*made.prefix, IP, "link", "set", far, "up", check=False),
    ]
    made.has_netem = not run(
        TC, "qdisc", "replace", "dev", made.end, "root", "netem", "loss", "1%", check=False
    )
    made.unshape()
    made.has_nft = NFT is not None and not run(*made.prefix, NFT, RULES.format(percent=1), check=False)
    if made.has_nft:
        run(*made.prefix, NFT, "flush ruleset")
    return not any(laid)


def run(*command: str | None, check: bool = True) -> int:
    """Run it and give its exit code; raises where it must not fail."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.returncode
