"""The preparations that go on, written down where every console finds them.

Whoever prepares holds the claim of its benchmark. Another console ends a preparation by taking it off the file: the
process that prepares looks there now and then, and stops.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError, RefusedError, TimedOutError
from distdiag_core.workloads.clients.run_files import Run, RunDirectory, born_s
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import Progress, WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from distdiag_core.workloads.control.preparation import Preparation

# A preparation is of all nodes of its request at once.
_NODES = "all"
_RENEW_S = 0.3
# A batch of a node in trouble is given up at once when its preparation ends; this is for a machine in trouble.
_END_S = 15.0
_LOOK_S = 0.1


class PreparationFiles:
    """Those on one cluster, of all consoles of the user."""

    def __init__(self, cluster: str) -> None:
        self._runs = RunDirectory(cluster, "preparations")

    @contextmanager
    def claimed(self, kind: str, *, shared: bool = False) -> Iterator[None]:
        """See to it that meanwhile nobody else prepares `kind` or cleans it up.

        Args:
            shared: others may do the same with it meanwhile.

        Raises:
            RefusedError: somebody does.
            DataError: there is no place for the file.
        """
        try:
            claim = self._runs.claim(_NODES, kind, shared=shared)
        except OSError as error:
            raise self._no_place(error) from error
        if claim is None:
            raise RefusedError(
                f"{kind} is being prepared, cleaned up or started on this cluster",
                hint="wait for its end, or stop it first",
            )
        with claim:
            yield

    @asynccontextmanager
    async def on_file(self, preparation: Preparation) -> AsyncIterator[None]:
        """Show `preparation` to all consoles, and end it when one of them takes it off the file.

        Raises:
            RefusedError: its benchmark is being prepared already.
            DataError: there is no place for the file.
        """
        kind = preparation.request.kind
        with self.claimed(kind):
            run = Run(preparation.id, _NODES, preparation.request, os.getpid(), born_s(), time.time())
            self._tell(run, preparation.status())
            try:
                self._runs.write(run)
            except OSError as error:
                raise self._no_place(error) from error
            renewing = asyncio.create_task(self._renew(run, preparation))
            try:
                yield
            finally:
                renewing.cancel()
                self._runs.remove(_NODES, kind)
                await asyncio.wait((renewing,))

    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """How they are; in place of one whose file is damaged, what is wrong with it."""
        return tuple(
            self._status(each)
            if isinstance(each, Run)
            else WorkloadStatus(WorkloadRequest(), WorkloadState.FAILED, str(each))
            for each in self._runs.find()
        )

    async def end(self, ids: Collection[str]) -> None:
        """End those of `ids`; they have ended when this returns.

        Raises:
            TimedOutError: the process that prepares does not react.
        """
        for run in self._runs.find():
            if isinstance(run, Run) and run.id in ids:
                self._runs.remove(_NODES, run.request.kind)
                await self._gone(run)

    async def _gone(self, run: Run) -> None:
        try:
            async with asyncio.timeout(_END_S):
                while run.process() is not None:
                    with suppress(RefusedError), self.claimed(run.request.kind):
                        return
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise TimedOutError(
                f"process {run.pid}, which prepares {run.request.kind}, has not stopped within {_END_S:g} s",
                hint="it stops as soon as it goes on; else end that process",
            ) from None

    async def _renew(self, run: Run, preparation: Preparation) -> None:
        while self._runs.holds(run):
            self._tell(run, preparation.status())
            await asyncio.sleep(_RENEW_S)
        await preparation.cancel()

    def _no_place(self, error: OSError) -> DataError:
        return DataError(
            f"a preparation cannot be put on file: {error}",
            where=str(self._runs.path),
            hint="see to it that there is room, and that you may write there",
        )

    def _tell(self, run: Run, status: WorkloadStatus) -> None:
        path = self._runs.log(_NODES, run.request.kind)
        unfinished = path.with_suffix(".log_new")
        # To prepare is worth more than to show how far it is.
        with suppress(OSError):
            unfinished.write_text(
                json.dumps([status.detail, asdict(status.progress or Progress(0, 0))]), encoding="utf-8"
            )
            unfinished.replace(path)

    def _status(self, run: Run) -> WorkloadStatus:
        detail, progress = "", None
        with suppress(OSError, ValueError, TypeError):
            told, figures = json.loads(self._runs.log(_NODES, run.request.kind).read_bytes())
            detail, progress = str(told), Progress(**figures)
        return WorkloadStatus(
            run.request, WorkloadState.PREPARING, detail, progress, started_s=run.started_s, id=run.id
        )
