"""The share of a load that one of several generators takes, and what they measure together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distdiag_core.errors import ConfigError
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from distdiag_core.workloads.load_profile import LoadProfile
    from distdiag_core.workloads.workload_request import WorkloadRequest


@dataclass(frozen=True, slots=True)
class LoadShare:
    """One of `of` parts that are as equal as whole numbers allow; the first ones are the larger."""

    index: int = 0
    of: int = 1

    def part(self, whole: int) -> int:
        """The part of a number of threads or of a rate."""
        return whole // self.of + (self.index < whole % self.of)

    def applied(self, request: WorkloadRequest) -> WorkloadRequest:
        """The request with this part of its threads and of its rate."""
        return replace(request, threads=self.part(request.threads), rate=self.part(request.rate))


def check_divisible(request: WorkloadRequest, profile: LoadProfile, generators: int) -> None:
    """Check that each of the generators has something to do, at every time.

    Raises:
        ConfigError: there are fewer threads than generators, or a rate of which one would get none, which is no limit.
    """
    loads = [(step.threads, step.rate) for step in profile.steps] or [(request.threads, request.rate)]
    threads, rate = min(each for each, _ in loads), min((each for _, each in loads if each), default=0)
    if threads < generators:
        raise ConfigError(
            f"{threads} threads a node cannot be divided among {generators} generators",
            hint="name fewer generators by --from, or more threads",
        )
    if 0 < rate < generators:
        raise ConfigError(
            f"{rate} transactions a second cannot be divided among {generators} generators",
            hint="name fewer generators by --from, or a higher rate",
        )


def merged(figures: Sequence[WorkloadFigures]) -> WorkloadFigures:
    """The figures of all generators of one node: sums, and percentiles as means weighted with what finished."""
    if len(figures) == 1:
        return figures[0]
    names = dict.fromkeys(name for each in figures for name in each.types)
    extra = dict.fromkeys(name for each in figures for name in each.extra)
    return WorkloadFigures(
        tps=sum(each.tps for each in figures),
        qps=sum(each.qps for each in figures),
        p95_ms=_mean((each.tps, each.p95_ms) for each in figures),
        errors_per_s=sum(each.errors_per_s for each in figures),
        threads=sum(each.threads for each in figures),
        p50_ms=_mean((each.tps, each.p50_ms) for each in figures),
        p99_ms=_mean((each.tps, each.p99_ms) for each in figures),
        types={name: _merged_type([each.types[name] for each in figures if name in each.types]) for name in names},
        extra={name: sum(each.extra[name] for each in figures if name in each.extra) for name in extra},
        note="; ".join(dict.fromkeys(each.note for each in figures if each.note)),
    )


def _merged_type(figures: Sequence[TypeFigures]) -> TypeFigures:
    return TypeFigures(
        tps=sum(each.tps for each in figures),
        p50_ms=_mean((each.tps, each.p50_ms) for each in figures),
        p95_ms=_mean((each.tps, each.p95_ms) for each in figures),
        p99_ms=_mean((each.tps, each.p99_ms) for each in figures),
        errors_per_s=sum(each.errors_per_s for each in figures),
    )


def _mean(weighted: Iterable[tuple[float, float]]) -> float:
    known = [(weight, value) for weight, value in weighted if math.isfinite(value) and weight > 0]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else math.nan
