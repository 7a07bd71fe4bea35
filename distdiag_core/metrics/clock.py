"""The clock of a run: seconds since the epoch that only go forward, also while the wall clock is set."""

import time

# On Linux the elapsed time includes a suspended machine's; elsewhere the monotonic clock has to do.
_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _elapsed_s() -> float:
    return time.clock_gettime(_ELAPSED)


# The wall clock when the process began. All times of one run count from it, so that they can be compared.
_BEGAN_S = time.time() - _elapsed_s()


def now_s() -> float:
    """This moment: the wall clock when the process began, and the time that has passed since."""
    return _BEGAN_S + _elapsed_s()


def offset_s() -> float:
    """The wall clock minus this clock: zero until the wall clock is set."""
    return time.time() - now_s()


def of_wall_s(time_s: float) -> float:
    """The time on this clock of a moment that another machine or process dates by the wall clock."""
    return time_s - offset_s()
