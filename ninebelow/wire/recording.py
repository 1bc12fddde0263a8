"""One recording from its start to its end, kept in a file where that is asked for."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, TextIO

from contract.errors import Fault, Misconfigured
from contract.grading import capture_form
from contract.grading.capture import Capture
from ninebelow.process import stop_event
from ninebelow.wire import words
from ninebelow.wire.broker_url import Broker
from ninebelow.wire.recorder import Recorder


async def record(broker: Broker, filters: Sequence[str], for_s: float, out: Path | None) -> Capture:
    """Record until the time is over, the signal to stop comes, or the limit is reached; raises `Transient`."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a lost broker is told once, by us
    stop = stop_event()
    with ExitStack() as stack:
        file = stack.enter_context(opened(out)) if out else None
        recorder = Recorder(broker, filters, lambda: time.time_ns() // 1_000_000)
        recording = asyncio.create_task(recorder.run(), name="wire.recorder")
        begun = asyncio.create_task(recorder.begun.wait())
        await asyncio.wait({recording, begun}, return_when=asyncio.FIRST_COMPLETED)
        if file and recorder.begun.is_set():
            write(file, recorder)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({recording, stopped}, timeout=for_s, return_when=asyncio.FIRST_COMPLETED)
        await ended(recording, begun, stopped)
    if recorder.is_full:
        print(words.FULL.format(count=len(recorder.events)), file=sys.stderr)
    print(words.RECORDED.format(count=len(recorder.events)), file=sys.stderr)
    return Capture(recorder.sees, recorder.events)


def write(file: TextIO, recorder: Recorder) -> None:
    """Write the head and what has come; from then on, whatever comes."""
    lines = [capture_form.head_line(recorder.sees), *map(capture_form.event_line, recorder.events)]
    file.writelines(f"{line}\n" for line in lines)
    recorder.took = lambda event: print(capture_form.event_line(event), file=file)


def opened(path: Path) -> TextIO:
    """The file to keep; raises `Misconfigured`, also where there is one already."""
    try:
        return path.open("x", encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            [Fault(str(path), None, f"cannot be written: {error.strerror or error}")]
        ) from error


async def ended(recording: asyncio.Task[None], *waiting: asyncio.Task[Literal[True]]) -> None:
    """End the tasks; what the recording fell over is raised."""
    for task in (recording, *waiting):
        task.cancel()
    outcome, *_ = await asyncio.gather(recording, *waiting, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
