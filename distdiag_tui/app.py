"""The app: snapshots from the core, one gate for every action, and the operations that are pending."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.worker import Worker, WorkerState

from distdiag_core import places
from distdiag_core.cli.run import on_ending_signals
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.metrics.clock import now_s
from distdiag_core.recording.events import Event
from distdiag_tui import console_settings
from distdiag_tui.actions.refusal import why_refused
from distdiag_tui.actions.registry import BY_ID, OF_APP, bindings
from distdiag_tui.appearance import Appearance
from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.drawing.lines import clean
from distdiag_tui.handlers.incident_alerts import IncidentAlerts
from distdiag_tui.handlers.palette import ActionCommands, ThemeCommands
from distdiag_tui.handlers.table import HANDLERS
from distdiag_tui.messages import CoreEnded, SnapshotArrived
from distdiag_tui.operations.pending_operations import PendingOperations
from distdiag_tui.operations.run_experiment import RunExperiment
from distdiag_tui.operations.train_model import TrainModel
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.terminal_app import TerminalApp
from distdiag_tui.views.view_state import ViewState
from distdiag_tui.watched_cores import WatchedCores

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual.binding import BindingType
    from textual.screen import Screen

    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.actions.action import Action
    from distdiag_tui.console import Operation
    from distdiag_tui.core import Core
    from distdiag_tui.drawing.glyphs import Glyphs

log = logging.getLogger(__name__)

_SEVERITIES: dict[Level, str] = {"info": "information", "warning": "warning", "error": "error"}
_OWN_EVENTS = 50
_TICK_TOLERANCE_S = 0.05


class DistdiagApp(TerminalApp, inherit_bindings=False):
    """The console on one core.

    Args:
        core: started when the app is, and stopped with it.
        glyphs: the signs that the terminal can show.
        rgb: False for a terminal that has sixteen colours only.
        keys: the operator's own keys, by action.
        settings: the operator's own settings.
        notes: what is to be reported at the start.
        clock: seconds since the epoch.

    Attributes:
        failure: why the core could not begin, or the console broke; the caller reports it.
    """

    TITLE = "distdiag"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(*OF_APP)
    COMMANDS: ClassVar[set[Any]] = {ActionCommands, ThemeCommands}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (100, "-wide"),
        (160, "-huge"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-short"),
        (30, "-medium"),
        (50, "-tall"),
    ]
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        core: Core,
        glyphs: Glyphs,
        *,
        rgb: bool = True,
        keys: Mapping[str, str] | None = None,
        settings: ConsoleSettings | None = None,
        notes: Sequence[str] = (),
        clock: Callable[[], float] = now_s,
    ) -> None:
        super().__init__(keys or {})
        self._appearance = Appearance(settings or ConsoleSettings(), glyphs, rgb=rgb)
        self._core = core
        self._keys = dict(keys or {})
        self._notes = notes
        self._clock = clock
        self._cores = WatchedCores(core, self.post_message)
        self._own_events: list[Event] = []
        self._seen_s = 0.0
        self._clearing = ""
        self._pending = PendingOperations(self, self.report)
        self.training = TrainModel(self)
        self.experiment = RunExperiment(self)
        self.failure: DistdiagError | None = None
        self._painted_s = 0.0
        self._alerts = IncidentAlerts(self)
        self._dress()
        self.animation_level = "none"
        self.set_keymap(self._keys)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen()

    @property
    def runtime(self) -> Operations:
        """The settings and catalogues of the core."""
        return self._cores.shown.core.runtime

    @property
    def _snapshot(self) -> Snapshot | None:
        return self._cores.shown.snapshot

    @property
    def keys(self) -> Mapping[str, str]:
        """The operator's own keys, by action."""
        return self._keys

    @property
    def settings(self) -> ConsoleSettings:
        """The operator's settings of the console."""
        return self._appearance.settings

    @property
    def glyphs(self) -> Glyphs:
        """The signs that screens are drawn with."""
        return self._appearance.glyphs

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""
        self._appearance.change(settings)
        self._dress()
        self.repaint()
        try:
            console_settings.save(settings)
        except (ConfigError, OSError) as error:
            self.report(f"the settings hold until you leave, and cannot be kept: {error}", "warning")

    def _dress(self) -> None:
        """Put on the theme and the signs."""
        try:
            theme = self._appearance.theme()
        except ConfigError as error:
            theme = self._appearance.default_theme()
            self._notes = (*self._notes, str(error))
            if self.is_running:
                self.report(str(error), "warning")
        self.register_theme(theme)
        self.theme = theme.name
        self.set_class(self.glyphs.name == "ascii", "-ascii")

    @property
    def now_s(self) -> float:
        """Seconds since the epoch, by the console's clock; in a replay the time of the tick that is shown."""
        if self._snapshot is not None and self._snapshot.replay is not None:
            return self._snapshot.frame.time_s
        return self._clock()

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest tick; None before the first."""
        return self._snapshot

    @property
    def view(self) -> ViewState | None:
        """The newest tick, ready to be painted."""
        if self._snapshot is None:
            return None
        reported = self._snapshot.events
        events = sorted((*self._own_events, *reported), key=lambda event: event.time_s, reverse=True)
        # An alarm is about the present, also for one who looks back.
        present = self._cores.live.snapshot.events if self._cores.live.snapshot else ()
        alarms = tuple(event for event in present if event.level == "error" and event.time_s > self._seen_s)
        return ViewState(
            self._snapshot,
            self.runtime.anomalies,
            self.glyphs,
            self.now_s,
            tuple(events),
            alarms,
            self._clearing,
            self.training.run,
            self._cores.shown.normals,
            self._cores.shown.remembered,
        )

    def see_alarms(self) -> None:
        """Take all alarms up to the newest tick for seen."""
        if self._snapshot is not None and self._snapshot.events:
            self._seen_s = max(self._seen_s, *(event.time_s for event in self._snapshot.events))
        self._second_passed()

    def on_mount(self) -> None:
        """Start the core after the first paint, and a timer for countdowns."""
        # A signal to end, or a terminal that hangs up, does what `q` does: pending injections are undone.
        on_ending_signals(self.exit)
        for note in self._notes:
            self.report(note, "warning")
        # The core's imports would hold up the first paint, also from a thread of its own.
        self.call_after_refresh(lambda: self.run_worker(self._start_core(), group="core", exit_on_error=False))
        self.set_interval(1.0, self._second_passed)

    async def on_unmount(self) -> None:
        """The core ends with the console; leases on the nodes go on by themselves."""
        await self._cores.stop()

    @property
    def looks_back(self) -> bool:
        """Whether the past of the cluster is shown."""
        return self._cores.past is not None

    def look_back(self, past: Core) -> None:
        """Show the ticks of `past` in place of those of the cluster, which goes on to be watched and recorded."""
        self.run_worker(self._cores.look_back(past), group="past", exit_on_error=False)

    def come_back(self) -> None:
        """Show the cluster again."""
        if self._cores.come_back():
            self.repaint()
            self._repaint_keys()

    def refused(self, action: Action) -> str:
        """Why an action is not allowed; empty where it is."""
        return why_refused(action, self._snapshot, looks_back=self.looks_back)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a replay, keys of scope `live` are those of the replay."""
        replays = self._snapshot is not None and self._snapshot.replay is not None
        return not (replays and action == "perform" and BY_ID[str(parameters[0])].scope == "live")

    async def action_perform(self, name: str) -> None:
        """The gate that every action goes through, whether by key or by palette."""
        action = BY_ID[name]
        # From the past one leaves to the present; and what ends all injections ends them from there too.
        if self.looks_back and (action.id == "quit" or action.scope == "everywhere"):
            self.come_back()
            if action.id == "quit":
                return
        if reason := self.refused(action):
            self.report(f"{action.title}: not now, {reason}", "warning")
            return
        if (handler := HANDLERS.get(name)) is not None:
            handler(self)
        else:
            await self.run_action(action.textual_action)

    def close_dialogs(self) -> None:
        """Back to the main screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line; what went wrong also stays in the events."""
        text = "\n".join(clean(line) for line in text.splitlines())
        self.notify(text, severity=_SEVERITIES[level], markup=False)  # type: ignore[arg-type]
        if level != "info":
            event = Event(self.now_s, "error" if level == "error" else "action", text, level)
            self._own_events = [event, *self._own_events[: _OWN_EVENTS - 1]]

    def perform(self, operation: Operation[Any], call: Callable[[Operations], Any]) -> None:
        """Carry out an operation in the core; see `console.Console`."""
        core = self._cores.shown.core
        self._pending.begin(operation, lambda pending: pending.in_core(core, call))

    def run_in_background(self, operation: Operation[Any], work: Callable[[], Awaitable[Any]]) -> None:
        """Carry out an operation that needs no core; see `console.Console`."""
        self._pending.begin(operation, lambda pending: pending.in_console(work))

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name; see `console.Console`."""
        self._pending.cancel(name)

    async def _start_core(self) -> None:
        try:
            await self._cores.start()
        except DistdiagError as error:
            self.failure = error
            self.exit(return_code=error.exit_code)

    @on(SnapshotArrived)
    def _snapshot_arrived(self, message: SnapshotArrived) -> None:
        watched = self._cores.of(message.core)
        if watched is None:
            return
        first, news = watched.snapshot is None, watched.take(message.snapshot)
        self._alerts.on_snapshot(message.snapshot, self.runtime.anomalies, self.settings)
        if watched is not self._cores.shown:
            for event in (each for each in news if each.level != "info"):
                self.notify(f"Now, live: {clean(event.text)}", severity="warning", markup=False)
            return
        # A recording does not hold the accent of its cluster.
        if watched is self._cores.live and self._appearance.of_cluster != (accent := message.snapshot.cluster.accent):
            self._appearance.of_cluster = accent
            self._dress()
        time_s = message.snapshot.frame.time_s
        # A replay may go back; ticks are never quite in time.
        if first or abs(time_s - self._painted_s) >= self.settings.refresh_s - _TICK_TOLERANCE_S:
            self._painted_s = time_s
            self.repaint()
        if first:
            self._repaint_keys()

    def _repaint_keys(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen) and screen.is_mounted:
                screen.repaint_keys()

    def repaint(self) -> None:
        """Every screen shows what is known now."""
        view = self.view
        if view is None:
            return
        for screen in self.screen_stack:
            # A screen that is still being put together paints the newest tick when it is done.
            if isinstance(screen, MainScreen | Dialog) and screen.is_mounted:
                screen.show(view)

    @on(CoreEnded)
    def _core_ended(self, message: CoreEnded) -> None:
        watched = self._cores.of(message.core)
        if message.error is None or watched is None:
            return
        if watched is self._cores.past:
            self.come_back()
            self.report(f"the past cannot be shown: {message.error}", "error")
        else:
            log.error("the core ended", exc_info=message.error)
            self.report(f"the core has stopped: {message.error}; leave and start again", "error")

    def show_clearing(self, how_far: str) -> None:
        """How far clearing everything is, among the injections; empty when it has ended."""
        self._clearing = how_far
        self._second_passed()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """Report an internal error of a worker in one line, and log it in full."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            log.error("%s failed", event.worker.group, exc_info=error)
            self.report(f"internal error in {event.worker.group}: {type(error).__name__}: {error}", "error")

    def _fatal_error(self) -> None:
        """End with one line instead of Textual's own traceback, which shows every variable: secrets may be among them.

        It is private to Textual, which has no other place for what is said at the end.
        """
        log.critical("the console broke", exc_info=self._exception)
        self.failure = DistdiagError(
            f"the console has ended by a mistake of its own ({type(self._exception).__name__})",
            hint="what is injected ends by itself at its deadline, and `distdiag clear --all` ends it now; load goes "
            f"on, and what was recorded is kept; please report it with the end of {places.log_file()}",
        )
        self._close_messages_no_wait()

    def _second_passed(self) -> None:
        view = self.view
        if view is not None:
            for screen in self.screen_stack:
                if isinstance(screen, MainScreen) and screen.is_mounted:
                    screen.passed(view)
