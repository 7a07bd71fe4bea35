"""`distdiag doctor`: what each node lacks, what that costs, and the line that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, table
from distdiag_core.cli.run import run
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.doctor.report import Check, ClusterReport, NodeReport


@click.command()
@as_json
@click.pass_obj
def doctor(target: Target, *, as_json: bool) -> None:
    """Check every node: SSH, SQL, metrics, rights, programs, kernel, clock; nothing is changed.

    What is limited stays off, and is said with its cost and the line that grants or installs it. The exit code is 0
    where every node can be watched, and else 1.
    """
    from distdiag_core.doctor.examination import examine
    from distdiag_core.doctor.report import NodeReport

    report = run(examine(target.settings()))
    if as_json:
        emit(facts_of(report))
    else:
        for node in (*report.nodes, report.load_host):
            _show(node)
        if report.of_cluster:
            _show(NodeReport("cluster", report.cluster, report.of_cluster))
    if not report.watchable:
        names = ", ".join(node.node for node in report.nodes if not node.watchable)
        raise UnreachableError(f"cannot be watched as configured: {names}", where=f"cluster {report.cluster}")


def facts_of(report: ClusterReport) -> dict[str, Any]:
    """The report in types of JSON."""
    return {
        "cluster": report.cluster,
        "watchable": report.watchable,
        "nodes": [_node_facts(node) for node in report.nodes],
        "load_host": _node_facts(report.load_host),
        "servers": None if report.servers is None else _check_facts(report.servers),
        "tenants": None if report.tenants is None else _check_facts(report.tenants),
    }


def _node_facts(report: NodeReport) -> dict[str, Any]:
    return {
        "node": report.node,
        "host": report.host,
        "watchable": report.watchable,
        "checks": [_check_facts(check) for check in report.checks],
    }


def _check_facts(check: Check) -> dict[str, Any]:
    return {name: getattr(check, name) for name in ("name", "result", "found", "costs", "fixes")}


def _show(report: NodeReport) -> None:
    put(f"{report.node} ({report.host})")
    table(("  CHECK", "RESULT", "FOUND"), [(f"  {check.name}", check.result, check.found) for check in report.checks])
    for check in report.checks:
        for cost in check.costs:
            put(f"  {check.name}: {cost}")
        for fix in check.fixes:
            put(f"      -> {fix}")
    put()
