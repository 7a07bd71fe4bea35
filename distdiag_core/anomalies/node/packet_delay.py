"""Holds the packets of a netfilter queue for a time and lets them go in the order in which they came.

Runs on a node, with nothing but the node's own Python (3.6 or later). While it runs, the kernel keeps the packets and
sends only their numbers; one verdict lets all go up to a number. When it ends, `--queue-bypass` lets traffic flow at
once. What is over the bound passes without delay, for the kernel is told to fail open.

The protocol is the kernel's: include/uapi/linux/netfilter/nfnetlink_queue.h.
"""

import argparse
import random
import select
import signal
import socket
import struct
import sys
import time
from collections import deque

NETLINK_NETFILTER = 12
SOL_NETLINK = 270
NETLINK_NO_ENOBUFS = 5
SUBSYSTEM_QUEUE = 3 << 8
MSG_PACKET, MSG_CONFIG, MSG_VERDICT_BATCH = 0, 2, 3
NLMSG_ERROR = 2
REQUEST, ACK = 1, 4
CFG_COMMAND, CFG_PARAMETERS, CFG_QUEUE_MAXLEN, CFG_MASK, CFG_FLAGS = 1, 2, 3, 4, 5
COMMAND_BIND = 1
COPY_META = 1
# Fail open when the queue is full; take large packets whole.
FLAGS = 1 | 4
ATTRIBUTE_VERDICT_HEADER = 2
ACCEPT = 1
# Releases that are this close together share a verdict: fewer wake-ups, and nobody measures delays more finely.
GRAIN_S = 0.001
# Netlink header and netfilter header; the packet's number is the first attribute after them.
HEAD = struct.Struct("=LHHLLBBH")
NUMBER_AT = HEAD.size + 4


def message(kind: int, queue: int, body: bytes, flags: int = REQUEST) -> bytes:
    """One netlink message about `queue`."""
    head = HEAD.pack(HEAD.size + len(body), SUBSYSTEM_QUEUE | kind, flags, 0, 0, 0, 0, socket.htons(queue))
    return head + body


def attribute(kind: int, value: bytes) -> bytes:
    """One netlink attribute, padded to four bytes."""
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


class Queue:
    """One netfilter queue, bound to this process."""

    def __init__(self, number: int, most: int) -> None:
        self.number = number
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        # Losing a number is no error: the next verdict covers it.
        self.socket.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
        self.socket.bind((0, 0))
        self.configure(attribute(CFG_COMMAND, struct.pack("!BxH", COMMAND_BIND, socket.AF_INET)))
        self.configure(attribute(CFG_PARAMETERS, struct.pack("!IB", 0, COPY_META)))
        self.configure(attribute(CFG_QUEUE_MAXLEN, struct.pack("!I", most)))
        self.configure(attribute(CFG_FLAGS, struct.pack("!I", FLAGS)) + attribute(CFG_MASK, struct.pack("!I", FLAGS)))
        self.socket.settimeout(0)

    def configure(self, body: bytes) -> None:
        """Set something, and wait for the kernel to agree."""
        self.socket.send(message(MSG_CONFIG, self.number, body, REQUEST | ACK))
        while True:
            answer = self.socket.recv(65536)
            if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
                error = -struct.unpack_from("=i", answer, 16)[0]
                if error:
                    raise OSError(error, f"the kernel refuses queue {self.number}")
                return

    def arrived(self) -> "list[int]":
        """The numbers of the packets that came in."""
        numbers: list[int] = []
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return numbers
            if struct.unpack_from("=H", data, 4)[0] == SUBSYSTEM_QUEUE | MSG_PACKET:
                numbers.append(struct.unpack_from("!I", data, NUMBER_AT)[0])

    def release(self, number: int) -> None:
        """Let all packets up to `number` go."""
        body = attribute(ATTRIBUTE_VERDICT_HEADER, struct.pack("!II", ACCEPT, number))
        self.socket.send(message(MSG_VERDICT_BATCH, self.number, body))


def hold(queue: Queue, delay_s: float, jitter_s: float) -> None:
    """Go on until the process is told to end; then let everything go."""
    held: deque[tuple[float, int]] = deque()
    latest = 0.0
    poll = select.poll()
    poll.register(queue.socket, select.POLLIN)
    try:
        while True:
            poll.poll(max(0.0, held[0][0] - time.monotonic()) * 1000 + 1 if held else None)
            now = time.monotonic()
            for number in queue.arrived():
                # Never before the one in front: that would be reordering, which is another anomaly.
                latest = max(latest, now + delay_s + random.uniform(-jitter_s, jitter_s))  # noqa: S311 - a network is no secret
                held.append((latest, number))
            due = None
            while held and held[0][0] <= now + GRAIN_S:
                due = held.popleft()[1]
            if due is not None:
                queue.release(due)
    finally:
        # The kernel drops what it still holds when the queue goes.
        if held:
            queue.release(held[-1][1])


def main() -> None:
    """Bind the queue and hold its packets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--queue", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, required=True)
    parser.add_argument("--jitter-ms", type=float, default=0.0)
    parser.add_argument("--most", type=int, default=20000, help="packets held at once")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    hold(Queue(options.queue, options.most), options.delay_ms / 1000, min(options.jitter_ms, options.delay_ms) / 1000)


if __name__ == "__main__":
    main()
