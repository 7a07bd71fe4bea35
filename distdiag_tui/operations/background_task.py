"""A task that goes on behind the screens, one run at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from distdiag_tui.views.task_run import TaskRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.errors import DistdiagError
    from distdiag_core.recording.events import Level

R = TypeVar("R", bound=TaskRun)


class TaskHost(Protocol):
    """A console or the app, as far as a task knows it."""

    @property
    def now_s(self) -> float:
        """Seconds since the epoch."""

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line to the operator."""

    def repaint(self) -> None:
        """Show what is known now."""

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""


class BackgroundTask(Generic[R]):
    """A task whose runs are shown from their start to their end, and can be cancelled.

    Args:
        name: of its operation, and as messages call it.

    Attributes:
        run: the last one, or the one that goes on; None before the first.
    """

    def __init__(self, host: TaskHost, name: str) -> None:
        self._host, self._name = host, name
        self.run: R | None = None

    def cancel(self) -> None:
        """Let the run come to its end soon."""
        if self.run is None or not self.run.goes_on:
            self._host.report(f"{self._name} does not run", "warning")
            return
        self._host.cancel(self._name)
        self._show(replace(self.run, called_off=True))

    def _may_begin(self) -> bool:
        """Whether no run goes on; reported where one does."""
        if self.run is None or not self.run.goes_on:
            return True
        word = "is being ended: wait for it" if self.run.called_off else "still runs: wait for it, or cancel it"
        self._host.report(f"{self._name} {word}", "warning")
        return False

    def _show(self, run: R) -> None:
        self.run = run
        self._host.repaint()

    def _change(self, change: Callable[[R], R]) -> None:
        """Show a change of the run, unless it has ended meanwhile."""
        if self.run is not None and self.run.goes_on:
            self._show(change(self.run))

    def _change_later(self, change: Callable[[R], R]) -> None:
        """The same, from any thread."""
        self._host.call_later(self._change, change)

    def _end(self, failure: str = "") -> None:
        self._change(lambda run: run.ended(self._host.now_s, failure))

    def _failed(self, error: DistdiagError) -> None:
        self._end(str(error))
        self._host.report(f"{self._name}: {error}", "error")
