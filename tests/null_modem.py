"""A null modem without hardware: two pseudo-terminals joined, on which noise can be made."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class NullModem:
    """Its two ends are devices as a serial port is one; `noise` is heard at the near end."""

    near: str = ""
    far: str = ""
    masters: list[int] = field(default_factory=list)

    def noise(self, data: bytes) -> None:
        """Bytes that nobody sent."""
        os.write(self.masters[0], data)

    def carry(self, stop: int) -> None:
        """Carry bytes both ways until told to stop."""
        other = {self.masters[0]: self.masters[1], self.masters[1]: self.masters[0]}
        while stop not in (ready := select.select([stop, *other], [], [])[0]):
            for end in ready:
                with suppress(OSError):
                    os.write(other[end], os.read(end, 4096))


@contextmanager
def null_modem() -> Iterator[NullModem]:
    """One until the block ends."""
    line, slaves = NullModem(), []
    for _ in range(2):
        master, slave = os.openpty()
        tty.setraw(slave)
        line.masters.append(master)
        slaves.append(slave)  # kept open, so that an end may be closed and opened again
    line.near, line.far = map(os.ttyname, slaves)
    stop, told = os.pipe()
    carrier = threading.Thread(target=line.carry, args=(stop,), name="null modem")
    carrier.start()
    try:
        yield line
    finally:
        os.write(told, b"x")
        carrier.join()
        for end in (*line.masters, *slaves, stop, told):
            os.close(end)
