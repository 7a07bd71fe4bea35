"""The server of metrics: the newest snapshot at `/metrics`, by HTTP, in threads of its own."""

from __future__ import annotations

import socket
import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from distdiag_core.errors import ConfigError, UnsupportedError
from distdiag_core.metrics import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from prometheus_client.core import Metric

    from distdiag_core.exporter.exporter_settings import Endpoint
    from distdiag_core.runtime.snapshot import Snapshot

# A reader that is slower than Prometheus ever waits is none.
_READER_S = 30.0
_PATH = "/metrics"


class SnapshotCollector:
    """Reads the newest snapshot whenever Prometheus asks; what is known for longer is the number of incidents alone."""

    def __init__(self, newest: Callable[[], Snapshot | None], now_s: Callable[[], float] = clock.now_s) -> None:
        self._newest = newest
        self._now_s = now_s
        self._incidents = 0

    def collect(self) -> Iterator[Metric]:
        """The families of the newest snapshot; without a new one the version of the program alone."""
        from distdiag_core.exporter import metric_families

        yield metric_families.build()
        snapshot = self._newest()
        if snapshot is None or metric_families.is_stale(snapshot, self._now_s()):
            return
        if snapshot.incident is not None:
            # They count from 1, so that none is lost that went by between two readings.
            self._incidents = max(self._incidents, snapshot.incident.id)
        yield from metric_families.families(snapshot, self._incidents)


class MetricsServer:
    """Serves metrics for as long as the context lasts.

    Args:
        newest: the newest snapshot; called in threads of the server.

    Raises:
        UnsupportedError: prometheus_client is not installed.
    """

    def __init__(self, endpoint: Endpoint, newest: Callable[[], Snapshot | None]) -> None:
        try:
            from prometheus_client import CollectorRegistry, make_wsgi_app
        except ImportError as error:
            raise UnsupportedError(
                "prometheus_client is not installed here", where="exporter", hint="pip install 'distdiag[prometheus]'"
            ) from error
        registry = CollectorRegistry(auto_describe=False)
        registry.register(SnapshotCollector(newest))
        self._metrics = make_wsgi_app(registry)
        self._endpoint = endpoint
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the metrics are, while they are served."""
        host = f"[{self._endpoint.host}]" if ":" in self._endpoint.host else self._endpoint.host
        return f"http://{host}:{self._server.server_port if self._server else self._endpoint.port}{_PATH}"

    def __enter__(self) -> Self:
        """Listen.

        Raises:
            ConfigError: the address cannot be used.
        """
        host, port = self._endpoint.host, self._endpoint.port
        kind = _Server6 if ":" in host else _Server
        try:
            self._server = kind((host, port), _Handler)
        except (OSError, UnicodeError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            hint = "another program serves there, maybe another console; choose another port" if port else ""
            raise ConfigError(f"cannot listen at {host}:{port}: {reason}", where="exporter", hint=hint) from error
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, name="distdiag-exporter", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening; readings that are on their way are not waited for."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """An answer by WSGI."""
        plain = ("Content-Type", "text/plain; charset=utf-8")
        if environ.get("REQUEST_METHOD") != "GET":
            start_response("405 Method Not Allowed", [plain, ("Allow", "GET")])
            return [b"metrics are read by GET\n"]
        if not self._may_read(environ.get("HTTP_AUTHORIZATION", "")):
            start_response("401 Unauthorized", [plain, ("WWW-Authenticate", 'Bearer realm="distdiag"')])
            return [b"a bearer token is needed: `authorization` of the scrape configuration\n"]
        if environ.get("PATH_INFO") != _PATH:
            start_response("404 Not Found", [plain])
            return [f"metrics are at {_PATH}\n".encode()]
        answer: Iterable[bytes] = self._metrics(environ, start_response)
        return answer

    def _may_read(self, authorization: str) -> bool:
        if self._endpoint.token is None:
            return True
        scheme, _, given = authorization.partition(" ")
        return scheme.casefold() == "bearer" and self._endpoint.token.fits(given.strip())


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection; none of them holds up the end of the program."""

    daemon_threads = True
    block_on_close = False
    # Who listens there already keeps the address.
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Listen, without a question to the DNS, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - of the library
        """A reader that goes away is no error of ours, and nothing may be printed over a console."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = _READER_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - of the library
        """Readings are not logged."""

    def get_stderr(self) -> Any:  # noqa: ANN401 - of the library
        """Nothing may be printed over a console."""
        return _Nothing()


class _Nothing:
    def write(self, text: str) -> int:
        """Take it."""
        return len(text)

    def flush(self) -> None:
        """Nothing to do."""
