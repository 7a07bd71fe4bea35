"""Source `mysql_status` and the doctor on a real MariaDB, unpacked and not installed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings, SshSettings
from distdiag_core.doctor.examination import examine
from distdiag_core.doctor.report import Result
from distdiag_core.errors import DistdiagError
from distdiag_core.metrics.sampler import Sampler
from distdiag_core.metrics.source import metrics_of, sources_of
from tests.ports import free_port
from tests.prometheus_server import running
from tests.unpacked_programs import ROOT, unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from distdiag_core.cluster.database import Database
    from distdiag_core.metrics.frame import Frame

pytestmark = [pytest.mark.usefixtures("own_places"), pytest.mark.timeout(90)]
_WITHIN_S = 60.0
# Without Galera and without reads from the disk these have no figure.
_OF_GALERA = "mysql_status.wsrep_"


@asynccontextmanager
async def mariadb(directory: Path) -> AsyncGenerator[ClusterSettings]:
    """A cluster of one server that asks for no account."""
    port = free_port()
    libraries = ":".join(str(each) for each in (*ROOT.glob("usr/lib/*-linux-gnu"), *ROOT.glob("lib/*-linux-gnu")))
    (directory / "data").mkdir()
    command = [
        *("env", f"LD_LIBRARY_PATH={libraries}", unpacked("usr/sbin/mariadbd"), "--no-defaults", "--user=root"),
        *(f"--basedir={ROOT / 'usr'}", f"--datadir={directory / 'data'}", f"--socket={directory / 'socket'}"),
        *("--skip-grant-tables", f"--port={port}", "--bind-address=127.0.0.1", "--userstat=ON"),
        *("--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"),
    ]
    with (directory / "log").open("wb") as log, running(command, log):
        sql = SqlSettings(user="watcher", port=port)
        node = NodeSettings("n1", "127.0.0.1", connection="local", ssh=SshSettings(), sql=sql)
        yield ClusterSettings("shop", (node,), sources=("host", "mysql_status"))


async def _answers(database: Database) -> None:
    async with asyncio.timeout(_WITHIN_S):
        while True:
            try:
                await database.query("SELECT 1")
            except DistdiagError:
                await asyncio.sleep(0.1)
            else:
                return


async def _work(database: Database) -> None:
    await database.query("CREATE DATABASE shop")
    await database.query("CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT)")
    while True:
        for statement in ("BEGIN", "INSERT INTO shop.t VALUES ()", "SELECT COUNT(*) FROM shop.t", "COMMIT"):
            await database.query(statement)


async def _frame(cluster: Cluster, settings: ClusterSettings) -> Frame:
    """The first frame with transactions in it."""
    metrics = metrics_of(settings.sources)
    (node,) = cluster.nodes
    sources = {"n1": sources_of(node.settings, settings, metrics, node.shell, node.database)}
    async with asyncio.timeout(_WITHIN_S), Sampler(metrics, sources, 0.5) as sampler:
        async for frame in sampler:
            if frame.value("n1", "mysql_status.transactions") > 0:
                return frame
    raise AssertionError("a sampler does not end")


async def test_a_mariadb_is_measured_and_examined_as_what_it_is(tmp_path: Path) -> None:
    async with mariadb(tmp_path) as settings:
        async with Cluster(settings) as cluster:
            (node,) = cluster.nodes
            await _answers(node.database)
            work = asyncio.create_task(_work(node.database))
            try:
                frame = await _frame(cluster, settings)
            finally:
                work.cancel()
        (report,) = (await examine(settings)).nodes
    of_server = [name for name in frame.metrics if name.startswith("mysql_status.") and _OF_GALERA not in name]
    unknown = {name for name in of_server if not frame.value("n1", name) >= 0}
    # MariaDB has no performance schema until somebody switches it on.
    assert unknown <= {"mysql_status.statement_errors"}
    assert frame.value("n1", "mysql_status.transaction_latency") > 0
    grants = next(check for check in report.checks if check.name == "grants")
    assert grants.result is Result.PASSED
    assert not any("oceanbase" in line for line in (*grants.costs, *grants.fixes))
