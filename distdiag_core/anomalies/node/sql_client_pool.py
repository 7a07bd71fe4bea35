"""A pool of clients of a database, each of which repeats one task and reconnects when the connection is lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pymysql

from .sql_session import Session

if TYPE_CHECKING:
    from .sql_session import Lease

# One turn of a client: it is given the session and the number of the client.
Task = Callable[[Session, int], None]

_REPORT_S = 0.5
_AGAIN_S = 1.0


class ClientPool:
    """The clients of an injection, each in a thread with a session of its own.

    Attributes:
        connected: how many have a session.
        turns: how many turns were begun since the start.
        failure: the last error of a client.
    """

    def __init__(self, lease: Lease, task: Task, *, clients: int, query_timeout_s: float) -> None:
        self.connected = 0
        self.turns = 0
        self.failure = ""
        self._lease = lease
        self._task = task
        self._clients = clients
        self._query_timeout_s = query_timeout_s
        self._counting = threading.Lock()

    def run(self, shows: Callable[[ClientPool], bool]) -> None:
        """Go on until the process is ended; `$LEASE/shown` is there from when the effect first `shows`."""
        for number in range(self._clients):
            threading.Thread(target=self._client, args=(number,), daemon=True).start()
        while not shows(self):
            time.sleep(_REPORT_S)
        self._lease.write("shown", "yes")
        # From now on the clients may cost the node little beside what they cost the database.
        os.nice(19)
        while True:
            self._report()
            time.sleep(_REPORT_S)

    def _report(self) -> None:
        lost = "" if self.connected else f", no session: {self.failure}"
        self._lease.write("progress", f"{self.connected} sessions, {self.turns} turns{lost}")

    def _client(self, number: int) -> None:
        while True:
            try:
                self._stay(number)
            except (pymysql.err.MySQLError, OSError) as error:
                self.failure = str(error.args[-1] if error.args else error)
            # A database that is gone must not be hammered at.
            time.sleep(_AGAIN_S)

    def _stay(self, number: int) -> None:
        with Session(self._lease, query_timeout_s=self._query_timeout_s) as session:
            self._count(connected=1)
            try:
                while True:
                    self._count(turns=1)
                    self._turn(session, number)
            finally:
                self._count(connected=-1)

    def _turn(self, session: Session, number: int) -> None:
        try:
            self._task(session, number)
        except pymysql.err.OperationalError as error:
            # A lock that was not had, a query that took too long: that is what happens to clients.
            if not session.open:
                raise
            self.failure = str(error.args[-1])
            session.rollback()

    def _count(self, *, connected: int = 0, turns: int = 0) -> None:
        with self._counting:
            self.connected += connected
            self.turns += turns
