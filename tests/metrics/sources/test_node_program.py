"""The program of a node that has Python: the figures of TCP connections are those of ss and awk."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
import subprocess
import sys

import pytest

from distdiag_core.metrics.sources.host import node_program


def _possible() -> bool:
    if not all(map(shutil.which, ("unshare", "ip", "ss", "awk"))):
        return False
    return subprocess.run(["unshare", "-n", "ip", "link"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _possible(), reason="NEEDS ROOT, ip, ss AND awk")
def test_the_figures_of_the_same_connections_are_those_of_ss() -> None:
    command = ["unshare", "-n", sys.executable, "-m", "tests.metrics.sources.both_programs"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["python"] == pytest.approx(found["shell"], abs=0.001)
    # Every figure is told, and those of connections are not all zero; what is in flight may have arrived.
    assert {"tcp.timeouts", "tcp.loss_probes", "tcp.sent_twice", "tcp.round_trip_variation_ms"} <= set(found["python"])
    for figure in ("tcp.send_queue_bytes", "tcp.round_trip_ms"):
        assert found["python"][figure] > 0


def test_python_3_6_can_read_the_program() -> None:
    assert ast.parse(inspect.getsource(node_program), feature_version=(3, 6))
