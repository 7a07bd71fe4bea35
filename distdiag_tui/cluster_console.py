"""The console of one open cluster: its ticks, what was reported about it, and what is pending on it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from rich.text import Text

from distdiag_core.recording.events import Event
from distdiag_tui.actions.refusal import why_refused
from distdiag_tui.actions.registry import BY_ID
from distdiag_tui.drawing.lines import clean
from distdiag_tui.handlers.incident_alerts import IncidentAlerts
from distdiag_tui.operations.ask_obdiag import AskObdiag
from distdiag_tui.operations.pending_operations import PendingOperations
from distdiag_tui.operations.run_experiment import RunExperiment
from distdiag_tui.operations.serve_metrics import ServeMetrics
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.layered import uncovered
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.views.clusters import causes
from distdiag_tui.views.view_state import ViewState
from distdiag_tui.watched_cores import WatchedCores

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from distdiag_core.cluster.inventory import AccentName
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console import ClusterSwitch, Operation, Shell, Training
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.core import Core
    from distdiag_tui.messages import CoreEnded
    from distdiag_tui.watched_cores import WatchedCore

log = logging.getLogger(__name__)

_SEVERITIES: dict[Level, SeverityLevel] = {"info": "information", "warning": "warning", "error": "error"}
_OWN_EVENTS = 50
_TICK_TOLERANCE_S = 0.05


class ClusterConsole:
    """Implements `console.Console` for one cluster; it goes on while another cluster is on the screen.

    Args:
        name: under which the cluster is listed.
        mode: of Textual: the name of the stack of screens that this cluster has for itself.
        core: started by `start`, ended by `stop`.

    Attributes:
        own_events: what was reported here, the newest first.
        accent: of the cluster file; None without one, and before the first tick.
        problem: why the core has stopped; empty while it runs.
    """

    def __init__(self, shell: Shell, name: str, mode: str, core: Core) -> None:
        self.name, self.mode = name, mode
        self._shell, self._app = shell, shell.terminal
        self._cores = WatchedCores(core, self._app.post_message)
        self.own_events: list[Event] = []
        self.accent: AccentName | None = None
        self.problem = ""
        self._seen_s = 0.0
        self._clearing = ""
        self._painted_s = 0.0
        self._pending = PendingOperations(self._app, self.report, mode, lambda: self.screen_stack)
        self.experiment = RunExperiment(self)
        self.obdiag = AskObdiag(self)
        self.metrics_export = ServeMetrics(self)
        self._alerts = IncidentAlerts(self._app)

    # What the cluster is like

    @property
    def core(self) -> Core:
        """The core of the cluster, also while its past is shown."""
        return self._cores.live.core

    @property
    def runtime(self) -> Operations:
        """The settings and catalogues of the core that is shown."""
        return self._cores.shown.core.runtime

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest tick that is shown; None before the first."""
        return self._cores.shown.snapshot

    @property
    def now_s(self) -> float:
        """Seconds since the epoch, by the console's clock; in a replay the time of the tick that is shown."""
        if self.snapshot is not None and self.snapshot.replay is not None:
            return self.snapshot.frame.time_s
        return self._shell.wall_s()

    @property
    def view(self) -> ViewState | None:
        """The newest tick, ready to be painted."""
        return self._view_of(self._cores.shown, self._shell.clusters.troubles(self.name))

    @property
    def present(self) -> ViewState | None:
        """The newest tick of the cluster, also while its past is shown."""
        return self._view_of(self._cores.live)

    def _view_of(self, watched: WatchedCore, elsewhere: tuple[tuple[str, str], ...] = ()) -> ViewState | None:
        if (snapshot := watched.snapshot) is None:
            return None
        events = sorted((*self.own_events, *snapshot.events), key=lambda event: event.time_s, reverse=True)
        return ViewState(
            snapshot,
            watched.core.runtime.anomalies,
            self._shell.glyphs,
            snapshot.frame.time_s if snapshot.replay is not None else self._shell.wall_s(),
            tuple(events),
            self.alarms,
            self._clearing,
            self._shell.training.run,
            watched.normals,
            watched.remembered,
            elsewhere,
            self.metrics_export.address,
        )

    @property
    def alarms(self) -> tuple[Event, ...]:
        """The errors that nobody has looked at, the newest first. They are about the present, also in the past."""
        present = self._cores.live.snapshot.events if self._cores.live.snapshot else ()
        return tuple(event for event in present if event.level == "error" and event.time_s > self._seen_s)

    @property
    def trouble(self) -> str:
        """The newest alarm, else the root causes of the incident that goes on; empty where all is well."""
        if self.problem or (alarms := self.alarms):
            return self.problem or alarms[0].text
        present = self.present
        return causes(present) if present is not None and present.snapshot.incident is not None else ""

    def see_alarms(self) -> None:
        """Take all alarms up to the newest tick for seen."""
        if self.snapshot is not None and self.snapshot.events:
            self._seen_s = max(self._seen_s, *(event.time_s for event in self.snapshot.events))
        self.second_passed()

    # Its core

    async def start(self) -> None:
        """Start the core.

        Raises:
            DistdiagError: it could not begin.
        """
        await self._cores.start()

    async def stop(self) -> None:
        """End the core; leases on the nodes go on by themselves."""
        await asyncio.to_thread(self.metrics_export.stop)
        await self._cores.stop()

    def has(self, core: Core) -> bool:
        """Whether the core is that of this cluster or of its past."""
        return self._cores.of(core) is not None

    @property
    def looks_back(self) -> bool:
        """Whether the past of the cluster is shown."""
        return self._cores.past is not None

    def look_back(self, past: Core) -> None:
        """Show the ticks of `past` in place of those of the cluster, which goes on to be watched and recorded."""
        self._app.run_worker(self._cores.look_back(past), group="past", exit_on_error=False)

    def come_back(self) -> None:
        """Show the cluster again."""
        if self._cores.come_back():
            self.repaint()
            self._repaint_keys()

    def snapshot_arrived(self, core: Core, snapshot: Snapshot) -> None:
        """Take in a tick of one of the cores."""
        watched = self._cores.of(core)
        if watched is None:
            return
        first, news = watched.snapshot is None, watched.take(snapshot)
        self._alerts.on_snapshot(snapshot, self.runtime.anomalies, self.settings)
        if watched is self._cores.live:
            self._follow_accent(snapshot)
            self.metrics_export.on_snapshot(snapshot)
        if watched is not self._cores.shown or not self.is_shown:
            self._notify_of(news)
            if first or news:
                # The line about other clusters, and their list.
                self._shell.repaint()
            return
        time_s = snapshot.frame.time_s
        # A replay may go back; ticks are never quite in time.
        if first or abs(time_s - self._painted_s) >= self.settings.refresh_s - _TICK_TOLERANCE_S:
            self._painted_s = time_s
            self.repaint()
        if first:
            self._repaint_keys()

    def _follow_accent(self, snapshot: Snapshot) -> None:
        # A recording does not hold the accent of its cluster.
        if self.accent != snapshot.cluster.accent:
            self.accent = snapshot.cluster.accent
            if self.is_shown:
                self._shell.dress()

    def _notify_of(self, news: Sequence[Event]) -> None:
        """One line about what happened on a cluster that is not seen, or in the present of one whose past is."""
        told = [event for event in news if event.level != "info"]
        if told:
            where = "Now, live" if self.is_shown else self.name
            more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            self._app.notify(f"{where}: {clean(told[-1].text)}{more}", severity="warning", markup=False)

    def core_ended(self, message: CoreEnded) -> None:
        """Report why a core has ended by itself."""
        watched = self._cores.of(message.core)
        if message.error is None or watched is None:
            return
        if watched is self._cores.past:
            self.come_back()
            self.report(f"the past cannot be shown: {message.error}", "error")
        else:
            log.error("the core of %s ended", self.name, exc_info=message.error)
            self.problem = str(message.error)
            self._shell.repaint()
            self.report(f"the core has stopped: {message.error}; close the cluster (K) and open it again", "error")

    # What is done to it

    def refused(self, action: Action) -> str:
        """Why an action is not allowed; empty where it is."""
        return why_refused(action, self.snapshot, looks_back=self.looks_back)

    async def action_perform(self, name: str) -> None:
        """The gate that every action goes through, whether by key or by palette."""
        action = BY_ID[name]
        # From the past one leaves to the present; and what ends all injections ends them from there too.
        if self.looks_back and action.id in ("quit", "clear-all"):
            self.come_back()
            if action.id == "quit":
                return
        if reason := self.refused(action):
            # Keys typed before the first tick are no events of the cluster.
            self.report(f"{action.title}: not now, {reason}", "info" if self.snapshot is None else "warning")
            return
        # What it imports is more than all that comes before the first paint.
        from distdiag_tui.handlers.table import HANDLERS

        if (handler := HANDLERS.get(name)) is not None:
            handler(self)
        else:
            await self._app.run_action(action.textual_action)

    def perform(self, operation: Operation[Any], call: Callable[[Operations], Any], *, live: bool = False) -> None:
        """Carry out an operation in the core; see `console.Console`."""
        core = self.core if live else self._cores.shown.core
        self._pending.begin(operation, lambda pending: pending.in_core(core, call))

    def run_in_background(self, operation: Operation[Any], work: Callable[[], Awaitable[Any]]) -> None:
        """Carry out an operation that needs no core; see `console.Console`."""
        self._pending.begin(operation, lambda pending: pending.in_console(work))

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name; see `console.Console`."""
        self._pending.cancel(name)

    # What is shown of it

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line; what went wrong also stays in the events."""
        text = "\n".join(clean(line) for line in text.splitlines())
        said = text if self.is_shown else f"{self.name}: {text}"
        self._app.notify(said, severity=_SEVERITIES[level], markup=False)
        if level != "info":
            event = Event(self.now_s, "error" if level == "error" else "action", text, level)
            self.own_events = [event, *self.own_events[: _OWN_EVENTS - 1]]

    def repaint(self) -> None:
        """Every screen of the cluster shows what is known now."""
        view = self.view
        if view is None or not self.is_shown:
            return
        seen = uncovered(self.screen_stack)
        for screen in self.screen_stack:
            # A screen that is still being put together paints the newest tick when it is done.
            if isinstance(screen, MainScreen | Dialog) and screen.is_mounted:
                screen.is_behind = screen not in seen
                if not screen.is_behind:
                    screen.show(view)

    def show_again(self) -> None:
        """Paint what has changed while another cluster was on the screen."""
        self.repaint()
        self._repaint_keys()

    def _repaint_keys(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen) and screen.is_mounted:
                screen.repaint_keys()

    @property
    def is_shown(self) -> bool:
        """Whether this cluster is the one on the screen."""
        return self._app.current_mode == self.mode

    def second_passed(self) -> None:
        """Countdowns go on without a tick."""
        view = self.view
        if view is None:
            return
        for screen in uncovered(self.screen_stack):
            if isinstance(screen, MainScreen) and screen.is_mounted:
                screen.passed(view)

    def show_clearing(self, progress: str) -> None:
        """How far clearing everything is, among the injections; empty when it has ended."""
        self._clearing = progress
        self.second_passed()

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The screens of this cluster, the topmost last."""
        return self._shell.stack_of(self.mode)

    def push_screen(self, screen: Any, callback: Callable[[Any], Any] | None = None) -> Any:  # noqa: ANN401 - Textual's
        """Open a screen over the others of this cluster, whether it is seen or not."""
        if isinstance(screen, Dialog):
            screen.console = self
        return self._app.push_screen(screen, callback, mode=self.mode)

    def close_dialogs(self) -> None:
        """Back to the main screen; nothing where another cluster is on the screen."""
        while self.is_shown and len(self.screen_stack) > 1:
            self._app.pop_screen()

    # What all clusters share

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""
        return self._shell.keys

    @property
    def settings(self) -> ConsoleSettings:
        """The operator's settings of the console."""
        return self._shell.settings

    @property
    def training(self) -> Training:
        """The training on this machine."""
        return self._shell.training

    @property
    def clusters(self) -> ClusterSwitch:
        """The clusters that are open, and those that can be."""
        return self._shell.clusters

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""
        self._shell.change_settings(settings)

    def save_screenshot(self, *, path: str | None = None) -> str:
        """Write the screen as SVG; where it was written."""
        return self._app.save_screenshot(path=path)

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard of the terminal."""
        self._app.copy_to_clipboard(text)

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""
        return self._app.call_later(callback, *args)

    def why_not_suspended(self) -> str:
        """Why the process cannot be suspended; empty where it can."""
        return self._app.why_not_suspended()

    def suspend_process(self) -> None:
        """Give the terminal back to the shell and stop the process, until the shell continues it."""
        self._app.suspend_process()

    def exit(self, said: Sequence[str] = ()) -> None:
        """End the console; what is said stands on the terminal afterwards, a line each."""
        self._app.exit(message=Text("\n".join(map(clean, said))) if said else None)
