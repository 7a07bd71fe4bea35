"""Figures of the past that tsar has kept on the nodes: collected by obdiag now and then, and put into the recording."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError, RefusedError
from distdiag_core.metrics import clock
from distdiag_core.obdiag.obdiag_settings import ObdiagSettings
from distdiag_core.obdiag.tsar_figures import disk_of, figures_of
from distdiag_core.recording import backfill
from distdiag_core.recording.backfill import BackfillValue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.sysstat_archive import SysstatHistory
    from distdiag_core.operations.obdiag import Obdiag
    from distdiag_core.recording.journal import Journal

SOURCE = "obdiag"
# The first one soon, once connections stand; one that failed is tried again before the next is due.
_FIRST_S, _AGAIN_S = 5.0, 120.0
# A clock that is so much ahead is wrong, and its figures would be of the future.
_AHEAD_S = 120.0


def check_named(settings: ClusterSettings, in_file: Collection[str]) -> None:
    """That the file of a cluster in production names the source itself, where it is read.

    Raises:
        RefusedError: the command line alone names it, which confirms nothing.
    """
    if settings.production and SOURCE in settings.sources and SOURCE not in in_file:
        raise RefusedError(
            f"cluster {settings.name} is in production, and its file does not name the source {SOURCE}, "
            "which runs a program on every node",
            where="--sources",
            hint="name it under `sources` of the cluster file, or read once: `distdiag obdiag sysstat --confirm NAME`",
        )


@dataclass(frozen=True, slots=True)
class PastFigure:
    """A value, and the moment that it is of by the wall clock of its node."""

    value: float
    time_s: float


@dataclass(frozen=True, slots=True)
class PastOfNode:
    """The newest figures of one node.

    Attributes:
        newest: by the name of the metric.
        period_s: the usual time between two rows; 0 where it is not known.
        rows: how many rows the history has.
        notes: what is missing, and why.
    """

    newest: Mapping[str, PastFigure] = field(default_factory=dict)
    period_s: float = 0.0
    rows: int = 0
    notes: tuple[str, ...] = ()

    def age_s(self, now_s: float) -> float | None:
        """How old the newest figure is; None where there is none."""
        times_s = [each.time_s for each in self.newest.values()]
        return max(0.0, now_s - max(times_s)) if times_s else None


@dataclass(frozen=True, slots=True)
class PastStatus:
    """The last reading of the past, and when the next one is due, by the wall clock.

    Attributes:
        every_s: the time between two readings.
        read_s: when the last one that succeeded had ended; None before.
        problem: why the last one failed; empty where it did not.
        added: how many figures the last one has added to the recording; None where nothing is recorded.
    """

    every_s: float
    due_s: float
    nodes: Mapping[str, PastOfNode] = field(default_factory=dict)
    read_s: float | None = None
    problem: str = ""
    added: int | None = None


class PastFigures:
    """Reads the past at its times, for as long as it is on.

    Args:
        recording: the file of the recording; None where nothing is recorded.
        wall_s: seconds since the epoch.

    Attributes:
        status: of the last reading.
        on: whether it reads; the operator may switch it.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        obdiag: Obdiag,
        journal: Journal,
        recording: Path | None,
        wall_s: Callable[[], float] = lambda: clock.now_s() + clock.offset_s(),
    ) -> None:
        self._settings = settings
        self._obdiag = obdiag
        self._journal = journal
        self._recording = recording
        self._wall_s = wall_s
        self._told = ""
        self._merged_s: dict[tuple[str, str], float] = {}
        self._switched = asyncio.Event()
        self.on = True
        every_s = settings.section(ObdiagSettings).every_s
        self.status = PastStatus(every_s, wall_s() + _FIRST_S)

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
        """Read once; the seconds until the next time. A failure is told once, and changes nothing."""
        every_s = self.status.every_s
        try:
            histories = await self._obdiag.gather_sysstat(scheduled=True)
            nodes, values = self._figures(histories)
            added = await self._merge(values)
        except DistdiagError as error:
            self._fail(str(error), due_s := min(every_s, _AGAIN_S))
            return due_s
        if self._told:
            self._journal.note("action", "the past by obdiag is read again")
            self._told = ""
        now_s = self._wall_s()
        self.status = PastStatus(every_s, now_s + every_s, nodes, now_s, added=added)
        return every_s

    def _fail(self, problem: str, due_s: float) -> None:
        was = self.status
        self.status = PastStatus(was.every_s, self._wall_s() + due_s, was.nodes, was.read_s, problem, was.added)
        if problem != self._told:
            self._told = problem
            self._journal.note("error", f"the past by obdiag is not read: {problem}", level="warning")

    def _figures(self, histories: Iterable[SysstatHistory]) -> tuple[dict[str, PastOfNode], list[BackfillValue]]:
        nodes: dict[str, PastOfNode] = {}
        values: list[BackfillValue] = []
        latest_s = self._wall_s() + _AHEAD_S
        for history in histories:
            rows = [row for row in history.rows if row.time_s <= latest_s]
            notes = history.notes
            if len(rows) < len(history.rows):
                notes = (*notes, f"{len(history.rows) - len(rows)} rows are of the future by our clock, and left out")
            disk = disk_of(rows, self._settings.node(history.node).device)
            if rows and disk is None:
                notes = (*notes, "which disk has the data cannot be told: set `device` of the node for its figures")
            newest: dict[str, PastFigure] = {}
            for row in rows:
                for metric, value in figures_of(row.values, disk).items():
                    newest[metric] = PastFigure(value, row.time_s)
                    values.append(BackfillValue(SOURCE, metric, history.node, row.time_s, value))
            nodes[history.node] = PastOfNode(newest, history.period_s, len(rows), notes)
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
