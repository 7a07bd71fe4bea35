"""The details of one root cause: its evidence, and charts against the other nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views import root_causes
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import ViewState


class CausePanel(Panel, can_focus=True):
    """A panel that is scrolled by keys."""

    DEFAULT_CSS = "CausePanel { height: 1fr; }"


class RootCauseScreen(Dialog[None]):
    """Follows one node and anomaly for as long as it is open."""

    def __init__(self, cause: RootCause) -> None:
        super().__init__()
        self._cause = cause

    def compose(self) -> ComposeResult:
        """Text and comparison charts."""
        with Vertical(classes="box") as box:
            box.border_title = "ROOT CAUSE"
            yield CausePanel(self._lines)
            yield KeyBar("dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """Paint the newest tick at once instead of waiting for the next."""
        if self.console.view is not None:
            self.show(self.console.view)

    def show(self, view: ViewState) -> None:
        """The same root cause in the newest diagnosis; as it was last where it is gone."""
        diagnosis = view.snapshot.diagnosis
        for cause in diagnosis.root_causes if diagnosis else ():
            if (cause.node, cause.anomaly) == (self._cause.node, self._cause.anomaly):
                self._cause = cause
        self.query_one(CausePanel).show(view)

    def _lines(self, view: ViewState, width: int) -> list[Line]:
        return root_causes.detail(view, self._cause)
