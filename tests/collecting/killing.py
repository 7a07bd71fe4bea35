"""A console that collects for a minute of its own time, and then waits to be killed.

Usage: python killing.py DIRECTORY normal|anomaly
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.collecting.conftest import Console


async def collect(directory: Path, what: str) -> None:
    console = Console(directory / "cases", recorded=True)
    assert console.recorder is not None
    with console.recorder:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(console.keeper.run())
            console.tick(15)
            if what == "normal":
                console.collector.collect_normal(on=True)
            else:
                console.collector.collect_anomalies(on=True)
                injecting = tasks.create_task(console.inject("i1"))
                await console.turn()
                console.tick()
                await injecting
            console.tick(40)
            await asyncio.Event().wait()


asyncio.run(collect(Path(sys.argv[1]), sys.argv[2]))
