"""The app: consoles of clusters behind one terminal, their messages, and what all of them share."""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.worker import Worker, WorkerState

from distdiag_core import places
from distdiag_core.cli.run import on_ending_signals
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.metrics.clock import now_s
from distdiag_tui import console_settings
from distdiag_tui.actions.registry import BY_ID, OF_APP, bindings
from distdiag_tui.appearance import Appearance
from distdiag_tui.clusters import Clusters
from distdiag_tui.console_settings import ConsoleSettings
from distdiag_tui.handlers.palette import ActionCommands, ThemeCommands
from distdiag_tui.messages import CoreEnded, SnapshotArrived
from distdiag_tui.operations.pending_operations import PendingOperations
from distdiag_tui.operations.train_model import TrainModel
from distdiag_tui.screens.layered import LayeredScreen
from distdiag_tui.terminal_app import TerminalApp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from textual.binding import BindingType
    from textual.screen import Screen

    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.cluster_console.cluster_console import ClusterConsole
    from distdiag_tui.cluster_sources import ClusterSource
    from distdiag_tui.console.operation import Operation
    from distdiag_tui.drawing.glyphs import Glyphs

log = logging.getLogger(__name__)

# All screens, which take longer to import than what the first paint needs.
_AFTER_THE_FIRST_PAINT = "distdiag_tui.handlers.table"


def _no_others() -> tuple[ClusterSource, ...]:
    return ()


def _nothing() -> None:
    pass


