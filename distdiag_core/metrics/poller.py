"""The poller of one source of one node."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from distdiag_core.cluster.link import AccountRefusedError, reason_of
from distdiag_core.errors import DistdiagError, NotListeningError, TimedOutError, UnreachableError
from distdiag_core.metrics.connection import ConnectionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.spread import Spread
    from distdiag_core.metrics.rates import RateTable, Sample, Values
    from distdiag_core.metrics.source import Source

log = logging.getLogger(__name__)

# A connection that owes an answer for so long, and for so many ticks, is silent and not only late. On the lab, of
# recordings under all loads and with all anomalies, no other database than one that was down or hung was that.
_SILENT_S, _SILENT_TICKS = 2.5, 2.5


class Poller:
    """A poller that reads one source of one node, one reading at a time, and keeps the base of its rates.

    Attributes:
        busy: an answer is still awaited.
        failure: why the last reading failed, in plain words; empty when it did not.
        notes: those of the newest reading.
    """

    def __init__(
        self,
        node: str,
        source: Source,
        table: RateTable,
        *,
        interval_s: float,
        give_up_s: float,
        given_up: Spread,
        answered: Callable[[Poller], None],
    ) -> None:
        self.node = node
        self.source = source
        self.busy = False
        self.failure = ""
        self.notes: tuple[str, ...] = ()
        self._table = table
        self._give_up_s = give_up_s
        self._silent_s = max(_SILENT_S, _SILENT_TICKS * interval_s)
        self._has_answered = False
        self._unanswered_since_s: float | None = None
        self._outlasts = False
        self._failed: Exception | None = None
        self._answered = answered
        self._given_up = given_up
        self._asked = asyncio.Event()
        self._base: Sample | None = None
        self._newest: Sample | None = None

    def ask(self) -> None:
        """Ask for a reading, unless an earlier one is still awaited."""
        if self.busy:
            self._outlasts = True
        else:
            self.busy = True
            if self._unanswered_since_s is None:
                self._unanswered_since_s = asyncio.get_running_loop().time()
            self._asked.set()

    def take(self) -> Values | None:
        """The values of the newest answer that was not taken yet; None where there is none."""
        if self._newest is None:
            return None
        now, self._newest = self._newest, None
        values = self._table.values(self._base, now)
        self._base = self._table.next_base(self._base, now)
        return values

    @property
    def overdue(self) -> bool:
        """Whether the node is silent; waiting for it would make every tick as late as its deadline."""
        return self._outlasts and self._unanswered_s() >= self._silent_s

    @property
    def connection(self) -> ConnectionState | None:
        """The state of the connection that the source reads by; None where it cannot be told yet, or at all."""
        if isinstance(self._failed, NotListeningError):
            return ConnectionState.REFUSED
        if not self._has_answered or isinstance(self._failed, AccountRefusedError):
            return None
        if self._unanswered_since_s is None:
            return ConnectionState.ANSWERS
        return ConnectionState.LATE if self._unanswered_s() < self._silent_s else ConnectionState.SILENT

    def _unanswered_s(self) -> float:
        since_s = self._unanswered_since_s
        return 0.0 if since_s is None else asyncio.get_running_loop().time() - since_s

    async def run(self) -> None:
        """Read whenever asked, until cancelled.

        One task for all readings, because a source may hold a connection whose life is bound to the task that made it.
        """
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                if isinstance(self._failed, TimedOutError):
                    # Its program is begun anew; nodes that were silent together, as on a machine without a processor
                    # to spare, would all do that in one tick, and be silent again for it.
                    with self._given_up.waiting() as spread_s:
                        await asyncio.sleep(spread_s)
                await self._read()
                self.busy = False
                self._answered(self)
        finally:
            await self.source.close()

    async def _read(self) -> None:
        where = f"{self.node}: {self.source.name}"
        self._failed = await self._attempt(where)
        self._outlasts = isinstance(self._failed, TimedOutError)
        # Whatever else went wrong, there was an answer.
        if not isinstance(self._failed, UnreachableError):
            self._has_answered, self._unanswered_since_s = True, None

    async def _attempt(self, where: str) -> Exception | None:
        """Read once; the error where that failed."""
        try:
            async with asyncio.timeout(self._give_up_s):
                reading = await self.source.read()
            self._newest = self._table.sample(reading)
            self.notes = reading.notes
        except TimeoutError:
            silent = TimedOutError(f"no answer within {self._give_up_s:g} s", where=where)
            self.failure = str(silent)
            return silent
        except DistdiagError as error:
            self.failure = str(error)
            return error
        except Exception as error:
            # Whatever one node makes us stumble over, the others are watched on.
            failure = f"{where}: {reason_of(error)}"
            if failure != self.failure:
                log.exception("%s: a reading failed unexpectedly", where)
            self.failure = failure
            return error
        self.failure = ""
        return None
