"""The tables of benchmarks that are on the nodes, by the databases themselves, whichever machine has prepared them."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from distdiag_core.errors import DistdiagError, SqlError
from distdiag_core.workloads import benchmark_registry
from distdiag_core.workloads.benchmark_options import described
from distdiag_core.workloads.workload_request import WorkloadRequest
from distdiag_core.workloads.workload_status import WorkloadState, WorkloadStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.workloads.benchmark_options import Options
    from distdiag_core.workloads.benchmark_target import BenchmarkTarget

_AT_ONCE = 16
_BOUND_S = 10.0
_CACHED_S = 60.0


class PreparedTables:
    """What the databases had when they were asked last.

    Args:
        nodes: names of the nodes, in the order of the cluster file.
        target: access to the database of one of them.
    """

    def __init__(self, nodes: Sequence[str], target: Callable[[str], BenchmarkTarget]) -> None:
        self._nodes = nodes
        self._target = target
        # By node, the options of each benchmark whose tables are there.
        self._found: dict[str, dict[str, tuple[Options, ...]]] = {}
        self._looked_s: float | None = None

    def forget(self) -> None:
        """Ask again at the next `look`, since the tables were changed."""
        self._looked_s = None

    async def look(self) -> bool:
        """Ask every node, unless that was done in the last minute; whether all have answered now.

        Of a node that does not, the last answer holds.
        """
        if self._looked_s is not None and time.monotonic() - self._looked_s < _CACHED_S:
            return False
        self._looked_s = time.monotonic()
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def ask(node: str) -> bool:
            async with at_once:
                try:
                    async with asyncio.timeout(_BOUND_S):
                        self._found[node] = await self._of(node)
                except (TimeoutError, DistdiagError):
                    # Whoever starts a load is told why.
                    return False
                return True

        return all(await asyncio.gather(*map(ask, self._nodes)))

    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """A status for each benchmark and each size of its tables, with the nodes that have them."""
        by_request: dict[tuple[str, Options], list[str]] = {}
        for node in self._nodes:
            for kind, several in self._found.get(node, {}).items():
                for options in several:
                    by_request.setdefault((kind, options), []).append(node)
        return tuple(_status(kind, options, nodes) for (kind, options), nodes in by_request.items())

    async def _of(self, node: str) -> dict[str, tuple[Options, ...]]:
        found: dict[str, tuple[Options, ...]] = {}
        target = self._target(node)
        async with target.database() as database:
            for name in benchmark_registry.names():
                # Tables that the account may not read are none that it can put load on.
                with suppress(SqlError):
                    found[name] = await benchmark_registry.benchmark(name).prepared(target, database)
        return found


def _status(kind: str, options: Options, nodes: Sequence[str]) -> WorkloadStatus:
    script = next(iter(benchmark_registry.benchmark(kind).scripts))
    request = WorkloadRequest(kind, script, tuple(nodes), options=options)
    sizes = [
        f"{each.label.lower()}: {getattr(options, each.name):,}"
        for each in described(type(options))
        if each.needs_prepare
    ]
    return WorkloadStatus(request, WorkloadState.PREPARED, f"found in the databases; {', '.join(sizes)}")
