"""The driver of TPC-C on a real engine: mix, failures and its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from distdiag_core.workloads.benchmark import ClientSpec
from distdiag_core.workloads.benchmarks.tpcc.driver.tpcc_driver import PERMANENT, TRANSIENT
from distdiag_core.workloads.benchmarks.tpcc.tpcc_benchmark import Tpcc, TpccOptions
from tests.workloads.benchmarks.tpcc.driving import driving, gone, log_of
from tests.workloads.benchmarks.tpcc.warehouses import PERCENT

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.workloads.endpoint import Endpoint
    from tests.workloads.benchmarks.tpcc.warehouses import Warehouses

pytestmark = pytest.mark.usefixtures("own_places")

_LIMIT_S = 100.0
_TERMINALS = 4
# Of 23 cards, 10 are New-Orders: however far each terminal is in its deck, this many are too many or too few at most.
_UNEVEN = _TERMINALS * 10 * 13 / 23


def _endpoints(warehouses: Warehouses) -> dict[str, Endpoint]:
    return {node: warehouses.endpoint() for node in warehouses.request.nodes}


async def test_a_run_has_the_mix_of_the_specification(warehouses: Warehouses, own_places: Path) -> None:
    options = TpccOptions(warehouses=1, scale=PERCENT, processes=2)
    request = replace(warehouses.request, threads=_TERMINALS, options=options)
    async with asyncio.timeout(_LIMIT_S), driving(request, _endpoints(warehouses)) as drive:
        await drive.until(lambda drive: drive.finished > 250)
        family = drive.family()
        drive.process.terminate()
        await gone(family[1:])
        assert await drive.end() == -signal.SIGTERM
    assert len(family) == 3
    # Deliveries are counted when they are done, and seconds are not exact.
    slack = _UNEVEN + 0.03 * drive.finished
    assert abs(drive.total("new_order") - drive.finished * 10 / 23) < slack
    assert abs(drive.total("payment") - drive.finished * 10 / 23) < slack
    for kind in ("order_status", "delivery", "stock_level"):
        assert 0 < drive.total(kind) < drive.finished / 23 + slack
    last = next(report for report in reversed(drive.reports) if report.types["new_order"].tps)
    assert last.extra["tpmc"] == pytest.approx(60 * last.types["new_order"].tps)
    assert 0 < last.p50_ms <= last.p95_ms <= last.p99_ms
    assert last.qps > last.tps
    assert last.threads == _TERMINALS
    assert last.extra["remote_per_s"] == 0
    results = own_places / "state/distdiag/workloads/test/n1+tpcc.deliveries.log"
    _, run, result = results.read_text().splitlines()[0].split(" ", 2)
    first = json.loads(result)
    assert run == "r1"
    assert first["queued"] <= first["completed"]
    assert first["warehouse"] == 1
    assert len(first["orders"]) == 10


async def test_a_killed_driver_leaves_the_tables_consistent(warehouses: Warehouses) -> None:
    request = replace(warehouses.request, threads=8)
    async with asyncio.timeout(_LIMIT_S), driving(request, _endpoints(warehouses)) as drive:
        await drive.until(lambda drive: drive.finished > 50)
        family = drive.family()
        for process in family:
            process.kill()
        await gone(family)
    assert await asyncio.to_thread(warehouses.broken, "n1") == []


def _spec(warehouses: Warehouses) -> ClientSpec:
    return ClientSpec("n1", warehouses.request, _endpoints(warehouses), None, log_of("n1"), "r1")


async def test_the_driver_and_its_workers_end_with_their_parent(warehouses: Warehouses) -> None:
    clients = Tpcc().clients(_spec(warehouses))
    parent = (
        "import os, subprocess, sys; source, sink = os.pipe(); "
        "os.write(sink, sys.stdin.buffer.read()); os.close(sink); "
        "driver = subprocess.Popen([word.replace('{secret}', f'/dev/fd/{source}') for word in sys.argv[1:]], "
        "pass_fds=(source,), stdin=subprocess.DEVNULL); print(driver.pid, flush=True); driver.wait()"
    )
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", parent, *clients.argv),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert starter.stdin is not None
    assert starter.stdout is not None
    starter.stdin.write(clients.secret.encode())
    starter.stdin.close()
    async with asyncio.timeout(_LIMIT_S):
        driver = psutil.Process(int(await starter.stdout.readline()))
        await starter.stdout.readline()
        family = [driver, *driver.children()]
        os.kill(starter.pid, signal.SIGKILL)
        await gone(family)
        await starter.communicate()
    assert len(family) == 2


async def test_the_driver_ends_when_its_time_is_over(warehouses: Warehouses) -> None:
    async with asyncio.timeout(_LIMIT_S), driving(warehouses.request, _endpoints(warehouses), left_s=1.5) as drive:
        assert await drive.end() == 0


async def test_keying_and_think_times_are_taken(warehouses: Warehouses) -> None:
    options = TpccOptions(warehouses=1, scale=PERCENT, wait=True)
    request = replace(warehouses.request, threads=_TERMINALS, options=options)
    async with asyncio.timeout(_LIMIT_S), driving(request, _endpoints(warehouses)) as drive:
        await drive.until(lambda drive: len(drive.reports) == 2)
    # The shortest keying takes two seconds.
    assert drive.finished == 0


async def test_a_failure_to_connect_is_printed_in_plain_words(warehouses: Warehouses) -> None:
    good = warehouses.endpoint()
    cases = (
        (replace(good, password="secret-word"), PERMANENT, "Access denied"),
        (replace(good, port=1), TRANSIENT, "n1: sql: Can't connect to MySQL server"),
    )
    for endpoint, status, words in cases:
        async with asyncio.timeout(_LIMIT_S), driving(warehouses.request, {"n1": endpoint}) as drive:
            ended = await drive.end()
        complaint = Tpcc().explain(drive.said, ended)
        assert words in complaint.text
        assert complaint.permanent == (status == PERMANENT)
        assert "secret-word" not in complaint.text
        assert len(drive.said) == 1


async def test_a_killed_worker_process_ends_the_driver_with_an_error(warehouses: Warehouses) -> None:
    async with asyncio.timeout(_LIMIT_S), driving(warehouses.request, _endpoints(warehouses)) as drive:
        await drive.until(lambda drive: drive.finished > 0)
        drive.family()[1].kill()
        ended = await drive.end()
    assert Tpcc().explain(drive.said, ended).text == "tpcc: a process of the driver ended with status -9"
    assert ended == TRANSIENT
