"""The part of the program on a node that tells of its TCP connections, and the parser of what it prints.

The kernel's counters of a host tell that packets were sent again. Whether the line is long, narrow or loses packets is
told by its connections (`ss`, of iproute2) and by why packets were sent again (/proc/net/netstat): on a long line round
trips are long and vary little, on a narrow one they vary and packets wait in the host, on one that loses packets
probes and timeouts send them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.metrics.sources.host.procfs import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.metrics.sources.host.procfs import Values

MARK = "tcp"

# A shell function, which prints nothing where ss or awk lacks. Old versions of ss print the details of a connection on
# a line of their own. Connections of the SSH server and those that stay within the host are left out, and at most a
# thousand are looked at: their mean is as good, and a node may have a hundred thousand. Round trips are those of
# connections that sent something in the last second, since the others remember what was long ago.
FUNCTION = r"""
tcp_connections() { :; }
if command -v ss >/dev/null && command -v awk >/dev/null; then
  set -- ${SSH_CONNECTION:-}
  ssh_port=${4:-22}
  tcp_connections() {
    ss -tinH state established "( not sport = :$ssh_port )" 2>/dev/null | awk '
      function host(address) { sub(/:[^:]*$/, "", address); return address }
      function add() {
        if (!elsewhere) return
        queued += waiting; flying += unacked * mss
        if (trip != "" && (idle < 1000 || unacked)) { active++; trips += trip; variations += variation }
      }
      BEGIN {
        wanted["TCPTimeouts"]; wanted["TCPLossProbes"]; wanted["TCPDSACKRecv"]; wanted["TCPSpuriousRtxHostQueues"]
      }
      FILENAME == "/proc/net/netstat" {
        if ($1 != "TcpExt:") next
        if (!named) { for (i = 2; i <= NF; i++) name[i] = $i; named = 1; next }
        for (i = 2; i <= NF; i++) if (name[i] in wanted) print "tcp:" name[i], $i
        next
      }
      FNR > 2000 { exit }
      /^[^ \t]/ {
        add(); waiting = $2; elsewhere = host($3) != host($4) && $3 !~ /^127\./
        trip = ""; variation = unacked = mss = idle = 0
      }
      {
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^rtt:/) { split(substr($i, 5), part, "/"); trip = part[1]; variation = part[2] }
          else if ($i ~ /^lastsnd:/) idle = substr($i, 9) + 0
          else if ($i ~ /^unacked:/) unacked = substr($i, 9) + 0
          else if ($i ~ /^mss:/) mss = substr($i, 5) + 0
        }
      }
      END {
        add()
        printf "tcp:send_queue_bytes %.0f\ntcp:in_flight_bytes %.0f\n", queued, flying
        if (!active) exit
        printf "tcp:round_trip_ms %.3f\n", trips / active
        printf "tcp:round_trip_variation_ms %.3f\n", variations / active
      }' /proc/net/netstat - 2>/dev/null
  }
fi
"""

_KEYS = {
    "TCPTimeouts": "tcp.timeouts",
    "TCPLossProbes": "tcp.loss_probes",
    "TCPDSACKRecv": "tcp.sent_twice",
    "TCPSpuriousRtxHostQueues": "tcp.held_in_host",
    "send_queue_bytes": "tcp.send_queue_bytes",
    "in_flight_bytes": "tcp.in_flight_bytes",
    "round_trip_ms": "tcp.round_trip_ms",
    "round_trip_variation_ms": "tcp.round_trip_variation_ms",
}


def connections(lines: Sequence[str]) -> Values:
    """The figures that the function printed; without round trips where nothing was sent.

    Raises:
        DataError: one of them is no figure.
    """
    figures = (line.partition(" ") for line in lines)
    return named({name: number(text, where="ss") for name, _, text in figures if name in _KEYS})


def named(figures: Mapping[str, float]) -> Values:
    """The figures by the keys of the source."""
    return {_KEYS[name]: figure for name, figure in figures.items()}
