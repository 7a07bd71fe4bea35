"""The driver of TPC-H on a real engine: reports, failures and its end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from distdiag_core.workloads import report_line
from distdiag_core.workloads.benchmarks.tpch.query_order import order
from distdiag_core.workloads.benchmarks.tpch.stream_plan import StreamPlan
from distdiag_core.workloads.endpoint import Endpoint
from tests.workloads.relay import relayed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from distdiag_core.workloads.workload_status import WorkloadFigures
    from tests.workloads.engine import Engine

_PATIENCE_S = 90


def _plan(engine: Engine, streams: tuple[int, ...] = (0,), **others: Any) -> StreamPlan:  # noqa: ANN401
    given: dict[str, Any] = {
        "endpoint": Endpoint("127.0.0.1", engine.port, "root", ""),
        "scale": "0.01",
        "seed": 1,
        "timeout_s": 60.0,
        **others,
    }
    return StreamPlan(node="n1", streams=streams, **given)


class _Driver:
    """A running driver."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self, key: str) -> dict[str, Any]:
        """The next line with `key`; any line without one."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                text = await self._next()
                found = json.loads(text)
                if not key or key in found:
                    return dict(found)

    async def rest(self) -> list[dict[str, Any]]:
        """All lines to its end."""
        async with asyncio.timeout(_PATIENCE_S):
            assert self.process.stdout is not None
            return [json.loads(line) async for line in self.process.stdout]

    async def _next(self) -> str:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, "the driver ended"
        return line.decode()


@asynccontextmanager
async def _driving(plan: StreamPlan, tmp_path: Path) -> AsyncIterator[_Driver]:
    (tmp_path / "plan").write_text(plan.encode(), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "distdiag_core.workloads.benchmarks.tpch.tpch_driver", str(tmp_path / "plan")),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield _Driver(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_power_test_runs_all_queries_in_its_order(loaded: Engine, tmp_path: Path) -> None:
    async with _driving(_plan(loaded), tmp_path) as driver:
        asked = [await driver.line("query") for _ in range(22)]
        done = await driver.line("round")

    assert [each["query"] for each in asked] == list(order(0))
    assert all(each["seconds"] > 0 for each in asked)
    assert (done["round"], done["answered"], done["not_answered"]) == ("power", 22, [])
    assert min(each["seconds"] for each in asked) < done["geometric_mean_s"] < max(each["seconds"] for each in asked)


async def test_streams_run_concurrently_and_are_reported(loaded: Engine, tmp_path: Path) -> None:
    async with _driving(_plan(loaded, (1, 2)), tmp_path) as driver:
        lines: list[dict[str, Any]] = []
        while {line["stream"] for line in _answered(lines)} != {1, 2} or not _reports(lines):
            lines.append(await driver.line(""))

    reports, answered = _reports(lines), _answered(lines)
    assert {each.threads for each in reports} == {2}
    assert {line["stream"] for line in answered} == {1, 2}
    assert answered[0]["query"] in {order(1)[0], order(2)[0]}
    assert set().union(*(each.types for each in reports)) <= {f"q{line['query']:02d}" for line in answered}
    assert all(each.errors_per_s == 0 for each in reports)


def _answered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if "seconds" in line and "query" in line]


def _reports(lines: list[dict[str, Any]]) -> list[WorkloadFigures]:
    return [found for line in lines if (found := report_line.decode(json.dumps(line)))]


async def test_the_driver_ends_when_its_time_is_over(loaded: Engine, tmp_path: Path) -> None:
    async with _driving(_plan(loaded, (1, 2), left_s=1.0), tmp_path) as driver:
        await driver.rest()

        assert await driver.process.wait() == 0


async def test_the_driver_ends_at_sigterm(loaded: Engine, tmp_path: Path) -> None:
    async with _driving(_plan(loaded, (1, 2, 3)), tmp_path) as driver:
        await driver.line("query")
        driver.process.send_signal(signal.SIGTERM)
        await driver.rest()

        assert await driver.process.wait() == 0


async def test_a_query_that_times_out_is_a_failure_in_the_note(loaded: Engine, tmp_path: Path) -> None:
    async with _driving(_plan(loaded, timeout_s=0.002), tmp_path) as driver:
        failed = await driver.line("failed")
        measured = await driver.line("errors_per_s")

    assert failed["query"] == 14
    assert "imeout" in failed["failed"]
    assert "4012" in failed["failed"]
    assert measured["errors_per_s"] > 0
    assert "is not answered: Timeout" in measured["note"]


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"scale": "0.07"}, "the tables of the benchmark are not there"),
        ({"user": "nobody"}, "the database refuses the SQL user or its password"),
    ],
)
async def test_a_permanent_failure_ends_the_driver(
    loaded: Engine, tmp_path: Path, others: dict[str, str], words: str
) -> None:
    account = Endpoint("127.0.0.1", loaded.port, others.get("user", "root"), "")
    plan = _plan(loaded, (1, 2), endpoint=account, scale=others.get("scale", "0.01"))
    async with _driving(plan, tmp_path) as driver:
        hopeless = await driver.line("hopeless")
        assert await driver.process.wait() == 1

    assert words in hopeless["hopeless"]


async def test_streams_reconnect_after_a_lost_connection(loaded: Engine, tmp_path: Path) -> None:
    async with relayed(loaded.port) as relay:
        plan = _plan(loaded, endpoint=Endpoint("127.0.0.1", relay.port, "root", ""))
        async with _driving(plan, tmp_path) as driver:
            await driver.line("rows")
            await relay.cut()
            lost = await driver.line("failed")
            refused = await driver.line("failed")
            await relay.open()
            back = await driver.line("rows")

    assert "broke" in lost["failed"] or "closed" in lost["failed"]
    assert "refused" in refused["failed"]
    assert back["seconds"] > 0


async def test_the_driver_ends_with_its_parent(loaded: Engine, tmp_path: Path) -> None:
    (tmp_path / "plan").write_text(_plan(loaded).encode(), encoding="utf-8")
    program = f"{sys.executable} -m distdiag_core.workloads.benchmarks.tpch.tpch_driver"
    command = f"{program} {tmp_path / 'plan'} & echo begun; read x"
    parent = await asyncio.create_subprocess_exec(
        *("sh", "-c", command), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(_PATIENCE_S):
        while b"tps" not in await parent.stdout.readline():
            pass
        parent.kill()
        # The driver holds the other end, so that this ends when it does.
        await parent.stdout.read()
        await parent.wait()
