"""The driver of TPC-H on one node: `python -m distdiag_core.workloads.benchmarks.tpch.tpch_driver FILE`.

FILE contains a `StreamPlan`. The output has a report each second (see `report_line`), a line of JSON for each query and
for each round of 22, and at the end, after a permanent failure, one with its reason.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from distdiag_core.errors import DistdiagError
from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmarks.tpch.query_meter import QueryMeter
from distdiag_core.workloads.benchmarks.tpch.query_stream import QueryStream
from distdiag_core.workloads.benchmarks.tpch.stream_plan import StreamPlan
from distdiag_core.workloads.rate_limiter import RateLimiter

_SECOND = 1.0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say(what: dict[str, object]) -> None:
    _print(json.dumps(what))


async def drive(plan: StreamPlan) -> None:
    """Run all streams until their time is over, or until cancelled.

    Raises:
        ExceptionGroup: of `DistdiagError`, for permanent failures.
    """
    meter, limiter = QueryMeter(len(plan.streams)), RateLimiter(plan.rate)
    try:
        async with asyncio.timeout(plan.left_s), asyncio.TaskGroup() as group:
            streams = [
                group.create_task(QueryStream(number, plan, meter, limiter, _say).run()) for number in plan.streams
            ]
            await _report(meter)
            for stream in streams:
                stream.cancel()
    except TimeoutError:
        pass


async def _report(meter: QueryMeter) -> None:
    """Print a report each second, until the parent process has ended."""
    loop, parent = asyncio.get_running_loop(), os.getppid()
    before_s = loop.time()
    while os.getppid() == parent:
        await asyncio.sleep(_SECOND - (loop.time() - before_s) % _SECOND)
        now_s = loop.time()
        _print(report_line.encode(meter.take(now_s - before_s)))
        before_s = now_s


async def _drive_until_ended(plan: StreamPlan) -> None:
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in no task")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await drive(plan)


def main() -> None:
    """Execute the plan in the file; exit status 1 after a permanent failure."""
    plan = StreamPlan.decode(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        asyncio.run(_drive_until_ended(plan))
    except asyncio.CancelledError:
        return
    except BaseExceptionGroup as group:
        hopeless, others = group.split(DistdiagError)
        if others is not None or hopeless is None:
            raise
        _say({"hopeless": str(hopeless.exceptions[0])})
        sys.exit(1)


if __name__ == "__main__":
    main()
