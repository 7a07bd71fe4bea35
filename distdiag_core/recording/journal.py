"""The newest events of a run in memory, each passed on to the recording."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from distdiag_core.metrics import clock
from distdiag_core.recording.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.recording.events import EventKind, Level

_KEPT = 200


class Journal:
    """The last 200 events of a run; each new one is also passed to `keep`, which records it."""

    def __init__(self, keep: Callable[[Event], None] | None = None) -> None:
        self._events: deque[Event] = deque(maxlen=_KEPT)
        self._keep = keep

    def note(
        self,
        kind: EventKind,
        text: str,
        *,
        level: Level = "info",
        node: str | None = None,
        **data: Any,  # noqa: ANN401 - whatever JSON can hold
    ) -> None:
        """Add an event of this moment; `data` are its facts for programs."""
        event = Event(clock.now_s(), kind, text, level, node, data)
        self._events.appendleft(event)
        if self._keep is not None:
            self._keep(event)

    def newest_first(self) -> tuple[Event, ...]:
        """At most 200 events, the newest first."""
        return tuple(self._events)
