"""All clients on one cluster, of whatever benchmark, whoever started them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError
from distdiag_core.workloads import clients, runlog
from distdiag_core.workloads.run import RunDirectory
from distdiag_core.workloads.workload import WorkloadRequest, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.workloads.run import Run
    from distdiag_core.workloads.workload import WorkloadFigures

# Clients report each second; after this long a report is no longer about now.
_STALE_S = 2.5


class Fleet:
    """Keeps nothing in memory: what runs is on file, so that every console of the user sees the same."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._names = tuple(node.name for node in settings.nodes)
        self._runs = RunDirectory(settings.name)

    def running(self) -> tuple[str, ...]:
        """The nodes that have clients now.

        Raises:
            DataError: what is on file cannot be read.
        """
        return tuple(run.node for run in self._runs.find(self._names) if run.process() is not None)

    async def end(self, nodes: Sequence[str] | None = None) -> WorkloadRequest | None:
        """End all clients, or those of `nodes`, and forget what failed: the request that began them, if any.

        Raises:
            DataError: what is on file cannot be read.
        """
        runs = self._runs.find(self._names if nodes is None else nodes)
        async with asyncio.TaskGroup() as ending:
            for run in runs:
                ending.create_task(clients.end(run))
        for run in runs:
            self._runs.forget(run.node)
        return runs[0].request if runs else None

    def status(self) -> WorkloadStatus | None:
        """What runs now, or why it failed; None when there is nothing."""
        try:
            runs = self._runs.find(self._names)
        except DataError as error:
            return WorkloadStatus(WorkloadRequest(), WorkloadState.FAILED, str(error))
        return self._status_of(runs) if runs else None

    def figures(self, node: str) -> WorkloadFigures | None:
        """What the clients of `node` measured last; None when they have not reported lately."""
        return runlog.figures(self._runs.log(node), since_s=time.time() - _STALE_S)

    def _status_of(self, runs: Sequence[Run]) -> WorkloadStatus:
        alive = any(run.process() is not None for run in runs)
        notes = {run.node: run.failure or runlog.remark(self._runs.log(run.node)) for run in runs}
        measured = {run.node: self.figures(run.node) for run in runs}
        return WorkloadStatus(
            runs[0].request,
            WorkloadState.RUNNING if alive else WorkloadState.FAILED,
            "; ".join(f"{node}: {note}" for node, note in notes.items() if note),
            started_s=min(run.started_s for run in runs),
            ends_s=max((run.ends_s for run in runs if run.ends_s is not None), default=None),
            figures={node: figures for node, figures in measured.items() if figures is not None},
        )
