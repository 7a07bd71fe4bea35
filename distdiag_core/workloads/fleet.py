"""All clients on one cluster, of whatever benchmark, whoever started them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
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
# In every tick each node's figures are asked for, and the status of all: that is one look at the files.
_FRESH_S = 0.3


@dataclass(frozen=True, slots=True)
class _Look:
    """What was on file at one moment of the monotonic clock."""

    at_s: float
    status: WorkloadStatus | None


class Fleet:
    """Keeps nothing in memory for long: what runs is on file, so that every console of the user sees the same."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._names = tuple(node.name for node in settings.nodes)
        self._runs = RunDirectory(settings.name)
        self._seen: _Look | None = None

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
        self.look_again()
        return runs[0].request if runs else None

    def status(self) -> WorkloadStatus | None:
        """What runs now, or why it failed; None when there is nothing."""
        return self._look().status

    def figures(self, node: str) -> WorkloadFigures | None:
        """What the clients of `node` measured last; None when they have not reported lately."""
        status = self._look().status
        return status.figures.get(node) if status is not None else None

    def look_again(self) -> None:
        """Something was just begun or ended here: the next answer must not be one from before."""
        self._seen = None

    def _look(self) -> _Look:
        if self._seen is None or time.monotonic() - self._seen.at_s > _FRESH_S:
            self._seen = _Look(time.monotonic(), self._find())
        return self._seen

    def _find(self) -> WorkloadStatus | None:
        try:
            runs = self._runs.find(self._names)
        except DataError as error:
            return WorkloadStatus(WorkloadRequest(), WorkloadState.FAILED, str(error))
        return self._status_of(runs) if runs else None

    def _status_of(self, runs: Sequence[Run]) -> WorkloadStatus:
        alive = any(run.process() is not None for run in runs)
        said = {run.node: runlog.tail(self._runs.log(run.node)) for run in runs}
        notes = {run.node: run.failure or runlog.remark(said[run.node]) for run in runs}
        since_s = time.time() - _STALE_S
        measured = {node: runlog.figures(lines, since_s=since_s) for node, lines in said.items()}
        return WorkloadStatus(
            runs[0].request,
            WorkloadState.RUNNING if alive else WorkloadState.FAILED,
            "; ".join(f"{node}: {note}" for node, note in notes.items() if note),
            started_s=min(run.started_s for run in runs),
            ends_s=max((run.ends_s for run in runs if run.ends_s is not None), default=None),
            figures={node: figures for node, figures in measured.items() if figures is not None},
        )
