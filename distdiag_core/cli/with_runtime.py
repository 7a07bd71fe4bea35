"""A runtime for one verb: nothing is sampled, and the nodes are let go of at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.runtime import Runtime

T = TypeVar("T")


async def with_runtime(settings: ClusterSettings, verb: Callable[[Runtime], Awaitable[T]]) -> T:
    """What `verb` returns."""
    from distdiag_core.runtime import Runtime

    async with Runtime(settings, sampling=False) as runtime:
        return await verb(runtime)
