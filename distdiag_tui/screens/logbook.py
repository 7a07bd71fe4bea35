"""The logbook: what happened in this run and what was done to the cluster, filtered by what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.operations.read_audit_log import read_audit_log
from distdiag_tui.screens.listing_page import ListingPage
from distdiag_tui.views import logbook
from distdiag_tui.views.list_fields import log_fields
from distdiag_tui.views.logbook import LogEntry
from distdiag_tui.widgets.filter_field import FilterField
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.app import ComposeResult

    from distdiag_core.errors import DistdiagError
    from distdiag_core.recording.audit_log import AuditEntry, AuditLog
    from distdiag_core.recording.events import Event
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class LogbookScreen(ListingPage[LogEntry]):
    """The newest entry first; typing filters, while the arrows move in the list."""

    def __init__(self) -> None:
        super().__init__("logbook")
        self._audited: tuple[AuditEntry, ...] = ()
        self._newest: Event | None = None
        self._nothing = "nothing has happened yet"

    def table(self) -> ComposeResult:
        """The field that filters, which is always there, and the list."""
        rows = ListView()
        yield FilterField(rows, always=True, hint="type to filter, for instance: audit n2 inject")
        yield rows

    def on_mount(self) -> None:
        """Read the audit log, which may be long, where the screen does not wait for it."""
        self.query_one(FilterField).open()
        self._read()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; with a new event, there may be something new in the audit log."""
        newest = view.events[0] if view.events else None
        if newest is not self._newest:
            self._newest = newest
            self._read()
        super().show(view)

    def items(self, view: ViewState) -> tuple[LogEntry, ...]:
        """The events of the run and the operations on the cluster, the newest first."""
        return logbook.entries(view, self._audited)

    def fields(self, view: ViewState) -> tuple[Field[LogEntry], ...]:
        """By time, source, node, level or text."""
        return log_fields(view)

    def key(self, item: LogEntry) -> Hashable:
        """The identity of the event or of the entry of the log, neither of which changes."""
        return id(item.about)

    def header(self, width: int) -> Line:
        """The column headings."""
        return logbook.HEADER

    def row(self, view: ViewState, item: LogEntry, width: int) -> Line:
        """An entry with its time, its source and its text."""
        return logbook.row(view, item, width)

    def detail(self, view: ViewState, item: LogEntry, width: int) -> list[Line]:
        """The whole entry."""
        return logbook.detail(item, width)

    def _read(self) -> None:
        read_audit_log(self.console, "logbook", self, self._found, self._not_found)

    def _found(self, found: AuditLog) -> None:
        self._audited = found.entries
        self.repaint()

    def _not_found(self, error: DistdiagError) -> None:
        self.console.report(str(error), "error")
