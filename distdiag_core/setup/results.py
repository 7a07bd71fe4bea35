"""The checks of all nodes as one table, and what mends what did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.doctor.report import Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.doctor.report import Check, ClusterReport, NodeReport

HEADER = ("NODE", "HOST", "SSH", "SQL", "METRICS", "GRANTS", "RIGHTS", "TOOLS", "KERNEL", "CLOCK")
_NOT_TRIED = "-"
_WORST_FIRST = (Result.FAILED, Result.LIMITED, Result.PASSED)


def rows(report: ClusterReport) -> list[tuple[str, ...]]:
    """A row for each node: the result of each check, of those of the metrics the worst one."""
    return [(node.node, node.host, *(_result(node, name.lower()) for name in HEADER[2:])) for node in report.nodes]


def advice(report: ClusterReport, result: Result) -> tuple[str, ...]:
    """What checks with this result found, each once with its nodes, followed by what mends it.

    Of failed checks the finding, of limited ones what is lost.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for name, check in _checks(report):
        if check.result is result:
            what = (check.found,) if result is Result.FAILED else check.costs
            texts = (f"{check.name}: {'; '.join(what)}", *(f"    -> {fix}" for fix in check.fixes))
            found.setdefault(texts, []).append(name)
    return tuple(
        line
        for (first, *more), names in found.items()
        for line in (f"{', '.join(dict.fromkeys(names))}: {first}", *more)
    )


def _checks(report: ClusterReport) -> Iterable[tuple[str, Check]]:
    for node in report.nodes:
        yield from ((node.node, check) for check in node.checks)
    if report.servers is not None:
        yield "cluster", report.servers


def _result(node: NodeReport, name: str) -> str:
    results = {check.result for check in node.checks if check.name.partition(" ")[0] == name}
    return next((each.value for each in _WORST_FIRST if each in results), _NOT_TRIED)
