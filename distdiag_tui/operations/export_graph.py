"""Writing the compound anomaly graph of the newest tick as files."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.diagnosis.detection import graph_files, graph_layout
from distdiag_core.errors import DataError
from distdiag_tui.console.operation import Operation

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.graph import AnomalyGraph
    from distdiag_tui.console.console import Console

# A picture of more nodes cannot be read.
_MOST_IN_PICTURE = 30


def export_graph(console: Console) -> None:
    """Write the graph as GraphML and as SVG, in the state directory."""
    view = console.view
    diagnosis = view.snapshot.diagnosis if view is not None else None
    if view is None or diagnosis is None or diagnosis.graph is None:
        console.report("there is no diagnosis at this tick, so that there is no graph", "warning")
        return
    moment, cluster = time.localtime(view.wall_s(diagnosis.time_s)), view.snapshot.cluster.name
    stem = places.state_dir() / "graphs" / f"{cluster}-{time.strftime('%Y%m%dT%H%M%S', moment)}"
    title = f"{cluster}, {time.strftime('%Y-%m-%d %H:%M:%S', moment)}"
    graph, anomalies = diagnosis.graph, console.runtime.anomalies
    operation = Operation["Path"](
        "export graph", "writing the graph", lambda out: console.report(f"wrote {out}.svg and .graphml")
    )
    console.run_in_background(operation, lambda: asyncio.to_thread(_write, graph, stem, title, anomalies))


def _write(graph: AnomalyGraph, stem: Path, title: str, anomalies: AnomalyCatalogue) -> Path:
    """Where the files were written, without their endings.

    Raises:
        DataError: they cannot be written.
    """
    part = graph.part(graph_layout.most_involved(graph, _MOST_IN_PICTURE))
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_suffix(".graphml").write_text(graph_files.graphml(graph), encoding="utf-8")
        stem.with_suffix(".svg").write_text(graph_files.svg(part, title, anomalies.label), encoding="utf-8")
    except OSError as error:
        raise DataError(f"the graph cannot be written: {error.strerror}", where=str(stem.parent)) from error
    return stem
