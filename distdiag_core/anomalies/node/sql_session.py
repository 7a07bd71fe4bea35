"""Sessions of an injection on its own node's database: opened, written down, found again, and ended.

Runs on the node, with nothing but the node's own Python (3.9 or later) and what is sent along.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import pymysql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What a session may do without an answer; injections ask for less, so that nothing outlives them for long.
QUERY_TIMEOUT_S = 20.0
_CONNECT_S = 5
_UNKNOWN_THREAD = 1094
# Named by newer Pythons alone.
_PARTIAL_CHAIN = 0x80000

Value = Union[str, int, float, bytes, None]  # noqa: UP007 - as long as nodes have Python 3.9
Row = tuple[Any, ...]


class Lease:
    """The directory of the injection that this process belongs to."""

    def __init__(self, directory: str = "") -> None:
        self.directory = Path(directory or os.environ["LEASE"])
        self.id = self.directory.name

    @property
    def marker(self) -> str:
        """The comment in every statement of the injection."""
        return f"/* distdiag {self.id} */"

    @property
    def ending_marker(self) -> str:
        """The comment in every statement that undoes the injection or proves that nothing is left."""
        return f"/* distdiag ends {self.id} */"

    def write(self, name: str, line: str) -> None:
        """Write a file of the lease with one line, atomically."""
        unfinished = self.directory / f".{name}.{threading.get_ident()}"
        unfinished.write_text(f"{line}\n", encoding="utf-8")
        unfinished.replace(self.directory / name)

    def account(self) -> dict[str, str]:
        """The option file with the account, as host, port, user and password."""
        found = {}
        for line in (self.directory / "account").read_text(encoding="utf-8").split("\n"):
            key, equals, value = line.partition("=")
            if equals:
                found[key] = json.loads(value) if value.startswith('"') else value
        return found

    def will_last(self, what: str) -> None:
        """Note that `what` is about to be created, which outlives the sessions of the injection."""
        self.write(f"lasting-{what}", "yes")

    def lasts(self, what: str = "*") -> bool:
        """Whether `what`, or anything, may have been created."""
        return any(self.directory.glob(f"lasting-{what}"))

    @property
    def connections(self) -> Path:
        """The file with a line for every session: its number and its client port."""
        return self.directory / "connections"


class Session:
    """One connection, in use by one thread.

    One that is `ending` the injection is none of its sessions: the console and the supervisor may end it at the same
    time, and neither may kill what the other works with, nor take that for something left.
    """

    def __init__(self, lease: Lease, *, query_timeout_s: float = QUERY_TIMEOUT_S, ending: bool = False) -> None:
        self._marker = lease.ending_marker if ending else lease.marker
        account = lease.account()
        self._protocol = pymysql.connect(
            user=account["user"],
            password=account["password"],
            autocommit=True,
            charset="utf8mb4",
            read_timeout=query_timeout_s + _CONNECT_S,
            defer_connect=True,
            **_tls_arguments(account),
        )
        connected = socket.create_connection((account["host"], int(account["port"])), timeout=_CONNECT_S)
        # TLS takes the socket over, which then has no name any more.
        client_port = connected.getsockname()[1]
        self._protocol.connect(connected)
        ((number,),) = self.ask("SELECT CONNECTION_ID()")
        if not ending:
            with lease.connections.open("a", encoding="ascii") as ledger:
                ledger.write(f"{number} {client_port}\n")
        self.ask("SET SESSION ob_query_timeout = %s", (int(query_timeout_s * 1e6),))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, statement: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows that `statement` returns; `%s` in it is a parameter, `%%` a percent sign."""
        with self._protocol.cursor() as cursor:
            cursor.execute(f"{self._marker} {statement}", tuple(parameters))
            return list(cursor.fetchall())

    @property
    def open(self) -> bool:
        """Whether the connection is believed to be open."""
        return bool(self._protocol.open)

    def begin(self) -> None:
        """Begin a transaction."""
        self._protocol.begin()

    def rollback(self) -> None:
        """Roll the transaction back."""
        self._protocol.rollback()

    def close(self) -> None:
        """Close the connection in any state."""
        if self.open:
            self._protocol.close()


def _tls_arguments(account: dict[str, str]) -> dict[str, Any]:
    """The arguments of the client library for TLS as the account wants it; it may not decide by itself."""
    if "tls-verify" not in account:
        return {"ssl_disabled": True}
    # As in distdiag_core.cluster.tls, which nodes do not have.
    context = ssl.create_default_context(cadata=account["tls-ca"] or None)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= _PARTIAL_CHAIN
    context.check_hostname = account["tls-verify"] == "identity"
    context.verify_mode = ssl.CERT_NONE if account["tls-verify"] == "none" else ssl.CERT_REQUIRED
    if account["tls-client"]:
        memory = os.memfd_create("client")
        try:
            os.write(memory, account["tls-client"].encode("ascii"))
            context.load_cert_chain(f"/proc/self/fd/{memory}")
        finally:
            os.close(memory)
    return {"host": account["tls-host"], "ssl": context}


def quoted(*names: str) -> str:
    """A name, or names joined by dots, as `Session.ask` takes them whatever they contain."""
    return ".".join("`" + name.replace("`", "``").replace("%", "%%") + "`" for name in names)


def sessions(session: Session, lease: Lease) -> list[int]:
    """The numbers of the injection's sessions that the database still has, but for `session` itself."""
    known = set()
    if lease.connections.exists():
        known = {tuple(line.split()) for line in lease.connections.read_text(encoding="ascii").split("\n")}
    rows = session.ask("SELECT id, host, info FROM information_schema.processlist WHERE id <> CONNECTION_ID()")
    return [
        int(number)
        for number, host, info in rows
        # A number may belong to somebody else by now; with the port that it came from, it hardly does.
        if (str(number), str(host).rpartition(":")[2]) in known or lease.marker in str(info)
    ]


def end_sessions(session: Session, lease: Lease) -> None:
    """End the sessions of the injection that the database still has."""
    for number in sessions(session, lease):
        try:
            session.ask(f"KILL {number}")
        except pymysql.err.MySQLError as error:
            if error.args[0] != _UNKNOWN_THREAD:
                raise


def wait_for(condition: Callable[[], bool], limit_s: float, pause: Callable[[float], object]) -> bool:
    """Whether `condition` holds within `limit_s`; `pause` sleeps some seconds."""
    waited_s = 0.0
    while not condition():
        if waited_s >= limit_s:
            return False
        pause(0.1)
        waited_s += 0.1
    return True
