"""What is reported about a cluster, and the alarms of it that nobody has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.recording.events import Event
from distdiag_tui.drawing.lines import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.notifications import SeverityLevel

    from distdiag_core.recording.events import Level
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.terminal_app import TerminalApp

_SEVERITIES: dict[Level, SeverityLevel] = {"info": "information", "warning": "warning", "error": "error"}
_OWN_EVENTS = 50


class Notices:
    """Lines about one cluster, which bear its name while another cluster is on the screen.

    Args:
        name: of the cluster.
        is_shown: whether the cluster is on the screen.

    Attributes:
        own_events: what was reported here and has failed, the newest first.
    """

    def __init__(self, terminal: TerminalApp, name: str, is_shown: Callable[[], bool]) -> None:
        self._terminal, self._name, self._is_shown = terminal, name, is_shown
        self.own_events: list[Event] = []
        self._seen_s = 0.0

    def report(self, text: str, level: Level, now_s: float) -> None:
        """Say one line; what has failed also stays in the events.

        Among them, what a key cannot do now would cover the incidents.
        """
        text = "\n".join(clean(line) for line in text.splitlines())
        said = text if self._is_shown() else f"{self._name}: {text}"
        self._terminal.notify(said, severity=_SEVERITIES[level], markup=False)
        if level == "error":
            self.own_events = [Event(now_s, "error", text, level), *self.own_events[: _OWN_EVENTS - 1]]

    def report_unseen(self, news: Sequence[Event]) -> None:
        """One line about what happened on a cluster that is not seen, or in the present of one whose past is."""
        told = [event for event in news if event.level != "info"]
        if told:
            where = "Now, live" if self._is_shown() else self._name
            more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            self._terminal.notify(f"{where}: {clean(told[-1].text)}{more}", severity="warning", markup=False)

    def merged(self, snapshot: Snapshot) -> tuple[Event, ...]:
        """The events of a tick and those of this console, the newest first."""
        return tuple(sorted((*self.own_events, *snapshot.events), key=lambda event: event.time_s, reverse=True))

    def alarms(self, present: Snapshot | None) -> tuple[Event, ...]:
        """The errors that nobody has looked at, the newest first.

        Args:
            present: the newest tick of the cluster, also while its past is shown.
        """
        events = present.events if present is not None else ()
        return tuple(event for event in events if event.level == "error" and event.time_s > self._seen_s)

    def see_alarms(self, shown: Snapshot | None) -> None:
        """Take all alarms up to a tick for seen."""
        if shown is not None and shown.events:
            self._seen_s = max(self._seen_s, *(event.time_s for event in shown.events))
