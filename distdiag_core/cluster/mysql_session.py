"""One connection by PyMySQL, from login to end."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pymysql
from pymysql.constants import CLIENT

from distdiag_core.cluster import reasons, tls_failure
from distdiag_core.cluster.link import AccountRefusedError
from distdiag_core.errors import DistdiagError, SqlError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from distdiag_core.cluster.database import Row, Value
    from distdiag_core.cluster.tls import Tls

    Protocol = pymysql.Connection[pymysql.cursors.Cursor]

T = TypeVar("T")

_ACCESS_DENIED = 1045
_ACCOUNT_LOCKED = 3118
# What servers and gateways say in place of access denied, or before it, where they want TLS.
_TLS_REQUIRED = (3159, 9002)
_TLS_REQUIRED_TEXT = re.compile(
    r"insecure transport|secure connection|(SSL|TLS) (connection )?(is )?required", re.IGNORECASE
)
_NO_TLS_THERE = 2026
# What the client library reports by itself, and no server, lies here: the connection has failed.
_CLIENT_ERRORS = range(2000, 3000)
# What the client library does with packets that are none.
_NONSENSE = (struct.error, LookupError, AssertionError, ValueError, RuntimeError)


class AccessDeniedError(DistdiagError):
    """The database does not accept the account; `hint` is empty unless the way of connecting may be the reason."""


class UnverifiedError(UnreachableError):
    """The certificate of the database cannot be verified."""

    def __init__(self, what: str, reason: ssl.SSLCertVerificationError) -> None:
        super().__init__(what)
        self.reason = reason


class MysqlSession:
    """A session on the socket `connected`; PyMySQL runs in `thread`.

    The client library has a duplicate of the socket, which it may close or give to TLS. This one stays ours, so that a
    question can be given up at any moment: shutting it down wakes the thread.

    Attributes:
        lost: why the connection broke, once it has.
    """

    def __init__(self, connected: socket.socket, thread: Executor) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = connected
        self._thread = thread
        self._protocol: Protocol | None = None
        self._tls: Tls | None = None
        self._logged_in = False
        self._watched: int | None = None
        self.lost: asyncio.Future[str] = self._loop.create_future()

    async def log_in(self, user: str, password: str, tls: Tls | None = None) -> None:
        """Log in, by TLS if it is given; never without it then.

        Raises:
            AccessDeniedError: it does not accept the account.
            UnverifiedError: its certificate cannot be verified.
            UnreachableError: it refuses, or the connection broke.
        """
        self._tls = tls
        self._protocol = pymysql.connect(
            # The name that a certificate has to have.
            host=tls.host if tls is not None else None,
            user=user,
            password=password,
            autocommit=True,
            charset="utf8mb4",
            defer_connect=True,
            # The client library would use TLS where it is offered, without checking anything.
            **{"ssl_disabled": True} if tls is None else {"ssl": tls.context()},
        )
        try:
            await self._in_thread(lambda protocol: protocol.connect(self._socket.dup()))
            self._logged_in = True
        except SqlError as error:
            if error.code == _ACCESS_DENIED:
                raise AccessDeniedError("access denied", hint=self._other_ways()) from None
            if error.code in _TLS_REQUIRED or _TLS_REQUIRED_TEXT.search(error.what):
                raise _without_tls(error, tls) from None
            refused = AccountRefusedError if error.code == _ACCOUNT_LOCKED else UnreachableError
            raise refused(f"the database refuses the connection: {error.what}") from None

    def _other_ways(self) -> str:
        """What an account may want of a connection, which the server answers as it answers a wrong password."""
        offers_tls = getattr(self._protocol, "server_capabilities", 0) & CLIENT.SSL
        if self._tls is None:
            return "or set sql.tls, if the account may only connect by TLS" if offers_tls else ""
        if self._tls.client:
            return "or let the database accept the client certificate (OceanBase: ob_ssl_invited_common_names)"
        return "or set sql.tls.cert, if the account wants a client certificate"

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
        try:
            if self._protocol is not None:
                # It says goodbye if it still can, and closes its socket also where nobody waits for it any longer.
                await asyncio.shield(self._loop.run_in_executor(self._thread, self._protocol.close))
        finally:
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
        if self._tls is not None and not self._logged_in and (failed := self._tls_failed(error, code, text, self._tls)):
            self._break(failed.what)
            return failed
        if isinstance(error, pymysql.err.MySQLError) and code not in _CLIENT_ERRORS and code != 0:
            return SqlError(text, code=code)
        self._break(text)
        return UnreachableError(text)

    def _tls_failed(self, error: Exception, code: int, text: str, tls: Tls) -> UnreachableError | None:
        """What TLS has to do with the failure of a login; None for nothing."""
        found = tls_failure.of(error)
        if isinstance(found, ssl.SSLCertVerificationError):
            return UnverifiedError(tls_failure.refused(found, tls).what, found)
        if found is not None:
            return tls_failure.refused(found, tls)
        if code == _NO_TLS_THERE:
            return UnreachableError(
                "sql.tls asks for TLS, and the database does not offer it",
                hint="switch it on there (OceanBase: its certificates and ssl_client_authentication)",
            )
        agreed = bool(getattr(self._protocol, "_secure", False))
        lost = not isinstance(error, pymysql.err.MySQLError) or code in _CLIENT_ERRORS
        return tls_failure.broken_off(tls, text) if agreed and lost else None

    def _watch(self) -> None:
        if self._socket.fileno() < 0 or self._protocol is None or not self._protocol.open:
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
        if not number and self._only_tls_spoke():
            return
        self._break(reasons.of(OSError(number, "")) if number else "the database closed the connection")

    def _only_tls_spoke(self) -> bool:
        """Whether what came belongs to TLS itself, as tickets of TLS 1.3 and new keys do; it is read by that."""
        connection = getattr(self._protocol, "_sock", None)
        if not isinstance(connection, ssl.SSLSocket):
            return False
        connection.settimeout(0)
        try:
            connection.recv(1)
        except ssl.SSLWantReadError:
            return True
        except OSError:
            return False
        finally:
            connection.settimeout(None)
        return False

    def _break(self, reason: str) -> None:
        self._unwatch()
        if not self.lost.done():
            self.lost.set_result(reason)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _without_tls(error: SqlError, tls: Tls | None) -> UnreachableError:
    if tls is not None:
        return UnreachableError(f"the database refuses the connection, although it is by TLS: {error.what}")
    return UnreachableError(
        f"the database takes only connections by TLS, and the cluster file asks for none: {error.what}",
        hint="set sql.tls: true, or a section with the ca that has signed the certificates of the databases",
    )


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
