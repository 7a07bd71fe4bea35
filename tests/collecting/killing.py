"""A core that collects and is killed, in the middle of a case or right after the case was written.

Usage: python -m tests.collecting.killing DIRECTORY normal|anomaly open|written

With `open` it waits to be killed; with `written` it kills itself before it removes its note of the unfinished case.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.collecting.conftest import clear, collecting_core, inject, waits

if TYPE_CHECKING:
    from tests.small_cluster import SmallCluster


async def collect(core: SmallCluster, what: str) -> None:
    """Collect for a minute of the core's time."""
    core.tick(15)
    if what == "normal":
        core.dataset.collect_normal(on=True)
    else:
        core.dataset.collect_anomalies(on=True)
        injecting = asyncio.create_task(inject(core))
        await core.until(lambda: waits(core))
        core.tick()
        await injecting
    core.tick(40)


def end(core: SmallCluster, what: str) -> None:
    """End the case."""
    if what == "normal":
        core.dataset.collect_normal(on=False)
    else:
        clear(core, "i1")
        core.tick(20)


async def _collect_until_killed(core: SmallCluster, what: str, when: str) -> None:
    if when == "open":
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(core.writer.run())
            await collect(core, what)
            await asyncio.Event().wait()
    await collect(core, what)
    end(core, what)
    sys.addaudithook(lambda event, arguments: _die(event, arguments, core.directory / "collecting"))
    await core.write_all()


def _die(event: str, arguments: tuple[object, ...], notes: Path) -> None:
    if event == "os.remove" and Path(str(arguments[0])).parent == notes:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    with collecting_core(Path(sys.argv[1])) as running:
        asyncio.run(_collect_until_killed(running, *sys.argv[2:]))
