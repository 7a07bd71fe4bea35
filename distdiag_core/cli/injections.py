"""`distdiag injections`: the injections that are active anywhere in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from distdiag_core.anomalies.injection import InjectionState
from distdiag_core.cli.injection_table import show
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.run import run
from distdiag_core.errors import UnreachableError

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings


@click.command()
@as_json
@click.pass_obj
def injections(target: Target, *, as_json: bool) -> None:
    """What is active anywhere in the cluster, by asking the nodes."""
    settings = target.settings()
    found, problems = run(_active(settings))
    for problem in problems:
        say(f"note: {problem}")
    if as_json:
        emit({"injections": found})
    elif found:
        show(found)
        for injection in found:
            if injection.state is InjectionState.ORPHANED:
                say(f"note: nothing ends {injection.id} by itself: `distdiag clear {injection.id}`")
    elif len(problems) < len(settings.nodes):
        say("nothing is active where nodes could be asked" if problems else "nothing is active")
    if len(problems) == len(settings.nodes):
        raise UnreachableError("no node could be asked what is active", hint="`distdiag doctor` says what to do")


async def _active(settings: ClusterSettings) -> tuple[tuple[Injection, ...], tuple[str, ...]]:
    from distdiag_core.operations.connect_injections import connect_injections

    async with connect_injections(settings) as verbs:
        found = await verbs.active()
        return found, verbs.unasked
