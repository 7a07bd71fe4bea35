"""Figures of the clients of all benchmarks on a node, as a source of metrics of that node."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from distdiag_core.metrics.source import Reading
from distdiag_core.workloads.workload_status import WorkloadFigures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from distdiag_core.workloads.control.workload_control import WorkloadControl
    from distdiag_core.workloads.workload_status import TypeFigures

_LATENCIES = ("p50_ms", "p95_ms", "p99_ms")


class WorkloadSource:
    """Implements `metrics.Source`; without a running workload it has no values.

    Of several benchmarks on one node rates (tps, qps, errors_per_s) are added up, and the worst latency counts. Figures
    by transaction type and further figures have the name of their benchmark as a prefix: `tpcc.new_order.p95_ms`.
    """

    name = "workload"

    def __init__(self, node: str, workloads: WorkloadControl) -> None:
        self._node = node
        self._workloads = workloads

    async def read(self) -> Reading:
        """The newest figures of the clients on the node."""
        await self._workloads.refresh()
        values = dict(values_of(self._workloads.figures(self._node)))
        return Reading(time.monotonic(), {key: value for key, value in values.items() if math.isfinite(value)})

    async def close(self) -> None:
        """Nothing to close."""


def values_of(by_kind: Mapping[str, WorkloadFigures]) -> Iterator[tuple[str, float]]:
    """Values of a node by metric key; NaN where unknown."""
    measured = tuple(by_kind.values())
    if not measured:
        return
    yield "tps", sum(each.tps for each in measured)
    yield "qps", sum(each.qps for each in measured)
    yield "errors_per_s", sum(each.errors_per_s for each in measured)
    for name in _LATENCIES:
        yield name, _worst(getattr(each, name) for each in measured)
    for kind, figures in by_kind.items():
        for name, value in figures.extra.items():
            yield f"{kind}.{name}", value
        for name, of_type in figures.types.items():
            yield from _of_type(f"{kind}.{name}", of_type)


def figures_from(values: Mapping[str, float], kind: str, threads: int) -> WorkloadFigures | None:
    """The figures of a benchmark that was the only one on a node, from the values of `values_of`; None without any.

    Figures by transaction type are left out, since not all of them are metrics.
    """
    known = {key: value for key, value in values.items() if math.isfinite(value)}
    if "tps" not in known:
        return None
    own = {key.removeprefix(f"{kind}."): value for key, value in known.items() if key.startswith(f"{kind}.")}
    p50_ms, p95_ms, p99_ms = (known.get(name, math.nan) for name in _LATENCIES)
    return WorkloadFigures(
        known["tps"],
        known.get("qps", math.nan),
        p95_ms,
        known.get("errors_per_s", 0.0),
        threads,
        p50_ms,
        p99_ms,
        extra={name: value for name, value in own.items() if "." not in name},
    )


def _of_type(name: str, figures: TypeFigures) -> Iterator[tuple[str, float]]:
    yield f"{name}.tps", figures.tps
    yield f"{name}.errors_per_s", figures.errors_per_s
    for latency in _LATENCIES:
        yield f"{name}.{latency}", getattr(figures, latency)


def _worst(latencies: Iterable[float]) -> float:
    return max((each for each in latencies if math.isfinite(each)), default=math.nan)
