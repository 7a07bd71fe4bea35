"""The figures of the same connections by the node's Python and by ss, in a network of its own (`unshare -n`), as JSON.

Connections between two addresses of either family, some of which wait to be read, those of a server on port 22, and
some that stay within one address.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys

from distdiag_core.metrics.sources.host import node_program, tcp_script
from tests.waiting import eventually

_SSH_PORT, _PORT = 22, 2881
_LOST = "10.9.0.3/32"
_ADDRESSES = (_LOST, "10.9.0.1/32", "10.9.0.2/32", "fd00::1/128 nodad", "fd00::2/128 nodad")
_ATTEMPTS = 100
_SCRIPT = f"LC_ALL=C; export LC_ALL\n{tcp_script.FUNCTION}\ntcp_connections"


def main() -> None:
    """Print the first readings by ss that lie between two equal ones by Python, so that nothing happened meanwhile."""
    for command in ("link set lo up", *(f"address add {address} dev lo" for address in _ADDRESSES)):
        subprocess.run(["ip", *command.split()], check=True)
    os.environ["SSH_CONNECTION"] = f"10.9.0.1 40000 10.9.0.2 {_SSH_PORT}"
    idle, waiting = [], []
    for own, peer in (
        ("10.9.0.1", "10.9.0.2"),
        ("fd00::1", "fd00::2"),
        ("10.9.0.1", "10.9.0.1"),
        ("127.0.0.1", "127.0.0.2"),
    ):
        idle += [_connect(own, peer, port) for port in (_PORT, _PORT, _SSH_PORT)]
        waiting += [_connect(own, peer, port) for port in (_PORT, _SSH_PORT)]
    for client, _ in waiting:
        client.send(b"\0" * 100_000)
    unanswered, _kept = _connect("10.9.0.1", "10.9.0.3", _PORT)
    subprocess.run(["ip", "address", "del", _LOST, "dev", "lo"], check=True)
    unanswered.send(b"\0")
    for _ in range(_ATTEMPTS):
        # Round trips are those of connections that sent something in the last second.
        for client, _ in idle:
            client.send(b"\0")
        before, shell, after = _by_python(), _by_shell(), _by_python()
        if before == after and "tcp.round_trip_ms" in after:
            break
    sys.stdout.write(json.dumps({"python": after, "shell": shell}))


def _connect(own: str, peer: str, port: int) -> tuple[socket.socket, ...]:
    """A connection whose receiver reads nothing; both ends."""
    family = socket.AF_INET6 if ":" in own else socket.AF_INET
    server, client = socket.socket(family), socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.bind((peer, port))
    server.listen()
    client.bind((own, 0))
    # The kernel finds no route to an address of IPv6 that is very new.
    eventually(lambda: _connected(client, (peer, port)), f"a route to {peer}")
    accepted, _ = server.accept()
    server.close()
    client.settimeout(0)
    return client, accepted


def _connected(client: socket.socket, address: tuple[str, int]) -> bool:
    """Whether there is a connection now; False while there is no route."""
    code = client.connect_ex(address)
    if code not in (0, errno.ENETUNREACH):
        raise OSError(code, os.strerror(code))
    return code == 0


def _by_python() -> dict[str, float]:
    return tcp_script.named(node_program.tcp_figures(node_program.ssh_port()))


def _by_shell() -> dict[str, float]:
    output = subprocess.run(["sh", "-c", _SCRIPT], capture_output=True, text=True, check=True).stdout
    return tcp_script.connections([line.removeprefix("tcp:") for line in output.splitlines()])


if __name__ == "__main__":
    main()
