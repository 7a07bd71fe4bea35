"""The lab as one cluster that replicates: it comes up, agrees, is measured and injected into, and leaves nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from distdiag_core import lab as distdiag_lab
from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.lab.status import LabKind
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import metrics_of, sources_of
from tests.lab.conftest import say
from tests.lab.test_anomalies_lab import bench, cleared
from tests.lab.test_lab_rebuild import left

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
_KNOWN_S = 30.0


@pytest.fixture
async def galera(lab: Lab) -> AsyncGenerator[None]:
    """The lab with the other engine, on the ground of one that the tests built."""
    if not lab.ours:
        pytest.skip("THIS LAB WAS UP ALREADY, AND IS SOMEBODY'S: take it down to have this test run")
    await distdiag_lab.down(say)
    try:
        status = await distdiag_lab.up(3, install=False, progress=say, engine_name="galera")
        assert status.healthy
        yield
    finally:
        await distdiag_lab.down(say)


async def _agree(cluster: Cluster) -> None:
    """A row that is written on one node can be read on all."""
    first, *others = (node.database for node in cluster.nodes)
    await first.query("CREATE DATABASE shared")
    await first.query("CREATE TABLE shared.t (id INT PRIMARY KEY)")
    await first.query("INSERT INTO shared.t VALUES (7)")
    for database in others:
        await database.query("SET SESSION wsrep_sync_wait = 1")
        assert await database.query("SELECT id FROM shared.t") == [(7,)]


async def _measured(cluster: Cluster) -> dict[str, float]:
    """The figures of the first node, once all of them are there."""
    settings = inventory.load(inventory.find("lab"))
    metrics = metrics_of(settings.sources)
    nodes = {
        node.settings.name: sources_of(node.settings, settings, metrics, node.shell, node.database)
        for node in cluster.nodes
    }
    found: dict[str, float] = {}
    async with asyncio.timeout(_KNOWN_S), Sampler(metrics, nodes, settings.interval_s) as sampler:
        async for frame in sampler:
            found = {name: frame.value("n1", name) for name in metrics.names}
            if found["mysql_status.questions"] > 0 and found["mysql_status.wsrep_cluster_size"] == 3:
                break
    return found


@pytest.mark.usefixtures("galera")
async def test_galera_replicates_is_measured_and_injected_into() -> None:
    settings = inventory.load(inventory.find("lab"))
    assert settings.sources == ("host", "mysql_status")
    async with Cluster(settings) as cluster:
        await _agree(cluster)
        figures = await _measured(cluster)
    assert figures["mysql_status.wsrep_ready"] == 1
    assert figures["host.cpu.usage"] >= 0
    async with bench() as console:
        injection = await console.inject("cpu_stress", "medium", 60)
        await cleared(console, injection)
    await distdiag_lab.down(say)
    assert (await distdiag_lab.status()).kind is LabKind.ABSENT
    assert left() == []
