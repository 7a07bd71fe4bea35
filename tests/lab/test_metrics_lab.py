"""The figures of the real cluster: all of them live, none unknown, and back by themselves after a lost connection."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster import inventory
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.metrics import catalogue
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import sources_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.database import Database
    from distdiag_core.metrics.frame import Frame

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("lab")]

_CATALOGUE = catalogue.load().of(("host", "sysstat"))
# A lone engine sends no requests to others, and what fits in memory is not read from the disk.
_MAY_BE_UNKNOWN = {"sysstat.rpc_net_latency", "host.disk.read_latency", "sysstat.io_read_latency"}
if not Path("/proc/pressure").exists():
    # A kernel that counts no stalls.
    _MAY_BE_UNKNOWN |= {name for name in _CATALOGUE.names if name.startswith("host.pressure")}
_KNOWN_TICKS = 4
_MOST_TICKS = 80
_LIMIT_S = 110.0


@asynccontextmanager
async def _sampled() -> AsyncGenerator[tuple[Cluster, Sampler]]:
    settings = inventory.load(inventory.find("lab"))
    async with asyncio.timeout(_LIMIT_S), Cluster(settings) as cluster:
        nodes = {
            node.settings.name: sources_of(node.settings, settings, _CATALOGUE, node.shell, node.database)
            for node in cluster.nodes
        }
        async with Sampler(_CATALOGUE, nodes, settings.interval_s) as sampler:
            yield cluster, sampler


async def _work_every_tick(database: Database, tick: asyncio.Condition) -> None:
    """A statement of every kind a tick, until cancelled, so that no figure per statement lacks its statements."""
    await database.query("CREATE DATABASE IF NOT EXISTS distdiag_metrics")
    await database.query("CREATE TABLE IF NOT EXISTS distdiag_metrics.t (id INT PRIMARY KEY, k INT)")
    while True:
        for statement in (
            "REPLACE INTO distdiag_metrics.t VALUES (1, 1)",
            "DELETE FROM distdiag_metrics.t WHERE id = 2",
            "INSERT INTO distdiag_metrics.t VALUES (2, 1)",
            "UPDATE distdiag_metrics.t SET k = k + 1 WHERE id = 1",
            "SELECT k FROM distdiag_metrics.t WHERE id = 1",
        ):
            await database.query(statement)
        async with tick:
            await tick.wait()


async def _frames_until_all_are_known(cluster: Cluster, sampler: Sampler) -> list[Frame]:
    """The frames until every figure of every node was known in some of them: on a busy machine a sample may be late."""
    tick = asyncio.Condition()
    frames: list[Frame] = []
    known: Counter[tuple[str, str]] = Counter()
    async with asyncio.TaskGroup() as load:
        working = [load.create_task(_work_every_tick(node.database, tick)) for node in cluster.nodes]
        async for frame in sampler:
            frames.append(frame)
            known.update(_known(frame))
            missing = {pair for pair in _expected(frame) if known[pair] < _KNOWN_TICKS}
            if not missing:
                break
            assert len(frames) < _MOST_TICKS, f"still unknown: {sorted(missing)}; {sampler.failures()}"
            async with tick:
                tick.notify_all()
        for task in working:
            task.cancel()
    return frames


def _expected(frame: Frame) -> set[tuple[str, str]]:
    return {(node, metric) for node in frame.nodes for metric in frame.metrics if metric not in _MAY_BE_UNKNOWN}


def _known(frame: Frame) -> set[tuple[str, str]]:
    return {pair for pair in _expected(frame) if not math.isnan(frame.value(*pair))}


async def test_all_figures_of_all_categories_are_live_and_none_is_unknown() -> None:
    async with _sampled() as (cluster, sampler):
        frames = await _frames_until_all_are_known(cluster, sampler)
        for node in cluster.nodes:
            await node.database.query("DROP DATABASE distdiag_metrics")
    for node_name in frames[-1].nodes:
        for metric in (
            "host.cpu.usage",
            "host.memory.used",
            "host.disk.writes",
            "host.network.packets_in",
            "sysstat.cpu_time",
            "sysstat.memory_usage",
            "sysstat.palf_write_io_count_to_disk",
            "sysstat.mysql_packet_in",
            "sysstat.trans_commit_count",
            "sysstat.commit_log_sync_latency",
        ):
            assert max(_values(frames, node_name, metric)) > 0, (node_name, metric)
        assert all(0 <= value <= 100 for value in _values(frames, node_name, "host.cpu.usage"))
        assert all(0 < value < 100 for value in _values(frames, node_name, "host.memory.used"))


def _values(frames: list[Frame], node: str, metric: str) -> list[float]:
    return [value for frame in frames if not math.isnan(value := frame.value(node, metric))]


async def test_figures_come_back_by_themselves_after_a_lost_connection() -> None:
    cut = False
    lost: list[str] = []
    async with _sampled() as (cluster, sampler):
        node = cluster.nodes[1]
        name = node.settings.name
        async for frame in sampler:
            known = not math.isnan(frame.value(name, "host.cpu.usage"))
            if not cut and known:
                await node.shell.close()
                cut = True
            elif cut and not known:
                lost.append(sampler.failures().get((name, "host"), "late"))
            elif cut and known and lost:
                break
    assert all("\n" not in reason for reason in lost)
