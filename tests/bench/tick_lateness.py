"""distdiag with a note of how late each tick is: `python -m tests.bench.tick_lateness FILE [ARGUMENTS OF distdiag]`.

FILE gets a line for each snapshot that is published: the wall clock, and the seconds since the tick was due, diagnosis
included. Nothing else differs from `distdiag`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.runtime.snapshot_feed import SnapshotFeed
from distdiag_tui.main import main as distdiag

if TYPE_CHECKING:
    from distdiag_core.runtime.snapshot import Snapshot

# By name, since importing them would come before the first paint.
_LIVE = ("Runtime", "Simulation")


def main() -> None:
    """Take the file from the arguments, and be distdiag with the rest of them."""
    note = Path(sys.argv.pop(1)).open("w", buffering=1, encoding="ascii")  # noqa: SIM115 - until the process ends
    publish = SnapshotFeed._publish

    async def noted(self: SnapshotFeed, snapshot: Snapshot) -> None:
        now_s = time.time()
        # The past that a console shows is no tick of a cluster.
        if type(self).__name__ in _LIVE:
            note.write(f"{now_s:.3f} {now_s - snapshot.frame.wall_s:.4f}\n")
        await publish(self, snapshot)

    SnapshotFeed._publish = noted  # type: ignore[method-assign]
    sys.argv[0] = "distdiag"
    distdiag()


if __name__ == "__main__":
    main()
