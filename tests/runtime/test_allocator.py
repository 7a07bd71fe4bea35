"""The allocator of the C library, asked by itself how many heaps it has."""

from __future__ import annotations

import subprocess
import sys

import pytest

_COUNT_HEAPS = """
import ctypes, sys, tempfile, threading
from distdiag_core.runtime import allocator
if sys.argv[1] == "shared":
    allocator.share_arenas()
libc = ctypes.CDLL(None)
all_started = threading.Barrier(6)
def allocate():
    # All at once, so that no arena is free for a second thread.
    all_started.wait()
    blocks = [bytearray(10_000) for _ in range(100)]
    all_started.wait()
threads = [threading.Thread(target=allocate) for _ in range(6)]
[each.start() for each in threads]
[each.join() for each in threads]
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as file:
    stream = ctypes.c_void_p(libc.fopen(file.name.encode(), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(file.read().count("<heap nr="))
"""


def heaps(way: str) -> int:
    ended = subprocess.run(
        [sys.executable, "-c", _COUNT_HEAPS, way], capture_output=True, text=True, check=True, timeout=60
    )
    return int(ended.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of the GNU C library")
def test_threads_share_two_heaps() -> None:
    assert heaps("shared") <= 2 < heaps("as it is")
