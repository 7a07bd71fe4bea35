"""The console of one open cluster: its ticks, what was reported about it, and what is pending on it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from distdiag_tui.actions.refusal import why_refused
from distdiag_tui.actions.registry import BY_ID
from distdiag_tui.cluster_console.cluster_screens import ClusterScreens
from distdiag_tui.cluster_console.watched_cluster import WatchedCluster
from distdiag_tui.handlers.incident_alerts import IncidentAlerts
from distdiag_tui.operations.ask_obdiag import AskObdiag
from distdiag_tui.operations.pending_operations import PendingOperations
from distdiag_tui.operations.run_experiment import RunExperiment
from distdiag_tui.operations.serve_metrics import ServeMetrics

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.screen import Screen

    from distdiag_core.cluster.inventory import AccentName
    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console.console import Console
    from distdiag_tui.console.operation import Operation
    from distdiag_tui.console.shell import Shell
    from distdiag_tui.core import Core
    from distdiag_tui.messages import CoreEnded

log = logging.getLogger(__name__)

_TICK_TOLERANCE_S = 0.05


class ClusterConsole(WatchedCluster):
    """Implements `console.console.Console` for one cluster; it goes on while another cluster is on the screen.

    Args:
        name: under which the cluster is listed.
        mode: of Textual: the name of the stack of screens that this cluster has for itself.
        core: started by `start`, ended by `stop`.
        consoles: of every cluster that is open, this one among them.

    Attributes:
        accent: of the cluster file; None without one, and before the first tick.
    """

    def __init__(
        self, shell: Shell, name: str, mode: str, core: Core, consoles: Callable[[], tuple[Console, ...]]
    ) -> None:
        self._screens = ClusterScreens(shell, mode)
        super().__init__(shell, name, core, self._screens)
        self.mode = mode
        self._app, self._consoles = shell.terminal, consoles
        self.accent: AccentName | None = None
        self._painted_s = 0.0
        self._pending = PendingOperations(self._app, self.report, mode, lambda: self.screen_stack)
        self.experiment = RunExperiment(self)
        self.obdiag = AskObdiag(self)
        self.metrics_export = ServeMetrics(self)
        self._alerts = IncidentAlerts(self._app)

    @property
    def consoles(self) -> tuple[Console, ...]:
        """Of every cluster that is open, this one among them."""
        return self._consoles()

    @property
    def metrics_address(self) -> str:
        """Where metrics for Prometheus are served; empty where they are not."""
        return self.metrics_export.address

    # Its core

    async def stop(self) -> None:
        """End the core; leases on the nodes go on by themselves."""
        await asyncio.to_thread(self.metrics_export.stop)
        await self._cores.stop()

    def look_back(self, past: Core) -> None:
        """Show the ticks of `past` in place of those of the cluster, which goes on to be watched and recorded."""
        self._app.run_worker(self._cores.look_back(past), group="past", exit_on_error=False)

    def come_back(self) -> None:
        """Show the cluster again."""
        if self._cores.come_back():
            self.repaint()
            self._screens.repaint_keys()

    def snapshot_arrived(self, core: Core, snapshot: Snapshot) -> None:
        """Take in a tick of one of the cores."""
        watched = self._cores.of(core)
        if watched is None:
            return
        first, news = watched.snapshot is None, watched.take(snapshot)
        self._alerts.on_snapshot(snapshot, self.runtime.anomalies, self.shell.settings)
        if watched is self._cores.live:
            self._follow_accent(snapshot)
            self.metrics_export.on_snapshot(snapshot)
        if watched is not self._cores.shown or not self.is_shown:
            self.notices.report_unseen(news)
            if first or news:
                # The line about other clusters, and their list.
                self.shell.repaint()
            return
        time_s = snapshot.frame.time_s
        # A replay may go back; ticks are never quite in time.
        if first or abs(time_s - self._painted_s) >= self.shell.settings.refresh_s - _TICK_TOLERANCE_S:
            self._painted_s = time_s
            self.repaint()
        if first:
            self._screens.repaint_keys()

    def _follow_accent(self, snapshot: Snapshot) -> None:
        # A recording does not hold the accent of its cluster.
        if self.accent != snapshot.cluster.accent:
            self.accent = snapshot.cluster.accent
            if self.is_shown:
                self.shell.dress()

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
            self.shell.repaint()
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
            self.report(f"{action.title}: not now, {reason}", "warning")
            return
        # What it imports is more than all that comes before the first paint.
        from distdiag_tui.handlers.table import HANDLERS

        if (handler := HANDLERS.get(name)) is not None:
            handler(self)
        else:
            await self._app.run_action(action.textual_action)

    def perform(self, operation: Operation[Any], call: Callable[[Operations], Any], *, live: bool = False) -> None:
        """Carry out an operation in the core; see `console.console.Console`."""
        core = self.core if live else self._cores.shown.core
        self._pending.begin(operation, lambda pending: pending.in_core(core, call))

    def run_in_background(self, operation: Operation[Any], work: Callable[[], Awaitable[Any]]) -> None:
        """Carry out an operation that needs no core; see `console.console.Console`."""
        self._pending.begin(operation, lambda pending: pending.in_console(work))

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name; see `console.console.Console`."""
        self._pending.cancel(name)

    # What is shown of it

    def see_alarms(self) -> None:
        """Take all alarms up to the newest tick for seen."""
        self.notices.see_alarms(self.snapshot)
        self.second_passed()

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line; what has failed also stays in the events."""
        self.notices.report(text, level, self.now_s)

    def repaint(self) -> None:
        """Every screen of the cluster shows what is known now."""
        self._screens.show(self.view)

    def show_again(self) -> None:
        """Paint what has changed while another cluster was on the screen."""
        self.repaint()
        self._screens.repaint_keys()

    @property
    def is_shown(self) -> bool:
        """Whether this cluster is the one on the screen."""
        return self._screens.are_shown

    def second_passed(self) -> None:
        """Countdowns go on without a tick."""
        self._screens.show_passed_time(self.view)

    def show_clearing(self, progress: str) -> None:
        """How far clearing everything is, among the injections; empty when it has ended."""
        self._clearing = progress
        self.second_passed()

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The screens of this cluster, the topmost last."""
        return self._screens.stack

    def push_screen(self, screen: Any, callback: Callable[[Any], Any] | None = None) -> Any:  # noqa: ANN401 - Textual's
        """Open a screen over the others of this cluster, whether it is seen or not."""
        return self._screens.push(screen, callback, self)

    def close_dialogs(self) -> None:
        """Back to the main screen; nothing where another cluster is on the screen."""
        self._screens.close_dialogs()

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:  # noqa: ANN401 - Textual's
        """Call back on the loop of the app; may be called in any thread."""
        return self._app.call_later(callback, *args)
