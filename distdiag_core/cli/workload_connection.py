"""A connection to the workloads of a cluster for one operation, without a console."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.operations.workloads import Workloads

T = TypeVar("T")


async def on_workloads(
    settings: ClusterSettings, act: Callable[[Workloads], Awaitable[T]], permission: Permission | None = None
) -> T:
    """What `act` returns."""
    from distdiag_core.operations.workloads import connect_workloads

    async with connect_workloads(settings, permission) as verbs:
        return await act(verbs)
