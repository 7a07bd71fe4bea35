"""`distdiag record`: a recording without a console, ended by a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from distdiag_core.recording.reader import Recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

WITHIN_S = 120
_PROGRAM = "import sys; from distdiag_core.cli.main import main; sys.exit(main(print, ['record', '--json']))"


@pytest.mark.parametrize(("ending", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_cleanly_and_a_second_one_is_refused(
    ending: signal.Signals, status: int, home: Path, distdiag: Callable[..., Ended], cluster_file: Callable[[str], Path]
) -> None:
    cluster_file(
        "name: mine\ninterval_s: 0.25\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local, sql: {port: 9}}\n"
    )
    recorder = subprocess.Popen(
        (sys.executable, "-c", _PROGRAM),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert recorder.stdout is not None
        # An event is told at a tick: the recording has begun.
        assert '"kind"' in recorder.stdout.readline()
        second = distdiag("record", "--for", "1s")
        assert (second.status, f"process {recorder.pid}" in second.stderr) == (3, True)
        recorder.send_signal(ending)
        _, said = recorder.communicate(timeout=WITHIN_S)
    finally:
        recorder.kill()
    assert (recorder.returncode, "ticks to" in said) == (status, True)
    (path,) = home.glob("**/recordings/mine-*.sqlite")
    with Recording(path) as recording:
        assert len(recording.ticks()[0]) > 0
