"""distdiag with a note of what holds an event loop: `python -m tests.bench.loop_holds HOLDS LATE [ARGUMENTS ...]`.

HOLDS gets a line for each callback that took a loop some milliseconds: the wall clock at its end, the thread, processor
time and time by the clock in ms, and what ran. While it runs, the loop of the console hears no key, and the loop of the
core no answer of a node. Processor time is what it takes where nobody else wants the processor. LATE is that of
`tick_lateness`.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path

from tests.bench import tick_lateness

_WORTH_A_NOTE_MS = 5.0


def main() -> None:
    """Take the file from the arguments, and be distdiag with the rest of them."""
    note = Path(sys.argv.pop(1)).open("w", buffering=1, encoding="utf-8")  # noqa: SIM115 - until the process ends
    run = asyncio.Handle._run

    def noted(self: asyncio.Handle) -> None:
        cpu_s, clock_s = time.thread_time(), time.monotonic()
        # Known before, since a handle that has run forgets it.
        callback = self._callback  # type: ignore[attr-defined]
        run(self)
        cpu_ms, clock_ms = 1e3 * (time.thread_time() - cpu_s), 1e3 * (time.monotonic() - clock_s)
        if cpu_ms >= _WORTH_A_NOTE_MS or clock_ms >= _WORTH_A_NOTE_MS:
            thread = threading.current_thread().name
            note.write(f"{time.time():.3f}\t{thread}\t{cpu_ms:.1f}\t{clock_ms:.1f}\t{_named(callback)}\n")

    asyncio.Handle._run = noted  # type: ignore[method-assign]
    tick_lateness.main()


def _named(callback: object) -> str:
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return f"{task.get_name()} {getattr(task.get_coro(), '__qualname__', '')}"
    return getattr(callback, "__qualname__", repr(callback))


if __name__ == "__main__":
    main()
