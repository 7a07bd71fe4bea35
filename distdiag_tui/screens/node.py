"""One node in full, as it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.screens.page import Page
from distdiag_tui.screens.sessions import SessionsScreen
from distdiag_tui.views import node_page
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_tui.views.view_state import ViewState


class NodeScreen(Page):
    """Follows one node; the neighbours are a key away.

    Args:
        node: shown first; empty for the first of the cluster.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("node")
    """The actions of scope `node`, beside those of `dialog`."""

    def __init__(self, node: str = "") -> None:
        super().__init__(f"node {node}", "node")
        self._node = node

    def body(self) -> ComposeResult:
        """One text that scrolls."""
        yield TextPane()

    def show(self, view: ViewState) -> None:
        """Paint the newest tick."""
        names = [status.node for status in view.snapshot.nodes]
        if self._node not in names and names:
            self._node = names[0]
        self.place = node_page.position(view, self._node)
        super().show(view)
        pane = self.query_one(TextPane)
        if pane.line_width:
            pane.show_lines(node_page.page(view, self._node, pane.line_width))

    async def action_sessions(self) -> None:
        """Open the sessions of this node's database."""
        if reason := self.console.refused(BY_ID["sessions"]):
            self.console.report(f"Sessions: not now, {reason}", "warning")
        else:
            await self.app.push_screen(SessionsScreen(self._node))

    def action_turn(self, by: int) -> None:
        """To the next node, and round at the end."""
        view = self.console.view
        names = [status.node for status in view.snapshot.nodes] if view is not None else []
        if self._node in names:
            self._node = names[(names.index(self._node) + by) % len(names)]
            self.query_one(TextPane).scroll_home(animate=False)
            self.repaint()
