"""The core on an event loop and a thread of its own.

A terminal that stops reading blocks the screen's loop sooner or later; samples, leases and clears must not notice.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from distdiag_core.runtime.snapshot import Snapshot

T = TypeVar("T")


class RunningCore(Protocol):
    """A core that runs for as long as its context lasts: a `Runtime`, or a replay."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def subscribe(self, listener: Callable[[Snapshot], None]) -> None:
        """Call `listener` with every snapshot, on the loop of the core."""
        ...


R = TypeVar("R", bound=RunningCore)


class CoreThread(Generic[R]):
    """A `Runtime` or a replay on a thread of its own; the only traffic is snapshots out and operations in.

    Attributes:
        finished: done when the core has ended; carries the error if it ended by one.
    """

    def __init__(self, make_runtime: Callable[[], R]) -> None:
        self.finished: Future[None] = Future()
        self._make_runtime = make_runtime
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started: Future[R] = Future()
        self._thread = threading.Thread(target=self._run, name="distdiag-core", daemon=True)
        self._listener: Callable[[Snapshot], None] | None = None
        self._operations: set[asyncio.Task[Any]] = set()

    @property
    def runtime(self) -> R:
        """The runtime, for what never changes: catalogues and settings."""
        return self._started.result()

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        """Begin; `listener` is called in the core's thread, once a tick.

        Raises:
            DistdiagError: the core could not begin.
        """
        self._listener = listener
        self._thread.start()
        self._started.result()

    @overload
    def submit(self, operation: Callable[[R], Awaitable[T]]) -> Future[T]: ...

    @overload
    def submit(self, operation: Callable[[R], T]) -> Future[T]: ...

    def submit(self, operation: Callable[[R], Any]) -> Future[Any]:
        """Run an operation in the core's thread; its result or error comes back through the future."""

        async def call() -> Any:  # noqa: ANN401 - whatever the operation returns
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine on a loop runs in a task
            self._operations.add(task)
            try:
                result = operation(self.runtime)
                return await result if isinstance(result, Awaitable) else result
            finally:
                self._operations.discard(task)

        return asyncio.run_coroutine_threadsafe(call(), self._loop)

    def stop(self) -> None:
        """End the core and wait for it; injections that are active go on to their deadlines, on their nodes."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that started us
            if not self._started.done():
                self._started.set_exception(error)
            self.finished.set_exception(error)
        else:
            self.finished.set_result(None)

    async def _serve(self) -> None:
        async with self._make_runtime() as runtime:
            if self._listener is not None:
                runtime.subscribe(self._listener)
            self._started.set_result(runtime)
            await self._stop.wait()
            await self._end_operations()

    async def _end_operations(self) -> None:
        """An injection on its way must be undone while the nodes can still be reached."""
        operations = tuple(self._operations)
        for task in operations:
            task.cancel()
        await asyncio.gather(*operations, return_exceptions=True)
