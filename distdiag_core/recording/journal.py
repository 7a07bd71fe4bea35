"""What happened in this run, the newest first, told on to whoever keeps it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from distdiag_core.recording.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.recording.events import EventKind, Level

_KEPT = 200


class Journal:
    """The last events of a run; each is also handed to `keep`, which writes it down."""

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
        **data: Any,  # noqa: ANN401
    ) -> None:
        """Something happened just now; `data` is what a program needs of it."""
        event = Event(time.time(), kind, text, level, node, data)
        self._events.appendleft(event)
        if self._keep is not None:
            self._keep(event)

    def newest_first(self) -> tuple[Event, ...]:
        """At most 200 events."""
        return tuple(self._events)
