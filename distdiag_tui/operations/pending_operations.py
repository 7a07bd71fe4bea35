"""The pending operations of the console: each begun once, and its result given to whoever asked for it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from distdiag_core.errors import DistdiagError
from distdiag_tui.operations.pending_operation import PendingOperation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import App
    from textual.message_pump import MessagePump

    from distdiag_core.recording.events import Level
    from distdiag_tui.console.operation import Operation


class Report(Protocol):
    """Says one line to the operator."""

    def __call__(self, text: str, level: Level = "info") -> None: ...


class PendingOperations:
    """The operations that are under way, of one cluster or of all.

    Args:
        app: carries them out.
        report: says how they ended.
        place: operations of different places are not in each other's way.
        screens: those that may own an operation.
    """

    def __init__(self, app: App[Any], report: Report, place: str, screens: Callable[[], Sequence[MessagePump]]) -> None:
        self._app, self._report, self._place, self._screens = app, report, place, screens
        self._pending: list[PendingOperation] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._pending)

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name, if any."""
        for pending in self._pending:
            if pending.operation.name == name:
                pending.cancel()

    def begin(self, operation: Operation[Any], work: Callable[[PendingOperation], Awaitable[Any]]) -> None:
        """Carry an operation out by `work`, unless one of its name is under way that refuses a second one."""
        running = any(pending.operation.name == operation.name for pending in self._pending)
        if running and operation.while_running == "refuse":
            self._report(f"{operation.doing}: the last one is still under way", "warning")
            return
        pending = PendingOperation(operation)
        self._pending.append(pending)
        # Not yet a coroutine: one that is replaced before it has begun would never be awaited.
        worker: Callable[[], Awaitable[None]] = partial(self._carry_out, pending, work)
        self._app.run_worker(
            worker,
            name=operation.name,
            group=f"{self._place}: {operation.name}",
            exclusive=operation.while_running == "replace",
            exit_on_error=False,
        )

    async def _carry_out(self, pending: PendingOperation, work: Callable[[PendingOperation], Awaitable[Any]]) -> None:
        operation = pending.operation
        owner = operation.owner or self._app
        try:
            result = await work(pending)
        except asyncio.CancelledError:
            if not pending.was_cancelled:
                raise
            if operation.cancelled is not None and self._is_open(owner):
                owner.call_later(operation.cancelled)
            self._report(f"{operation.doing}: called off")
        except DistdiagError as error:
            if operation.failed is not None and self._is_open(owner):
                owner.call_later(operation.failed, error)
            else:
                self._report(f"{operation.doing}: {error}", "error")
        except Exception as error:
            # The app reports it; what is shown as going on has to end as well.
            if operation.failed is not None and self._is_open(owner):
                owner.call_later(operation.failed, DistdiagError(f"internal error: {type(error).__name__}: {error}"))
            raise
        else:
            if self._is_open(owner):
                owner.call_later(operation.done, result)
        finally:
            self._pending.remove(pending)

    def _is_open(self, owner: MessagePump) -> bool:
        """Whether a result can still be shown: the owner is the app, or a screen that has not closed meanwhile."""
        return owner is self._app or owner in self._screens()
