"""The incidents of this run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from distdiag_core.incidents.incident_files import RecordedIncident
from distdiag_tui.actions.registry import bindings
from distdiag_tui.operations.incident_records import read_incidents, write_report
from distdiag_tui.operations.look_back import see_onset
from distdiag_tui.screens.incident import READ_EVERY_TICKS, IncidentScreen, ask_note
from distdiag_tui.screens.listing_page import ListingPage
from distdiag_tui.views import incidents
from distdiag_tui.views.list_fields import incident_fields
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_core.errors import DistdiagError
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class IncidentsScreen(ListingPage[RecordedIncident]):
    """The newest incident first; the one that goes on follows each tick."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("incidents")
    """The actions of scope `incidents`, beside those of `dialog`."""

    def __init__(self) -> None:
        super().__init__("incidents", "incidents", reading="reading the recording ...")
        self._recorded: tuple[RecordedIncident, ...] = ()
        self._current: int | None = None

    def on_mount(self) -> None:
        """Read the recording, which may be long, where the screen does not wait for it."""
        self._read()

    def show(self, view: ViewState) -> None:
        """Read the recording again when an incident begins or ends, and now and then while one goes on."""
        current = view.snapshot.incident.id if view.snapshot.incident else None
        if current != self._current or (current is not None and view.snapshot.tick % READ_EVERY_TICKS == 0):
            self._current = current
            self._read()
        super().show(view)

    def items(self, view: ViewState) -> tuple[RecordedIncident, ...]:
        """The incidents of the recording, and the one that goes on."""
        return incidents.known(view, self._recorded)

    def fields(self, view: ViewState) -> tuple[Field[RecordedIncident], ...]:
        """By onset, length, root cause, node or impact."""
        return incident_fields(view)

    def key(self, item: RecordedIncident) -> Hashable:
        """The number of the incident in its recording."""
        return item.incident.id

    def header(self, width: int) -> Line:
        """The column headings."""
        return incidents.header(width)

    def row(self, view: ViewState, item: RecordedIncident, width: int) -> Line:
        """Onset, length, root cause, impact and injections of an incident."""
        return incidents.row(view, item, width)

    def detail(self, view: ViewState, item: RecordedIncident, width: int) -> list[Line]:
        """How it grew, what it cost, what was injected."""
        return incidents.gist(view, item, width)

    @on(ListView.Chosen)
    def _open(self) -> None:
        if (item := self.chosen_item()) is not None:
            self.console.push_screen(IncidentScreen(item))

    def action_note(self) -> None:
        """Ask for a note on the incident under the cursor."""
        if (item := self.chosen_item()) is not None:
            ask_note(self.console, item.incident.id, self._read)

    def action_report(self) -> None:
        """Write the report of the incident under the cursor."""
        if (item := self.chosen_item()) is not None:
            write_report(self.console, item.incident.id)

    def action_see_onset(self) -> None:
        """Show how the incident under the cursor began."""
        if (item := self.chosen_item()) is not None:
            see_onset(self.console, item.incident.onset_s)

    def _read(self) -> None:
        if not read_incidents(self.console, self, self._found, self._not_found):
            self.has_read("nothing is recorded; only an incident that goes on is seen here")

    def _found(self, found: tuple[RecordedIncident, ...]) -> None:
        self._recorded = found
        self.has_read("no incident in this run")

    def _not_found(self, error: DistdiagError) -> None:
        self.has_read(str(error))
