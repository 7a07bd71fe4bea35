"""The base class of dialogs with many fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Input

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.dialog import Dialog, Result
from distdiag_tui.widgets.list_view import ListView

if TYPE_CHECKING:
    from textual.binding import BindingType


class FormDialog(Dialog[Result]):
    """Enter goes on to the next field, so that it does something wherever it is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("form", "field")
    """The actions of scopes `form` and `field`, beside those of `dialog`."""

    @on(Input.Submitted)
    @on(ListView.Chosen)
    def _go_on(self) -> None:
        self.focus_next()
