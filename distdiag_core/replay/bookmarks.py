"""The ticks of a recording at which something happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from distdiag_core.incidents.incident import Incident
    from distdiag_core.recording.events import Event

# What an operator typed is followed by what came of it, which is an event of another kind.
_PASSED_OVER = "action"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A tick, counted from 0, and what happened up to it since the one before."""

    index: int
    text: str


def bookmarks(
    times_s: NDArray[np.float64],
    events: Sequence[Event],
    incidents: Sequence[Incident],
    label: Callable[[str], str],
) -> tuple[Bookmark, ...]:
    """The ticks with an event or the begin of an incident, in their order; several at one tick are one bookmark.

    Args:
        label: the name on screen of an anomaly.
    """
    found = [(each.time_s, each.text) for each in events if each.kind != _PASSED_OVER]
    found += [
        (each.noticed_s, f"incident {each.id}: {label(each.main_cause.anomaly)} on {each.main_cause.node}")
        for each in incidents
        if each.causes
    ]
    texts: dict[int, list[str]] = {}
    for time_s, text in sorted(found):
        # The first tick that is not before it shows it.
        index = min(int(np.searchsorted(times_s, time_s)), len(times_s) - 1)
        texts.setdefault(index, []).append(text)
    return tuple(Bookmark(index, "; ".join(texts[index])) for index in sorted(texts))


def next_to(found: Sequence[Bookmark], index: int, by: int) -> Bookmark | None:
    """The next bookmark after a tick, or with a negative `by` the last before it; None where there is none."""
    if by > 0:
        return next((each for each in found if each.index > index), None)
    return next((each for each in reversed(found) if each.index < index), None)
