"""Ports of this machine for servers that tests start."""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Below what Linux gives to clients, and to servers that ask for any port: one of those could get a port that a test
# found free, before the test's own server listens on it.
_FIRST, _END = 10_000, 32_000
# The loopback lab has ports of its own, which are always the same.
_OF_LAB = frozenset((*range(22_080, 22_113), *range(28_810, 28_843)))
# Processes that run tests at the same time have ports of their own.
_PROCESSES = 16


def _candidates() -> Iterator[int]:
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PROCESSES
    size = (_END - _FIRST) // _PROCESSES
    ports = range(_FIRST + process * size, _FIRST + (process + 1) * size)
    # Somebody else may run the same tests now.
    start = random.SystemRandom().randrange(size)
    return cycle([port for port in (*ports[start:], *ports[:start]) if port not in _OF_LAB])


_candidate = _candidates()


def free_port() -> int:
    """A port of loopback that nothing listens on, and that nobody else is given.

    Raises:
        AssertionError: there is none.
    """
    for _ in range(_END - _FIRST):
        port = next(_candidate)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")
