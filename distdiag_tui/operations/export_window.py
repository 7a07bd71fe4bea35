"""Writing the newest part of a recording as a table."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_tui.console.operation import Operation
from distdiag_tui.operations.incident_records import recording_path

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_tui.console.console import Console


def export_window(console: Console, span_s: float) -> None:
    """Write all metrics of all nodes up to the tick that is shown as CSV, in the state directory."""
    path, view = recording_path(console), console.view
    if path is None or view is None:
        console.report("nothing is recorded, so that there is nothing to export", "warning")
        return
    end_s = view.snapshot.frame.time_s
    moment = time.strftime("%Y%m%dT%H%M%S", time.localtime(view.wall_s(end_s)))
    out = places.state_dir() / "exports" / f"{view.snapshot.cluster.name}-{moment}.csv"
    operation = Operation[int](
        "export window", "writing the table", lambda ticks: console.report(f"wrote {out}: {ticks} ticks")
    )
    console.run_in_background(operation, lambda: asyncio.to_thread(_write, path, out, (end_s - span_s, end_s)))


def _write(path: Path, out: Path, window: tuple[float, float]) -> int:
    """How many ticks were written.

    Raises:
        DataError: the recording is damaged or has none of them yet, or the table cannot be written.
    """
    from distdiag_core.dataset.exchange import recording_table
    from distdiag_core.recording.reader import Recording

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"the table cannot be written: {error.strerror}", where=str(out)) from error
    with Recording(path) as recording:
        return recording_table.write(recording, recording_table.Columns.of(recording.meta), out, window).ticks
