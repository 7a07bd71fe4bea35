"""Backfills of a running core: each source of past hours is read now and then, and put into the recording."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError, RefusedError
from distdiag_core.metrics import clock
from distdiag_core.metrics.backfill_source import BackfillContext
from distdiag_core.metrics.source import backfills_of
from distdiag_core.recording import backfill
from distdiag_core.recording.backfill import BackfillValue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.backfill_source import BackfillSource, NodeHistory, SysstatGatherer
    from distdiag_core.recording.journal import Journal

# The first one soon, once connections stand; one that failed is tried again before the next is due.
_FIRST_S, _AGAIN_S = 5.0, 120.0
# A clock that is so much ahead is wrong, and its figures would be of the future.
_AHEAD_S = 120.0


def check_named(settings: ClusterSettings, in_file: Collection[str]) -> None:
    """That the file of a cluster in production names each backfill that is read.

    Raises:
        RefusedError: the command line alone names it, which confirms nothing.
    """
    for name, kind in backfills_of(settings.sources).items():
        if settings.production and name not in in_file:
            raise RefusedError(
                f"cluster {settings.name} is in production, and its file does not name the source {name}, "
                "which runs a program on every node",
                where="--sources",
                hint=f"name it under `sources` of the cluster file, or read once: `{kind.by_hand} --confirm NAME`",
            )


def readers_of(
    settings: ClusterSettings, obdiag: SysstatGatherer, journal: Journal, recording: Path | None
) -> dict[str, BackfillReader]:
    """A reader of each backfill that the cluster file names."""
    context = BackfillContext(settings, obdiag)
    return {
        name: BackfillReader(kind.make(context), journal, recording)
        for name, kind in backfills_of(settings.sources).items()
    }


@dataclass(frozen=True, slots=True)
class BackfillFigure:
    """A value of the past, and the moment that it is of by the wall clock of its node."""

    value: float
    time_s: float


@dataclass(frozen=True, slots=True)
class NodeBackfill:
    """The newest figures of one node, all of the past.

    Attributes:
        newest: by the name of the metric.
        period_s: the usual time between two rows; 0 where it is not known.
        rows: how many rows the history has.
        notes: what is missing, and why.
    """

    newest: Mapping[str, BackfillFigure] = field(default_factory=dict)
    period_s: float = 0.0
    rows: int = 0
    notes: tuple[str, ...] = ()

    def age_s(self, now_s: float) -> float | None:
        """How old the newest figure is; None where there is none."""
        times_s = [each.time_s for each in self.newest.values()]
        return max(0.0, now_s - max(times_s)) if times_s else None


@dataclass(frozen=True, slots=True)
class BackfillStatus:
    """The last reading of a backfill, and when the next one is due, by the wall clock.

    Attributes:
        every_s: the time between two readings.
        read_s: when the last one that succeeded had ended; None before.
        problem: why the last one failed; empty where it did not.
        added: how many figures the last one has added to the recording; None where nothing is recorded.
    """

    every_s: float
    due_s: float
    nodes: Mapping[str, NodeBackfill] = field(default_factory=dict)
    read_s: float | None = None
    problem: str = ""
    added: int | None = None


class BackfillReader:
    """Reads a backfill at its times, for as long as it is on.

    Args:
        recording: the file of the recording; None where nothing is recorded.
        wall_s: seconds since the epoch.

    Attributes:
        status: of the last reading.
        on: whether it reads; the operator may switch it.
    """

    def __init__(
        self,
        source: BackfillSource,
        journal: Journal,
        recording: Path | None,
        wall_s: Callable[[], float] = lambda: clock.now_s() + clock.offset_s(),
    ) -> None:
        self._source = source
        self._journal = journal
        self._recording = recording
        self._wall_s = wall_s
        self._noted_problem = ""
        self._merged_s: dict[tuple[str, str], float] = {}
        self._switched = asyncio.Event()
        self.on = True
        self.status = BackfillStatus(source.every_s, wall_s() + _FIRST_S)

    def switch(self, *, on: bool) -> None:
        """Read from now on, or no longer; a reading that goes on comes to its end."""
        self.on = on
        self._switched.set()

    async def run(self) -> None:
        """Read whenever it is due, until cancelled."""
        wait_s = _FIRST_S
        while True:
            self._switched.clear()
            try:
                async with asyncio.timeout(wait_s if self.on else None):
                    await self._switched.wait()
                wait_s = _FIRST_S
            except TimeoutError:
                wait_s = await self.read()

    async def read(self) -> float:
        """Read once; the seconds until the next time. A failure is noted once, and changes nothing."""
        every_s = self.status.every_s
        try:
            nodes, values = self._figures(await self._source.read())
            added = await self._merge(values)
        except DistdiagError as error:
            self._fail(str(error), due_s := min(every_s, _AGAIN_S))
            return due_s
        if self._noted_problem:
            self._journal.note("action", f"the past by {self._source.name} is read again")
            self._noted_problem = ""
        now_s = self._wall_s()
        self.status = BackfillStatus(every_s, now_s + every_s, nodes, now_s, added=added)
        return every_s

    def _fail(self, problem: str, due_s: float) -> None:
        was = self.status
        self.status = BackfillStatus(was.every_s, self._wall_s() + due_s, was.nodes, was.read_s, problem, was.added)
        if problem != self._noted_problem:
            self._noted_problem = problem
            self._journal.note("error", f"the past by {self._source.name} is not read: {problem}", level="warning")

    def _figures(self, histories: Iterable[NodeHistory]) -> tuple[dict[str, NodeBackfill], list[BackfillValue]]:
        nodes: dict[str, NodeBackfill] = {}
        values: list[BackfillValue] = []
        latest_s = self._wall_s() + _AHEAD_S
        for history in histories:
            rows = [row for row in history.rows if row.time_s <= latest_s]
            notes = history.notes
            if len(rows) < len(history.rows):
                notes = (*notes, f"{len(history.rows) - len(rows)} rows are of the future by our clock, and left out")
            newest: dict[str, BackfillFigure] = {}
            for row in rows:
                for metric, value in row.values.items():
                    newest[metric] = BackfillFigure(value, row.time_s)
                    values.append(BackfillValue(self._source.name, metric, history.node, row.time_s, value))
            nodes[history.node] = NodeBackfill(newest, history.period_s, len(rows), notes)
        return nodes, values

    async def _merge(self, values: list[BackfillValue]) -> int | None:
        """Put into the recording what it does not have."""
        if self._recording is None:
            return None
        known = self._merged_s
        new = [each for each in values if each.time_s > known.get((each.metric, each.node), 0.0)]
        added = await asyncio.to_thread(backfill.add, self._recording, new)
        for each in new:
            at = (each.metric, each.node)
            known[at] = max(each.time_s, known.get(at, 0.0))
        return added
