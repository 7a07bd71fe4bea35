"""The console of a cluster, as its screens, handlers and operations see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.screen import Screen

    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console.background_tasks import Experiment, MetricsExport, ObdiagQuestions
    from distdiag_tui.console.operation import Operation
    from distdiag_tui.console.shell import Shell
    from distdiag_tui.core import Core
    from distdiag_tui.views.view_state import ViewState


class Console(Protocol):
    """A cluster as its screens, handlers and operations see it: what is known, what can be done, and what is shown."""

    name: str

    @property
    def shell(self) -> Shell:
        """What it shares with the consoles of the other clusters."""

    @property
    def consoles(self) -> tuple[Console, ...]:
        """Of every cluster that is open, this one among them."""

    @property
    def present(self) -> ViewState | None:
        """The newest tick of the cluster, also while its past is shown; None before the first."""

    @property
    def view(self) -> ViewState | None:
        """The newest tick, ready to be painted; None before the first."""

    @property
    def runtime(self) -> Operations:
        """The settings and catalogues of the core; its operations are called in `perform` alone."""

    @property
    def now_s(self) -> float:
        """Seconds since the epoch, by the clock of the console."""

    @property
    def experiment(self) -> Experiment:
        """The experiment of this console."""

    @property
    def obdiag(self) -> ObdiagQuestions:
        """The questions of this console to obdiag."""

    @property
    def metrics_export(self) -> MetricsExport:
        """The metrics for Prometheus that this console serves."""

    def refused(self, action: Action) -> str:
        """Why an action is not allowed on this cluster; empty where it is."""

    async def action_perform(self, name: str) -> None:
        """Carry out the action of this id, unless it is refused."""

    def perform(self, operation: Operation[Any], call: Callable[[Operations], Any], *, live: bool = False) -> None:
        """Carry out an operation in the core that is shown; `call` may return its result or an awaitable of it.

        Args:
            live: in the core of the cluster, also while its past is shown.
        """

    def run_in_background(self, operation: Operation[Any], work: Callable[[], Awaitable[Any]]) -> None:
        """Carry out an operation that needs no core, as a worker of the app."""

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name, if any."""

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line to the operator."""

    def repaint(self) -> None:
        """Show what is known now on every screen."""

    def show_clearing(self, progress: str) -> None:
        """Show how far clearing everything is; empty when it has ended."""

    @property
    def looks_back(self) -> bool:
        """Whether the past of the cluster is shown."""

    def look_back(self, past: Core) -> None:
        """Show the ticks of another core, a replay of this run, until `come_back`."""

    def come_back(self) -> None:
        """Show the cluster again."""

    def see_alarms(self) -> None:
        """Take all alarms for seen."""

    def push_screen(self, screen: Any, callback: Callable[[Any], Any] | None = None) -> Any:  # noqa: ANN401 - Textual's
        """Open a screen over the others."""

    def close_dialogs(self) -> None:
        """Back to the main screen."""

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The screens, the topmost last."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""


class ShowsClusters(Protocol):
    """The app, as far as screens know it."""

    @property
    def current(self) -> Console:
        """The console of the cluster on the screen."""


def label_of(console: Console, anomaly: str) -> str:
    """The label of an anomaly in the catalogue."""
    return console.runtime.anomalies.label(anomaly)
