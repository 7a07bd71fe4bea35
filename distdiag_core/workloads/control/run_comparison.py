"""Comparison of the totals of two runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.metrics import change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.workloads.clients.run_log import PastRun
    from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both runs on one node, and its change.

    Attributes:
        figure: `tps`, `p95_ms`, `tpmc`, `new_order p95_ms` and so on.
        before, after: value in the first and in the second run; None where it was not measured.
    """

    node: str
    figure: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """`after` minus `before`; None where one is missing."""
        return change.difference(self.before, self.after)

    @property
    def percent(self) -> float | None:
        """`change` in percent of the first run; None where that was 0."""
        return change.percent(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of two runs.

    Attributes:
        differences: by node, figures of all transactions before those of single types.
        unlike: differences between the requests, which limit the comparability.
    """

    before: PastRun
    after: PastRun
    differences: tuple[Difference, ...]
    unlike: tuple[str, ...]


def compare(before: PastRun, after: PastRun) -> Comparison:
    """Compare `after` with `before`, on the nodes that both have."""
    nodes = [node for node in before.nodes if node in after.nodes]
    differences: list[Difference] = []
    for node in nodes:
        first, second = before.nodes[node].totals, after.nodes[node].totals
        left = dict(_figures(first)) if first else {}
        right = dict(_figures(second)) if second else {}
        names = [*left, *(name for name in right if name not in left)]
        differences += [Difference(node, name, left.get(name), right.get(name)) for name in names]
    return Comparison(before, after, tuple(differences), tuple(_unlike(before, after)))


def _figures(totals: RunTotals) -> Iterator[tuple[str, float | None]]:
    yield "tps", totals.tps
    yield from totals.extra.items()
    yield "qps", totals.qps
    for name in ("p50_ms", "p95_ms", "p99_ms"):
        yield name, getattr(totals, name)
    yield "worst p95_ms", totals.worst_p95_ms
    yield "errors_per_s", totals.errors_per_s
    for kind, each in totals.types.items():
        yield from ((f"{kind} {name}", value) for name, value in _of_type(each))


def _of_type(totals: TypeTotals) -> Iterator[tuple[str, float | None]]:
    yield "tps", totals.tps
    yield "p95_ms", totals.p95_ms


def _unlike(before: PastRun, after: PastRun) -> Iterator[str]:
    for name in ("kind", "script", "nodes", "threads", "rate", "profile", "options"):
        first, second = getattr(before.request, name), getattr(after.request, name)
        if first != second:
            yield f"{name}: {first} and {second}"
