"""`distdiag workload`: benchmarks as load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import DURATION, as_json, confirm
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.run import run
from distdiag_core.workloads.workload import WorkloadRequest, WorkloadState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.runtime import Runtime
    from distdiag_core.workloads.workload import WorkloadStatus

_DEFAULT = WorkloadRequest()


@click.group()
def workload() -> None:
    """Prepare, start, watch, stop and clean up a benchmark (sysbench)."""


def _sizes(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--table-size", type=click.IntRange(min=1), default=_DEFAULT.table_size, show_default=True),
        click.option("--tables", type=click.IntRange(min=1), default=_DEFAULT.tables, show_default=True),
        click.option("--node", "nodes", multiple=True, metavar="NODE", help="Only there; without it: on all nodes."),
        click.argument("kind", default="sysbench"),
        confirm,
    ):
        command = option(command)
    return command


@workload.command()
@_sizes
@as_json
@click.pass_obj
def prepare(target: Target, /, *, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401
    """Create and fill the tables; what is there already is left as it is."""
    settings, request = _asked(target, **wanted)
    _print(run(_with(settings, lambda runtime: _prepare(runtime, request))), as_json=as_json)


async def _prepare(runtime: Runtime, request: WorkloadRequest) -> WorkloadStatus | None:
    shown = ""

    def show(status: WorkloadStatus) -> None:
        nonlocal shown
        line = f"{status.detail} {100 * (status.progress or 0):.0f} %"
        if line != shown:
            say(line)
        shown = line

    return await runtime.prepare_workload(request, show)


@workload.command()
@_sizes
@click.option("--script", default=_DEFAULT.script, show_default=True, help="Which of sysbench's OLTP scripts.")
@click.option("--threads", type=click.IntRange(min=1), default=_DEFAULT.threads, show_default=True, help="A node.")
@click.option(
    "--rate", type=click.IntRange(min=0), default=0, help="Transactions a second and node; 0: as fast as it goes."
)
@click.option("--for", "for_s", type=DURATION, help="Without it: until it is stopped.")
@as_json
@click.pass_obj
def start(target: Target, /, *, as_json: bool, for_s: float | None, **wanted: Any) -> None:  # noqa: ANN401
    """Start the load and leave it running."""
    settings, request = _asked(target, duration_s=for_s, **wanted)
    _print(run(_with(settings, lambda runtime: runtime.start_workload(request))), as_json=as_json)


@workload.command()
@_sizes
@as_json
@click.pass_obj
def cleanup(target: Target, /, *, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401
    """Drop the tables that prepare made, and nothing else."""
    settings, request = _asked(target, **wanted)
    _print(run(_with(settings, lambda runtime: runtime.cleanup_workload(request))), as_json=as_json)


@workload.command()
@as_json
@click.pass_obj
def stop(target: Target, *, as_json: bool) -> None:
    """Stop it, wherever it was started."""
    _print(run(_with(target.settings(), lambda runtime: runtime.stop_workload())), as_json=as_json)


@workload.command()
@as_json
@click.pass_obj
def status(target: Target, *, as_json: bool) -> None:
    """What runs now, and what its clients measure."""
    _print(run(_with(target.settings(), _measured)), as_json=as_json)


async def _measured(runtime: Runtime) -> WorkloadStatus | None:
    """The status once every client has reported, or after three seconds."""
    found = runtime.workload()
    if found is None or found.state is not WorkloadState.RUNNING:
        return found
    for _ in range(30):
        found = runtime.workload() or found
        if set(found.figures) >= set(found.request.nodes):
            break
        await asyncio.sleep(0.1)
    return found


async def _with(
    settings: ClusterSettings, verb: Callable[[Runtime], Awaitable[WorkloadStatus | None]]
) -> WorkloadStatus | None:
    from distdiag_core.runtime import Runtime

    async with Runtime(settings, sampling=False) as runtime:
        return await verb(runtime)


def _asked(
    target: Target,
    *,
    nodes: tuple[str, ...],
    confirm: str | None,
    **wanted: Any,  # noqa: ANN401
) -> tuple[ClusterSettings, WorkloadRequest]:
    settings = target.settings_to_change(confirm)
    chosen = tuple(settings.node(name).name for name in nodes) or tuple(node.name for node in settings.nodes)
    return settings, WorkloadRequest(nodes=chosen, **wanted)


def _print(status: WorkloadStatus | None, *, as_json: bool) -> None:
    if as_json:
        emit({"workload": status})
        return
    if status is None:
        say("no workload runs")
        return
    request = status.request
    say(f"{request.kind} {request.script} on {', '.join(request.nodes)}: {status.state} {status.detail}".rstrip())
    for node, figures in sorted(status.figures.items()):
        click.echo(
            f"{node:<10} {figures.threads} threads  {figures.tps:8.1f} tps  {figures.qps:8.1f} qps  "
            f"p95 {figures.p95_ms:7.1f} ms  {figures.errors_per_s:5.1f} errors/s"
        )
