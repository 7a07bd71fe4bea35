"""Latencies and errors of the query streams of a driver, reported each second."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

# Error messages of the engine can be long, and each report repeats them.
_SHOWN = 2


def type_name(query: int) -> str:
    """The transaction type of `query`: q01 to q22."""
    return f"q{query:02d}"


class QueryMeter:
    """Accumulates finished and failed queries between two reports."""

    def __init__(self, streams: int) -> None:
        self._streams = streams
        self._taken_ms: defaultdict[int, list[float]] = defaultdict(list)
        self._failures: defaultdict[int, int] = defaultdict(int)
        # By query, the error of its last execution.
        self._refusals: dict[int, str] = {}

    def finished(self, query: int, taken_s: float) -> None:
        """Count an answered query."""
        self._taken_ms[query].append(_rounded(1_000 * taken_s))
        self._refusals.pop(query, None)

    def failed(self, query: int, why: str) -> None:
        """Count a failed query, which the note of every report names until it is answered."""
        self._failures[query] += 1
        self._refusals[query] = why

    def take(self, seconds: float) -> WorkloadFigures:
        """The figures of the last `seconds`; resets the counts."""
        taken_ms = sorted(each for of_query in self._taken_ms.values() for each in of_query)
        per_s = _rounded(len(taken_ms) / seconds)
        figures = WorkloadFigures(
            tps=per_s,
            qps=per_s,
            p95_ms=percentile(taken_ms, 95),
            errors_per_s=_rounded(sum(self._failures.values()) / seconds),
            threads=self._streams,
            p50_ms=percentile(taken_ms, 50),
            p99_ms=percentile(taken_ms, 99),
            types={type_name(query): self._of(query, seconds) for query in sorted({*self._taken_ms, *self._failures})},
            note=self._note(),
        )
        self._taken_ms.clear()
        self._failures.clear()
        return figures

    def _note(self) -> str:
        refused = sorted(self._refusals)
        shown = [f"query {query} is not answered: {self._refusals[query]}" for query in refused[:_SHOWN]]
        more = ", ".join(str(query) for query in refused[_SHOWN:])
        return "; ".join([*shown, f"nor are queries {more}"] if more else shown)

    def _of(self, query: int, seconds: float) -> TypeFigures:
        taken_ms = sorted(self._taken_ms.get(query, ()))
        p50, p95, p99 = (percentile(taken_ms, percent) for percent in (50, 95, 99))
        per_s, errors_per_s = _rounded(len(taken_ms) / seconds), _rounded(self._failures.get(query, 0) / seconds)
        return TypeFigures(per_s, p50, p95, p99, errors_per_s)


def _rounded(value: float) -> float:
    """Rounded to keep reports short: they have five figures for each query."""
    return round(value, 3)


def percentile(ascending: Sequence[float], percent: int) -> float:
    """Percentile of sorted values by the nearest-rank method; NaN of none."""
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)] if ascending else math.nan


def geometric_mean(values: Sequence[float]) -> float:
    """Geometric mean; NaN of none. Values below a millionth count as a millionth, since a 0 would hide the others."""
    return math.exp(sum(math.log(max(value, 1e-6)) for value in values) / len(values)) if values else math.nan
