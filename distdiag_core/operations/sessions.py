"""Operations on the sessions of the databases: listing them when asked, and ending one, with a record in the audit."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.cluster.account import account_of
from distdiag_core.cluster.cluster import Cluster
from distdiag_core.cluster.connection_gate import ConnectionGate
from distdiag_core.cluster.engine_views import DENIED
from distdiag_core.cluster.link import keep
from distdiag_core.errors import RefusedError, SqlError
from distdiag_core.operations import session_list, top_sql
from distdiag_core.operations.audit import Auditor
from distdiag_core.operations.gate import Gate, Permission
from distdiag_core.recording.journal import Journal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from distdiag_core.cluster.database import Database
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.cluster.node import Node
    from distdiag_core.operations.session_list import DatabaseSession, SessionList
    from distdiag_core.operations.top_sql import TopSql

_LIMIT_S = 8.0
# A session that has much to roll back lasts longer, and is reported so.
_GONE_WITHIN_S = 3.0
_LOOK_EVERY_S = 0.1
_UNKNOWN_SESSION = 1094


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """What became of a session that was killed.

    Attributes:
        session: as it was before.
        gone: the server no longer lists it; otherwise it is still ending, for instance rolling back.
    """

    session: DatabaseSession
    gone: bool


class Sessions:
    """The sessions of the nodes, read over the SQL connection of each node when they are asked for."""

    def __init__(self, nodes: Cluster, journal: Journal, gate: Gate) -> None:
        self._nodes = nodes
        self._journal = journal
        self._gate = gate

    async def listed(self, node: str) -> SessionList:
        """The sessions of a node, the longest running first."""
        asked = self._nodes.node(node)
        return await session_list.read(asked.database, account_of(asked.settings))

    async def top_sql(self, node: str) -> TopSql:
        """The statements that took most of a node's time, the longest in total first."""
        asked = self._nodes.node(node)
        return await top_sql.read(asked.database, account_of(asked.settings))

    async def kill(
        self, node: str, number: int, *, user: str = "", client: str = "", confirmed: str = ""
    ) -> SessionEnd:
        """End a session and what it runs; its open transaction is rolled back.

        Args:
            user, client: of the session that is meant, since a server gives the id of one that has ended to another;
                empty for any.

        Raises:
            RefusedError: a rule forbids it, the session is the connection of distdiag itself, or it is another one.
            SqlError: there is no such session, or the account may not end it.
        """
        async with self._gate.operation("kill session", (node,), confirmed, session=number) as facts:
            asked = self._nodes.node(node)
            session = await self._found(asked, number)
            _check_same(session, node, user, client)
            facts |= {"user": session.user, "client": session.client, "database": session.database}
            await _kill(asked, number)
            end = SessionEnd(session, await _is_gone(asked.database, number))
            facts["gone"] = end.gone
        self._journal.note("action", f"session {number} of {session.user} on {node} was killed", node=node)
        return end

    async def _found(self, node: Node, number: int) -> DatabaseSession:
        listed = await session_list.read(node.database, account_of(node.settings))
        session = next((each for each in listed.sessions if each.id == number), None)
        if session is None:
            hint = f"it may have ended; `distdiag sessions {node.settings.name}` lists those that there are"
            where = f"{node.settings.name}: sql"
            raise SqlError(f"there is no session {number}", code=_UNKNOWN_SESSION, where=where, hint=hint)
        if session.own:
            what = f"session {number} is the connection over which distdiag asks this node"
            raise RefusedError(what, where=node.settings.name)
        return session


def _check_same(session: DatabaseSession, node: str, user: str, client: str) -> None:
    if (user or session.user, client or session.client) != (session.user, session.client):
        now, meant = f"{session.user} from {session.client}", f"{user or session.user} from {client or session.client}"
        what = f"session {session.id} is another one now: of {now}, not of {meant}"
        hint = f"the one that was meant has ended; `distdiag sessions {node}` lists those that there are"
        raise RefusedError(what, where=node, hint=hint)


async def _kill(node: Node, number: int) -> None:
    try:
        await node.database.query(f"KILL {number:d}", timeout_s=_LIMIT_S)
    except SqlError as error:
        if error.code == _UNKNOWN_SESSION:
            # It has ended in the meantime.
            return
        fix = f"GRANT SUPER ON *.* TO {account_of(node.settings)}" if error.code in DENIED else ""
        raise SqlError(error.what, code=error.code, where=error.where, hint=fix) from error


async def _is_gone(database: Database, number: int) -> bool:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _GONE_WITHIN_S
    while await session_list.is_there(database, number):
        if loop.time() >= until_s:
            return False
        await asyncio.sleep(_LOOK_EVERY_S)
    return True


@asynccontextmanager
async def connect_sessions(
    settings: ClusterSettings, node: str, permission: Permission | None = None
) -> AsyncGenerator[Sessions]:
    """`Sessions` without a running console, over one connection to the database of `node`."""
    journal, nodes = Journal(), Cluster(settings)
    database = nodes.node(node).database
    auditor = Auditor(settings.name, nodes, journal)
    await auditor.look()
    link = asyncio.create_task(keep(database, lambda _: None, ConnectionGate()))
    try:
        yield Sessions(nodes, journal, Gate(settings, auditor, permission))
    finally:
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
