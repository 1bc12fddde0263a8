"""`python -m benchmarks.live_stream [--changes 100] [--json]`: from a reading to a verdict on a screen.

A real agent, mosquitto, the centre and a client of its live stream, in one process but for the broker. A face's
headcount changes now and then, at no fixed phase of the centre's half-seconds; told is how long it takes from the
reading's own time to the message that shows the new headcount with what it means. Exit code 1 if one takes two seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Final

from gateway.live.views import time_of
from tests.fakes import FakeHistorian
from tests.live_pipeline import Screen, centre, screen, settings
from tests.readings import point, reading
from tests.servers import mosquitto
from tests.stack import FedAgent, edge_agent, edge_settings, now_ms, until

GOAL_MS: Final = 2_000
PAUSE_S: Final = (0.2, 1.2)
HEADCOUNT: Final = point("Personnel/Headcount")
MEANS: Final = {7: "within", 9: "within", 10: "over", 21: "over", 24: "hazard"}


async def measured(changes: int) -> list[int]:
    """How long each change took, milliseconds, ascending."""
    chance = Random(1)  # noqa: S311  (no secret)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with mosquitto(folder) as port:
            async with (
                centre(settings(port, folder), FakeHistorian()) as gateway,
                edge_agent(folder, edge_settings(port, "5"), (HEADCOUNT,)) as agent,
                screen(gateway) as shown,
            ):
                await until(lambda: agent.uplink.health.connected)
                took_ms = []
                counts = [count for count in MEANS for _ in range(-(-changes // len(MEANS)))]
                chance.shuffle(counts)
                for count in [0, *counts[:changes]]:  # the first one waits for births
                    await asyncio.sleep(chance.uniform(*PAUSE_S))
                    took_ms.append(await change(agent, shown, count))
    return sorted(took_ms[1:])


async def change(agent: FedAgent, shown: Screen, count: int) -> int:
    """One reading, until the screen shows it."""
    made_ms = now_ms()
    wanted = (time_of(made_ms), count, MEANS.get(count, "within"))
    agent.emit([reading(HEADCOUNT, count, made_ms)])
    await shown.until(
        lambda one: tuple(one.areas["F1"][key] for key in ("headcount_at", "headcount", "state")) == wanted
    )
    return now_ms() - made_ms


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--json", action="store_true", dest="as_json")
    args = parser.parse_args()
    took_ms = asyncio.run(measured(args.changes))
    found = {"p50": took_ms[len(took_ms) // 2], "p99": took_ms[len(took_ms) * 99 // 100], "max": took_ms[-1]}
    print(json.dumps(found) if args.as_json else ", ".join(f"{name} {ms} ms" for name, ms in found.items()))
    return int(found["max"] >= GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
