"""A campaign that is killed while it writes its second case.

`dying.py DIRECTORY STEP` ends at a step: before a file of the case is opened, or before the case gets its name.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from distdiag_core.campaign.runner import run
from tests.campaign.small import SINGLES
from tests.small_cluster import SmallCluster

STEPS = ("metrics.csv.gz", "case.yaml", "rename")


def _die(event: str, arguments: tuple[object, ...]) -> None:
    """Told by the interpreter of all that it does."""
    directory = Path(sys.argv[1])
    first = any(path.is_dir() and not path.name.startswith(".") for path in directory.glob("*"))
    step = {"open": Path(str(arguments[0])).name, "os.rename": "rename"}[event]
    if first and step == sys.argv[2] and str(arguments[0]).startswith(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.addaudithook(lambda event, arguments: _die(event, arguments) if event in ("open", "os.rename") else None)
    out = Path(sys.argv[1])
    with SmallCluster(out.parent / "core") as core:
        asyncio.run(run(SINGLES, core, out, lambda _: None))
