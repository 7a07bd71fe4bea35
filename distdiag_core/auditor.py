"""Puts every act of an operator on the audit trail, however it ended."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from distdiag_core.errors import DataError, DistdiagError, RefusedError
from distdiag_core.recording import audit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from distdiag_core.journal import Journal
    from distdiag_core.recording.audit import Result


class Auditor:
    """The trail of the acts on one cluster."""

    def __init__(self, cluster: str, journal: Journal) -> None:
        self._cluster = cluster
        self._journal = journal

    @asynccontextmanager
    async def act(self, what: str, nodes: Sequence[str] = (), **parameters: Any) -> AsyncIterator[None]:  # noqa: ANN401
        """The body is the act; its end, good or bad, is written down. `parameters` are plain values without secrets."""
        began_s = time.time()
        result: Result = "interrupted"
        reason = ""
        try:
            yield
            result = "done"
        except DistdiagError as error:
            result, reason = "refused" if isinstance(error, RefusedError) else "failed", str(error)
            raise
        finally:
            lasted_s = round(time.time() - began_s, 3)
            act = audit.Act(what, self._cluster, tuple(nodes), began_s, lasted_s, result, parameters, reason)
            await self._write(act)

    async def _write(self, act: audit.Act) -> None:
        try:
            # It waits for the disk, which the loop must not.
            await asyncio.to_thread(audit.append, act)
        except DataError as error:
            self._journal.note("error", str(error), level="error")
