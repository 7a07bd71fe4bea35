"""The metrics of a cluster for Prometheus, served by its console."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distdiag_core.errors import DistdiagError

if TYPE_CHECKING:
    from distdiag_core.exporter.metrics_server import MetricsServer
    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.console.console import Console


class ServeMetrics:
    """Serves the newest tick of the cluster, also while its past is shown; off until it is asked for.

    The section `exporter` of the cluster file asks for it with `listen`, and says where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._newest: Snapshot | None = None
        self._server: MetricsServer | None = None

    @property
    def address(self) -> str:
        """HOST:PORT at which they are served; empty where they are not."""
        return urlsplit(self._server.url).netloc if self._server is not None else ""

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Take in a tick of the cluster; the first one begins what the cluster file asks for."""
        from distdiag_core.exporter.exporter_settings import ExporterSettings

        first, self._newest = self._newest is None, snapshot
        if first and not snapshot.stand_in and snapshot.cluster.section(ExporterSettings).listen is not None:
            self.toggle()

    def toggle(self) -> None:
        """Begin to serve, or stop."""
        if self._server is not None:
            self.stop()
            self._console.report("metrics for Prometheus are no longer served")
            return
        if self._newest is None:
            self._console.report("there was no tick yet, so that there are no metrics", "warning")
            return
        from distdiag_core.exporter.exporter_settings import ExporterSettings
        from distdiag_core.exporter.metrics_server import MetricsServer

        try:
            endpoint = self._newest.cluster.section(ExporterSettings).endpoint()
            self._server = MetricsServer(endpoint, lambda: self._newest).__enter__()
        except DistdiagError as error:
            self._console.report(f"metrics are not served: {error}", "error")
            return
        self._console.report(f"metrics for Prometheus at {self._server.url}")

    def stop(self) -> None:
        """Stop, if it has begun."""
        server, self._server = self._server, None
        if server is not None:
            server.__exit__(None, None, None)
