"""The figures of a second, from the tallies of all worker processes of a node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from distdiag_core.workloads.benchmarks.tpcc.driver.deck import TransactionType
from distdiag_core.workloads.workload_status import TypeFigures, WorkloadFigures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.workloads.benchmarks.tpcc.driver.transaction_tally import TransactionTally

_PERCENTILES = (50, 95, 99)


def figures(tallies: Iterable[TransactionTally], elapsed_s: float, threads: int) -> WorkloadFigures:
    """Sum up tallies of `elapsed_s` seconds; tpmC and the other TPC-C figures are in `extra`."""
    every = tuple(tallies)
    latencies = {kind: [ms for tally in every for ms in tally.finished.get(kind, ())] for kind in TransactionType}
    errors = {kind: sum(tally.errors[kind] for tally in every) for kind in TransactionType}
    types = {
        kind.value: TypeFigures(
            tps=len(latencies[kind]) / elapsed_s,
            errors_per_s=errors[kind] / elapsed_s,
            **_percentiles(latencies[kind]),
        )
        for kind in TransactionType
    }
    return WorkloadFigures(
        tps=sum(each.tps for each in types.values()),
        qps=_count(every, "statements") / elapsed_s,
        errors_per_s=sum(each.errors_per_s for each in types.values()),
        threads=threads,
        types=types,
        extra={
            # New-Orders with the intended rollback count as finished (clause 5.1.1).
            "tpmc": 60 * types[TransactionType.NEW_ORDER].tps,
            "rolled_back_per_s": _count(every, "rolled_back") / elapsed_s,
            "remote_per_s": _count(every, "remote") / elapsed_s,
            "deliveries_queued": sum(tally.queued for tally in every),
            "districts_skipped_per_s": _count(every, "skipped") / elapsed_s,
        },
        # Without Deliveries, for which no terminal waits.
        **_percentiles(
            [ms for kind in TransactionType if kind is not TransactionType.DELIVERY for ms in latencies[kind]]
        ),
    )


def _count(tallies: Iterable[TransactionTally], what: str) -> int:
    return sum(tally.counts[what] for tally in tallies)


def _percentiles(latencies_ms: list[float]) -> dict[str, Any]:
    values = np.percentile(latencies_ms, _PERCENTILES) if latencies_ms else (math.nan,) * len(_PERCENTILES)
    return {f"p{percent}_ms": float(value) for percent, value in zip(_PERCENTILES, values, strict=True)}
