"""Validation of the diagnosis: how many of the known injections it named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.recording.events import Event

# The key of the facts of an event that has the outcome of an injection.
VALIDATED = "validated"


@dataclass(frozen=True, slots=True)
class Validation:
    """Hits and misses on known injections that have ended.

    Attributes:
        right: those that were named for most of their time.
        proposal: why the model should be trained anew; empty without a reason.
    """

    right: int = 0
    total: int = 0
    proposal: str = ""

    def __str__(self) -> str:
        """For instance `14 of 15 injections named`."""
        return f"{self.right} of {self.total} injection{'s' if self.total != 1 else ''} named"


def validation_of(events: Iterable[Event]) -> Validation:
    """The hits and misses that the events of a run tell of, whatever model diagnosed."""
    outcomes = [event.data[VALIDATED] for event in events if isinstance(event.data.get(VALIDATED), bool)]
    return Validation(sum(outcomes), len(outcomes))
