"""`distdiag clear`: the end of injections before their deadline."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import click

from distdiag_core.anomalies.injection import not_cleared
from distdiag_core.cli.injection_table import show
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.run import run
from distdiag_core.errors import CommandFailedError, ConfigError

if TYPE_CHECKING:
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.errors import DistdiagError


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All of them, on every node, whoever began them.")
@click.option(
    "--for",
    "for_s",
    type=DURATION,
    help="With --all: give up on nodes that do not answer; without it: never, but Ctrl-C.",
)
@as_json
@click.pass_obj
def clear(target: Target, ids: tuple[str, ...], for_s: float | None, *, everything: bool, as_json: bool) -> None:
    """End injections, by their ids or all of them; safe to repeat."""
    began_s = time.monotonic()
    if bool(ids) == everything:
        raise ConfigError(
            "say which injections to clear", hint="name their ids, or use --all; `distdiag injections` lists them"
        )
    if for_s is not None and not everything:
        raise ConfigError("--for goes with --all", hint="without --all every node is asked once")
    cleared, problem = run(_clear(target.settings(), ids, math.inf if for_s is None else for_s))
    took_s = time.monotonic() - began_s
    if as_json:
        emit({"injections": cleared, "seconds": round(took_s, 3)})
    else:
        show(cleared)
    for name in sorted(set(ids) - {injection.id for injection in cleared}) if problem is None else ():
        say(f"{name} had ended already")
    if problem is not None:
        raise problem
    if left := not_cleared(cleared):
        raise CommandFailedError(
            f"not all of it is gone: {'; '.join(left)}",
            hint="DETAIL says why; the node goes on trying",
        )
    say(f"cleared: {len(cleared)}, in {took_s:.1f} s" if cleared or ids else f"nothing was active; {took_s:.1f} s")


async def _clear(
    settings: ClusterSettings, ids: tuple[str, ...], try_for_s: float
) -> tuple[tuple[Injection, ...], DistdiagError | None]:
    """The injections that were ended, and the error where not all were."""
    from distdiag_core.anomalies.clearing_errors import NotThereError, PartlyClearedError
    from distdiag_core.operations.connect_injections import connect_injections

    async with connect_injections(settings) as verbs:
        try:
            return await (verbs.clear(ids) if ids else verbs.clear_all(try_for_s, say)), None
        except (NotThereError, PartlyClearedError) as error:
            return error.ended, error
