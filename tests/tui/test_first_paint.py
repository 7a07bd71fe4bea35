"""What the console imports before its first paint, and what only after it."""

from __future__ import annotations

import subprocess
import sys

_WITHIN_S = 100
# What `open_console` imports itself; the core and its model are imported in the thread of the core.
_BEFORE = "distdiag_tui.main, distdiag_tui.app, distdiag_core.runtime.thread, distdiag_core.cluster.inventory"
_AFTER = {
    "xgboost",
    "scipy",
    "sklearn",
    "pandas",
    "dask",
    "networkx",
    "matplotlib",
    "asyncssh",
    "cryptography",
    "pymysql",
    "sqlite3",
    "distdiag_core.runtime.runtime",
    "distdiag_core.diagnosis.detection.diagnoser",
    "distdiag_core.diagnosis.training.trainer",
    "distdiag_tui.handlers.table",
    "distdiag_tui.screens.injection",
    "plotext",
}


def test_the_first_paint_waits_for_no_import_of_the_core() -> None:
    command = [sys.executable, "-c", f"import sys, {_BEFORE}; print(*sys.modules)"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=True)

    assert not set(ended.stdout.split()) & _AFTER
