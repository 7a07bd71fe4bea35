"""Holds the packets of a netfilter queue, each for a time or all at a rate; they go in the order in which they came.

Runs on a node, with nothing but the node's own Python (3.6 or later). While it runs, the kernel keeps the packets and
sends only their numbers and sizes; one verdict lets all go up to a number. When it ends, `--queue-bypass` lets traffic
flow at once.

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
MSG_PACKET, MSG_VERDICT, MSG_CONFIG, MSG_VERDICT_BATCH = 0, 1, 2, 3
NLMSG_ERROR = 2
REQUEST, ACK = 1, 4
CFG_COMMAND, CFG_PARAMETERS, CFG_QUEUE_MAXLEN, CFG_MASK, CFG_FLAGS = 1, 2, 3, 4, 5
COMMAND_BIND = 1
COPY_PACKET = 2
FAIL_OPEN, WHOLE_LARGE_PACKETS = 1, 4
ATTRIBUTE_VERDICT_HEADER, ATTRIBUTE_CAPTURED_LENGTH = 2, 13
DROP, ACCEPT = 0, 1
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


def attributes(data: bytes, start: int) -> "dict[int, bytes]":
    """The attributes of a message, by kind."""
    found = {}
    while start + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, start)
        if length < 4:
            break
        found[kind] = data[start + 4 : start + length]
        start += length + (-length % 4)
    return found


class Delay:
    """Holds each packet for a time of its own; what is over the bound of the queue passes without delay."""

    flags = FAIL_OPEN | WHOLE_LARGE_PACKETS

    def __init__(self, delay_ms: float, jitter_ms: float) -> None:
        self.delay_s = delay_ms / 1000
        self.jitter_s = min(delay_ms, jitter_ms) / 1000
        self.latest_s = 0.0

    def due_s(self, now_s: float, size_bytes: int) -> "float | None":
        """When a packet that came now is to go."""
        jitter_s = random.uniform(-self.jitter_s, self.jitter_s)  # noqa: S311 - a network is no secret
        # Never before the one in front: that would be reordering, which is another anomaly.
        self.latest_s = max(self.latest_s, now_s + self.delay_s + jitter_s)
        return self.latest_s


class Rate:
    """Lets packets go one after the other as a slow line would; what would have to wait too long is lost."""

    # A large packet would have to wait for longer than that, and be lost each time that it is sent.
    flags = 0

    def __init__(self, rate_kbit: float, longest_wait_s: float = 0.4) -> None:
        self.bytes_per_s = rate_kbit * 125
        self.longest_wait_s = longest_wait_s
        self.free_s = 0.0

    def due_s(self, now_s: float, size_bytes: int) -> "float | None":
        """When a packet that came now is to go; None where it is lost."""
        due_s = max(self.free_s, now_s) + size_bytes / self.bytes_per_s
        if due_s > now_s + self.longest_wait_s and self.free_s > now_s:
            return None
        self.free_s = due_s
        return due_s


class Queue:
    """One netfilter queue, bound to this process."""

    def __init__(self, number: int, most: int, flags: int) -> None:
        self.number = number
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        # Losing a number is no error: the next verdict covers it.
        self.socket.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
        self.socket.bind((0, 0))
        self.configure(attribute(CFG_COMMAND, struct.pack("!BxH", COMMAND_BIND, socket.AF_INET)))
        self.configure(attribute(CFG_PARAMETERS, struct.pack("!IB", 1, COPY_PACKET)))
        self.configure(attribute(CFG_QUEUE_MAXLEN, struct.pack("!I", most)))
        self.configure(attribute(CFG_FLAGS, struct.pack("!I", flags)) + attribute(CFG_MASK, struct.pack("!I", flags)))
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

    def arrived(self) -> "list[tuple[int, int]]":
        """The packets that came in: the number and the size in bytes of each."""
        packets: list[tuple[int, int]] = []
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return packets
            if struct.unpack_from("=H", data, 4)[0] == SUBSYSTEM_QUEUE | MSG_PACKET:
                size = attributes(data, HEAD.size).get(ATTRIBUTE_CAPTURED_LENGTH)
                packets.append((struct.unpack_from("!I", data, NUMBER_AT)[0], int.from_bytes(size or b"\1", "big")))

    def release(self, number: int) -> None:
        """Let all packets up to `number` go."""
        self.decide(MSG_VERDICT_BATCH, ACCEPT, number)

    def lose(self, number: int) -> None:
        """Let nobody ever see this packet again."""
        self.decide(MSG_VERDICT, DROP, number)

    def decide(self, kind: int, verdict: int, number: int) -> None:
        """Tell the kernel."""
        body = attribute(ATTRIBUTE_VERDICT_HEADER, struct.pack("!II", verdict, number))
        self.socket.send(message(kind, self.number, body))


def hold(queue: Queue, line: "Delay | Rate") -> None:
    """Go on until the process is told to end; then let everything go."""
    held: deque[tuple[float, int]] = deque()
    poll = select.poll()
    poll.register(queue.socket, select.POLLIN)
    try:
        while True:
            poll.poll(max(0.0, held[0][0] - time.monotonic()) * 1000 + 1 if held else None)
            now = time.monotonic()
            for number, size_bytes in queue.arrived():
                due_s = line.due_s(now, size_bytes)
                if due_s is None:
                    queue.lose(number)
                else:
                    held.append((due_s, number))
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
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--delay-ms", type=float)
    kind.add_argument("--rate-kbit", type=float)
    parser.add_argument("--jitter-ms", type=float, default=0.0)
    parser.add_argument("--most", type=int, default=20000, help="packets held at once")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    line = Rate(options.rate_kbit) if options.rate_kbit else Delay(options.delay_ms, options.jitter_ms)
    hold(Queue(options.queue, options.most, line.flags), line)


if __name__ == "__main__":
    main()
