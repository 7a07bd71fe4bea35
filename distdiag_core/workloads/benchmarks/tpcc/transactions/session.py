"""One connection of a terminal to the database of a node: several statements a round trip, in plain blocking calls.

A terminal is a thread that has nothing else to do than wait, and the less is done for each statement, the more
transactions one processor drives; so this is not the connection of `distdiag_core.cluster`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CLIENT

from distdiag_core.workloads.benchmarks.tpcc.tables.tpcc_schema import SCHEMA

if TYPE_CHECKING:
    from distdiag_core.workloads.benchmark import Endpoint

Rows = tuple[tuple[Any, ...], ...]

_CONNECT_S = 5
# The engine gives up on a statement after 10 s.
_ANSWER_S = 15
# A wait for a lock that goes in a circle over two nodes is seen by neither of them.
_LOCK_US = 5_000_000
_LOST = 2013


class Session:
    """Connected when it is first used, and again after it has been lost.

    Attributes:
        statements: that were sent, all in all.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._connection: pymysql.Connection[pymysql.cursors.Cursor] | None = None
        self.statements = 0

    def run(self, *statements: str) -> list[Rows]:
        """Send them together; the rows that each of them returned. A transaction begins by itself.

        Raises:
            pymysql.err.Error: the database refused one of them, so that it and those after it were not done; or the
                connection was lost.
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
        """Whether there is a connection, as far as is known."""
        return self._connection is not None and self._connection.open

    def undo(self) -> None:
        """Roll back what is not committed; where that cannot be said, end the connection, which does it too."""
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except (OSError, pymysql.err.Error):
            self.close()

    def close(self) -> None:
        """End the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, pymysql.err.Error):
                connection.close()

    def _connected(self) -> pymysql.Connection[pymysql.cursors.Cursor]:
        if self._connection is None:
            where = self._endpoint
            self._connection = pymysql.connect(
                host=where.host,
                port=where.port,
                user=where.user,
                password=where.password,
                database=SCHEMA,
                charset="utf8mb4",
                autocommit=False,
                client_flag=CLIENT.MULTI_STATEMENTS,
                connect_timeout=_CONNECT_S,
                read_timeout=_ANSWER_S,
                write_timeout=_ANSWER_S,
                init_command=f"SET ob_trx_lock_timeout = {_LOCK_US}",
            )
        return self._connection
