"""The database of a node by the MySQL protocol: one connection, in one thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from distdiag_core.cluster import tcp
from distdiag_core.cluster.link import AccountRefusedError, Held, reason_of
from distdiag_core.cluster.mysql_session import AccessDeniedError, MysqlSession
from distdiag_core.errors import SqlError, TimedOutError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Row, Value
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.password import PasswordSource


class MysqlDatabase:
    """A `Database` and the connector of its link; statements run one at a time."""

    def __init__(self, settings: NodeSettings, password: PasswordSource) -> None:
        if settings.sql is None:
            raise AssertionError("the cluster file was not completed")
        self.node = settings.name
        self._host = settings.host
        self._sql = settings.sql
        self._password = password
        # A thread for each node: one that waits for a slow node keeps no other waiting.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sql-{self.node}")
        self._held: Held[MysqlSession] = Held(f"{self.node}: sql")
        self._session: MysqlSession | None = None
        self._turn = asyncio.Lock()

    notes: tuple[str, ...] = ()

    async def open(self) -> None:
        """Connect.

        Raises:
            UnreachableError: it failed; the reason is in plain words.
        """
        await self._forget()
        try:
            self._session = await self._connect()
        except Exception as error:
            self._held.drop(reason_of(error))
            raise
        self._held.take(self._session)

    async def lost(self) -> str:
        """Wait until the connection breaks; why."""
        if self._session is None:
            raise AssertionError("there is no connection to lose")
        reason = await self._session.lost
        self._held.drop(reason)
        return reason

    async def close(self) -> None:
        """End the connection."""
        self._held.drop("closed")
        await self._forget()
        self._thread.shutdown(wait=False)

    async def query(
        self, statement: str, parameters: Sequence[Value] = (), *, timeout_s: float | None = None
    ) -> list[Row]:
        """The rows that `statement` returns; `timeout_s` is that of the cluster file where it is None."""
        limit_s = self._sql.read_timeout_s if timeout_s is None else timeout_s
        where = f"{self.node}: sql"
        try:
            async with asyncio.timeout(limit_s), self._turn:
                session = await self._held.get()
                return await session.query(statement, parameters)
        except TimeoutError:
            raise TimedOutError(f"no answer within {limit_s:g} s", where=where) from None
        except UnreachableError as error:
            raise UnreachableError(error.what, where=where, hint=error.hint) from error
        except SqlError as error:
            raise SqlError(error.what, code=error.code, where=f"{where}: {statement[:60]}") from error

    async def _connect(self) -> MysqlSession:
        password = await self._password.get()
        made = await tcp.connect(self._host, self._sql.port, timeout_s=self._sql.connect_timeout_s)
        session = MysqlSession(made, self._thread)
        try:
            async with asyncio.timeout(self._sql.connect_timeout_s):
                await session.log_in(self._sql.user, password)
        except TimeoutError:
            await session.close()
            waited = f"connected, but the database did not greet within {self._sql.connect_timeout_s:g} s"
            raise UnreachableError(waited) from None
        except AccessDeniedError:
            await session.close()
            self._password.forget()
            raise AccountRefusedError(
                f"access denied for the user {self._sql.user}; the password is {self._password.described}",
                hint="correct sql.user or the password",
            ) from None
        except BaseException:
            await session.close()
            raise
        return session

    async def _forget(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()
