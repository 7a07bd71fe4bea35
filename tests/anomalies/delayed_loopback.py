"""Sends packets through `packet_delay.py` in a network of its own (`unshare -n`), and prints the outcome as JSON.

Arguments: the file of the program, the number of packets, the bytes in each, and the options of the program.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

_QUEUE = "7"
_QUEUES = Path("/proc/net/netfilter/nfnetlink_queue")


def main(holder: str, packets: str, size_bytes: str, *options: str) -> None:
    """Hold, send, kill the holder, send again."""
    rule = f"-p udp -j NFQUEUE --queue-num {_QUEUE} --queue-bypass"
    for command in ("ip link set lo up", f"iptables-legacy -t mangle -A POSTROUTING {rule}"):
        subprocess.run(command.split(), check=True)
    program = subprocess.Popen([sys.executable, holder, "--queue", _QUEUE, *options])
    deadline = time.monotonic() + 20
    while not _QUEUES.read_text(encoding="ascii").strip() and time.monotonic() < deadline:
        time.sleep(0.01)
    held = _send(int(packets), int(size_bytes), program)
    program.send_signal(signal.SIGKILL)
    program.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    free = _send(int(packets), int(size_bytes), None)
    report = {"held": held, "free": free, "cpu_s": used.ru_utime + used.ru_stime}
    sys.stdout.write(json.dumps(report))


def _send(count: int, size_bytes: int, program: subprocess.Popen[bytes] | None) -> dict[str, float | bool]:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    receiver.bind(("127.0.0.1", 0))
    # Longer than any that is not lost may take.
    receiver.settimeout(3)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent: list[float] = []
    for number in range(count):
        sent.append(time.monotonic())
        sender.sendto(str(number).rjust(size_bytes).encode(), receiver.getsockname())
    order: list[int] = []
    delays: list[float] = []
    with contextlib.suppress(TimeoutError):
        while len(order) < count:
            number = int(receiver.recv(10_000))
            delays.append(time.monotonic() - sent[number])
            order.append(number)
    return {
        "arrived": len(order),
        "in_order": order == sorted(order),
        "least_ms": min(delays, default=0) * 1000,
        "last_ms": delays[-1] * 1000 if delays else 0,
        "alive": program is not None and program.poll() is None,
    }


main(*sys.argv[1:])
