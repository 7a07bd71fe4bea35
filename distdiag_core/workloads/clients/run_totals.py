"""Totals of a whole run, from the figures that its clients reported each second."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.settings import json_document
from distdiag_core.settings.json_document import Rate  # noqa: TC001 - read from a file as well

if TYPE_CHECKING:
    from distdiag_core.workloads.workload_status import WorkloadFigures

_LATENCIES = ("p50_ms", "p95_ms", "p99_ms")
_Latencies = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class TypeTotals:
    """Totals of one transaction type on one node; latencies as in `RunTotals`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    tps: Rate
    errors_per_s: Rate
    p50_ms: Rate | None = None
    p95_ms: Rate | None = None
    p99_ms: Rate | None = None


@dataclass(frozen=True, slots=True)
class RunTotals:
    """Totals of a whole run on one node.

    Attributes:
        seconds: number of reports, over which the means are taken.
        p95_ms: mean of the percentiles of single seconds, weighted with the transactions that finished in each, since
            the clients report no more; None where none finished or it is not measured. Likewise the other percentiles.
        worst_p95_ms: highest 95th percentile of a single second.
        extra: means of the further figures of the benchmark, for instance `tpmc`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    seconds: json_document.Count = 0
    tps: Rate = 0.0
    qps: Rate = 0.0
    errors_per_s: Rate = 0.0
    p50_ms: Rate | None = None
    p95_ms: Rate | None = None
    p99_ms: Rate | None = None
    worst_p95_ms: Rate | None = None
    types: dict[str, TypeTotals] = field(default_factory=dict)
    extra: dict[str, Rate] = field(default_factory=dict)


class RunTally:
    """Accumulates the reports of a run in constant space."""

    def __init__(self) -> None:
        self._seconds = 0
        self._all = _Sum()
        self._types: defaultdict[str, _Sum] = defaultdict(_Sum)
        self._queries = 0.0
        self._extra: defaultdict[str, float] = defaultdict(float)
        self._worst_p95_ms: float | None = None

    def add(self, figures: WorkloadFigures) -> None:
        """Add the figures of one second."""
        self._seconds += 1
        self._queries += figures.qps
        self._all.add(figures.tps, figures.errors_per_s, tuple(getattr(figures, name) for name in _LATENCIES))
        for kind, each in figures.types.items():
            self._types[kind].add(each.tps, each.errors_per_s, tuple(getattr(each, name) for name in _LATENCIES))
        for name, value in figures.extra.items():
            self._extra[name] += value if math.isfinite(value) else 0.0
        if math.isfinite(figures.p95_ms):
            self._worst_p95_ms = max(figures.p95_ms, self._worst_p95_ms or 0.0)

    def totals(self) -> RunTotals:
        """The totals so far."""
        seconds = self._seconds or 1
        return RunTotals(
            self._seconds,
            self._all.transactions / seconds,
            self._queries / seconds,
            self._all.errors / seconds,
            *self._all.latencies(),
            worst_p95_ms=self._worst_p95_ms,
            types={kind: each.totals(seconds) for kind, each in self._types.items()},
            extra={name: value / seconds for name, value in self._extra.items()},
        )


class _Sum:
    def __init__(self) -> None:
        self.transactions = 0.0
        self.errors = 0.0
        self._weighted = [0.0] * len(_LATENCIES)
        self._weights = [0.0] * len(_LATENCIES)

    def add(self, tps: float, errors_per_s: float, latencies_ms: tuple[float, ...]) -> None:
        self.transactions += tps
        self.errors += errors_per_s
        for index, latency_ms in enumerate(latencies_ms):
            if math.isfinite(latency_ms):
                self._weighted[index] += tps * latency_ms
                self._weights[index] += tps

    def totals(self, seconds: int) -> TypeTotals:
        return TypeTotals(self.transactions / seconds, self.errors / seconds, *self.latencies())

    def latencies(self) -> _Latencies:
        p50, p95, p99 = (
            weighted / weight if weight else None
            for weighted, weight in zip(self._weighted, self._weights, strict=True)
        )
        return p50, p95, p99
