"""A console as its screens, operations and handlers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from distdiag_core.errors import DistdiagError
    from distdiag_core.experiments.experiment import ExperimentPlan
    from distdiag_core.models.training_job import TrainRequest
    from distdiag_core.obdiag.call import Call
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.core import Core
    from distdiag_tui.drawing.glyphs import Glyphs
    from distdiag_tui.terminal_app import TerminalApp
    from distdiag_tui.views.clusters import ClusterState
    from distdiag_tui.views.experiment_run import ExperimentRun
    from distdiag_tui.views.obdiag import ObdiagRun
    from distdiag_tui.views.training_run import TrainingRun
    from distdiag_tui.views.view_state import ViewState

T = TypeVar("T")


# No slots: `Operation[T](...)` fails on a frozen generic class with slots.
@dataclass(frozen=True)
class Operation(Generic[T]):
    """A task that takes a while, and what becomes of its result.

    Attributes:
        name: tasks of one name are cancelled together, and `while_running` is about them.
        doing: the task in words, as it stands before an error.
        done: called with the result.
        failed: called with the error; None reports it to the operator, as does an owner that has closed.
        cancelled: called when the operator has cancelled it, which is reported in any case.
        while_running: what becomes of a second task of this name: it is refused, replaces the first, or runs beside it.
        owner: the screen that takes the result; once it has closed, results are dropped. None for the app.
    """

    name: str
    doing: str
    done: Callable[[T], None]
    failed: Callable[[DistdiagError], None] | None = None
    cancelled: Callable[[], None] | None = None
    while_running: Literal["refuse", "replace", "beside"] = "refuse"
    owner: MessagePump | None = None


class Training(Protocol):
    """The training of this console."""

    @property
    def run(self) -> TrainingRun | None:
        """The last one, or the one that goes on; None before the first."""

    def start(self, request: TrainRequest) -> None:
        """Train a model; progress and result are in the view state."""

    def cancel(self) -> None:
        """End the training that goes on; the view state shows when it has come to its end."""


class MetricsExport(Protocol):
    """The metrics for Prometheus that this console serves."""

    def toggle(self) -> None:
        """Begin to serve, or stop; what came of it is reported."""


class Experiment(Protocol):
    """The experiment of this console."""

    @property
    def run(self) -> ExperimentRun | None:
        """The last one, or the one that goes on; None before the first."""

    def start(self, plan: ExperimentPlan, confirmed: str) -> None:
        """Run it in the core, and keep its report."""

    def cancel(self) -> None:
        """End the one that goes on: the load is stopped, and its anomalies are cleared."""


class ObdiagQuestions(Protocol):
    """The questions of this console to obdiag."""

    @property
    def run(self) -> ObdiagRun | None:
        """The last one, or the one that goes on; None before the first."""

    def calls(self, anomaly: str) -> tuple[Call, ...]:
        """The checks and scenes that fit an anomaly; reported where there are none."""

    def start(self, node: str, anomaly: str, calls: Sequence[Call], incident: int | None, confirmed: str) -> None:
        """Run calls about a root cause, and keep what they find in the incident of this number."""

    def cancel(self) -> None:
        """End the call that goes on."""


class ClusterSwitch(Protocol):
    """The clusters of the console: those that are open, and those that can be."""

    @property
    def consoles(self) -> tuple[Console, ...]:
        """Of every cluster that is open."""

    def states(self) -> tuple[ClusterState, ...]:
        """Every cluster as it is now."""

    def troubles(self, but: str) -> tuple[tuple[str, str], ...]:
        """The name and the newest trouble of each open cluster that has one, `but` that of this name."""

    def show(self, name: str) -> None:
        """Put a cluster on the screen, as it was left; open it first where it is closed."""

    def show_next(self) -> None:
        """Put the next open cluster on the screen, after the last one the first."""

    def open(self, name: str) -> None:
        """Sample and diagnose a cluster; a failure is reported and listed."""

    def close(self, name: str) -> None:
        """End the core of a cluster; the last one that is open stays."""


class Shell(Protocol):
    """What the consoles of all clusters share: the operator's choices, and the terminal."""

    @property
    def terminal(self) -> TerminalApp:
        """The app."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""

    @property
    def settings(self) -> ConsoleSettings:
        """The operator's settings of the console."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs that screens are drawn with."""

    @property
    def training(self) -> Training:
        """The training on this machine."""

    @property
    def clusters(self) -> ClusterSwitch:
        """The clusters that are open, and those that can be."""

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""

    def wall_s(self) -> float:
        """Seconds since the epoch."""

    def stack_of(self, mode: str) -> list[Screen[Any]]:
        """The screens of the cluster with this mode, the topmost last."""

    def repaint(self) -> None:
        """Every screen of the cluster that is seen shows what is known now."""

    def dress(self) -> None:
        """Put on the theme, with the accent of the cluster on the screen."""


class Console(Protocol):
    """A cluster as its screens, handlers and operations see it: what is known, what can be done, and what is shown."""

    name: str

    @property
    def present(self) -> ViewState | None:
        """The newest tick of the cluster, also while its past is shown; None before the first."""

    @property
    def clusters(self) -> ClusterSwitch:
        """The clusters that are open beside this one, and those that can be."""

    @property
    def view(self) -> ViewState | None:
        """The newest tick, ready to be painted; None before the first."""

    @property
    def runtime(self) -> Operations:
        """The settings and catalogues of the core; its operations are called in `perform` alone."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""

    @property
    def settings(self) -> ConsoleSettings:
        """The operator's settings of the console."""

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""

    @property
    def now_s(self) -> float:
        """Seconds since the epoch, by the clock of the console."""

    @property
    def training(self) -> Training:
        """The training of this console."""

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

    def save_screenshot(self, *, path: str | None = None) -> str:
        """Write the screen as SVG; where it was written."""

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard of the terminal."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""

    def why_not_suspended(self) -> str:
        """Why the process cannot be suspended; empty where it can."""

    def suspend_process(self) -> None:
        """Give the terminal back to the shell and stop the process, until the shell continues it."""

    def exit(self, said: Sequence[str] = ()) -> None:
        """End the console; what is said stands on the terminal afterwards, a line each."""


class ShowsClusters(Protocol):
    """The app, as far as screens know it."""

    @property
    def current(self) -> Console:
        """The console of the cluster on the screen."""


def label_of(console: Console, anomaly: str) -> str:
    """The label of an anomaly in the catalogue."""
    return console.runtime.anomalies.label(anomaly)
