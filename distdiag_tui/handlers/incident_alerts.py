"""The bell and the desktop notices of incidents, as the operator's settings want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.incidents.notices import IncidentNotices

if TYPE_CHECKING:
    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.console_settings import ConsoleSettings
    from distdiag_tui.terminal_app import TerminalApp


class IncidentAlerts:
    """Calls the operator once when an incident begins and once when it ends; a replay and a simulation call nobody."""

    def __init__(self, terminal: TerminalApp) -> None:
        self._terminal = terminal
        self._notices: IncidentNotices | None = None

    def on_snapshot(self, snapshot: Snapshot, anomalies: AnomalyCatalogue, settings: ConsoleSettings) -> None:
        """Take in a tick."""
        if snapshot.stand_in:
            return
        if self._notices is None:
            self._notices = IncidentNotices(snapshot.cluster.name, anomalies.label)
        for notice in self._notices.on_tick(snapshot.frame.time_s, snapshot.incident):
            if settings.bell and notice.event == "incident_begin":
                self._terminal.ring()
            if settings.desktop:
                self._terminal.notify_desktop(notice.text)
