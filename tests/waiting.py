"""A bounded wait for what happens outside this process, in tests without an event loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_S = 0.02


def eventually(condition: Callable[[], object], what: str, within_s: float = 60.0) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it does not, for long.
    """
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, f"waited {within_s:g} s for {what}"
        time.sleep(_PAUSE_S)
