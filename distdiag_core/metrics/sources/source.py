"""Where metrics come from. A new source is one file that implements `Source`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source said of one node at one moment.

    Attributes:
        clock_s: the moment, on a clock of the node that never goes back; counters become rates by its differences.
        values: by the source's own keys; counters as they stand, gauges as they are. A missing key is unknown.
    """

    clock_s: float
    values: Mapping[str, float]


class Source(Protocol):
    """Gives the figures of one node, one reading a tick."""

    name: str

    async def read(self) -> Reading:
        """Ask the node now.

        It is always called from the same task and never twice at a time: a slow answer may come ticks later, until it
        is cancelled. After a failure or a cancellation it is simply called again, at a later tick.

        Raises:
            UnreachableError: the node did not answer.
            DataError: it answered nonsense.
        """

    async def close(self) -> None:
        """Let go of what it holds on the node; called in the task that reads."""
