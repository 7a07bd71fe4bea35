"""A core as the console needs it: `CoreThread`, or anything else that publishes snapshots and runs operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot

T = TypeVar("T")


class Core(Protocol):
    """A core on its own thread: snapshots come out, operations go in."""

    @property
    def finished(self) -> Future[None]:
        """Done when the core has ended; carries the error if it ended by one."""

    @property
    def runtime(self) -> Operations:
        """For what never changes: catalogues and settings. Known once `start` has returned."""

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        """Begin; blocks until the core is there. `listener` is called in the core's thread, once a tick."""

    @overload
    def submit(self, operation: Callable[[Operations], Awaitable[T]]) -> Future[T]: ...

    @overload
    def submit(self, operation: Callable[[Operations], T]) -> Future[T]:
        """Run an operation in the core's thread."""

    def stop(self) -> None:
        """End the core and wait for it."""
