"""Bounded waits for what happens outside the code of a test: in another process, another thread or a file."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# For a slow and busy machine.
_WITHIN_S = 90.0
_PAUSE_S = 0.02


async def until(condition: Callable[[], object], what: str = "a condition", within_s: float = _WITHIN_S) -> None:
    """Wait until a condition holds, while other tasks go on.

    Raises:
        AssertionError: it does not, for long.
    """
    try:
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        raise AssertionError(f"waited {within_s:g} s for {what}") from None


def eventually(condition: Callable[[], object], what: str, within_s: float = _WITHIN_S) -> None:
    """Wait until a condition holds, in a test without an event loop.

    Raises:
        AssertionError: it does not, for long.
    """
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, f"waited {within_s:g} s for {what}"
        time.sleep(_PAUSE_S)
