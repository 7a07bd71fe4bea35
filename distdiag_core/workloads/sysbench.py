"""sysbench's OLTP benchmarks on the nodes of a cluster, with the clients on this machine."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.cluster import password
from distdiag_core.cluster.mysql import MysqlDatabase
from distdiag_core.errors import ConfigError, DataError, DistdiagError, RefusedError
from distdiag_core.workloads import clients
from distdiag_core.workloads.each_node import on_each
from distdiag_core.workloads.fleet import Fleet
from distdiag_core.workloads.keeper import Job
from distdiag_core.workloads.tables import SCHEMA, Tables
from distdiag_core.workloads.workload import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
    from distdiag_core.workloads.workload import WorkloadFigures, WorkloadRequest

SCRIPTS = ("oltp_read_write", "oltp_read_only", "oltp_write_only", "oltp_point_select")


class Sysbench:
    """Implements `Workload`. What runs is on file, so that any console of the user sees and ends it."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._fleet = Fleet(settings)
        self._passwords = password.of_nodes(settings.nodes)
        self._last: WorkloadStatus | None = None
        self._stopping = False

    async def prepare(self, request: WorkloadRequest, progress: Callable[[WorkloadStatus], None]) -> WorkloadStatus:
        """Create and fill the tables, on all nodes at once; what is there is kept, so that it can be called again."""
        self._check(request)
        rows = dict.fromkeys(request.nodes, 0)

        def tell(node: str, done: int) -> None:
            rows[node] = done
            self._last = _preparing(request, rows)
            progress(self._last)

        async def fill(node: str) -> None:
            async with self._tables(node, request) as tables:
                await tables.fill(lambda done: tell(node, done))

        try:
            await on_each(request.nodes, fill)
        except BaseException as error:
            reason = str(error) if isinstance(error, DistdiagError) else "interrupted; prepare again to go on"
            self._last = WorkloadStatus(request, WorkloadState.FAILED, reason)
            raise
        self._last = WorkloadStatus(request, WorkloadState.PREPARED, "the tables are there")
        return self._last

    async def start(self, request: WorkloadRequest) -> WorkloadStatus:
        """Check the tables, then start the clients of all nodes."""
        self._check(request)
        if shutil.which("sysbench") is None:
            raise ConfigError("sysbench is not installed here", hint="install it: apt-get install sysbench")
        if running := self._fleet.running():
            raise RefusedError(f"a workload runs already on {', '.join(running)}", hint="stop it first")
        await on_each(request.nodes, lambda node: self._verify(node, request))
        # What failed earlier is no longer news.
        await self._fleet.end()
        launched: list[str] = []

        async def launch(node: str) -> None:
            await self._launch(node, request)
            launched.append(node)

        try:
            await on_each(request.nodes, launch)
        except BaseException:
            await self._fleet.end(launched)
            raise
        self._last = WorkloadStatus(request, WorkloadState.PREPARED, "it has ended")
        self._fleet.look_again()
        return self._fleet.status() or self._last

    async def stop(self) -> WorkloadStatus | None:
        """End all clients on this cluster, whoever started them; None when there never were any."""
        self._stopping = True
        try:
            ended = await self._fleet.end()
        finally:
            self._stopping = False
        if ended is not None:
            self._last = WorkloadStatus(ended, WorkloadState.PREPARED, "stopped")
        return self._last

    async def cleanup(self, request: WorkloadRequest) -> WorkloadStatus:
        """Drop what `prepare` made, and nothing else."""
        self._check(request)
        if self._fleet.running():
            raise RefusedError("a workload uses the tables", hint="stop it first")

        async def drop(node: str) -> None:
            async with self._tables(node, request) as tables:
                await tables.drop()

        await on_each(request.nodes, drop)
        self._last = WorkloadStatus(request, WorkloadState.ABSENT)
        return self._last

    def status(self) -> WorkloadStatus | None:
        """What runs now; else what was done last here; None when there was nothing."""
        if self._last is not None and self._last.state is WorkloadState.PREPARING:
            return self._last
        found = self._fleet.status()
        if self._stopping and found is not None and found.state is WorkloadState.RUNNING:
            return replace(found, state=WorkloadState.STOPPING)
        return found or self._last

    def figures(self, node: str) -> WorkloadFigures | None:
        """What the clients of `node` measured last; None when they have not reported lately."""
        return self._fleet.figures(node)

    def _check(self, request: WorkloadRequest) -> None:
        if self._settings.read_only:
            where = f"cluster {self._settings.name}: read_only"
            raise RefusedError(
                "a workload changes the database", where=where, hint="set read_only to false to allow it"
            )
        if request.kind != "sysbench" or request.script not in SCRIPTS:
            known = f"sysbench has {', '.join(SCRIPTS)}"
            raise ConfigError(f"no workload is called {request.kind} {request.script}", hint=known)
        if not request.nodes:
            raise ConfigError("no node is named", where="workload")
        if min(request.threads, request.tables, request.table_size) < 1 or request.rate < 0:
            raise ConfigError(
                "threads, tables and table size must be at least 1, the rate at least 0", where="workload"
            )
        if request.duration_s is not None and request.duration_s <= 0:
            raise ConfigError("the duration must be more than 0", where="workload")
        for node in request.nodes:
            self._settings.node(node)

    async def _verify(self, node: str, request: WorkloadRequest) -> None:
        async with self._tables(node, request) as tables:
            if missing := await tables.missing():
                raise DataError(missing, where=node, hint="prepare the workload first, with the same tables and size")

    async def _launch(self, node: str, request: WorkloadRequest) -> None:
        settings = self._settings.node(node)
        options = _options(node, _sql(settings).user, await self._passwords[node].get())
        await clients.launch(Job(self._settings.name, node, request, _argv(request, settings), options))

    @asynccontextmanager
    async def _tables(self, node: str, request: WorkloadRequest) -> AsyncIterator[Tables]:
        # A connection of its own: the one that watches the node must not wait for a batch.
        database = MysqlDatabase(self._settings.node(node), self._passwords[node])
        try:
            await database.open()
            yield Tables(database, request)
        finally:
            await database.close()


