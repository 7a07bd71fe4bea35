"""`distdiag inject`: an anomaly made to happen on nodes of a cluster."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict, replace
from textwrap import indent
from typing import TYPE_CHECKING, Any, Literal

import click

from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, InjectionState, Severity
from distdiag_core.cli.injection_table import left_of, show
from distdiag_core.cli.options import DURATION, as_json, permission
from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot

Mode = Literal["watch", "dry run"]

# Between messages about the time that is left.
_TELL_EVERY_S = 10.0


@click.command()
@click.argument("anomaly")
@click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="NODE",
    help="Where; may be given several times. An anomaly of the whole cluster is on all nodes without it.",
)
@click.option("--severity", type=click.Choice(SEVERITIES), default="medium", show_default=True)
@click.option(
    "--for", "for_s", type=DURATION, default="60s", show_default=True, help="It ends by itself after this time."
)
@click.option(
    "--watch",
    "mode",
    flag_value="watch",
    help="Stay until it ends, under the abort rule of the cluster file; Ctrl-C clears it.",
)
@click.option(
    "--dry-run", "mode", flag_value="dry run", help="Only show what would run where, and how it would be undone."
)
@permission
@as_json
@click.pass_obj
def inject(
    target: Target,
    anomaly: str,
    nodes: tuple[str, ...],
    severity: Severity,
    for_s: float,
    mode: Mode | None,
    *,
    permission: Permission,
    as_json: bool,
) -> None:
    """Make ANOMALY happen on the nodes named, until its deadline or until it is cleared."""
    dry_run = mode == "dry run"
    settings = target.settings() if dry_run else target.settings_to_change(permission)
    request = InjectionRequest(anomaly, nodes, severity, for_s)
    plan, injections = run(_inject(settings, request, mode, permission))
    if as_json:
        emit({"plan": _plan_facts(plan), "injections": injections})
        return
    if mode != "watch":
        # The plan is the data of a dry run, and else a message.
        _show_plan(plan, put if dry_run else say)
    show(injections)


async def _inject(
    settings: ClusterSettings, request: InjectionRequest, mode: Mode | None, permission: Permission
) -> tuple[Plan, tuple[Injection, ...]]:
    if mode == "watch":
        return await _inject_and_watch(settings, request, permission)
    from distdiag_core.anomalies import catalogue
    from distdiag_core.operations.connect_injections import connect_injections

    anomalies = catalogue.load()
    for note in anomalies.notes:
        say(f"note: {note}")
    async with connect_injections(settings, anomalies, permission) as verbs:
        plan = await verbs.plan(request)
        return plan, () if mode == "dry run" else await verbs.inject(plan)


async def _inject_and_watch(
    settings: ClusterSettings, request: InjectionRequest, permission: Permission
) -> tuple[Plan, tuple[Injection, ...]]:
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, permission=permission) as runtime:
        plan = await runtime.injections.plan(request)
        return plan, await _watched(runtime, await runtime.injections.inject(plan))


async def _watched(runtime: Runtime, injections: tuple[Injection, ...]) -> tuple[Injection, ...]:
    """The injections after they have ended, as the nodes list them.

    Raises:
        CommandFailedError: the abort rule has ended them.
    """
    ids = [injection.id for injection in injections]
    try:
        last = await _until_ended(runtime, ids)
    except asyncio.CancelledError:
        say("interrupted: clearing what was begun")
        await runtime.injections.clear(ids)
        raise
    for event in last.events:
        if "abort" in event.data:
            raise CommandFailedError(event.text, hint="the cluster file says when, under `abort`")
    return tuple(replace(injection, state=InjectionState.CLEARED) for injection in injections)


async def _until_ended(runtime: Runtime, ids: Sequence[str]) -> Snapshot:
    told_s = -math.inf
    while True:
        snapshot = await runtime.next_snapshot()
        left = [injection for injection in snapshot.injections if injection.id in ids]
        if not left:
            return snapshot
        if snapshot.frame.time_s - told_s >= _TELL_EVERY_S:
            told_s = snapshot.frame.time_s
            say("; ".join(f"{each.anomaly} on {each.node} is {each.state}, {left_of(each)} left" for each in left))


def _plan_facts(plan: Plan) -> dict[str, Any]:
    facts = asdict(plan)
    for step in facts["steps"]:
        # The name of the previous release, for one release.
        step["way"] = step["method"]
    return facts


def _show_plan(plan: Plan, tell: Callable[[str], None]) -> None:
    for step in plan.steps:
        tell(f"{step.node}: by {step.method}; it ends there by itself after {plan.request.duration_s:.0f} s")
        for command in step.commands:
            tell(f"    run   {command}")
        if step.manifest:
            tell(indent(f"---\n{step.manifest}", "          "))
        for command in step.undo:
            tell(f"    undo  {command}")
    for warning in plan.warnings:
        tell(f"note: {warning}")
