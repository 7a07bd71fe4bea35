"""A server on loopback that speaks the MySQL protocol by real TLS, as far as a client needs to log in and ask."""

from __future__ import annotations

import _ssl
import ctypes
import re
import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from pymysql.constants import CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.cluster.certificates import Files

    Rows = Sequence[tuple[str | int, ...]]

_OK = b"\x00\x00\x00\x02\x00\x00\x00"
_END = b"\xfe\x00\x00\x02\x00"
_QUIT, _QUERY = 1, 3
DENIED, NO_SUCH_TABLE, NO_SUCH_COLUMN = 1227, 1146, 1054
_REFUSALS = {
    DENIED: b"Access denied; you need a privilege",
    NO_SUCH_TABLE: b"Table doesn't exist",
    NO_SUCH_COLUMN: b"Unknown column",
}
_ASKS = re.compile(r"(/\*.*?\*/)?\s*(SELECT|SHOW)\b", re.IGNORECASE)
# Where CPython's object has the structure of OpenSSL: after its reference count, its type and the socket.
_SSL_POINTER = 24


def version_of(connection: socket.socket, _statement: str) -> list[tuple[str, ...]]:
    """One row, with the version of TLS or `none`."""
    return [((connection.version() or "") if isinstance(connection, ssl.SSLSocket) else "none",)]


class TlsServer:
    """Serves each connection in a thread.

    Args:
        answer: the rows of a query, or the code of an error; None where the account may not ask it.
        client_authority: clients have to show a certificate that it has signed.
        requires: refuse, as MySQL does, connections without TLS.
        offers: whether it has TLS at all.

    Attributes:
        greets: cleared while a connection is accepted and hears nothing.
    """

    def __init__(
        self,
        files: Files,
        *,
        client_authority: Path | None = None,
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        requires: bool = True,
        offers: bool = True,
        answer: Callable[[socket.socket, str], Rows | int | None] = version_of,
    ) -> None:
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = self._context.maximum_version = version
        if version < ssl.TLSVersion.TLSv1_2:
            # Systems bar so old a version in their configuration.
            self._context.set_ciphers("ALL:@SECLEVEL=0")
        self._context.load_cert_chain(files.cert, files.key)
        if client_authority is not None:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(client_authority)
        self._requires, self._offers = requires, offers
        self.greets = threading.Event()
        self.greets.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self.connections: list[socket.socket] = []
        self.passwords: list[bytes] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.greets.set()
        self.hang_up(self._listening)
        for connection in self.connections:
            self.hang_up(connection)
        for thread in self._threads:
            thread.join()

    def hang_up(self, connection: socket.socket) -> None:
        """End a connection of the server without a word."""
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, EOFError):
            self._log_in(connection)

    def _log_in(self, connection: socket.socket) -> None:
        self.greets.wait()
        try:
            flags = (CLIENT.CAPABILITIES | (CLIENT.SSL if self._offers else 0)).to_bytes(4, "little")
            salt = b"abcdefgh" + b"\0" + flags[:2] + b"\x2d\x02\x00" + flags[2:] + b"\x15" + bytes(10)
            _send(connection, 0, b"\x0a8.0.30\0\x01\0\0\0" + salt + b"ijklmnopqrst\0mysql_native_password\0")
            number, packet = _receive(connection)
            if int.from_bytes(packet[:4], "little") & CLIENT.SSL:
                connection = self._context.wrap_socket(connection, server_side=True)
                number, packet = _receive(connection)
            elif self._requires:
                _send(connection, number + 1, b"\xff" + (3159).to_bytes(2, "little") + b"#HY000insecure transport")
                return
            self.passwords.append(packet)
            self.connections.append(connection)
            _send(connection, number + 1, _OK)
            self._converse(connection)
        finally:
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        while True:
            _, packet = _receive(connection)
            statement = packet[1:].decode()
            if packet[0] == _QUIT:
                return
            if packet[0] != _QUERY or not _ASKS.match(statement):
                _send(connection, 1, _OK)
                continue
            answer = self._answer(connection, statement)
            if answer is None or isinstance(answer, int):
                code = DENIED if answer is None else answer
                _send(connection, 1, b"\xff" + code.to_bytes(2, "little") + b"#42000" + _REFUSALS[code])
            else:
                _send_rows(connection, answer)

    def send_new_key(self, connection: ssl.SSLSocket) -> None:
        """Say something that belongs to TLS alone; Python itself has no call for it."""
        library = ctypes.CDLL(_ssl.__file__)
        inner = ctypes.c_void_p.from_address(id(connection._sslobj) + _SSL_POINTER)  # type: ignore[attr-defined]
        assert library.SSL_key_update(inner, 0) == 1
        assert library.SSL_do_handshake(inner) == 1


def _send_rows(connection: socket.socket, rows: Rows) -> None:
    columns = len(rows[0]) if rows else 1
    described = [_column(number=bool(rows) and isinstance(rows[0][at], int)) for at in range(columns)]
    said = (b"".join(_text(str(value)) for value in row) for row in rows)
    packets = [bytes([columns]), *described, _END, *said, _END]
    for index, packet in enumerate(packets):
        _send(connection, 1 + index, packet)


def _column(*, number: bool) -> bytes:
    kind = b"\x08" if number else b"\xfd"
    return b"\x03def\0\0\0" + _text("v") + b"\0\x0c\x2d\0\x40\0\0\0" + kind + b"\0\0\0\0\0"


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _send(connection: socket.socket, number: int, packet: bytes) -> None:
    connection.sendall(len(packet).to_bytes(3, "little") + bytes([number]) + packet)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    head = _exactly(connection, 4)
    return head[3], _exactly(connection, int.from_bytes(head[:3], "little"))


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content
