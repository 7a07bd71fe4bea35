"""Puts every act of an operator on the audit trail, however it ended."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from distdiag_core.errors import DataError, DistdiagError, RefusedError
from distdiag_core.recording import audit_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from distdiag_core.recording.audit_log import Result
    from distdiag_core.recording.journal import Journal


class Accounts(Protocol):
    """The accounts by which a cluster is reached; `cluster.Cluster` has them."""

    def ssh_users(self, nodes: Sequence[str]) -> tuple[str, ...]:
        """Who we are on these nodes, or on all when none is named."""

    def without_secrets(self, text: str) -> str:
        """The same without any password."""


class Auditor:
    """The trail of the acts on one cluster."""

    def __init__(self, cluster: str, accounts: Accounts, journal: Journal) -> None:
        self._cluster = cluster
        self._accounts = accounts
        self._journal = journal
        self._last_refused = ""

    @asynccontextmanager
    async def act(self, what: str, nodes: Sequence[str] = (), **parameters: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401
        """The body is the act; its end, good or bad, is written down. `parameters` are plain values without secrets.

        Returns:
            The parameters, to which the body may add what only it knows.
        """
        began_s = time.time()
        result: Result = "interrupted"
        reason = ""
        try:
            yield parameters
            result = "done"
        except DistdiagError as error:
            result, reason = "refused" if isinstance(error, RefusedError) else "failed", str(error)
            raise
        finally:
            lasted_s = round(time.time() - began_s, 3)
            await self._write(what, nodes, began_s, lasted_s, result, parameters, reason)

    async def refused(self, what: str, error: RefusedError, nodes: Sequence[str] = (), **parameters: Any) -> None:  # noqa: ANN401
        """Something that was only asked about; a dialog asks again at every key, which counts once."""
        asked = repr((what, nodes, parameters, str(error)))
        if asked != self._last_refused:
            self._last_refused = asked
            await self._write(what, nodes, time.time(), 0.0, "refused", parameters, str(error))

    async def _write(
        self,
        what: str,
        nodes: Sequence[str],
        began_s: float,
        lasted_s: float,
        result: Result,
        parameters: dict[str, Any],
        reason: str,
    ) -> None:
        act = audit_log.AuditRecord(
            what=what,
            cluster=self._cluster,
            nodes=tuple(nodes),
            began_s=began_s,
            duration_s=lasted_s,
            result=result,
            parameters={name: self._clean(value) for name, value in parameters.items()},
            # An error may repeat what a program on the node has said, whatever that was given.
            reason=self._accounts.without_secrets(reason),
            ssh_users=self._accounts.ssh_users(nodes),
        )
        try:
            # It waits for the disk, which the loop must not.
            await asyncio.to_thread(audit_log.append, act)
        except DataError as error:
            self._journal.note("error", str(error), level="error")

    def _clean(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can carry
        if isinstance(value, str):
            return self._accounts.without_secrets(value)
        if isinstance(value, dict):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._clean(item) for item in value]
        return value
