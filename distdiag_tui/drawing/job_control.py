"""Job control of the shell: whether anything could continue a process that has stopped."""

from __future__ import annotations

import os


def why_impossible() -> str:
    """Why this process must not stop itself; empty where a shell can continue it."""
    try:
        of_session = os.getpgid(os.getsid(0))
    except ProcessLookupError:
        of_session = os.getpgrp()
    # A shell with job control leads the session, and puts each job into a process group of its own.
    return "no shell could continue it: it was not started by one" if of_session == os.getpgrp() else ""