def _argv(request: WorkloadRequest, node: NodeSettings) -> tuple[str, ...]:
    return (
        "sysbench",
        request.script,
        "run",
        # The client library takes "localhost" for a socket file.
        f"--mysql-host={'127.0.0.1' if node.host == 'localhost' else node.host}",
        f"--mysql-port={_sql(node).port}",
        f"--mysql-db={SCHEMA}",
        # The engine's prepared statements are limited, and these scripts want one for each thread, table and statement.
        "--db-ps-mode=disable",
        # An anomaly makes errors of all kinds; they are counted, and the clients go on.
        "--mysql-ignore-errors=all",
        # sysbench's own choice keeps hitting a few rows, so that its threads lock each other out without any anomaly.
        "--rand-type=uniform",
        "--report-interval=1",
        f"--threads={request.threads}",
        f"--tables={request.tables}",
        f"--table-size={request.table_size}",
        f"--rate={request.rate}",
    )


def _options(node: str, user: str, password: str) -> str:
    return f"mysql-user={_quoted(node, 'user', user)}\nmysql-password={_quoted(node, 'password', password)}\n"


def _quoted(node: str, what: str, value: str) -> str:
    """`value` for sysbench's option file, where a quoted text goes to the next quote of the same kind."""
    quote = "'" if "'" not in value else '"'
    if quote in value or "\n" in value:
        trouble = f"sysbench cannot be told a {what} with both kinds of quotes or a line break"
        raise ConfigError(trouble, where=node, hint=f"use a SQL account with another {what}")
    return f"{quote}{value}{quote}"


def _sql(node: NodeSettings) -> SqlSettings:
    if node.sql is None:
        raise AssertionError("the cluster file was not completed")
    return node.sql


def _preparing(request: WorkloadRequest, rows: Mapping[str, int]) -> WorkloadStatus:
    total = request.tables * request.table_size
    detail = ", ".join(f"{node} {done:,}" for node, done in rows.items())
    progress = sum(rows.values()) / (total * len(rows))
    return WorkloadStatus(request, WorkloadState.PREPARING, f"rows of {total:,}: {detail}", progress)
