"""The details of one root cause: its evidence, charts against the other nodes, its alternative, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from distdiag_core.anomalies import advice_catalogue
from distdiag_core.errors import ConfigError
from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.asks_obdiag import ask_obdiag
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views import obdiag, root_cause
from distdiag_tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.anomalies.advice_catalogue import Advice
    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class CausePanel(Panel, can_focus=True):
    """A panel that is scrolled by keys."""

    DEFAULT_CSS = "CausePanel { height: 1fr; scrollbar-gutter: stable; }"


class RootCauseScreen(Dialog[None]):
    """Follows one node and anomaly for as long as it is open."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("evidence")
    """The actions of scope `evidence`, beside those of `dialog`."""

    def __init__(self, cause: RootCause) -> None:
        super().__init__()
        self._cause = cause
        self._advice: Advice | None = None

    def compose(self) -> ComposeResult:
        """Text and comparison charts."""
        with Vertical(classes="box") as box:
            box.border_title = "ROOT CAUSE"
            yield CausePanel(self._lines)
            yield self.key_bar("evidence")

    def on_mount(self) -> None:
        """Paint the newest tick at once instead of waiting for the next."""
        self._read_advice()
        self.repaint()

    def _read_advice(self) -> None:
        """Read here and not with the console, so that a mistake in a file of the user stops nothing else."""
        try:
            self._advice = advice_catalogue.load().get(self._cause.anomaly)
        except ConfigError as error:
            self.console.report(str(error), "error")

    def show(self, view: ViewState) -> None:
        """The same root cause in the newest diagnosis; as it was last where it is gone."""
        diagnosis = view.snapshot.diagnosis
        for cause in diagnosis.root_causes if diagnosis else ():
            if (cause.node, cause.anomaly) == (self._cause.node, self._cause.anomaly):
                self._cause = cause
        self.query_one(CausePanel).show(view)

    def _lines(self, view: ViewState, width: int) -> list[Line]:
        asked = obdiag.run_lines(self.console.obdiag.run, (self._cause.node, self._cause.anomaly), width)
        return root_cause.detail(view, self._cause, width, self._advice, asked)

    def action_ask_obdiag(self) -> None:
        """Run what fits; what it finds is kept in the incident that goes on, where it is about this root cause."""
        cause, view = self._cause, self.console.view
        incident = view.snapshot.incident if view is not None else None
        known = incident is not None and any(each.place == (cause.node, cause.anomaly) for each in incident.causes)
        ask_obdiag(self.console, cause.node, cause.anomaly, incident.id if incident is not None and known else None)

    def action_cancel_obdiag(self) -> None:
        """End the call that goes on."""
        self.console.obdiag.cancel()
