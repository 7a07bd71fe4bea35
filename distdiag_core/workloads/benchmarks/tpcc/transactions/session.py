"""A blocking connection of a terminal to a database, with several statements per round trip.

Terminals are threads, and the processor time per statement limits their throughput; therefore this is not the
asynchronous connection of `distdiag_core.cluster`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CLIENT

from distdiag_core.workloads.benchmarks.tpcc.tables.tpcc_schema import SCHEMA

if TYPE_CHECKING:
    from distdiag_core.workloads.endpoint import Endpoint

Rows = tuple[tuple[Any, ...], ...]

_CONNECT_S = 5
# The engine times out after 10 s.
_ANSWER_S = 15
# Neither node detects a deadlock that spans both.
_LOCK_US = 5_000_000
_LOST = 2013


class Session:
    """A connection that is opened on first use, and reopened after a loss.

    Attributes:
        statements: number of statements sent.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._connection: pymysql.Connection[pymysql.cursors.Cursor] | None = None
        self.statements = 0

    def run(self, *statements: str) -> list[Rows]:
        """Execute statements in one round trip, and return the rows of each; a transaction begins implicitly.

        Raises:
            pymysql.err.Error: a statement failed, and it and the following ones had no effect; or the connection was
                lost.
        """
        connection = self._connected()
        self.statements += len(statements)
        try:
            with connection.cursor() as cursor:
                cursor.execute(";".join(statements))
                answers = [cursor.fetchall()]
                while cursor.nextset():
                    answers.append(cursor.fetchall())
        except (OSError, pymysql.err.InterfaceError) as error:
            self.close()
            raise pymysql.err.OperationalError(_LOST, str(error)) from error
        return answers

    @property
    def connected(self) -> bool:
        """Whether the connection is open, as far as is known."""
        return self._connection is not None and self._connection.open

    def undo(self) -> None:
        """Roll back; where that fails, close the connection, which rolls back too."""
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except (OSError, pymysql.err.Error):
            self.close()

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, pymysql.err.Error):
                connection.close()

    def _connected(self) -> pymysql.Connection[pymysql.cursors.Cursor]:
        if self._connection is None:
            endpoint = self._endpoint
            self._connection = pymysql.connect(
                # The name that a certificate has to have, which is the same place.
                host=endpoint.host if endpoint.tls is None else endpoint.tls.host,
                port=endpoint.port,
                user=endpoint.user,
                password=endpoint.password,
                database=SCHEMA,
                charset="utf8mb4",
                autocommit=False,
                client_flag=CLIENT.MULTI_STATEMENTS,
                connect_timeout=_CONNECT_S,
                read_timeout=_ANSWER_S,
                write_timeout=_ANSWER_S,
                init_command=f"SET ob_trx_lock_timeout = {_LOCK_US}",
                # By itself the client library would use TLS where it is offered, without checking anything.
                **{"ssl_disabled": True} if endpoint.tls is None else {"ssl": endpoint.tls.context()},
            )
        return self._connection
