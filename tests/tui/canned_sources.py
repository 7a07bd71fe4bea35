"""The sources of a cluster: one that is read, one that is off, and one whose figures are of the past."""

from __future__ import annotations

from distdiag_core.operations.backfill_reader import BackfillFigure, BackfillStatus, NodeBackfill
from distdiag_core.runtime.live_sources import SourceStatus
from tests.tui.canned import NOW_S

_CPU = {
    "host.cpu.usage": BackfillFigure(34.1, NOW_S - 720),
    "host.network.bytes_in": BackfillFigure(2.5e6, NOW_S - 900),
}
BACKFILL = BackfillStatus(
    600.0,
    NOW_S + 120,
    {
        "n1": NodeBackfill(_CPU, 60.0, 1380, ("tsar_io_data.txt is empty or missing",)),
        "n2": NodeBackfill({"host.cpu.usage": BackfillFigure(97.0, NOW_S - 780)}, 60.0, 12),
        "n3": NodeBackfill(notes=("no table has rows: tsar is not installed on the node, or has no history",)),
    },
    NOW_S - 480,
    added=57,
)
SOURCES = (
    SourceStatus("host", "the operating system, by SSH", on=True, metrics=85),
    SourceStatus("sysstat", "GV$SYSSTAT, by SQL", on=False, metrics=0),
    SourceStatus("obdiag", "the past hours by tsar; never of now", on=True, metrics=0, backfill=BACKFILL),
)
