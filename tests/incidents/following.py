"""A process that records a tick of an incident for every line on its standard input, until it is killed.

Usage: python following.py DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

from distdiag_core.recording.recorder import Recorder
from distdiag_core.runtime.live_incidents import LiveIncidents
from tests.incidents.conftest import CATALOGUE, CLUSTER, diagnosis, frame


def main() -> None:
    with Recorder(CLUSTER, CATALOGUE, Path(sys.argv[1])) as recorder:
        incidents = LiveIncidents(recorder)
        for line in sys.stdin:
            time_s = float(line)
            recorder.frame(frame(time_s, busy=True))
            incidents.on_tick(time_s, diagnosis(time_s, ("n2", "cpu_stress")), (), {})


main()
