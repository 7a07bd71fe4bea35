"""The sessions of a node's database, asked when the screen is opened and by a key, and the way to end one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from distdiag_core.operations.session_list import DatabaseSession, SessionList
from distdiag_tui.actions.registry import BY_ID, bindings
from distdiag_tui.operations.kill_session import kill_session
from distdiag_tui.screens.asked_listing import AskedListing
from distdiag_tui.screens.confirm_production import confirm_production
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.views import sessions
from distdiag_tui.views.list_fields import session_fields

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.binding import BindingType

    from distdiag_core.runtime.operations import Operations
    from distdiag_tui.drawing.lines import Line
    from distdiag_tui.views.filtering import Field
    from distdiag_tui.views.view_state import ViewState


class SessionsScreen(AskedListing[DatabaseSession, SessionList]):
    """The sessions of one node; the one under the cursor can be killed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sessions", "asked")
    """The actions of the scopes `sessions` and `asked`, beside those of `dialog`."""

    def __init__(self, node: str) -> None:
        super().__init__(f"sessions of {node}", "asked", "sessions", reading="asking the database ...")
        self._node = node

    @property
    def list_name(self) -> str:
        """The same for the sessions of every node."""
        return "sessions"

    @property
    def asking(self) -> str:
        """The question as the operator sees it."""
        return f"asking for the sessions of {self._node}"

    @property
    def nothing_answered(self) -> str:
        """The node has none."""
        return "there are no sessions"

    async def ask(self, runtime: Operations) -> SessionList:
        """Ask for the sessions of the node."""
        return await runtime.sessions.listed(self._node)

    def above(self, view: ViewState, width: int) -> list[Line]:
        """Counts, the age of the list, and what could not be read."""
        return sessions.above(view, self.answer, self.answered_s, width)

    def items(self, view: ViewState) -> tuple[DatabaseSession, ...]:
        """The sessions with a statement first, the longest at the top."""
        return self.answer.sessions if self.answer is not None else ()

    def fields(self, view: ViewState) -> tuple[Field[DatabaseSession], ...]:
        """By user, command, state, time or statement."""
        return session_fields()

    def key(self, item: DatabaseSession) -> Hashable:
        """The id of the session."""
        return item.id

    def header(self, width: int) -> Line:
        """The column headings."""
        return sessions.HEADER

    def row(self, view: ViewState, item: DatabaseSession, width: int) -> Line:
        """One session."""
        return sessions.row(view, self.answer, item, width) if self.answer is not None else ()

    def detail(self, view: ViewState, item: DatabaseSession, width: int) -> list[Line]:
        """The whole statement, and the sessions on both sides of a lock."""
        return sessions.detail(view, self.answer, item, width) if self.answer is not None else []

    def action_kill(self) -> None:
        """Ask whether to end the session under the cursor."""
        session = self.chosen_item()
        if session is None:
            return
        if reason := self.console.refused(BY_ID["kill-session"]):
            self.console.report(f"Kill this session: not now, {reason}", "warning")
            return

        def answered(answer: str | None) -> None:
            if answer == "kill":
                what = f"kill session {session.id}"
                confirm_production(self.console, what, "Kill", lambda name: self._kill(session, name))

        lines = (
            f"Session {session.id} of {session.user} from {session.client} on {self._node}.",
            "What it runs is broken off, and its open transaction is rolled back.",
        )
        answers = (Answer("keep", "Leave it"), Answer("kill", "Kill it", "warning"))
        self.console.push_screen(Question("KILL A SESSION", lines, answers), answered)

    def _kill(self, session: DatabaseSession, confirmed: str) -> None:
        kill_session(self.console, self._node, session, confirmed, self.action_refresh)
