"""The base of every screen over the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen

from distdiag_tui.actions.refusal import has_place
from distdiag_tui.actions.registry import bindings
from distdiag_tui.drawing.dimmed_screen import DimmedScreen
from distdiag_tui.drawing.lines import fit
from distdiag_tui.drawing.textual_internals import forget_painted
from distdiag_tui.screens.layered import LayeredScreen
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.line_view import LineView
from distdiag_tui.widgets.select import Select
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.binding import BindingType

    from distdiag_tui.actions.action import Action, Scope
    from distdiag_tui.console.console import Console, ShowsClusters
    from distdiag_tui.views.view_state import ViewState

Result = TypeVar("Result")
# Of the empty widgets, of what they show, and of the scroll bars that this needs.
_LAYOUTS = 3
# Of what was copied, so much is repeated.
_SHOWN = 60


def copy(console: Console, text: str) -> None:
    """Put a text on the clipboard, and say so."""
    if not text:
        console.report("there is nothing to copy here", "warning")
        return
    console.shell.terminal.copy_to_clipboard(text)
    first, *more = text.splitlines()
    shown = fit(first.strip(), _SHOWN).rstrip()
    console.report(f"copied: {shown}{f' and {len(more)} more lines' if more else ''}")


class Dialog(LayeredScreen[Result | None], ModalScreen[Result | None]):
    """Closes with escape and returns nothing then.

    It is painted once it has what it shows and the place of each part is known, and not once for each step until then.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog", "copy")
    """The actions of scopes `dialog` and `copy` in the registry."""

    is_shown = False
    _about: Console | None = None

    @property
    def console(self) -> Console:
        """The console of the cluster that this dialog is about; without another, that of the one on the screen."""
        if self._about is None:
            self._about = cast("ShowsClusters", self.app).current
        return self._about

    @console.setter
    def console(self, console: Console) -> None:
        self._about = console

    def on_mount(self) -> None:
        """Wait for its parts to find their places."""
        self._show_after(_LAYOUTS)

    def _show_after(self, layouts: int) -> None:
        if layouts:
            self.call_after_refresh(self._show_after, layouts - 1)
        else:
            self.is_shown = True
            self._compositor_refresh()

    def render(self) -> RenderableType | DimmedScreen:  # type: ignore[override]  # as any widget may
        """The dimmed screen below where it is seen through."""
        background = super().render()
        return DimmedScreen(background) if isinstance(background, BackgroundScreen) else background

    def on_unmount(self) -> None:
        """Let go of what was painted, which Textual remembers."""
        forget_painted()

    def key_bar(self, *scopes: Scope) -> KeyBar:
        """The line of the keys of this screen: those of `scopes` and of every dialog."""
        return KeyBar(
            *scopes, "dialog", keys=self.console.shell.keys, refused=self.console.refused, shown=self._has_place
        )

    def _has_place(self, action: Action) -> bool:
        view = self.console.view
        return has_place(action, view.snapshot if view is not None else None)

    def show(self, view: ViewState) -> None:
        """Paint the newest tick; most dialogs stand still."""

    def repaint(self) -> None:
        """Paint everything anew from the newest tick; nothing before the first."""
        if self.console.view is not None:
            self.show(self.console.view)

    def text(self) -> str:
        """What is copied: the text of this screen."""
        panes: list[LineView] = [*self.query(TextPane)] or [
            pane for pane in self.query(LineView) if not isinstance(pane, KeyBar | Select) and pane.id != "page-title"
        ]
        return "\n".join(pane.text for pane in panes).strip()

    def action_copy(self) -> None:
        """Copy what is looked at."""
        copy(self.console, self.text())

    def action_close(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)
