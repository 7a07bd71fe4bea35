"""The base of a core that watches no cluster, such as a replay or a simulation."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from distdiag_core.runtime.refused_operations import (
    Refusal,
    RefusedDataset,
    RefusedInjections,
    RefusedObdiag,
    RefusedParameters,
    RefusedSessions,
    RefusedSources,
    RefusedWorkloads,
)
from distdiag_core.runtime.snapshot_feed import SnapshotFeed

if TYPE_CHECKING:
    from types import TracebackType

    from distdiag_core.anomalies.injection import Injection


class CoreWithoutCluster(SnapshotFeed):
    """Publishes snapshots for as long as its context lasts, and refuses whatever would change a cluster.

    Args:
        refuse: says what this is instead of a cluster.

    Attributes:
        injections, workloads, sessions, parameters, obdiag, sources, dataset: refuse whatever would change something.
        recording: None, since nothing is recorded.
    """

    def __init__(self, refuse: Refusal) -> None:
        super().__init__()
        self.injections = RefusedInjections(refuse, self._listed)
        self.workloads = RefusedWorkloads(refuse)
        self.sessions = RefusedSessions(refuse)
        self.parameters = RefusedParameters(refuse)
        self.obdiag = RefusedObdiag(refuse)
        self.sources = RefusedSources(refuse)
        self.dataset = RefusedDataset(refuse)
        self.recording = None
        self._lasting = AsyncExitStack()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        await self._lasting.__aexit__(None, None, None)

    def _listed(self) -> tuple[Injection, ...]:
        """The injections of the tick that is shown."""
        return self._newest.injections if self._newest is not None else ()
