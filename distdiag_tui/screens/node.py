"""One node in full, as it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.console.operation import Operation
from distdiag_tui.screens.page import Page
from distdiag_tui.screens.parameters import ParametersScreen
from distdiag_tui.screens.sessions import SessionsScreen
from distdiag_tui.views import node_page, top_sql
from distdiag_tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from distdiag_core.operations.top_sql import TopSql
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
        self._top_sql: TopSql | None = None
        self._asked_s = 0.0

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
            head = node_page.head(view, self._node, pane.line_width)
            statements = self._top_sql if self._top_sql and self._top_sql.node == self._node else None
            head += top_sql.lines(view, statements, self._asked_s, pane.line_width) if statements else []
            pane.show_lines([*head, *node_page.metrics(view, self._node, pane.line_width)])

    async def action_sessions(self) -> None:
        """Open the sessions of this node's database."""
        if reason := self.console.refused(BY_ID["sessions"]):
            self.console.report(f"Sessions: not now, {reason}", "warning")
        else:
            await self.console.push_screen(SessionsScreen(self._node))

    async def action_parameters(self) -> None:
        """Open the parameters of this node's database."""
        if reason := self.console.refused(BY_ID["parameters"]):
            self.console.report(f"Parameters: not now, {reason}", "warning")
        else:
            await self.console.push_screen(ParametersScreen(self._node))

    def action_top_sql(self) -> None:
        """Ask for the statements that took most of the time of this node's database."""
        if reason := self.console.refused(BY_ID["top-sql"]):
            self.console.report(f"Top SQL: not now, {reason}", "warning")
            return
        node = self._node
        operation = Operation["TopSql"](
            "top sql",
            f"asking for the top SQL of {node}",
            self._found,
            lambda error: self.console.report(f"top SQL of {node}: {error}", "error"),
            owner=self,
        )
        self.console.perform(operation, lambda runtime: runtime.sessions.top_sql(node))

    def _found(self, found: TopSql) -> None:
        self._top_sql = found
        self._asked_s = self.console.view.now_s if self.console.view is not None else 0.0
        self.repaint()

    def action_close(self) -> None:
        """Take the statements away where they are shown, else leave."""
        if self._top_sql is not None and self._top_sql.node == self._node:
            self._top_sql = None
            self.repaint()
        else:
            super().action_close()

    def action_turn(self, by: int) -> None:
        """To the next node, and round at the end."""
        view = self.console.view
        names = [status.node for status in view.snapshot.nodes] if view is not None else []
        if self._node in names:
            self._node = names[(names.index(self._node) + by) % len(names)]
            self.query_one(TextPane).scroll_home(animate=False)
            self.repaint()
