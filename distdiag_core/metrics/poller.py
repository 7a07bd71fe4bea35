"""The poller of one source of one node."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from distdiag_core.cluster.link import reason_of
from distdiag_core.errors import DistdiagError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.metrics.rates import RateTable, Sample, Values
    from distdiag_core.metrics.source import Source

log = logging.getLogger(__name__)


class Poller:
    """A poller that reads one source of one node, one reading at a time, and keeps the base of its rates.

    Attributes:
        busy: an answer is still awaited.
        failure: why the last reading failed, in plain words; empty when it did not.
        notes: those of the newest reading.
    """

    def __init__(
        self, node: str, source: Source, table: RateTable, *, give_up_s: float, answered: Callable[[Poller], None]
    ) -> None:
        self.node = node
        self.source = source
        self.busy = False
        self.failure = ""
        self.notes: tuple[str, ...] = ()
        self._table = table
        self._give_up_s = give_up_s
        self._answered = answered
        self._asked = asyncio.Event()
        self._base: Sample | None = None
        self._newest: Sample | None = None

    def ask(self) -> None:
        """Ask for a reading, unless an earlier one is still awaited."""
        if not self.busy:
            self.busy = True
            self._asked.set()

    def take(self) -> Values | None:
        """The values of the newest answer that was not taken yet; None where there is none."""
        if self._newest is None:
            return None
        now, self._newest = self._newest, None
        values = self._table.values(self._base, now)
        self._base = self._table.next_base(self._base, now)
        return values

    async def run(self) -> None:
        """Read whenever asked, until cancelled.

        One task for all readings, because a source may hold a connection whose life is bound to the task that made it.
        """
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self._read()
                self.busy = False
                self._answered(self)
        finally:
            await self.source.close()

    async def _read(self) -> None:
        where = f"{self.node}: {self.source.name}"
        try:
            async with asyncio.timeout(self._give_up_s):
                reading = await self.source.read()
            self._newest = self._table.sample(reading)
            self.notes = reading.notes
        except TimeoutError:
            waited = f"no answer within {self._give_up_s:g} s"
            self.failure = str(TimedOutError(waited, where=where))
        except DistdiagError as error:
            self.failure = str(error)
        except Exception as error:
            # Whatever one node makes us stumble over, the others are watched on.
            failure = f"{where}: {reason_of(error)}"
            if failure != self.failure:
                log.exception("%s: a reading failed unexpectedly", where)
            self.failure = failure
        else:
            self.failure = ""
