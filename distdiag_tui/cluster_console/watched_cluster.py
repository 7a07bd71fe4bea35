"""What is known of an open cluster: its newest tick, that of its past, and what was reported about it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from distdiag_tui.cluster_console.notices import Notices
from distdiag_tui.views.clusters import causes
from distdiag_tui.views.view_state import ViewState
from distdiag_tui.watched_cores import WatchedCores

if TYPE_CHECKING:
    from distdiag_core.recording.events import Event
    from distdiag_core.runtime.operations import Operations
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.cluster_console.cluster_screens import ClusterScreens
    from distdiag_tui.console.shell import Shell
    from distdiag_tui.core import Core
    from distdiag_tui.watched_cores import WatchedCore


class WatchedCluster(ABC):
    """A cluster with its core, and, while the operator looks back, with that of its past, which is shown then.

    Args:
        name: under which the cluster is listed.
        core: started by `start`.

    Attributes:
        shell: what it shares with the other clusters.
        notices: what was reported about it.
        problem: why the core has stopped; empty while it runs.
    """

    def __init__(self, shell: Shell, name: str, core: Core, screens: ClusterScreens) -> None:
        self.name, self.shell = name, shell
        self._cores = WatchedCores(core, shell.terminal.post_message)
        self.notices = Notices(shell.terminal, name, lambda: screens.are_shown)
        self.problem = ""
        self._clearing = ""

    @property
    @abstractmethod
    def metrics_address(self) -> str:
        """Where metrics for Prometheus are served; empty where they are not."""

    async def start(self) -> None:
        """Start the core.

        Raises:
            DistdiagError: it could not begin.
        """
        await self._cores.start()

    def has(self, core: Core) -> bool:
        """Whether the core is that of this cluster or of its past."""
        return self._cores.of(core) is not None

    @property
    def looks_back(self) -> bool:
        """Whether the past of the cluster is shown."""
        return self._cores.past is not None

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
        return self.shell.wall_s()

    @property
    def view(self) -> ViewState | None:
        """The newest tick, ready to be painted."""
        return self._view_of(self._cores.shown, self.shell.clusters.troubles(self.name))

    @property
    def present(self) -> ViewState | None:
        """The newest tick of the cluster, also while its past is shown."""
        return self._view_of(self._cores.live)

    def _view_of(self, watched: WatchedCore, elsewhere: tuple[tuple[str, str], ...] = ()) -> ViewState | None:
        if (snapshot := watched.snapshot) is None:
            return None
        return ViewState(
            snapshot,
            watched.core.runtime.anomalies,
            self.shell.glyphs,
            snapshot.frame.time_s if snapshot.replay is not None else self.shell.wall_s(),
            self.notices.merged(snapshot),
            self.alarms,
            self._clearing,
            self.shell.training.run,
            watched.normals,
            watched.remembered,
            elsewhere,
            self.metrics_address,
        )

    @property
    def alarms(self) -> tuple[Event, ...]:
        """The errors that nobody has looked at, the newest first. They are about the present, also in the past."""
        return self.notices.alarms(self._cores.live.snapshot)

    @property
    def trouble(self) -> str:
        """The newest alarm, else the root causes of the incident that goes on; empty where all is well."""
        if self.problem or (alarms := self.alarms):
            return self.problem or alarms[0].text
        present = self.present
        return causes(present) if present is not None and present.snapshot.incident is not None else ""
