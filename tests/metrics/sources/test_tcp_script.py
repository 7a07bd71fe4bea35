"""What the program on a node tells of TCP connections, by the real shell and awk, for recorded output of ss."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from distdiag_core.errors import DataError
from distdiag_core.metrics.sources.host import tcp_script

_NETSTAT = Path("/proc/net/netstat")
# As ss of iproute2 6.1 prints it: in use; waiting for acknowledgement; idle for long; within the host.
_CONNECTIONS = """\
0 0 10.77.0.12:2881 10.77.0.1:51786
\t bbr wscale:10,10 rto:204 rtt:2.5/1.5 ato:40 mss:1448 cwnd:285 segs_out:39670 lastsnd:72 lastrcv:72 minrtt:0.01
0 3000 [fd00::12]:2881 [fd00::1]:51772
\t cubic rto:204 rtt:7.5/0.5 mss:1000 cwnd:10 lastsnd:1500 unacked:3 retrans:0/59
0 0 10.77.0.12:2881 10.77.0.1:51756
\t cubic rto:204 rtt:900/400 mss:1448 cwnd:10 lastsnd:60000
0 500 10.77.0.12:2881 10.77.0.12:51757
\t cubic rto:204 rtt:900/400 mss:1448 cwnd:10 unacked:2
0 500 127.0.0.1:2881 127.0.0.1:51758
\t cubic rto:204 rtt:900/400 mss:1448 cwnd:10 unacked:2
"""

pytestmark = pytest.mark.skipif(
    not (_NETSTAT.exists() and shutil.which("awk")), reason="needs /proc/net/netstat and awk"
)


def _values(path: Path, connections: str | None = None) -> dict[str, float]:
    """The figures of the function, where `ss` is a program that prints `connections`, or lacks."""
    for name in ("sh", "awk", "head", "cat"):
        (path / name).symlink_to(shutil.which(name) or pytest.skip(f"needs {name}"))
    if connections is not None:
        (path / "connections").write_text(connections)
        (path / "ss").write_text(f"#!{path}/sh\nexec cat {path}/connections\n")
        (path / "ss").chmod(0o755)
    script = f"{tcp_script.FUNCTION}\ntcp_connections"
    command = ["sh", "-c", script]
    done = subprocess.run(command, env=os.environ | {"PATH": str(path)}, capture_output=True, text=True, check=True)
    assert not done.stderr
    return tcp_script.connections([line.removeprefix("tcp:") for line in done.stdout.splitlines()])


@pytest.mark.parametrize("form", ["two lines", "one line"])
def test_the_figures_are_those_of_connections_to_other_hosts(tmp_path: Path, form: str) -> None:
    text = _CONNECTIONS if form == "two lines" else _CONNECTIONS.replace("\n\t", " ")
    values = _values(tmp_path, text)
    assert values["tcp.round_trip_ms"] == pytest.approx(5.0)
    assert values["tcp.round_trip_variation_ms"] == pytest.approx(1.0)
    assert values["tcp.send_queue_bytes"] == 3000
    assert values["tcp.in_flight_bytes"] == 3000
    assert {"tcp.timeouts", "tcp.loss_probes", "tcp.sent_twice"} <= set(values)


def test_round_trips_are_unknown_where_nothing_was_sent(tmp_path: Path) -> None:
    values = _values(tmp_path, "0 0 10.77.0.12:2881 10.77.0.1:51756\n\t rtt:900/400 mss:1448 lastsnd:60000\n")
    assert values["tcp.send_queue_bytes"] == 0
    assert "tcp.round_trip_ms" not in values


def test_a_host_without_ss_has_no_figures(tmp_path: Path) -> None:
    assert _values(tmp_path) == {}


def test_what_is_no_figure_is_refused_and_names_of_later_versions_are_passed_over() -> None:
    assert tcp_script.connections(["another 7", ""]) == {}
    with pytest.raises(DataError):
        tcp_script.connections(["round_trip_ms many"])
