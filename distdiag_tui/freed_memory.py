"""Memory that was freed, given back to the operating system.

The allocator of the C library keeps what a thread has freed for that thread's next use. After something large that
seldom comes again, such as reading every model or leaving the past, the process would stay that much larger for good.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give back what is free; it takes some milliseconds, in which other threads go on."""
    # Other C libraries than that of GNU give back by themselves, or have no such call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
