"""Past runs of all load hosts, with the parts of a run that several of them shared put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.workloads.clients.run_log import NodeRun, PastRun
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# An id is short, so that two runs may have the same one; parts of one run begin at about the same time.
_TOGETHER_S = 120.0


def joined(runs: Iterable[PastRun]) -> tuple[PastRun, ...]:
    """Each run once, newest first."""
    found: list[PastRun] = []
    for run in sorted(runs, key=lambda run: run.began_s):
        for index, other in enumerate(found):
            if (other.id, other.request) == (run.id, run.request) and run.began_s - other.began_s < _TOGETHER_S:
                found[index] = _join(other, run)
                break
        else:
            found.append(run)
    return tuple(sorted(found, key=lambda run: run.began_s, reverse=True))


def _join(one: PastRun, other: PastRun) -> PastRun:
    nodes = dict(one.nodes)
    for node, run in other.nodes.items():
        nodes[node] = _join_node(nodes[node], run) if node in nodes else run
    ends = (one.ended_s, other.ended_s)
    ended_s = None if None in ends else max(end for end in ends if end is not None)
    why = one.why if one.why == other.why else "; ".join(filter(None, (one.why, other.why)))
    return replace(one, ended_s=ended_s, why=why, nodes=nodes)


def _join_node(one: NodeRun, other: NodeRun) -> NodeRun:
    ends = (one.ended_s, other.ended_s)
    return NodeRun(
        min(one.began_s, other.began_s),
        None if None in ends else max(end for end in ends if end is not None),
        one.why if one.why == other.why else "; ".join(filter(None, (one.why, other.why))),
        totals_of([each.totals for each in (one, other) if each.totals is not None]),
    )


def totals_of(parts: Sequence[RunTotals]) -> RunTotals | None:
    """The totals of generators that loaded a node together; the latencies are means weighted with what finished."""
    if not parts:
        return None
    names = dict.fromkeys(name for each in parts for name in each.types)
    extra = dict.fromkeys(name for each in parts for name in each.extra)
    worst = [each.worst_p95_ms for each in parts if each.worst_p95_ms is not None]
    return RunTotals(
        seconds=max(each.seconds for each in parts),
        tps=sum(each.tps for each in parts),
        qps=sum(each.qps for each in parts),
        errors_per_s=sum(each.errors_per_s for each in parts),
        p50_ms=_latency((each.tps, each.p50_ms) for each in parts),
        p95_ms=_latency((each.tps, each.p95_ms) for each in parts),
        p99_ms=_latency((each.tps, each.p99_ms) for each in parts),
        worst_p95_ms=max(worst, default=None),
        types={name: _types([each.types[name] for each in parts if name in each.types]) for name in names},
        extra={name: sum(each.extra.get(name, 0.0) for each in parts) for name in extra},
    )


def _types(parts: Sequence[TypeTotals]) -> TypeTotals:
    return TypeTotals(
        tps=sum(each.tps for each in parts),
        errors_per_s=sum(each.errors_per_s for each in parts),
        p50_ms=_latency((each.tps, each.p50_ms) for each in parts),
        p95_ms=_latency((each.tps, each.p95_ms) for each in parts),
        p99_ms=_latency((each.tps, each.p99_ms) for each in parts),
    )


def _latency(weighted: Iterable[tuple[float, float | None]]) -> float | None:
    known = [(weight, value) for weight, value in weighted if value is not None and weight > 0]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else None
