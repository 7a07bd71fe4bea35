"""A pending operation of the console: begun, not ended, and open to cancellation."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.console.operation import Operation
    from distdiag_tui.core import Core


@dataclass(eq=False)
class PendingOperation:
    """An operation on its way; one that was cancelled has ended when its work has, and not before."""

    operation: Operation[Any]
    cancelled: bool = field(default=False, init=False)
    _task: asyncio.Task[Any] | None = field(default=None, init=False)
    _future: asyncio.Future[Any] | Future[Any] | None = field(default=None, init=False)

    async def in_core(self, core: Core, call: Callable[[Operations], Any]) -> Any:  # noqa: ANN401 - its result
        """The result of `call`, in the core's thread; who stops waiting for it does not end it.

        Raises:
            CancelledError: it was cancelled, or nobody waits any more; `was_cancelled` says which.
        """

        async def run(runtime: Operations) -> Any:  # noqa: ANN401 - whatever the operation returns
            result = call(runtime)
            return await result if inspect.isawaitable(result) else result

        self._future = future = core.submit(lambda runtime: self._run(lambda: run(runtime)))
        # Shielded: what has begun on the nodes is not torn off because a screen has closed.
        return await asyncio.shield(asyncio.wrap_future(future))

    async def in_console(self, work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - its result
        """The result of `work`, on this loop; otherwise as `in_core`."""
        self._future = future = asyncio.ensure_future(self._run(work))
        return await asyncio.shield(future)

    @property
    def was_cancelled(self) -> bool:
        """Whether its work has ended by being cancelled."""
        return self._future is not None and self._future.cancelled()

    def cancel(self) -> None:
        """Let its work end. The future stays as it is, since that would say that it has ended."""
        self.cancelled = True
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def _run(self, work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever the operation returns
        # In this order, so that one that is cancelled meanwhile sees either the task or the sign.
        self._task = asyncio.current_task()
        if self.cancelled:
            raise asyncio.CancelledError
        return await work()
