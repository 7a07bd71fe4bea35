"""The base of every screen over the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.screen import ModalScreen

from distdiag_tui.actions.registry import bindings

if TYPE_CHECKING:
    from textual.binding import BindingType

    from distdiag_tui.console import Console
    from distdiag_tui.views.view_state import ViewState

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """Closes with escape and returns nothing then."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")
    """The actions of scope `dialog` in the registry."""

    @property
    def console(self) -> Console:
        """The app that shows this dialog."""
        return cast("Console", self.app)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; most dialogs stand still."""

    def action_close(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)
