"""The clusters of a console: opened, closed, and put on the screen, each with a stack of screens of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError
from distdiag_tui.cluster_console.cluster_console import ClusterConsole
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.views.clusters import ClusterState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from distdiag_tui.cluster_sources import ClusterSource
    from distdiag_tui.console.shell import Shell
    from distdiag_tui.core import Core


@dataclass
class Cluster:
    """A cluster in the list.

    Attributes:
        console: None while it is closed.
        problem: why it could not be opened; empty where nothing is known to be wrong.
    """

    source: ClusterSource
    console: ClusterConsole | None = None
    problem: str = ""

    def state(self) -> ClusterState:
        """The cluster as it is now."""
        name, where, console = self.source.name, self.source.where, self.console
        if console is None:
            return ClusterState(name, where, problem=self.problem)
        run = console.experiment.run
        return ClusterState(
            name,
            where,
            shown=console.is_shown,
            view=console.present,
            is_open=True,
            problem=console.problem,
            experiment=run.name if run is not None and run.goes_on else "",
        )


class Clusters:
    """The clusters by name: those that the command line names first, then those that have a file.

    Args:
        others: the sources of the clusters that can be opened beside those that were asked for, as they are now.
    """

    def __init__(self, shell: Shell, others: Callable[[], Iterable[ClusterSource]]) -> None:
        self._shell = shell
        self._others = others
        self._known: dict[str, Cluster] = {}
        self._opened = 0

    @property
    def consoles(self) -> tuple[ClusterConsole, ...]:
        """Of every cluster that is open."""
        return tuple(each.console for each in self._known.values() if each.console is not None)

    @property
    def shown(self) -> ClusterConsole:
        """The console of the cluster on the screen."""
        mode = self._shell.terminal.current_mode
        return next(each for each in self.consoles if each.mode == mode)

    def of(self, core: Core) -> ClusterConsole | None:
        """The console that a core belongs to; None where it was closed."""
        return next((each for each in self.consoles if each.has(core)), None)

    def states(self) -> tuple[ClusterState, ...]:
        """Every cluster as it is now."""
        self._look_for_others()
        return tuple(each.state() for each in self._known.values())

    def troubles(self, but: str) -> tuple[tuple[str, str], ...]:
        """The name and the newest trouble of each open cluster that has one, `but` that of this name."""
        return tuple((each.name, each.trouble) for each in self.consoles if each.name != but and each.trouble)

    def add(self, source: ClusterSource) -> ClusterConsole:
        """The console of a cluster, whose core is not started yet.

        Raises:
            DistdiagError: its file is wrong; it is listed with that.
        """
        cluster = self._known.setdefault(source.name, Cluster(source))
        try:
            core = source.new_core()
        except DistdiagError as error:
            cluster.problem = str(error)
            raise
        self._opened += 1
        console = ClusterConsole(self._shell, source.name, f"cluster {self._opened}", core, lambda: self.consoles)
        self._shell.terminal.add_mode(console.mode, lambda: MainScreen(console))
        cluster.console, cluster.problem = console, ""
        return console

    def show(self, name: str) -> None:
        """Put a cluster on the screen, as it was left; open it first where it is closed."""
        console = self._console_of(name) or self._open(name)
        if console is None or console.is_shown:
            return
        self._shell.terminal.switch_mode(console.mode)
        self._shell.dress()
        console.show_again()

    def show_next(self) -> None:
        """Put the next open cluster on the screen, after the last one the first."""
        consoles = self.consoles
        if len(consoles) == 1:
            self.shown.report("no other cluster is open; K lists those that can be opened", "warning")
            return
        at = consoles.index(self.shown)
        self.show(consoles[(at + 1) % len(consoles)].name)

    def open(self, name: str) -> None:
        """Sample and diagnose a cluster; a failure is reported and listed."""
        if self._console_of(name) is None:
            self._open(name)

    def close(self, name: str) -> None:
        """End the core of a cluster; the last one that is open stays."""
        console = self._console_of(name)
        if console is None:
            return
        if len(self.consoles) == 1:
            console.report(f"{name} is the only open cluster: open another one first, or quit", "warning")
            return
        if console.is_shown:
            self.show_next()
        self._drop(console, "")
        self.shown.repaint()
        self._shell.terminal.run_worker(self._stop(console), group=f"stop {name}", exit_on_error=False)

    async def _stop(self, console: ClusterConsole) -> None:
        await console.stop()
        self._shell.settle()

    async def start(self, console: ClusterConsole) -> DistdiagError | None:
        """Start a core; one that cannot begin is closed again, unless it is the last. The reason, None without one."""
        try:
            await console.start()
        except DistdiagError as error:
            others = [each for each in self.consoles if each is not console]
            if others:
                if console.is_shown:
                    self.show(others[0].name)
                self._drop(console, str(error))
                self.shown.report(f"{console.name} cannot be opened: {error}", "error")
                self.shown.repaint()
            return error
        return None

    def _open(self, name: str) -> ClusterConsole | None:
        self._look_for_others()
        cluster = self._known.get(name)
        if cluster is None:
            return None
        try:
            console = self.add(cluster.source)
        except DistdiagError as error:
            self.shown.report(f"{name} cannot be opened: {error}", "error")
            return None
        self._shell.terminal.run_worker(self.start(console), group=f"start {name}", exit_on_error=False)
        return console

    def _drop(self, console: ClusterConsole, problem: str) -> None:
        cluster = self._known[console.name]
        cluster.console, cluster.problem = None, problem
        self._shell.terminal.remove_mode(console.mode)

    def _console_of(self, name: str) -> ClusterConsole | None:
        cluster = self._known.get(name)
        return cluster.console if cluster is not None else None

    def _look_for_others(self) -> None:
        places = {each.source.where for each in self._known.values()}
        for source in self._others():
            if source.where not in places:
                self._known.setdefault(source.name, Cluster(source))
