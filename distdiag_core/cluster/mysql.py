"""The database of a node by the MySQL protocol: one connection, in one thread."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from distdiag_core.cluster import tcp, tls, tls_failure
from distdiag_core.cluster.link import AccountRefusedError, Held
from distdiag_core.cluster.mysql_session import AccessDeniedError, MysqlSession, UnverifiedError
from distdiag_core.cluster.sql_route import HostRoute
from distdiag_core.errors import SqlError, TimedOutError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cluster.database import Row, Value
    from distdiag_core.cluster.inventory import NodeSettings
    from distdiag_core.cluster.password import PasswordSource
    from distdiag_core.cluster.server_identity import ServerRegistry
    from distdiag_core.cluster.sql_route import SqlRoute


class MysqlDatabase:
    """A `Database` and the connector of its link; statements run one at a time.

    Args:
        servers: where it is noted which server the connection is to; without it the server is not asked.
        route: the way to it, which is closed with the database; without it, host and port as the cluster file has them.
    """

    def __init__(
        self,
        settings: NodeSettings,
        password: PasswordSource,
        servers: ServerRegistry | None = None,
        route: SqlRoute | None = None,
    ) -> None:
        if settings.sql is None:
            raise AssertionError("the cluster file was not completed")
        self.node = settings.name
        self._host = settings.host
        self._route = route or HostRoute(settings.host, settings.sql.port)
        self._sql = settings.sql
        self._password = password
        self._servers = servers
        self.notes: tuple[str, ...] = ()
        # A thread for each node: one that waits for a slow node keeps no other waiting.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sql-{self.node}")
        self._held: Held[MysqlSession] = Held(f"{self.node}: sql")
        self._session: MysqlSession | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect.

        Raises:
            UnreachableError: it failed; the reason is in plain words.
        """
        await self._forget()
        try:
            self._session = await self._connect()
        except Exception as error:
            self._held.drop(error)
            raise
        self._held.take(self._session)
        if self._servers is not None:
            self.notes = await self._servers.enter(self)

    @property
    def connected(self) -> bool:
        """Whether the last attempt to connect succeeded."""
        return self._session is not None

    async def lost(self) -> str:
        """Wait until the connection breaks; why."""
        if self._session is None:
            raise AssertionError("there is no connection to lose")
        reason = await self._session.lost
        self._held.drop(reason)
        if self._servers is not None:
            self._servers.forget(self.node)
        return reason

    def leave_alone(self, reason: str) -> None:
        """Refuse what is asked of it, for it is never connected."""
        self._held.drop(reason)

    async def close(self) -> None:
        """End the connection."""
        self._held.drop("closed")
        try:
            await self._forget()
        finally:
            self._thread.shutdown(wait=False)
            await self._route.close()

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
            raise type(error)(error.what, where=where, hint=error.hint) from error
        except SqlError as error:
            raise SqlError(error.what, code=error.code, where=f"{where}: {statement[:60]}") from error

    async def _connect(self) -> MysqlSession:
        certificates = tls.read(self._sql.tls, self._host) if self._sql.tls is not None else None
        password = await self._password.get()
        host, port = await self._route.address()
        made = await tcp.connect(host, port, timeout_s=self._sql.connect_timeout_s)
        session = MysqlSession(made, self._thread)
        try:
            async with asyncio.timeout(self._sql.connect_timeout_s):
                await session.log_in(self._sql.user, password, certificates)
        except BaseException as error:
            await session.close()
            if isinstance(error, TimeoutError):
                waited = f"connected, but the database did not greet within {self._sql.connect_timeout_s:g} s"
                raise UnreachableError(waited) from None
            if isinstance(error, AccessDeniedError):
                raise self._denied(error) from None
            if isinstance(error, UnverifiedError) and certificates is not None:
                raise await self._unverified(error, certificates) from error
            raise
        return session

    def _denied(self, error: AccessDeniedError) -> AccountRefusedError:
        self._password.forget()
        return AccountRefusedError(
            f"access denied for the user {self._sql.user}; the password is {self._password.described}",
            hint=f"correct sql.user or the password{', ' if error.hint else ''}{error.hint}",
        )

    async def _unverified(self, error: UnverifiedError, certificates: tls.Tls) -> AccountRefusedError:
        """What the certificate is that was not accepted: TLS shows it only to those who accept any."""
        der = None
        with suppress(UnreachableError, TimeoutError):
            der = await self._certificate()
        described = tls_failure.unverified(error.reason, certificates, der)
        # A server that sees many connections broken off bars the host that they come from.
        return AccountRefusedError(described.what, hint=described.hint)

    async def _certificate(self) -> bytes | None:
        limit_s = self._sql.connect_timeout_s
        host, port = await self._route.address()
        made = await tcp.connect(host, port, timeout_s=limit_s)
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.get_running_loop().run_in_executor(
                    # Duplicated in the thread: one that never begins leaves none behind.
                    self._thread,
                    lambda: tls_failure.presented(made.dup(), limit_s),
                )
        finally:
            with suppress(OSError):
                # It wakes the thread.
                made.shutdown(socket.SHUT_RDWR)
            made.close()

    async def _forget(self) -> None:
        if self._servers is not None:
            self._servers.forget(self.node)
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()
