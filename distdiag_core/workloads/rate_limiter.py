"""The rate limiter of a client program."""

from __future__ import annotations

import time


class RateLimiter:
    """Spaces the starts of transactions or queries evenly; not safe for threads without a lock.

    Args:
        per_s: starts per second at most; 0 for no limit.
        backlog_s: starts missed in the last so many seconds are made up for; earlier ones are dropped, as users do not
            catch up on what they could not do while the database was slow.
    """

    def __init__(self, per_s: float, *, backlog_s: float = 0.0) -> None:
        self._interval_s = 1 / per_s if per_s else 0.0
        self._backlog_s = backlog_s
        self._next_s = time.monotonic()

    def delay_s(self) -> float:
        """Reserve the next start: the seconds to wait for it, 0 where it is due."""
        if not self._interval_s:
            return 0.0
        now_s = time.monotonic()
        start_s = max(self._next_s, now_s - self._backlog_s)
        self._next_s = start_s + self._interval_s
        return max(0.0, start_s - now_s)
