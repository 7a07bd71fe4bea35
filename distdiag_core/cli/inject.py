"""`distdiag inject`: one anomaly or several made to happen on nodes of a cluster."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict, replace
from textwrap import indent
from typing import TYPE_CHECKING, Any, Literal

import click

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cli.anomaly_options import anomaly_options, request_of
from distdiag_core.cli.injection_table import left_of, show
from distdiag_core.cli.options import as_json, permission
from distdiag_core.cli.output import emit, put, say, table
from distdiag_core.cli.run import run
from distdiag_core.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.anomalies.compound import CompoundPlan, CompoundRequest
    from distdiag_core.anomalies.injection import Injection, Plan
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.compound_injection import CompoundStatus
    from distdiag_core.operations.gate import Permission
    from distdiag_core.operations.injections import Injections
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot

Mode = Literal["watch", "dry run", "presets"]

# Between messages about the time that is left.
_TELL_EVERY_S = 10.0


@click.command()
@anomaly_options
@click.option(
    "--watch",
    "mode",
    flag_value="watch",
    help="Stay until it ends, under the abort rule of the cluster file; Ctrl-C clears it.",
)
@click.option(
    "--dry-run", "mode", flag_value="dry run", help="Only show what would run where, and how it would be undone."
)
@click.option(
    "--save-preset", "saved_as", metavar="NAME", help="Keep it as a preset of your own; with --dry-run, only that."
)
@click.option("--presets", "mode", flag_value="presets", help="Only list the presets.")
@permission
@as_json
@click.pass_obj
def inject(
    target: Target,
    /,
    mode: Mode | None,
    *,
    saved_as: str | None,
    permission: Permission,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401 - the options that say what
) -> None:
    """Make one ANOMALY or several happen, until their deadlines or until they are cleared.

    Several are one act: where a rule refuses one of them, none begins. Each may have its own nodes, severity, start
    and duration, as in `cpu_stress@n1:high io_stress@n2+10s/30s`; what it leaves out is taken from the options.
    """
    if mode == "presets":
        _list_presets(as_json=as_json)
        return
    dry_run = mode == "dry run"
    settings = target.settings() if dry_run else target.settings_to_change(permission)
    request = request_of(settings, **wanted)
    if saved_as is not None:
        _save(saved_as, request, settings)
    plan, status, injections = run(_inject(settings, request, mode, permission))
    if as_json:
        emit(_facts(plan, status, injections))
    else:
        if mode != "watch":
            # The plan is the data of a dry run, and else a message.
            _show_plan(plan, put if dry_run else say)
        show(injections)
    if status is not None and status.problems:
        raise CommandFailedError(
            "; ".join(status.problems), hint="" if len(plan.plans) == 1 else "the others go on until their deadlines"
        )


def _save(name: str, request: CompoundRequest, settings: ClusterSettings) -> None:
    """Keep it before anything is injected, once the rules have been asked."""
    from distdiag_core.anomalies import catalogue, compound, presets

    anomalies = catalogue.load()
    whole = compound.complete(request, settings, anomalies)
    compound.check(whole, settings, anomalies)
    path = presets.add(presets.of_request(name, "", whole, [node.name for node in settings.nodes]))
    say(f"kept as the preset {name} in {path}")


def _list_presets(*, as_json: bool) -> None:
    from distdiag_core.anomalies import notation, presets

    found = presets.load()
    if as_json:
        emit({"presets": found})
        return
    numbered = [str(number) for number in range(1, max(each.node_count for each in found) + 1)]
    rows = [
        (
            each.name,
            each.description,
            " ".join(notation.written(part) for part in each.request(("all",), numbered).parts),
        )
        for each in found
    ]
    table(("preset", "what it does", "anomalies, by number of the node"), rows)


Outcome = tuple["CompoundPlan", "CompoundStatus | None", "tuple[Injection, ...]"]


async def _inject(
    settings: ClusterSettings, request: CompoundRequest, mode: Mode | None, permission: Permission
) -> Outcome:
    """The plan, what became of its parts where they were begun, and the injections."""
    if mode == "watch":
        return await _inject_and_watch(settings, request, permission)
    from distdiag_core.anomalies import catalogue
    from distdiag_core.operations.connect_injections import connect_injections

    anomalies = catalogue.load()
    for note in anomalies.notes:
        say(f"note: {note}")
    async with connect_injections(settings, anomalies, permission) as verbs:
        plan = await verbs.plan_compound(request)
        if mode == "dry run":
            return plan, None, ()
        return plan, *await _begun(verbs, plan)


async def _begun(verbs: Injections, plan: CompoundPlan) -> tuple[CompoundStatus, tuple[Injection, ...]]:
    """Begin all parts, the last perhaps a good while later."""
    try:
        status = await verbs.inject_compound(plan, tell=_teller(plan))
    except asyncio.CancelledError:
        if len(plan.plans) > 1:
            say("interrupted: nothing more begins; what has begun goes on until its deadline: `distdiag clear --all`")
        raise
    return status, verbs.compound_injections


def _teller(plan: CompoundPlan) -> Callable[[str], None]:
    # Of one anomaly the table says it all.
    return say if len(plan.plans) > 1 else lambda _: None


async def _inject_and_watch(settings: ClusterSettings, request: CompoundRequest, permission: Permission) -> Outcome:
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, permission=permission) as runtime:
        plan = await runtime.injections.plan_compound(request)
        try:
            status = await runtime.injections.inject_compound(plan, tell=_teller(plan))
            return plan, status, await _watched(runtime, runtime.injections.compound_injections)
        except asyncio.CancelledError:
            say("interrupted: clearing what was begun")
            if begun := [injection.id for injection in runtime.injections.compound_injections]:
                await runtime.injections.clear(begun)
            raise


async def _watched(runtime: Runtime, injections: tuple[Injection, ...]) -> tuple[Injection, ...]:
    """The injections after they have ended, as the nodes list them.

    Raises:
        CommandFailedError: the abort rule has ended them.
    """
    last = await _until_ended(runtime, [injection.id for injection in injections])
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


def _facts(plan: CompoundPlan, status: CompoundStatus | None, injections: tuple[Injection, ...]) -> dict[str, object]:
    plans = [asdict(each) for each in plan.plans]
    starts = [part.offset_s for part in plan.request.parts]
    parts = status.parts if status is not None else ()
    return {
        # Of several it is the first.
        "plan": plans[0],
        "plans": [{"start_s": start, **each} for start, each in zip(starts, plans, strict=True)],
        "injections": injections,
        "parts": parts,
    }


def _show_plan(plan: CompoundPlan, tell: Callable[[str], None]) -> None:
    several = len(plan.plans) > 1
    for part, each in zip(plan.request.parts, plan.plans, strict=True):
        if several or part.offset_s:
            tell(f"{each.request.anomaly} {each.request.severity}, {part.offset_s:g} s after the begin:")
        _show_steps(each, tell)
    for warning in dict.fromkeys(warning for each in plan.plans for warning in each.warnings):
        tell(f"note: {warning}")


def _show_steps(plan: Plan, tell: Callable[[str], None]) -> None:
    for step in plan.steps:
        tell(f"{step.node}: by {step.method}; it ends there by itself after {plan.request.duration_s:.0f} s")
        for command in step.commands:
            tell(f"    run   {command}")
        if step.manifest:
            tell(indent(f"---\n{step.manifest}", "          "))
        for command in step.undo:
            tell(f"    undo  {command}")
