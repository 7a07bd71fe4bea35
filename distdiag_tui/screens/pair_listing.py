"""The base of the lists in which two items are marked and set side by side."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from distdiag_tui.actions.registry import bindings
from distdiag_tui.screens.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_tui.actions.action import Scope

Item = TypeVar("Item")


class PairListing(Listing[Item]):
    """Of three that are marked, the one that was marked first is let go."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("runs")
    """The actions of scope `runs`, beside those of `table` and `dialog`."""

    def __init__(self, title: str, *scopes: Scope, reading: str = "") -> None:
        super().__init__(title, *scopes, reading=reading)
        self._marked: list[Hashable] = []

    @abstractmethod
    def all(self) -> tuple[Item, ...]:
        """The items, the newest first, whatever the list is filtered by."""

    @abstractmethod
    def set_side_by_side(self, before: Item, after: Item) -> None:
        """Show the comparison of two items, the earlier one first."""

    def is_marked(self, item: Item) -> bool:
        """Whether the item is marked for a comparison."""
        return self.key(item) in self._marked

    def action_mark(self) -> None:
        """Mark the item under the cursor or not."""
        if (item := self.chosen_item()) is not None:
            name = self.key(item)
            if name in self._marked:
                self._marked.remove(name)
            else:
                self._marked = [*self._marked[-1:], name]
            self.repaint()

    def action_compare(self) -> None:
        """Compare the two marked items."""
        chosen = [item for item in self.all() if self.is_marked(item)]
        if len(chosen) == 2:
            after, before = chosen
            self.set_side_by_side(before, after)
        else:
            self.console.report("mark two runs first", "warning")
