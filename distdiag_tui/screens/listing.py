"""A list, and the whole text of what is under its cursor."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on
from textual.containers import Vertical

from distdiag_tui.screens.dialog import Dialog
from distdiag_tui.widgets.key_bar import KeyBar
from distdiag_tui.widgets.list_view import Picker
from distdiag_tui.widgets.text_pane import Reader

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.app import ComposeResult

    from distdiag_tui.actions.registry import Scope
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.view_state import Scene

Item = TypeVar("Item")


class Listing(Dialog[None], Generic[Item]):
    """The cursor stays on its item while others come and go.

    Args:
        title: in the border.
        scopes: whose keys the footer names.
    """

    def __init__(self, title: str, *scopes: Scope) -> None:
        super().__init__()
        self._title = title
        self._scopes = scopes
        self._items: tuple[Item, ...] = ()
        self._nothing = "nothing yet"

    @abstractmethod
    def items(self, scene: Scene) -> tuple[Item, ...]:
        """What is listed, from the top."""

    @abstractmethod
    def key(self, item: Item) -> Hashable:
        """What makes it the same item in the next tick."""

    @abstractmethod
    def row(self, scene: Scene, item: Item, width: int) -> Line:
        """One line of it."""

    @abstractmethod
    def whole(self, scene: Scene, item: Item, width: int) -> Sequence[Line]:
        """All that is known of it."""

    def header(self, width: int) -> Line | None:
        """The headings of the list."""
        return None

    def nothing(self) -> str:
        """What is said of an empty list."""
        return self._nothing

    @property
    def item(self) -> Item | None:
        """The one under the cursor."""
        cursor = self.query_one(Picker).cursor
        return self._items[cursor] if cursor < len(self._items) else None

    def compose(self) -> ComposeResult:
        """The list over the full text."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            yield Picker()
            yield Reader(id="whole", classes="panel")
            yield KeyBar(*self._scopes, "dialog", keys=self.console.keys)

    def on_mount(self) -> None:
        """The tick that is known."""
        self.call_after_refresh(self.repaint)

    def repaint(self) -> None:
        """Paint the tick that is known."""
        if self.console.scene is not None:
            self.show(self.console.scene)

    def show(self, scene: Scene) -> None:
        """Paint the newest tick; a cursor on the first line stays on the first line."""
        picker, chosen = self.query_one(Picker), self.item
        self._items = self.items(scene)
        rows = [self.row(scene, item, picker.line_width) for item in self._items]
        picker.show_lines(rows or [((f" {self.nothing()}", "muted"),)], header=self.header(picker.line_width))
        keys = [self.key(item) for item in self._items]
        if chosen is not None and picker.cursor > 0 and self.key(chosen) in keys:
            picker.cursor = keys.index(self.key(chosen))
        self._show_whole()

    @on(Picker.Moved)
    def _show_whole(self) -> None:
        scene, item, reader = self.console.scene, self.item, self.query_one(Reader)
        if scene is not None:
            reader.show_lines(self.whole(scene, item, reader.line_width) if item is not None else [])
