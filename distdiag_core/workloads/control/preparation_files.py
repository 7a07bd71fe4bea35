"""Files of the running preparations of a cluster, found by every console of the user.

The process that prepares holds the claim of its benchmark. Another console ends a preparation by removing its file,
which the process polls.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.errors import DataError, RefusedError, TimedOutError
from distdiag_core.settings import json_document
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.workload_status import Progress, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from distdiag_core.workloads.control.preparation import Preparation

# Stands for the node: a preparation covers all nodes of its request.
_NODES = "all"
_POLL_S = 0.3
# A cancelled preparation ends at once; this allows for an overloaded machine.
_END_S = 15.0
_CLAIM_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class _ProgressEntry:
    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    done: json_document.Count
    total: json_document.Count
    per_s: json_document.Rate = 0.0
    left_s: json_document.Rate | None = None


class PreparationFiles:
    """The preparations on one cluster, of all consoles of the user."""

    def __init__(self, cluster: str) -> None:
        self._runs = RunDirectory(cluster, "preparations")

    @contextmanager
    def claimed(self, kind: str, *, shared: bool = False) -> Iterator[None]:
        """Hold the claim of `kind`, so that it is neither prepared nor cleaned up meanwhile.

        Args:
            shared: share the claim with other holders of a shared one.

        Raises:
            RefusedError: another process holds the claim.
            DataError: the file cannot be written.
        """
        try:
            claim = self._runs.claim(_NODES, kind, shared=shared)
        except OSError as error:
            raise self._write_error(error) from error
        if claim is None:
            raise RefusedError(
                f"{kind} is being prepared, cleaned up or started on this cluster",
                hint="wait for its end, or stop it first",
            )
        with claim:
            yield

    @asynccontextmanager
    async def published(self, preparation: Preparation) -> AsyncIterator[None]:
        """Publish `preparation` in a file, and cancel it when another console removes the file.

        Raises:
            RefusedError: the benchmark is being prepared already.
            DataError: the file cannot be written.
        """
        kind = preparation.request.kind
        with self.claimed(kind):
            run = Run(preparation.id, _NODES, preparation.request, os.getpid(), born_s(), time.time())
            self._write_progress(run, preparation.status())
            try:
                self._runs.write(run)
            except OSError as error:
                raise self._write_error(error) from error
            polling = asyncio.create_task(self._poll(run, preparation))
            try:
                yield
            finally:
                polling.cancel()
                self._runs.remove(_NODES, kind)
                await asyncio.wait((polling,))

    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """Status of each preparation whose file can be read."""
        return tuple(self._status(each) for each in self._runs.find() if isinstance(each, Run))

    def damaged(self) -> tuple[str, ...]:
        """Errors of the files that cannot be read, in plain words."""
        return tuple(str(each) for each in self._runs.find() if isinstance(each, DataError))

    async def end(self, ids: Collection[str]) -> None:
        """End the preparations `ids`; they have ended when this returns.

        Raises:
            TimedOutError: the preparing process does not react.
        """
        for run in self._runs.find():
            if isinstance(run, Run) and run.id in ids:
                self._runs.remove(_NODES, run.request.kind)
                await self._await_end(run)

    async def _await_end(self, run: Run) -> None:
        try:
            async with asyncio.timeout(_END_S):
                while run.process() is not None:
                    with suppress(RefusedError), self.claimed(run.request.kind):
                        return
                    await asyncio.sleep(_CLAIM_POLL_S)
        except TimeoutError:
            raise TimedOutError(
                f"process {run.pid}, which prepares {run.request.kind}, has not stopped within {_END_S:g} s",
                hint="it stops as soon as it goes on; else end that process",
            ) from None

    async def _poll(self, run: Run, preparation: Preparation) -> None:
        while self._runs.holds(run):
            self._write_progress(run, preparation.status())
            await asyncio.sleep(_POLL_S)
        await preparation.cancel()

    def _write_error(self, error: OSError) -> DataError:
        return DataError(
            f"a preparation cannot be put on file: {error}",
            where=str(self._runs.path),
            hint="see to it that there is room, and that you may write there",
        )

    def _write_progress(self, run: Run, status: WorkloadStatus) -> None:
        path = self._runs.log(_NODES, run.request.kind)
        unfinished = path.with_suffix(".log_new")
        # The preparation matters more than its displayed progress.
        with suppress(OSError):
            unfinished.write_text(
                json.dumps([status.detail, asdict(status.progress or Progress(0, 0))]), encoding="utf-8"
            )
            unfinished.replace(path)

    def _status(self, run: Run) -> WorkloadStatus:
        detail, progress = "", None
        path = self._runs.log(_NODES, run.request.kind)
        with suppress(OSError, DataError):
            detail, entry = json_document.parse(path.read_bytes(), tuple[str, _ProgressEntry], where=str(path))
            progress = Progress(entry.done, entry.total, entry.per_s, entry.left_s)
        return WorkloadStatus(
            run.request, WorkloadState.PREPARING, detail, progress, started_s=run.started_s, id=run.id
        )
