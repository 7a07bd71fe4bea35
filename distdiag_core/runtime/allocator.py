"""The memory allocator of the GNU C library, set for a process that runs for months."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

# Parameter of mallopt (malloc.h).
_ARENA_MAX = -8
# One for the screen, and one for the threads of the core; of these seldom two allocate at the same time.
_ARENAS = 2


def share_arenas() -> None:
    """Let the threads that start from now on share two arenas.

    By default each thread has its own, up to eight for each processor, and what one has freed is of no use to the
    others: beside a main heap that stays as it is, a recorder grows by some MiB an hour.
    """
    set_parameter = _function("mallopt")
    if set_parameter is not None:
        set_parameter(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give what is free back to the operating system; it takes some milliseconds, in which other threads go on.

    The allocator keeps what was freed for its next use. After something large that seldom comes again, such as reading
    every model or leaving the past, the process would stay that much larger for good.
    """
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Any:  # noqa: ANN401 - functions of C have no narrower type
    # Other C libraries have no such function, and give back by themselves.
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
