"""A real engine on the loopback address, in a separate process."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql
import pytest
from pymysql.constants import CLIENT

from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings, SqlSettings
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVE = "import signal, sys, pylibseekdb as e; e.open_with_service(sys.argv[1], int(sys.argv[2])); signal.pause()"
_READY_S = 90.0


@contextmanager
def running_engine(directory: Path) -> Iterator[Engine]:
    """An engine for tests, which are skipped where it is not installed; ended afterwards."""
    if importlib.util.find_spec("pylibseekdb") is None:
        pytest.skip("NOT TESTED: pylibseekdb is not installed (pip install 'distdiag[lab]')")
    engine = Engine(directory / "data")
    engine.start()
    try:
        yield engine
    finally:
        engine.kill()


class Engine:
    """Listens on a free port; what it stores outlives `kill`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def start_with_tls(self, authority: Path, cert: Path, key: Path, client: str) -> None:
        """Start it with TLS; clients may show a certificate with the common name `client`."""
        wallet = self._directory.parent / "wallet"
        wallet.mkdir()
        for file, name in ((authority, "ca.pem"), (cert, "server-cert.pem"), (key, "server-key.pem")):
            shutil.copy(file, wallet / name)
        self.start()
        self.execute(f"ALTER SYSTEM SET ob_ssl_invited_common_names = '{client}'")
        self.execute("ALTER SYSTEM SET ssl_client_authentication = TRUE")
        # It reads them some time later.
        deadline_s = time.monotonic() + _READY_S
        while not self._offers_tls():
            assert time.monotonic() < deadline_s, "the engine does not offer TLS"
            time.sleep(0.2)

    def start(self, within_s: float = _READY_S) -> None:
        """Bring it up; it answers when this returns."""
        command = [sys.executable, "-c", _SERVE, str(self._directory), str(self.port)]
        with (self._directory.parent / "engine.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._directory.parent)
        deadline_s = time.monotonic() + within_s
        while not self._answers():
            if self._process.poll() is not None:
                raise AssertionError("the engine ended")
            if time.monotonic() >= deadline_s:
                # Nobody else ends an engine that no test has got.
                self.kill()
                raise AssertionError("the engine does not answer")
            time.sleep(0.2)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def cpu_s(self) -> float:
        """Processor time of its process so far."""
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def execute(self, statement: str) -> tuple[tuple[object, ...], ...]:
        """The rows that `statement` returns, asked as root."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def cluster(self, name: str, user: str = "root", password_env: str | None = None) -> ClusterSettings:
        """A cluster of two nodes that are both this engine, as two nodes of one cluster share their tables."""
        sql = SqlSettings(user=user, port=self.port, password_env=password_env, read_timeout_s=20.0)
        nodes = tuple(NodeSettings(node, "127.0.0.1", connection="local", sql=sql) for node in ("n1", "n2"))
        return ClusterSettings(name, nodes, read_only=False, sql=sql)

    def _connect(self) -> pymysql.Connection[pymysql.cursors.Cursor]:
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            password="",
            autocommit=True,
            connect_timeout=5,
            ssl_disabled=True,
        )

    def _offers_tls(self) -> bool:
        with self._connect() as connection:
            return bool(getattr(connection, "server_capabilities", 0) & CLIENT.SSL)

    def _answers(self) -> bool:
        try:
            return bool(self.execute("SELECT 1"))
        except pymysql.err.Error:
            return False
