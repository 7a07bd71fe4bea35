"""A bounded wait for the end of all injections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distdiag_core.anomalies.injector import Injector


async def until_nothing_is_active(injector: Injector, limit_s: float = 30.0) -> None:
    """Wait until everything has ended, by itself.

    Raises:
        AssertionError: it has not within `limit_s`.
    """
    try:
        async with asyncio.timeout(limit_s):
            while await injector.active():  # noqa: ASYNC110 - what is waited for is outside this process
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited {limit_s:g} s for the injections to end") from None
