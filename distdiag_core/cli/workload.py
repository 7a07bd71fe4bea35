"""`distdiag workload`: preparing, running and checking benchmarks."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.cli.workload_connection import on_workloads
from distdiag_core.cli.workload_history import compare, history
from distdiag_core.cli.workload_options import Kinds
from distdiag_core.errors import ConfigError
from distdiag_core.workloads.workload_status import WorkloadState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.operations.workloads import Workloads
    from distdiag_core.workloads.benchmark import Finding
    from distdiag_core.workloads.workload_request import WorkloadRequest
    from distdiag_core.workloads.workload_status import Progress, WorkloadFigures, WorkloadStatus


@click.group(cls=VerbGroup)
def workload() -> None:
    """Prepare, start, watch, stop, check, compare and clean up benchmarks."""


def _prepare(settings: ClusterSettings, request: WorkloadRequest, permission: Permission, *, as_json: bool) -> None:
    shown_s = -math.inf

    def show(status: WorkloadStatus) -> None:
        nonlocal shown_s
        progress, now_s = status.progress, time.monotonic()
        if progress is not None and (progress.share == 1 or now_s - shown_s >= 1):
            say(_progress(progress))
            shown_s = now_s

    status = run(on_workloads(settings, lambda verbs: verbs.prepare(request, show), permission))
    _print([status], as_json=as_json)
    if status.state is WorkloadState.INTERRUPTED:
        raise click.exceptions.Exit(1)


def _start(settings: ClusterSettings, request: WorkloadRequest, permission: Permission, *, as_json: bool) -> None:
    _print([run(on_workloads(settings, lambda verbs: verbs.start(request), permission))], as_json=as_json)


def _cleanup(settings: ClusterSettings, request: WorkloadRequest, permission: Permission, *, as_json: bool) -> None:
    _print([run(on_workloads(settings, lambda verbs: verbs.cleanup(request), permission))], as_json=as_json)


def _check(settings: ClusterSettings, request: WorkloadRequest, _permission: None, *, as_json: bool) -> None:
    found = run(on_workloads(settings, lambda verbs: verbs.check(request)))
    if as_json:
        emit({"holds": _holds(found), "nodes": found})
    else:
        for node, findings in found.items():
            for each in findings or ():
                put(f"{node}  {'holds' if each.holds else 'BROKEN'}  {each.what}  {each.detail}".rstrip())
            if not findings:
                say(f"{node}: {request.kind} has nothing to check")
    if not _holds(found):
        raise click.exceptions.Exit(1)


def _holds(found: dict[str, tuple[Finding, ...]]) -> bool:
    return all(each.holds for findings in found.values() for each in findings)


_PREPARE = "Create its tables on the nodes; complete ones stay as they are."
_VERBS = (
    Kinds("prepare", _PREPARE, _prepare),
    Kinds("start", "Start the load, and leave it running.", _start, load=True),
    Kinds("check", "Check its tables on the nodes, and the data in them.", _check, changes=False),
    Kinds("cleanup", "Drop its tables, and nothing else.", _cleanup),
)
for _verb in _VERBS:
    workload.add_command(_verb)
workload.add_command(history)
workload.add_command(compare)


@workload.command(hidden=True)
@click.argument("cluster")
def agent(cluster: str) -> None:
    """Run clients on this host for a console elsewhere, which starts this over SSH."""
    from distdiag_core.workloads.clients import remote_agent

    # Read line by line: iterating over the input would wait for a full buffer.
    remote_agent.serve(cluster, iter(sys.stdin.readline, ""), put)


# The name of the verb until 0.1; consoles of that version still start it, and read from it which version is here.
workload.add_command(click.Command("outpost", callback=agent.callback, params=agent.params, hidden=True))


@workload.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All of them, on every node, whoever began them.")
@as_json
@click.pass_obj
def stop(target: Target, ids: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """Stop runs by their ids, or all of them, wherever they were started."""
    if bool(ids) == everything:
        hint = "name their ids, or use --all; `distdiag workload status` lists them"
        raise ConfigError("say which runs to stop", hint=hint)
    stopped = run(on_workloads(target.settings(), lambda verbs: verbs.stop(ids or None)))
    _print(stopped, as_json=as_json)


@workload.command()
@as_json
@click.pass_obj
def status(target: Target, *, as_json: bool) -> None:
    """What runs now, what its clients measure, and which tables are prepared."""
    found, problems = run(on_workloads(target.settings(), _measured))
    for problem in problems:
        say(f"note: {problem}")
    if as_json:
        emit({"workloads": found, "problems": problems})
    elif found or not problems:
        _print(found, as_json=False)
    else:
        say("no workload runs where it could be asked")


async def _measured(verbs: Workloads) -> tuple[tuple[WorkloadStatus, ...], tuple[str, ...]]:
    """The statuses once every client has reported, or after three seconds; and what could not be asked."""
    await verbs.look_for_tables()
    for _ in range(30):
        found = await verbs.statuses()
        if all(set(each.figures) >= set(each.request.nodes) for each in found if each.state is WorkloadState.RUNNING):
            break
        await asyncio.sleep(0.1)
    return await verbs.statuses(), verbs.problems


def _progress(progress: Progress) -> str:
    left = "" if progress.left_s is None else f", {progress.left_s:.0f} s left"
    share = f"{100 * progress.share:3.0f} %"
    return f"{share}  {progress.done:,} of {progress.total:,} rows, {progress.per_s:,.0f} a second{left}"


def _print(statuses: Sequence[WorkloadStatus], *, as_json: bool) -> None:
    if as_json:
        emit(statuses_facts(statuses))
        return
    if not statuses:
        say("no workload runs")
    for each in statuses:
        request = each.request
        name = f"{each.id} {request.kind} {request.script}".strip()
        say(f"{name} on {', '.join(request.nodes)}: {each.state} {each.detail}".rstrip())
        for node, figures in sorted(each.figures.items()):
            for line in figure_lines(node, figures):
                put(line)


def statuses_facts(statuses: Sequence[WorkloadStatus]) -> dict[str, Any]:
    """The JSON of the verbs that prepare, start and stop."""
    return {"workloads": statuses}


def figure_lines(node: str, figures: WorkloadFigures) -> list[str]:
    """The figures of a node, of each type of transaction, and of the benchmark's own."""
    lines = [
        (
            f"{node:<10} {figures.threads} threads  {figures.tps:8.1f} tps  {figures.qps:8.1f} qps  "
            f"p95 {_ms(figures.p95_ms)}  {figures.errors_per_s:5.1f} errors/s"
        )
    ]
    for kind, each in figures.types.items():
        latencies = f"p50 {_ms(each.p50_ms)}  p95 {_ms(each.p95_ms)}"
        lines.append(f"  {kind:<20} {each.tps:8.1f} tps  {latencies}  {each.errors_per_s:5.1f} errors/s")
    return lines + [f"  {name:<20} {value:8.1f}" for name, value in figures.extra.items()]


def _ms(value: float) -> str:
    """Of a latency, which is unknown where no transaction finished."""
    return f"{'-':>7}   " if math.isnan(value) else f"{value:7.1f} ms"
