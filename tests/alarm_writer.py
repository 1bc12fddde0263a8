"""Raises and acknowledges an alarm through the desk, says so, and waits to be killed: what it said must be on disk."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from gateway.alarm_config import Alarms
from gateway.config import GatewayConfig, Mine
from gateway.live.alarm_desk import AlarmDesk
from gateway.live.trackers import Trackers
from rules.alarms.alarm import AlarmKey, Definition, Level, Priority

MINE = "990000000001"
KEY = AlarmKey(MINE, "F1", "Gas 1/Methane", "high")
DEFINITION = Definition(KEY, (Level(Priority.HIGH, "超限", "high"),), "甲烷", "methane", unit="%")


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


def desk(path: Path) -> AlarmDesk:
    """A desk without a collector."""
    config = GatewayConfig(mines=[Mine(code=MINE, name="矿")], alarms=Alarms(journal=path))
    return AlarmDesk(config, Trackers.of(config), {}, now_ms=now_ms, rate=1.0, put_fact=lambda _point: None)


async def main(path: Path) -> None:
    """Never returns."""
    one = desk(path)
    await one.open()
    one.alarms.board.judge(DEFINITION, 1, now_ms() * 1000, value=1.2, limit=1.0)
    await one.acknowledge(KEY, "张三", "去看了")
    sys.stdout.write("acknowledged\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
