"""The first screen where there is no cluster file: a recording, the lab, or a cluster of one's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.views import first_steps
from distdiag_tui.widgets.choices import RadioList
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual.app import ComposeResult

_INTRODUCTION = "There is no cluster file yet. Enter begins with one of these, q leaves:"


class FirstSteps(Dialog[str]):
    """Returns what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("dialog"),
        Binding("q,ctrl+q", "close", "Leave", id="leave-first-steps", show=False),
    ]
    """The actions of scope `dialog`, and the key that leaves the main screen."""

    # As high as the longest text, so that nothing moves with the cursor.
    DEFAULT_CSS = "FirstSteps #about { margin-top: 1; height: auto; min-height: 8; }"

    def compose(self) -> ComposeResult:
        """The choices over what the one under the cursor needs and takes."""
        with Vertical(classes="box small") as box:
            box.border_title = "distdiag"
            yield LineView(id="introduction", classes="auto")
            yield RadioList(first_steps.CHOICES)
            yield LineView(id="about", classes="auto")
            yield self.key_bar()

    def on_mount(self) -> None:
        """Choose with the arrows at once."""
        self.query_one(RadioList).focus()

    def on_resize(self) -> None:
        """Wrap the texts in the width of the dialog."""
        self.call_after_refresh(self._paint)

    @on(ListView.Moved)
    def _paint(self) -> None:
        introduction, about = self.query_one("#introduction", LineView), self.query_one("#about", LineView)
        width = max(40, introduction.line_width)
        introduction.show_lines([*block("", _INTRODUCTION, width), (("", "plain"),)])
        about.show_lines(first_steps.about(self.query_one(RadioList).value, width, root=os.geteuid() == 0))

    @on(ListView.Chosen)
    def _choose(self) -> None:
        self.dismiss(self.query_one(RadioList).value)
