"""A listing of what databases answer: asked when the screen is opened and by a key, and by no tick."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.listing_page import ListingPage

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from distdiag_core.errors import DistdiagError
    from distdiag_core.runtime.operations import Operations

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class AskedListing(ListingPage[Item], Generic[Item, Answer]):
    """It stands still until it is asked for again, so that an item can be chosen in peace.

    Attributes:
        answer: None before the first, and after a question that failed.
        answered_s: when the answer came, by the clock of the console.
    """

    answer: Answer | None = None
    answered_s = 0.0

    @property
    @abstractmethod
    def list_name(self) -> str:
        """The same for the lists of every node."""

    @property
    @abstractmethod
    def asking(self) -> str:
        """What goes on while it is asked, before an error and in place of a second question."""

    @property
    @abstractmethod
    def nothing_answered(self) -> str:
        """What stands in place of the list where the answer has no item."""

    @abstractmethod
    def ask(self, runtime: Operations) -> Awaitable[Answer]:
        """The question; called in the core."""

    def on_mount(self) -> None:
        """Ask."""
        self.action_refresh()

    def action_refresh(self) -> None:
        """Ask again."""
        operation = Operation[Any](self.list_name, self.asking, self._answered, self._not_answered, owner=self)
        self.console.perform(operation, self.ask)

    def _answered(self, answer: Answer) -> None:
        self.answer = answer
        self.answered_s = self.console.view.now_s if self.console.view is not None else 0.0
        self.has_read(self.nothing_answered)

    def _not_answered(self, error: DistdiagError) -> None:
        self.answer = None
        self.has_read(str(error))
