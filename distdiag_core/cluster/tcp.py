"""TCP connections with keepalives, so that a silent break is noticed within seconds."""

from __future__ import annotations

import asyncio
import socket

from distdiag_core.cluster import reasons
from distdiag_core.errors import UnreachableError

# The kernel asks after 3 s of silence, then each 3 s, and gives up after 12 s; the same as for SSH.
_IDLE_S = 3
_INTERVAL_S = 3
_PROBES = 3
_UNANSWERED_MS = 12_000


async def connect(host: str, port: int, *, timeout_s: float) -> socket.socket:
    """Connect to the first address of `host` that answers; the socket is left non-blocking.

    Raises:
        NotListeningError: the last that was tried refuses.
        UnreachableError: none does.
    """
    loop = asyncio.get_running_loop()
    where = f"{host}:{port}"
    failed = UnreachableError(f"{where}: it has no address")
    try:
        async with asyncio.timeout(timeout_s):
            for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                try:
                    return await _connected(socket.socket(family, kind, protocol), address)
                except OSError as error:
                    failed = reasons.unreachable(error, where)
    except TimeoutError:
        failed = UnreachableError(f"{where}: timed out: no answer within {timeout_s:g} s")
    except (OSError, UnicodeError) as error:
        failed = reasons.unreachable(error, where)
    raise failed


async def _connected(made: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        made.setblocking(False)  # noqa: FBT003 - the standard library's own
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _INTERVAL_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)
        await asyncio.get_running_loop().sock_connect(made, address)
    except BaseException:
        made.close()
        raise
    return made
