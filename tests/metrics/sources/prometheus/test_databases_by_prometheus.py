"""Databases that are down, as a real Prometheus tells of them, and targets that it merely does not reach."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from distdiag_core.cluster import inventory
from distdiag_core.metrics import connection
from distdiag_core.runtime.runtime import Runtime
from tests.prometheus_server import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from distdiag_core.runtime.snapshot import Snapshot
    from tests.prometheus_server import Prometheus

_NODES = ("n1", "n2", "n3")


class _Exporter:
    """The figure of mysqld_exporter that says whether its database answers."""

    def __init__(self) -> None:
        self.up = 1
        self.runner: web.AppRunner

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a scrape."""
        return web.Response(text=f"# TYPE mysql_up gauge\nmysql_up {self.up}\n")

    async def start(self) -> str:
        """Begin to answer; the address."""
        app = web.Application()
        app.router.add_get("/metrics", self.answer)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"127.0.0.1:{self.runner.addresses[0][1]}"


@pytest.fixture
async def exporters(prometheus: Prometheus) -> AsyncIterator[dict[str, _Exporter]]:
    found = {name: _Exporter() for name in _NODES}
    for name, each in found.items():
        prometheus.scrape(await each.start(), instance=f"{name}:9104")
    yield found
    for each in found.values():
        await each.runner.cleanup()


async def _until(runtime: Runtime, condition: Callable[[Snapshot], object]) -> Snapshot:
    async with asyncio.timeout(WITHIN_S):
        while not condition(snapshot := await runtime.next_snapshot()):
            pass
    return snapshot


def _accused(snapshot: Snapshot) -> set[tuple[str, str]]:
    causes = snapshot.diagnosis.root_causes if snapshot.diagnosis is not None else ()
    return {(each.node, each.anomaly) for each in causes if each.onset_s is not None}


@pytest.mark.usefixtures("own_places")
async def test_a_database_that_is_down_is_named_and_a_target_that_is_not_scraped_accuses_nobody(
    prometheus: Prometheus, exporters: dict[str, _Exporter], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    nodes = "".join(f"  - {{name: {name}, host: {name}, connection: none}}\n" for name in _NODES)
    path.write_text(
        f"name: mine\nsources: [prometheus]\nnodes:\n{nodes}"
        f"prometheus: {{url: '{prometheus.url}', queries: [mysqld_exporter]}}\n",
        encoding="utf-8",
    )
    async with Runtime(inventory.load(path)) as runtime:
        await _until(runtime, lambda each: all(each.frame.value(node, connection.SQL) == 0 for node in _NODES))

        await exporters["n3"].runner.cleanup()
        gone = await _until(runtime, lambda each: ("n3", "prometheus") in each.troubles)
        assert not _accused(gone)

        exporters["n2"].up = 0
        down = await _until(runtime, _accused)
        assert _accused(down) == {("n2", "node_down")}
        assert down.diagnosis is not None
        assert down.diagnosis.root_causes[0].node == "n2"

        exporters["n2"].up = 1
        await _until(runtime, lambda each: not _accused(each))
