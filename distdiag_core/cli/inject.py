"""`distdiag inject`, `injections` and `clear`: trouble made on purpose, found again, and ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, Severity
from distdiag_core.cli.options import DURATION, as_json, confirm
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.run import run
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings


@click.command()
@click.argument("anomaly")
@click.option(
    "--node", "nodes", multiple=True, required=True, metavar="NODE", help="Where; may be given several times."
)
@click.option("--severity", type=click.Choice(SEVERITIES), default="medium", show_default=True)
@click.option(
    "--for", "for_s", type=DURATION, default="60s", show_default=True, help="It ends by itself after this time."
)
@click.option("--dry-run", is_flag=True, help="Only show what would run where, and how it would be undone.")
@confirm
@as_json
@click.pass_obj
def inject(
    target: Target,
    anomaly: str,
    nodes: tuple[str, ...],
    severity: Severity,
    for_s: float,
    *,
    dry_run: bool,
    confirm: str | None,
    as_json: bool,
) -> None:
    """Make ANOMALY happen on the nodes named, until its deadline or until it is cleared."""
    settings = target.settings() if dry_run else target.settings_to_change(confirm)
    request = InjectionRequest(anomaly, nodes, severity, for_s)
    plan, injections = run(_inject(settings, request, dry_run=dry_run))
    if as_json:
        emit({"plan": plan, "injections": injections})
        return
    # A dry run is asked for its plan, so there it is the data; else it is talk.
    _show_plan(plan, click.echo if dry_run else say)
    _show(injections)


async def _inject(
    settings: ClusterSettings, request: InjectionRequest, *, dry_run: bool
) -> tuple[Plan, tuple[Injection, ...]]:
    from distdiag_core.runtime import Runtime

    async with Runtime(settings, sampling=False) as runtime:
        plan = await runtime.plan(request)
        return plan, () if dry_run else await runtime.inject(plan)


def _show_plan(plan: Plan, tell: Callable[[str], None]) -> None:
    for step in plan.steps:
        tell(f"{step.node}: by {step.way}; the node ends it by itself after {plan.request.duration_s:.0f} s")
        for command in step.commands:
            tell(f"    run   {command}")
        for command in step.undo:
            tell(f"    undo  {command}")
    for warning in plan.warnings:
        tell(f"note: {warning}")


@click.command()
@as_json
@click.pass_obj
def injections(target: Target, *, as_json: bool) -> None:
    """What is active anywhere in the cluster, by asking the nodes."""
    found, problems = run(_active(target.settings()))
    for problem in problems:
        say(f"note: {problem}")
    if as_json:
        emit({"injections": found})
    elif found:
        _show(found)
    else:
        say("nothing is active")


async def _active(settings: ClusterSettings) -> tuple[tuple[Injection, ...], tuple[str, ...]]:
    from distdiag_core.runtime import Runtime

    async with Runtime(settings, sampling=False) as runtime:
        found = await runtime.active()
        return found, runtime.unasked


def _show(found: tuple[Injection, ...]) -> None:
    if not found:
        return
    rows = [
        (
            injection.id,
            injection.node,
            injection.anomaly,
            injection.severity,
            injection.state.value,
            f"{max(0.0, injection.deadline_s - time.time()):.0f} s",
            injection.owner,
            injection.detail,
        )
        for injection in found
    ]
    table(("ID", "NODE", "ANOMALY", "SEVERITY", "STATE", "LEFT", "OWNER", "DETAIL"), rows)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All of them, on every node, whoever began them.")
@as_json
@click.pass_obj
def clear(target: Target, ids: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """End injections, by their ids or all of them; safe to repeat."""
    if bool(ids) == everything:
        raise ConfigError(
            "say which injections to clear", hint="name their ids, or use --all; `distdiag injections` lists them"
        )
    cleared = run(_clear(target.settings(), ids))
    if as_json:
        emit({"injections": cleared})
    elif cleared:
        _show(cleared)
    else:
        say("nothing was active")


async def _clear(settings: ClusterSettings, ids: tuple[str, ...]) -> tuple[Injection, ...]:
    from distdiag_core.runtime import Runtime

    async with Runtime(settings, sampling=False) as runtime:
        return await (runtime.clear(ids) if ids else runtime.clear_all())
