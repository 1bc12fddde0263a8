"""A process that appends to an outbox and tells each batch that is kept, until it is killed.

`python -m tests.outbox_writer FILE`: after `append` has returned, the batch's number stands on a line of its own.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from edge_agent.uplink.draft import Draft
from edge_agent.uplink.outbox import Limits, Outbox


def draft(number: int) -> Draft:
    """What belongs into the batch that will get this number."""
    return Draft(f"F{number % 3}", number % 7 + 1, f"body of {number} ".encode() * (number % 50 + 1))


def append_forever(path: Path) -> None:
    """One, two or three batches at a time; old ones are committed now and then, so that pages are used again."""
    with Outbox(path, Limits(1_000_000_000)) as outbox:
        for turn in count():
            following = outbox.extent().following
            for batch in outbox.append([draft(following + i) for i in range(turn % 3 + 1)], 0):
                print(batch.number, flush=True)  # noqa: T201  # the other process reads it
            if turn % 40 == 39:  # any number would do
                outbox.commit(following - 50)


if __name__ == "__main__":
    append_forever(Path(sys.argv[1]))
