"""What is seen, for other programs: the time that the charts show as a table, and metrics for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.handlers.main_screen import main_screen
from distdiag_tui.operations.export_window import export_window

if TYPE_CHECKING:
    from distdiag_tui.console.console import Console


def export_visible(console: Console) -> None:
    """Write all metrics over the time that the charts of the main screen show."""
    export_window(console, main_screen(console).choice.span_s)


def serve_metrics(console: Console) -> None:
    """Serve the newest tick of the cluster to Prometheus, or stop."""
    console.metrics_export.toggle()
