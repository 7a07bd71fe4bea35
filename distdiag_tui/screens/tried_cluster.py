"""The results of a try on all nodes of a new cluster, and the file that would be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views.first_steps import tried
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.doctor.report import ClusterReport
    from distdiag_core.setup.cluster_draft import ClusterDraft


class TriedCluster(Dialog[str]):
    """Returns `write` where the file is to be written."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("form")
    """The actions of scope `form`, beside those of `dialog`."""

    def __init__(self, draft: ClusterDraft, report: ClusterReport, path: Path) -> None:
        super().__init__()
        self._draft, self._report, self._path = draft, report, path

    def compose(self) -> ComposeResult:
        """The results over the buttons."""
        with Vertical(classes="box") as box:
            box.border_title = f"Cluster {self._draft.name}"
            yield TextPane()
            with Horizontal(classes="buttons"):
                yield Button("Write the file", id="do", variant="primary", compact=True)
                yield Button("Back", id="back", compact=True)
            yield self.key_bar("form")

    def on_mount(self) -> None:
        """Scroll at once."""
        self.query_one(TextPane).focus()

    def on_resize(self) -> None:
        """Wrap the results in the width of the dialog."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        pane = self.query_one(TextPane)
        pane.show_lines(tried(self._draft, self._report, str(self._path), max(40, pane.line_width)))

    @on(Button.Pressed, "#do")
    def action_submit(self) -> None:
        """Agree to the file."""
        self.dismiss("write")

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)
