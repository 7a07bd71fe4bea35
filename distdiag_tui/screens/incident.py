"""One incident in full, as it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from distdiag_core.anomalies import advice_catalogue
from distdiag_core.errors import ConfigError
from distdiag_tui.actions.registry import bindings
from distdiag_tui.operations.incident_records import read_incidents, write_note, write_report
from distdiag_tui.operations.look_back import see_onset
from distdiag_tui.screens.asks_obdiag import ask_obdiag
from distdiag_tui.screens.entry_dialog import EntryDialog
from distdiag_tui.screens.page import Page
from distdiag_tui.views import incident, incidents, obdiag
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.anomalies.advice_catalogue import Advice
    from distdiag_core.errors import DistdiagError
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_tui.console.console import Console
    from distdiag_tui.views.view_state import ViewState

# While an incident goes on, its changes are read from the recording so often.
READ_EVERY_TICKS = 5


class IncidentScreen(Page):
    """Follows one incident for as long as it is open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("incidents", "evidence")
    """The actions of scopes `incidents` and `evidence`, beside those of `dialog`."""

    def __init__(self, recorded: RecordedIncident) -> None:
        super().__init__(f"incidents > incident {recorded.incident.id}", "incidents", "evidence")
        self._recorded = recorded
        self._advice: Mapping[str, Advice] = {}

    def body(self) -> ComposeResult:
        """One text that scrolls."""
        yield TextPane()

    def on_mount(self) -> None:
        """Paint at once; the advice is read here, so that a mistake in a file of the user stops nothing else."""
        try:
            self._advice = advice_catalogue.load()
        except ConfigError as error:
            self.console.report(str(error), "error")
        self._read()

    def show(self, view: ViewState) -> None:
        """The incident as the newest tick has it."""
        super().show(view)
        for each in incidents.known(view, (self._recorded,)):
            if each.incident.id == self._recorded.incident.id:
                self._recorded = each
        if incidents.goes_on(view, self._recorded.incident) and view.snapshot.tick % READ_EVERY_TICKS == 0:
            self._read()
        pane = self.query_one(TextPane)
        if pane.line_width:
            main, width = self._recorded.incident.main_cause, pane.line_width
            asked = obdiag.evidence_lines(self._recorded.evidence, width)
            if (run := self.console.obdiag.run) is not None and run.goes_on:
                asked = [*obdiag.run_lines(replace(run, found=()), main.place, width), *asked]
            pane.show_lines(incident.detail(view, self._recorded, width, self._advice, asked))

    def action_note(self) -> None:
        """Ask for a note and write it."""
        ask_note(self.console, self._recorded.incident.id, self._read)

    def action_report(self) -> None:
        """Write the report in Markdown."""
        write_report(self.console, self._recorded.incident.id)

    def action_ask_obdiag(self) -> None:
        """Run what fits its main root cause, and keep what is found here."""
        found = self._recorded.incident
        ask_obdiag(self.console, *found.main_cause.place, found.id)

    def action_cancel_obdiag(self) -> None:
        """End the call that goes on."""
        self.console.obdiag.cancel()

    def action_see_onset(self) -> None:
        """Show how it began."""
        see_onset(self.console, self._recorded.incident.onset_s)

    def _read(self) -> None:
        read_incidents(self.console, self, self._found, self._not_found)

    def _found(self, found: tuple[RecordedIncident, ...]) -> None:
        number = self._recorded.incident.id
        self._recorded = next((each for each in found if each.incident.id == number), self._recorded)
        self.repaint()

    def _not_found(self, error: DistdiagError) -> None:
        self.console.report(str(error), "error")


def ask_note(console: Console, number: int, done: Callable[[], None]) -> None:
    """Ask for the text of a note, and write it on an incident."""

    def typed(values: dict[str, str] | None) -> None:
        if values is not None:
            write_note(console, number, values["note"], done)

    lines = ["It is kept in the recording, with your account and the time."]
    console.push_screen(EntryDialog(f"NOTE ON INCIDENT {number}", lines, {"note": ("Note", "")}, "Write"), typed)
