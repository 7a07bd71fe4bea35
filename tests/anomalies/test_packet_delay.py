"""The packet holder on a real netfilter queue, in a network of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import distdiag_core.anomalies

_HOLDER = Path(distdiag_core.anomalies.__file__).parent / "node" / "packet_delay.py"
_PROBE = "unshare -n iptables-legacy -t mangle -A POSTROUTING -p udp -j NFQUEUE --queue-num 7 --queue-bypass"


def _possible() -> bool:
    try:
        return subprocess.run(_PROBE.split(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


pytestmark = pytest.mark.skipif(not _possible(), reason="NEEDS ROOT, iptables-legacy AND A KERNEL WITH NFQUEUE")


def _run(delay_ms: int, jitter_ms: int, packets: int) -> dict[str, Any]:
    script = Path(__file__).with_name("delayed_loopback.py")
    command = ["unshare", "-n", sys.executable, str(script), str(_HOLDER), str(delay_ms), str(jitter_ms), str(packets)]
    report: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return report


@pytest.mark.parametrize(("delay_ms", "jitter_ms"), [(100, 0), (200, 80)])
def test_packets_are_held_and_come_in_order(delay_ms: int, jitter_ms: int) -> None:
    held = _run(delay_ms, jitter_ms, 500)["held"]
    assert held["alive"]
    assert held["arrived"] == 500
    assert held["in_order"]
    # One grain of a millisecond may be taken off.
    assert held["least_ms"] >= delay_ms - jitter_ms - 2


def test_without_the_holder_everything_arrives_undelayed() -> None:
    free = _run(1000, 0, 50)["free"]
    assert free["arrived"] == 50
    assert free["least_ms"] < 1000
