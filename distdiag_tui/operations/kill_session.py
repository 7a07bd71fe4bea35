"""Ending a session of a node's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.operations.session_list import DatabaseSession
    from distdiag_core.operations.sessions import SessionEnd
    from distdiag_tui.console.console import Console


def kill_session(
    console: Console, node: str, session: DatabaseSession, confirmed: str, then: Callable[[], None]
) -> None:
    """End a session, say what became of it, and call `then`.

    Args:
        confirmed: the name of a production cluster.
    """

    def done(end: SessionEnd) -> None:
        said = "has ended" if end.gone else "is still ending, as one that rolls back does"
        console.report(f"session {session.id} of {session.user} on {node} {said}")
        then()

    operation = Operation["SessionEnd"]("kill session", f"killing session {session.id} on {node}", done)
    user, client = session.user, session.client
    console.perform(
        operation,
        lambda runtime: runtime.sessions.kill(node, session.id, user=user, client=client, confirmed=confirmed),
    )
