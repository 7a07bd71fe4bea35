"""The audit of operations on a cluster: a record when one begins, and one when it ends, whatever its result."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from distdiag_core import places
from distdiag_core.errors import DataError, DistdiagError, RefusedError
from distdiag_core.logs import unwritten
from distdiag_core.metrics import clock
from distdiag_core.recording import audit_log
from distdiag_core.recording.audit_log import new_operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from distdiag_core.recording.audit_log import Result
    from distdiag_core.recording.journal import Journal


# A healthy disk takes milliseconds.
_DISK_S = 5.0


def _slow() -> DataError:
    where = str(places.audit_file())
    return DataError(f"the audit log is not written: its disk takes longer than {_DISK_S:g} s", where=where)


class Accounts(Protocol):
    """The accounts by which a cluster is reached, as `cluster.Cluster` has them."""

    def ssh_users(self, nodes: Sequence[str]) -> tuple[str, ...]:
        """The SSH accounts on these nodes; on all nodes where none is named."""

    def without_secrets(self, text: str) -> str:
        """The text without passwords."""


class Auditor:
    """The records of the operations on one cluster."""

    def __init__(self, cluster: str, accounts: Accounts, journal: Journal) -> None:
        self._cluster = cluster
        self._accounts = accounts
        self._journal = journal
        self._last_refused = ""

    async def look(self) -> None:
        """Tell at the begin of a run that the audit log cannot be written, where it cannot."""
        try:
            async with asyncio.timeout(_DISK_S):
                problem = await asyncio.to_thread(audit_log.problem)
        except TimeoutError:
            problem = _slow()
        if problem is not None:
            self._tell(problem)

    @asynccontextmanager
    async def record(
        self,
        what: str,
        nodes: Sequence[str] = (),
        *,
        needed: bool = False,
        **parameters: Any,  # noqa: ANN401 - whatever JSON can carry
    ) -> AsyncIterator[dict[str, Any]]:
        """Records of the begin and of the end of the body. `parameters` are plain values without secrets.

        Args:
            needed: refuse the body when its begin cannot be written.

        Yields:
            The parameters, to which the body may add what only it knows.

        Raises:
            RefusedError: the begin of an operation that needs a record cannot be written.
        """
        operation, began_s, since_s = new_operation(), time.time(), clock.now_s()
        begin = asyncio.ensure_future(self._write(what, nodes, began_s, "begun", parameters, operation=operation))
        if needed and (problem := await begin):
            raise RefusedError(
                problem.what, where=problem.where, hint="make room for it, or say --without-audit to go on without one"
            )
        result: Result = "interrupted"
        reason = ""
        try:
            yield parameters
            result = "done"
        except DistdiagError as error:
            result, reason = "refused" if isinstance(error, RefusedError) else "failed", str(error)
            raise
        finally:
            # What ends an injection does not wait for the disk of this machine; its records come in their order.
            await begin
            lasted_s = round(clock.now_s() - since_s, 3)
            await self._write(what, nodes, began_s, result, parameters, reason, operation=operation, lasted_s=lasted_s)

    async def refused(self, what: str, error: RefusedError, nodes: Sequence[str] = (), **parameters: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Record the refusal of a plan; repeated ones count once, since a dialog plans at every key."""
        asked = repr((what, nodes, parameters, str(error)))
        if asked != self._last_refused:
            self._last_refused = asked
            await self._write(what, nodes, time.time(), "refused", parameters, str(error), operation=new_operation())

    async def _write(
        self,
        what: str,
        nodes: Sequence[str],
        began_s: float,
        result: Result,
        parameters: dict[str, Any],
        reason: str = "",
        *,
        operation: str,
        lasted_s: float = 0.0,
    ) -> DataError | None:
        record = audit_log.AuditRecord(
            what=what,
            cluster=self._cluster,
            nodes=tuple(nodes),
            began_s=began_s,
            duration_s=lasted_s,
            result=result,
            parameters={name: self._clean(value) for name, value in parameters.items()},
            # An error may repeat the output of a program on the node, with the values that it was given.
            reason=self._accounts.without_secrets(reason),
            ssh_users=self._accounts.ssh_users(nodes),
            operation=operation,
        )
        try:
            # A disk may take any time, which neither the loop nor an operation waits for.
            async with asyncio.timeout(_DISK_S):
                await asyncio.to_thread(audit_log.append, record)
        except TimeoutError:
            problem = _slow()
        except DataError as error:
            problem = error
        else:
            return None
        self._tell(problem)
        return problem

    def _tell(self, problem: DataError) -> None:
        self._journal.note("error", str(problem), level="error")
        unwritten.warning("%s", problem)

    def _clean(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can carry
        if isinstance(value, str):
            return self._accounts.without_secrets(value)
        if isinstance(value, dict):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._clean(item) for item in value]
        return value
