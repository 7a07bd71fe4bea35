"""The sampler: every tick it asks all sources of all nodes at once, and makes a frame of the answers, without drift."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Self

import numpy as np

from distdiag_core.cluster.spread import Spread
from distdiag_core.metrics import clock, connection
from distdiag_core.metrics.frame import Frame
from distdiag_core.metrics.poller import Poller
from distdiag_core.metrics.rates import RateTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from types import TracebackType

    from numpy.typing import NDArray

    from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
    from distdiag_core.metrics.connection import Connection
    from distdiag_core.metrics.source import Source

# The rest of the tick is left to those who use the frame.
_DEADLINE = 0.8
# A node with an anomaly answers every second or third tick: a mean over so many is better than nothing, and still no
# spike.
_LONGEST_GAP = 3.5
_SHORTEST_GAP = 0.2
# How many ticks a source may be silent before it is cancelled, to begin afresh; SSH alone can take seconds.
_GIVE_UP_TICKS = 5
_GIVE_UP_AT_LEAST_S = 5.0


class Sampler:
    """An asynchronous iterator of one frame a tick, inside `async with`.

    The deadline of a tick is before its end. What has not answered by then is NaN and makes its node late. Its answer
    is not lost: it goes into the next frame, unless that has a newer one, so that a slow node is seen with a delay.
    What has been silent for some ticks is no longer waited for, so that no frame of the others is late for it.

    Args:
        catalogue: the metrics, and so the columns of the frames.
        nodes: the sources of each node, in the order of the rows.
        interval_s: from tick to tick.
        read_by: the metrics that each source reads, as its readings give them; without it those of its name.
        connections: by the name of a source, what it is read by; a frame has the state of those that the catalogue has.
        now_s: the clock that dates the ticks, seconds since the epoch.
        clock_offset_s: the wall clock minus that clock.
    """

    def __init__(
        self,
        catalogue: MetricCatalogue,
        nodes: Mapping[str, Sequence[Source]],
        interval_s: float = 1.0,
        *,
        read_by: Mapping[str, Sequence[Metric]] | None = None,
        connections: Mapping[str, Connection] | None = None,
        now_s: Callable[[], float] = clock.now_s,
        clock_offset_s: Callable[[], float] = clock.offset_s,
    ) -> None:
        self._interval_s = interval_s
        self._now_s, self._clock_offset_s = now_s, clock_offset_s
        self._nodes = tuple(nodes)
        self._metrics = catalogue.names
        self._awaited: set[Poller] = set()
        self._all_answered = asyncio.Event()
        self._tasks = asyncio.TaskGroup()
        self._running: tuple[asyncio.Task[None], ...] = ()
        if read_by is None:
            read_by = {name: catalogue.of((name,)).metrics for name in {metric.source for metric in catalogue.metrics}}
        self._read_by: Mapping[str, Sequence[Metric]] = read_by
        self._columns = self._columns_of(read_by)
        self._given_up = Spread()
        self._pollers = self._pollers_of(nodes)
        by_key = {
            metric.key: column for column, metric in enumerate(catalogue.metrics) if metric.source == connection.SOURCE
        }
        # The columns of connections by the source that they are read by.
        self._connections = {source: by_key[key] for source, key in (connections or {}).items() if key in by_key}

    def read_from_now(self, nodes: Mapping[str, Sequence[Source]], read_by: Mapping[str, Sequence[Metric]]) -> None:
        """Read other sources from the next tick on; those that read what they read before go on as they are.

        Args:
            nodes: the new sources of each node, in place of those of the same names.
            read_by: of all sources; one that is not in it is no longer read.
        """
        new = {source.name for sources in nodes.values() for source in sources}
        kept: list[tuple[Poller, asyncio.Task[None]]] = []
        for poller, task in zip(self._pollers, self._running, strict=True):
            if poller.source.name in read_by and poller.source.name not in new:
                kept.append((poller, task))
            else:
                task.cancel()
                self._note_answer(poller)
        self._read_by = read_by
        self._columns = self._columns_of(read_by)
        added = self._pollers_of(nodes)
        self._pollers = (*(poller for poller, _ in kept), *added)
        started = (self._tasks.create_task(poller.run()) for poller in added)
        self._running = (*(task for _, task in kept), *started)

    async def __aenter__(self) -> Self:
        """Start the pollers; nothing is asked yet."""
        await self._tasks.__aenter__()
        self._running = tuple(self._tasks.create_task(poller.run()) for poller in self._pollers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the pollers, and close the sources."""
        for task in self._running:
            task.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    def failures(self) -> dict[tuple[str, str], str]:
        """The reasons of failed last readings, by node and source."""
        return {(poller.node, poller.source.name): poller.failure for poller in self._pollers if poller.failure}

    def notes(self) -> dict[str, tuple[str, ...]]:
        """The notes of the newest readings by node; only nodes that have some."""
        found: dict[str, tuple[str, ...]] = {}
        for poller in self._pollers:
            if poller.notes:
                found[poller.node] = found.get(poller.node, ()) + poller.notes
        return found

    async def __aiter__(self) -> AsyncIterator[Frame]:
        """A frame a tick, the first one at once; ticks that passed unasked are skipped."""
        loop = asyncio.get_running_loop()
        start_s, tick = loop.time(), 0
        first_s = self._now_s()
        while True:
            due_s = start_s + tick * self._interval_s
            await asyncio.sleep(due_s - loop.time())
            # The clock of the run goes on while a machine sleeps; the loop's does not.
            slept_s = self._now_s() - loop.time() - (first_s - start_s)
            if slept_s > self._interval_s / 2:
                first_s += slept_s
            # To the millisecond, as cases are written, so that their labels meet their ticks.
            yield await self._tick(due_s, round(first_s + tick * self._interval_s, 3))
            # A tick that can no longer be answered by its deadline is left out.
            tick = max(tick + 1, math.ceil((loop.time() - start_s) / self._interval_s - (1 - _DEADLINE)))

    async def _tick(self, due_s: float, time_s: float) -> Frame:
        self._all_answered.clear()
        for poller in self._pollers:
            poller.ask()
        # Where all are silent, none of the others is made late.
        self._awaited = {poller for poller in self._pollers if not poller.overdue} or set(self._pollers)
        try:
            async with asyncio.timeout_at(due_s + _DEADLINE * self._interval_s):
                if self._awaited:
                    await self._all_answered.wait()
        except TimeoutError:
            pass  # The frame says who is late.
        return self._frame(time_s)

    def _frame(self, time_s: float) -> Frame:
        values = np.full((len(self._nodes), len(self._metrics)), np.nan, dtype=np.float32)
        row = {node: index for index, node in enumerate(self._nodes)}
        for poller in self._pollers:
            taken = poller.take()
            if taken is not None:
                values[row[poller.node], self._columns[poller.source.name]] = taken
            column, state = self._connections.get(poller.source.name), poller.connection
            if column is not None and state is not None:
                # A connection by which anything answers, answers.
                values[row[poller.node], column] = np.fmin(values[row[poller.node], column], state)
        values.flags.writeable = False
        late = frozenset(poller.node for poller in self._pollers if poller.busy)
        return Frame(time_s, self._nodes, self._metrics, values, late, self._clock_offset_s())

    def _columns_of(self, read_by: Mapping[str, Sequence[Metric]]) -> dict[str, NDArray[np.intp]]:
        columns = {name: column for column, name in enumerate(self._metrics)}
        return {
            source: np.array([columns[metric.name] for metric in metrics], dtype=np.intp)
            for source, metrics in read_by.items()
        }

    def _pollers_of(self, nodes: Mapping[str, Sequence[Source]]) -> tuple[Poller, ...]:
        interval_s = self._interval_s
        tables = {
            source: RateTable(metrics, shortest_s=_SHORTEST_GAP * interval_s, longest_s=_LONGEST_GAP * interval_s)
            for source, metrics in self._read_by.items()
        }
        return tuple(
            Poller(
                node,
                source,
                tables[source.name],
                interval_s=interval_s,
                give_up_s=max(_GIVE_UP_AT_LEAST_S, _GIVE_UP_TICKS * interval_s),
                given_up=self._given_up,
                answered=self._note_answer,
            )
            for node, sources in nodes.items()
            for source in sources
            if source.name in tables
        )

    def _note_answer(self, poller: Poller) -> None:
        self._awaited.discard(poller)
        if not self._awaited:
            self._all_answered.set()
