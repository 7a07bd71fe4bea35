"""An action that the core was asked for, until it has ended."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from textual.message_pump import MessagePump

    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.core import Core


@dataclass(eq=False)
class PendingOperation:
    """It has ended when the core is through with it; so has one that was called off, and not before."""

    verb: str
    doing: str
    call: Callable[[Operations], Any]
    reply_to: MessagePump
    called_off: bool = field(default=False, init=False)
    _future: Future[Any] | None = field(default=None, init=False)
    _task: asyncio.Task[Any] | None = field(default=None, init=False)

    async def done_by(self, core: Core) -> Any:  # noqa: ANN401 - whatever the verb returns
        """Its result; whoever stops waiting for it does not end it.

        Raises:
            CancelledError: it was called off, or nobody waits any more; `was_cancelled` tells which.
        """
        self._future = core.submit(self._run)
        # Shielded: what has begun on the nodes is not torn off because a screen has closed.
        return await asyncio.shield(asyncio.wrap_future(self._future))

    @property
    def was_cancelled(self) -> bool:
        """Whether the core gave it up."""
        return self._future is not None and self._future.cancelled()

    def call_off(self) -> None:
        """Let the core end it. Its future stays as it is, since that would say that it has ended."""
        self.called_off = True
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def _run(self, verbs: Operations) -> Any:  # noqa: ANN401
        # In this order, so that one that is called off meanwhile sees either the task or the sign.
        self._task = asyncio.current_task()
        if self.called_off:
            raise asyncio.CancelledError
        result = self.call(verbs)
        return await result if inspect.isawaitable(result) else result
