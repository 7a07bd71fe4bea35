"""The program of the source `host` on a node that has Python 3.6 or later: the figures of the shell's, at less cost.

It runs there by `python3 -c` with nothing but the node's own Python, and answers each line on its standard input with
lines of /proc and the figures of TCP connections. A shell has to start grep, ss and awk for that at every tick; here
the kernel is asked (include/uapi/linux/inet_diag.h), once for connections of both families. Arguments:
`distdiag-host`, a regular expression, the files of /proc in one argument, and `probe` to end after one answer.
"""

import os
import re
import socket
import struct
import sys
from itertools import islice

# The module `typing` would take longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NETLINK_SOCK_DIAG = 4
# The message of Linux 2.6.14, which later kernels answer, too: it alone asks for both families at once.
TCPDIAG_GETSOCK = 18
REQUEST_DUMP = 0x301
NLMSG_ERROR, NLMSG_DONE = 2, 3
ESTABLISHED = 1
INET_DIAG_INFO = 2
WITHIN_S = 1.0
HEAD = struct.Struct("=IHHII")
REQUEST = struct.Struct("=BxxB48xI4x")
# Family, port and address, the other's address, and bytes that wait to be sent or acknowledged.
CONNECTION = struct.Struct("=Bxxx2sxx16s16s20xI8x")
ATTRIBUTE = struct.Struct("=HH")
# Of tcp_info: mss, unacknowledged segments, ms since something was sent, round trip and its variation in us.
INFO = struct.Struct("=16xI4xI16xI20xII")
# Their mean is as good, and a node may have a hundred thousand.
AT_MOST = 1000
COUNTERS = ("TCPTimeouts", "TCPLossProbes", "TCPDSACKRecv", "TCPSpuriousRtxHostQueues")


def tcp_figures(own_port: int) -> "dict[str, float]":
    """The figures of TCP connections to other hosts; without round trips where nothing was sent.

    Args:
        own_port: that of the SSH server, whose connections are left out.

    Raises:
        OSError: the kernel does not tell them.
    """
    figures = counters()
    queued = flying = active = trips_us = variations_us = 0
    left_out = struct.pack("!H", own_port)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as kernel:
        others = (each for each in connections(kernel) if each[1] != left_out)
        for family, _, own, peer, waiting, info in islice(others, AT_MOST):
            if not leaves_host(family, own, peer):
                continue
            mss, unacked, idle_ms, trip_us, variation_us = info
            queued += waiting
            flying += unacked * mss
            # An idle one remembers what was long ago.
            if trip_us and (idle_ms < 1000 or unacked):
                active += 1
                trips_us += trip_us
                variations_us += variation_us
    figures["send_queue_bytes"], figures["in_flight_bytes"] = float(queued), float(flying)
    if active:
        figures["round_trip_ms"] = trips_us / active / 1000
        figures["round_trip_variation_ms"] = variations_us / active / 1000
    return figures


def leaves_host(family: int, own: bytes, peer: bytes) -> bool:
    """Whether a connection between these addresses leads to another host."""
    if family == socket.AF_INET:
        return own[:4] != peer[:4] and own[0] != 127
    return own != peer


def counters() -> "dict[str, float]":
    """Why TCP sent packets again, since the start of the host."""
    rows = [line.decode().split() for line in text_of("/proc/net/netstat").split(b"\n") if line[:7] == b"TcpExt:"]
    # A line of names is followed by one of figures.
    return {name: float(figure) for name, figure in zip(*rows) if name in COUNTERS}  # noqa: B905 - new in Python 3.10


def connections(kernel: socket.socket) -> "Iterator[tuple[int, bytes, bytes, bytes, int, tuple[int, ...]]]":
    """Family, port, both addresses, bytes that wait, and `INFO` of each established connection."""
    kernel.settimeout(WITHIN_S)
    request = REQUEST.pack(0, 1 << (INET_DIAG_INFO - 1), 1 << ESTABLISHED)
    kernel.send(HEAD.pack(HEAD.size + len(request), TCPDIAG_GETSOCK, REQUEST_DUMP, 1, 0) + request)
    while True:
        part, at = kernel.recv(65536), 0
        while at < len(part):
            length, kind = HEAD.unpack_from(part, at)[:2]
            if kind == NLMSG_DONE:
                return
            if kind == NLMSG_ERROR:
                raise OSError("the kernel does not tell of connections")
            body = at + HEAD.size
            yield (*CONNECTION.unpack_from(part, body), info_of(part, body + CONNECTION.size, at + length))
            at += length + -length % 4


def info_of(part: bytes, at: int, end: int) -> "tuple[int, ...]":
    """`INFO` among the attributes from `at` to `end`; zeros where the kernel gives none."""
    while at < end:
        length, kind = ATTRIBUTE.unpack_from(part, at)
        if kind == INET_DIAG_INFO and length >= ATTRIBUTE.size + INFO.size:
            return INFO.unpack_from(part, at + ATTRIBUTE.size)
        at += max(length, ATTRIBUTE.size) + -length % 4
    return (0,) * 5


def text_of(path: str) -> bytes:
    """A file of /proc, by one call; empty where the kernel has none."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        parts = []
        while True:
            parts.append(os.read(file, 65536))
            if not parts[-1]:
                return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(file)


def ssh_port() -> int:
    """That of the server through which this runs, or else the usual one."""
    return int((os.environ.get("SSH_CONNECTION", "").split() or ["22"])[-1])


def main() -> None:
    """Answer until standard input ends."""
    wanted, files = re.compile(b"(?:" + os.fsencode(sys.argv[2]) + b").*", re.MULTILINE), sys.argv[3].split()
    probe = sys.argv[4:] == ["probe"]
    for tick in ["0"] if probe else iter(sys.stdin.readline, ""):
        lines = [b"%s:%s" % (file.encode(), found[0]) for file in files for found in wanted.finditer(text_of(file))]
        try:
            lines += [b"tcp:%s %.3f" % (name.encode(), figure) for name, figure in tcp_figures(ssh_port()).items()]
        except (OSError, ValueError):
            if probe:
                raise
        sys.stdout.buffer.write(b"\n".join([*lines, b"end " + tick.strip().encode(), b""]))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