class DistdiagApp(TerminalApp, inherit_bindings=False):
    """The console, which shows one cluster of those that are open.

    Args:
        clusters: to be opened at the start, the first of them shown. Their cores are started when the app is, and
            stopped with it.
        glyphs: the signs that the terminal can show.
        rgb: False for a terminal that has sixteen colours only.
        keys: the operator's own keys, by action.
        settings: the operator's own settings.
        notes: what is to be reported at the start.
        clock: seconds since the epoch.
        others: the clusters that can be opened beside these, as they are when it is called.

    Attributes:
        settle: called when what there is will stay: a core has started, or ended.
        failure: why no core could begin, or the console broke; the caller reports it.

    Raises:
        DistdiagError: no cluster can be opened: the file of each is wrong.
    """

    TITLE = "distdiag"
    CSS_PATH = "app.tcss"
    # Of the cluster that is opened first; every cluster has a stack of screens for itself.
    DEFAULT_MODE: ClassVar[str] = "cluster 1"
    BINDINGS: ClassVar[list[BindingType]] = bindings(*OF_APP)
    COMMANDS: ClassVar[set[Any]] = {ActionCommands, ThemeCommands}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (100, "-wide"),
        (160, "-huge"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - as Textual declares it
        (0, "-short"),
        (30, "-medium"),
        (50, "-tall"),
    ]
    PAUSE_GC_ON_SCROLL = True

    def __init__(
        self,
        clusters: Sequence[ClusterSource],
        glyphs: Glyphs,
        *,
        rgb: bool = True,
        keys: Mapping[str, str] | None = None,
        settings: ConsoleSettings | None = None,
        notes: Sequence[str] = (),
        clock: Callable[[], float] = now_s,
        others: Callable[[], Iterable[ClusterSource]] = _no_others,
    ) -> None:
        super().__init__(keys or {})
        self.settle: Callable[[], None] = _nothing
        self._appearance = Appearance(settings or ConsoleSettings(), glyphs, rgb=rgb)
        self._keys = dict(keys or {})
        self._notes = tuple(notes)
        self._clock = clock
        self._pending = PendingOperations(self, self.report, "console", lambda: ())
        self.training = TrainModel(self)
        self.failure: DistdiagError | None = None
        self.clusters = Clusters(self, others)
        self._add(clusters)
        self._dress()
        self.animation_level = "none"
        self.set_keymap(self._keys)

    def _add(self, clusters: Sequence[ClusterSource]) -> None:
        problems = []
        for source in clusters:
            try:
                self.clusters.add(source)
            except DistdiagError as error:
                problems.append(error)
                self._notes = (*self._notes, f"{source.name} cannot be opened: {error}")
        if not self.clusters.consoles:
            raise problems[0]

    @property
    def terminal(self) -> TerminalApp:
        """The app itself, as the consoles of the clusters see it."""
        return self

    @property
    def current(self) -> ClusterConsole:
        """The console of the cluster on the screen."""
        return self.clusters.shown

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

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest tick of the cluster on the screen; None before the first."""
        return self.current.snapshot

    def stack_of(self, mode: str) -> list[Screen[Any]]:
        """The screens of the cluster with this mode, the topmost last."""
        try:
            return list(self.get_screen_stack(mode))
        except KeyError:
            return []

    def wall_s(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    # The operator's settings

    def change_settings(self, settings: ConsoleSettings) -> None:
        """Let other settings take effect, and keep them."""
        self._appearance.change(settings)
        self.dress()
        self.repaint()
        try:
            console_settings.save(settings)
        except (ConfigError, OSError) as error:
            self.report(f"the settings hold until you leave, and cannot be kept: {error}", "error")

    def dress(self) -> None:
        """Put on the theme, with the accent of the cluster on the screen."""
        self._appearance.of_cluster = self.current.accent
        self._dress()

    def _dress(self) -> None:
        """Put on the theme and the signs."""
        try:
            theme = self._appearance.theme()
        except ConfigError as error:
            theme = self._appearance.default_theme()
            self._notes = (*self._notes, str(error))
            if self.is_running:
                self.report(str(error), "error")
        self.register_theme(theme)
        self.theme = theme.name
        self.set_class(self.glyphs.name == "ascii", "-ascii")

    def takes_keys(self, screen: Screen[object]) -> bool:
        """Whether this screen has what its keys act on."""
        return not isinstance(screen, LayeredScreen) or screen.takes_keys

    # The cores

    def on_mount(self) -> None:
        """Start the cores after the first paint, and a timer for countdowns."""
        # A signal to end, or a terminal that hangs up, does what `q` does: pending injections are undone.
        on_ending_signals(self.exit)
        for note in self._notes:
            self.report(note, "error")
        # The core's imports would hold up the first paint, also from a thread of its own.
        self.call_after_refresh(self._start_cores)
        self.set_interval(1.0, self._second_passed)

    def _start_cores(self) -> None:
        for console in self.clusters.consoles:
            self.run_worker(self._start(console), group="core", exit_on_error=False)

    async def _start(self, console: ClusterConsole) -> None:
        error = await self.clusters.start(console)
        if error is not None and self.clusters.consoles == (console,):
            self.failure = error
            self.exit(return_code=error.exit_code)
        else:
            # Imported before a key asks for it, and not before the core has what it needs.
            await asyncio.to_thread(import_module, _AFTER_THE_FIRST_PAINT)
        self.settle()

    async def on_unmount(self) -> None:
        """The cores end with the console; leases on the nodes go on by themselves."""
        await asyncio.gather(*(console.stop() for console in self.clusters.consoles))

    @on(SnapshotArrived)
    def _snapshot_arrived(self, message: SnapshotArrived) -> None:
        # While the console ends, its screens are taken down one by one.
        if self.is_running and (console := self.clusters.of(message.core)) is not None:
            console.snapshot_arrived(message.core, message.snapshot)

    @on(CoreEnded)
    def _core_ended(self, message: CoreEnded) -> None:
        if (console := self.clusters.of(message.core)) is not None:
            console.core_ended(message)

    def _second_passed(self) -> None:
        self.current.second_passed()

    # Actions, which are about the cluster on the screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a replay, keys of scope `live` are those of the replay."""
        replays = self.snapshot is not None and self.snapshot.replay is not None
        return not (replays and action == "perform" and BY_ID[str(parameters[0])].scope == "live")

    async def action_perform(self, name: str) -> None:
        """Carry out the action of this id, unless it is refused."""
        await self.current.action_perform(name)

    # What the training, which is about no cluster, needs of a console

    @property
    def now_s(self) -> float:
        """Seconds since the epoch; in a replay the time of the tick that is shown."""
        return self.current.now_s

    def report(self, text: str, level: Level = "info") -> None:
        """Say one line, on the cluster that is shown."""
        self.current.report(text, level)

    def repaint(self) -> None:
        """Every screen shows what is known now."""
        self.current.repaint()

    def run_in_background(self, operation: Operation[Any], work: Callable[[], Awaitable[Any]]) -> None:
        """Carry out an operation that needs no core; see `console.console.Console`."""
        self._pending.begin(operation, lambda pending: pending.in_console(work))

    def cancel(self, name: str) -> None:
        """Cancel the operations of this name; see `console.console.Console`."""
        self._pending.cancel(name)

    # Mistakes

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """Report an internal error of a worker in one line, and log it in full."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error, name = event.worker.error, event.worker.name or event.worker.group
            log.error("%s failed", name, exc_info=error)
            self.report(f"internal error in {name}: {type(error).__name__}: {error}", "error")

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
