"""One connection by PyMySQL, from login to end."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pymysql

from distdiag_core.cluster import reasons
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.errors import DistdiagError, SqlError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from distdiag_core.cluster.database import Row, Value

    Protocol = pymysql.Connection[pymysql.cursors.Cursor]

T = TypeVar("T")

_ACCESS_DENIED = 1045
_ACCOUNT_LOCKED = 3118
_TLS_REQUIRED = 3159
# What the client library reports by itself, and no server, lies here: the connection has failed.
_CLIENT_ERRORS = range(2000, 3000)
# What the client library does with packets that are none.
_NONSENSE = (struct.error, LookupError, AssertionError, ValueError, RuntimeError)


class AccessDeniedError(DistdiagError):
    """The database does not accept the account."""


class MysqlSession:
    """A session on the socket `connected`; PyMySQL runs in `thread`.

    The socket is ours, so that a question can be given up at any moment: shutting it down wakes the thread.

    Attributes:
        lost: why the connection broke, once it has.
    """

    def __init__(self, connected: socket.socket, thread: Executor) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = connected
        self._thread = thread
        self._protocol: Protocol | None = None
        self._watched: int | None = None
        self.lost: asyncio.Future[str] = self._loop.create_future()

    async def log_in(self, user: str, password: str) -> None:
        """Log in.

        Raises:
            AccessDeniedError: it does not accept the account.
            UnreachableError: it refuses, or the connection broke.
        """
        self._protocol = pymysql.connect(
            user=user, password=password, autocommit=True, charset="utf8mb4", defer_connect=True
        )
        try:
            await self._in_thread(lambda protocol: protocol.connect(self._socket))
        except SqlError as error:
            if error.code == _ACCESS_DENIED:
                raise AccessDeniedError("access denied") from None
            if error.code == _TLS_REQUIRED:
                raise UnreachableError(
                    "the database takes only connections by TLS, and distdiag cannot make one yet",
                    hint="reach it through a proxy on this machine that speaks TLS to the database",
                ) from None
            refused = AccountRefusedError if error.code == _ACCOUNT_LOCKED else UnreachableError
            raise refused(f"the database refuses the connection: {error.what}") from None

    async def query(self, statement: str, parameters: Sequence[Value]) -> list[Row]:
        """The rows that `statement` returns.

        Raises:
            SqlError: the database refused the statement.
            UnreachableError: the connection broke.
        """
        return await self._in_thread(lambda protocol: _rows(protocol, statement, parameters))

    async def close(self) -> None:
        """End it; a thread that waits for an answer is woken."""
        self._unwatch()
        if not self.lost.done():
            self.lost.set_result("closed")
        if self._protocol is not None:
            # It says goodbye if it still can, and closes the socket in any case.
            await self._loop.run_in_executor(self._thread, self._protocol.close)
        self._socket.close()

    async def _in_thread(self, act: Callable[[Protocol], T]) -> T:
        """Run `act` on the connection; one that is not waited for to its end leaves no usable connection behind."""
        if self.lost.done():
            raise UnreachableError(self.lost.result())
        protocol = self._protocol
        if protocol is None:
            raise AssertionError("not logged in")
        self._unwatch()
        try:
            result = await self._loop.run_in_executor(self._thread, act, protocol)
        except asyncio.CancelledError:
            self._break("no answer in time; the connection was given up")
            raise
        except (pymysql.err.Error, OSError, EOFError) as error:
            raise self._failed(error) from error
        except _NONSENSE as error:
            self._break("what answers there does not speak the MySQL protocol")
            raise UnreachableError(self.lost.result()) from error
        finally:
            self._watch()
        return result

    def _failed(self, error: Exception) -> DistdiagError:
        code, text = _said(error)
        if isinstance(error, pymysql.err.MySQLError) and code not in _CLIENT_ERRORS and code != 0:
            return SqlError(text, code=code)
        self._break(text)
        return UnreachableError(text)

    def _watch(self) -> None:
        if self._socket.fileno() < 0:
            self._break("the connection broke")
        elif not self.lost.done():
            self._watched = self._socket.fileno()
            self._loop.add_reader(self._watched, self._spoke_unasked)

    def _unwatch(self) -> None:
        # The client library may have closed the socket by now: its number alone may be asked for.
        if self._watched is not None:
            self._loop.remove_reader(self._watched)
            self._watched = None

    def _spoke_unasked(self) -> None:
        # An idle server says nothing but goodbye; the kernel may also have found that nobody is there any more.
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._break(reasons.of(OSError(number, "")) if number else "the database closed the connection")

    def _break(self, reason: str) -> None:
        self._unwatch()
        if not self.lost.done():
            self.lost.set_result(reason)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _rows(protocol: Protocol, statement: str, parameters: Sequence[Value]) -> list[Row]:
    with protocol.cursor() as cursor:
        # Without parameters a percent sign is just one.
        cursor.execute(statement, tuple(parameters) or None)
        return list(cursor.fetchall())


def _said(error: Exception) -> tuple[int, str]:
    """Code and text of an error of the client library; the code is 0 where it has none."""
    original = getattr(error, "original_exception", error)
    if isinstance(original, OSError | EOFError):
        return 0, reasons.of(original)
    match error.args:
        case (int(code), str(text)) if code in _CLIENT_ERRORS:
            return code, f"the connection broke: {text}" if "Lost connection" not in text else "the connection broke"
        case (int(code), str(text)):
            return code, text
        case _:
            return 0, "the connection broke"
