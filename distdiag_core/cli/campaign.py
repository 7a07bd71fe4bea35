"""`distdiag campaign`: scenarios recorded unattended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import as_json, confirm
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.run import run as run_to_end
from distdiag_core.errors import ConfigError, DistdiagError

if TYPE_CHECKING:
    from distdiag_core.campaign.run import Outcome, Progress
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings


@click.group()
def campaign() -> None:
    """Record labelled cases by a file of scenarios."""


@campaign.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where the cases go.")
@confirm
@as_json
@click.pass_obj
def run(target: Target, file: Path, out: Path, *, confirm: str | None, as_json: bool) -> None:
    """Run FILE, or the scenarios of that name that ship; what DIR holds already is not recorded again."""
    outcome = run_to_end(_run(target.settings_to_change(confirm), _found(file), out))
    if as_json:
        emit(outcome)
    say(f"{outcome.done} of {outcome.total} cases are in {out}")
    for case, reason in outcome.failed.items():
        say(f"failed: {case}: {reason}")
    if outcome.failed:
        raise DistdiagError(f"{len(outcome.failed)} cases failed", hint="run it again: it goes on where it stopped")


def _found(file: Path) -> Path:
    from distdiag_core import places

    shipped = places.shipped_config() / "scenarios" / f"{file.name}.yaml"
    if file.is_file() or file.suffix:
        return file
    if shipped.is_file():
        return shipped
    names = ", ".join(sorted(path.stem for path in shipped.parent.glob("*.yaml")))
    raise ConfigError("there is no such campaign file", where=str(file), hint=f"the ones that ship are: {names}")


async def _run(settings: ClusterSettings, file: Path, out: Path) -> Outcome:
    from distdiag_core.campaign import campaign as files
    from distdiag_core.campaign.run import run
    from distdiag_core.runtime import Runtime

    wanted = files.load(file)
    async with Runtime(settings, record=True) as runtime:
        return await run(wanted, runtime, out, _tell)


def _tell(progress: Progress) -> None:
    left = f"{progress.left_s / 60:.0f} min left"
    say(f"[{progress.done}/{progress.total}, {left}] {progress.case}: {progress.doing}")
