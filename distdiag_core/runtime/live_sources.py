"""The sources of a cluster in a running console: which of them are read, and what each has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError, quoted
from distdiag_core.metrics import clock
from distdiag_core.metrics.source import SOURCES, read_by
from distdiag_core.runtime.unread_metrics import UnreadMetrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
    from distdiag_core.operations.backfill_reader import BackfillReader, BackfillStatus
    from distdiag_core.recording.journal import Journal


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source of the cluster file.

    Attributes:
        summary: what it is, in a few words.
        metrics: how many metrics it reads while it is on.
        backfill: of a source whose figures are of the past; None of any other.
    """

    name: str
    summary: str
    on: bool
    metrics: int
    backfill: BackfillStatus | None = None


class LiveSources:
    """The sources of the cluster file, each of which can be switched off and on; the next run reads all of them again.

    Args:
        backfills: what reads those whose figures are of the past, by the names of the sources.

    Attributes:
        settings: the cluster with the sources that are on.
        unread: the metrics of those that are off, and since when.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        catalogue: MetricCatalogue,
        journal: Journal,
        backfills: Mapping[str, BackfillReader],
    ) -> None:
        self._all = settings.sources
        self._catalogue = catalogue
        self._journal = journal
        self._backfills = backfills
        self._listener: Callable[[frozenset[str]], None] | None = None
        self.settings = settings
        self._read_by = dict(read_by(catalogue, settings))
        self.unread = UnreadMetrics(settings.interval_s)

    @property
    def read_by(self) -> Mapping[str, Sequence[Metric]]:
        """Which source that is on reads which metrics."""
        return self._read_by

    def on_change(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Call `listener` at each change with the names of the sources that read other metrics than before."""
        self._listener = listener

    def switch(self, name: str, *, on: bool) -> None:
        """Read a source from the next tick on, or no longer; another one may read its metrics in its place.

        Raises:
            ConfigError: the cluster file does not name it.
        """
        if name not in self._all:
            hint = f"it names {', '.join(self._all)}; another one wants `--sources` at the next start"
            raise ConfigError(f"the cluster file names no source {quoted(name)}", where="sources", hint=hint)
        named = {*self.settings.sources, name} if on else {*self.settings.sources} - {name}
        if named == {*self.settings.sources}:
            return
        self.settings = replace(self.settings, sources=tuple(each for each in self._all if each in named))
        before, self._read_by = self._read_by, dict(read_by(self._catalogue, self.settings))
        was, now = ({metric.name for each in of.values() for metric in each} for of in (before, self._read_by))
        unread = sorted((self.unread.newest | was) - now)
        self.unread.change(clock.now_s(), unread)
        said = "is read again" if on else "is no longer read, until it is switched on or the next start"
        self._journal.note("action", f"the source {name} {said}", source=name, on=on, unread=unread)
        if (backfill := self._backfills.get(name)) is not None:
            backfill.switch(on=on)
        elif self._listener is not None:
            self._listener(frozenset(each for each, of in self._read_by.items() if of != before.get(each)))

    def statuses(self) -> tuple[SourceStatus, ...]:
        """Every source in the order of the cluster file."""
        return tuple(self._status(name) for name in self._all)

    def _status(self, name: str) -> SourceStatus:
        on, backfill = name in self.settings.sources, self._backfills.get(name)
        status = backfill.status if backfill is not None else None
        return SourceStatus(name, SOURCES.get(name).summary, on, len(self._read_by.get(name, ())), status)
