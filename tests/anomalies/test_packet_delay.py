"""The packet holder on a real netfilter queue, in a network of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import distdiag_core.anomalies
from distdiag_core.anomalies.node.packet_delay import Delay, Rate

_HOLDER = Path(distdiag_core.anomalies.__file__).parent / "node" / "packet_delay.py"
_PROBE = "unshare -n iptables-legacy -t mangle -A POSTROUTING -p udp -j NFQUEUE --queue-num 7 --queue-bypass"


def _possible() -> bool:
    try:
        return subprocess.run(_PROBE.split(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


needs_queue = pytest.mark.skipif(not _possible(), reason="NEEDS ROOT, iptables-legacy AND A KERNEL WITH NFQUEUE")


def _run(packets: int, size_bytes: int, *options: object) -> dict[str, Any]:
    script = Path(__file__).with_name("delayed_loopback.py")
    words = [sys.executable, script, _HOLDER, packets, size_bytes, *options]
    command = ["unshare", "-n", *map(str, words)]
    report: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return report


@needs_queue
@pytest.mark.parametrize(("delay_ms", "jitter_ms"), [(100, 0), (200, 80)])
def test_packets_are_held_and_come_in_order(delay_ms: int, jitter_ms: int) -> None:
    held = _run(500, 10, "--delay-ms", delay_ms, "--jitter-ms", jitter_ms)["held"]
    assert held["alive"]
    assert held["arrived"] == 500
    assert held["in_order"]
    # One grain of a millisecond may be taken off.
    assert held["least_ms"] >= delay_ms - jitter_ms - 2


@needs_queue
def test_packets_go_at_a_rate_and_what_waits_too_long_is_lost() -> None:
    # 1028 bytes with their headers, at 100,000 bytes a second: 39 wait for less than 0.4 s.
    held = _run(200, 1000, "--rate-kbit", 800)["held"]
    assert held["alive"]
    assert held["in_order"]
    assert 35 <= held["arrived"] < 150
    assert held["last_ms"] >= 300
    assert held["least_ms"] >= 10 - 2


@needs_queue
def test_without_the_holder_everything_arrives_undelayed() -> None:
    free = _run(50, 10, "--delay-ms", 1000)["free"]
    assert free["arrived"] == 50
    assert free["least_ms"] < 1000


@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(1, 70_000)), max_size=60), st.integers(1, 1_000_000))
def test_a_rate_is_never_exceeded_and_nobody_overtakes(packets: list[tuple[float, int]], rate_kbit: int) -> None:
    line = Rate(rate_kbit)
    now_s, before_s = 1000.0, 0.0
    for pause_s, size_bytes in packets:
        now_s += pause_s
        due_s = line.due_s(now_s, size_bytes)
        if due_s is not None:
            assert due_s - max(before_s, now_s) >= size_bytes / (rate_kbit * 125) * 0.999 - 1e-6
            before_s = due_s


def test_a_line_that_is_free_takes_even_what_is_larger_than_its_queue() -> None:
    line = Rate(8)
    assert line.due_s(10.0, 1500) == pytest.approx(11.5)
    assert line.due_s(10.1, 1500) is None
    assert line.due_s(11.6, 1500) == pytest.approx(13.1)


@given(st.lists(st.floats(0, 0.5), max_size=60), st.integers(1, 5000), st.integers(0, 5000))
def test_delayed_packets_stay_in_order(pauses_s: list[float], delay_ms: int, jitter_ms: int) -> None:
    line = Delay(delay_ms, jitter_ms)
    now_s, before_s = 1000.0, 0.0
    for pause_s in pauses_s:
        now_s += pause_s
        due_s = line.due_s(now_s, 1)
        assert due_s is not None
        assert due_s >= max(before_s, now_s)
        before_s = due_s
