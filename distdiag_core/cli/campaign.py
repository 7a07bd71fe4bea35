"""`distdiag campaign`: scenarios recorded unattended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json, permission
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.run import run as run_to_end
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import ConfigError, DistdiagError

if TYPE_CHECKING:
    from distdiag_core.campaign.campaign import Campaign
    from distdiag_core.campaign.runner import Outcome, Progress
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.gate import Permission


@click.group(cls=VerbGroup)
def campaign() -> None:
    """Record labelled cases by a file of scenarios."""


def _names(_context: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


@campaign.command()
@click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the cases go.")
@click.option("--dry-run", is_flag=True, help="Print the plan and how long it takes, and do nothing.")
@click.option("--seed", type=int, help="Another order, and other first nodes and severities.")
@click.option("--repeats", type=click.IntRange(min=1), help="Of every scenario.")
@click.option("--loads", metavar="LOAD,...", default="", callback=_names, help="Instead of those that scenarios name.")
@click.option("--only", metavar="SCENARIO", multiple=True, help="Only these, by name or pattern; `normal` is one too.")
@permission
@as_json
@click.pass_obj
def run(
    target: Target,
    /,
    files: tuple[Path, ...],
    out: Path | None,
    *,
    dry_run: bool,
    permission: Permission,
    as_json: bool,
    **selection: Any,  # noqa: ANN401 - the options that select
) -> None:
    """Run each FILE, or the shipped campaign of that name; cases that DIR holds already are not recorded again.

    Several files are one campaign: their cases are mixed.
    """
    selected = _selected(files, selection)
    if dry_run:
        _show(selected, target.settings(), as_json=as_json)
        return
    if out is None:
        raise ConfigError("where the cases go is not said", where="campaign run", hint="give --out DIR, or --dry-run")
    outcome = run_to_end(_run(target.settings_to_change(permission), selected, out, permission))
    if as_json:
        emit(outcome)
    say(f"{outcome.done} of {outcome.total} cases are in {out}")
    for case, reason in outcome.failed.items():
        say(f"failed: {case}: {reason}")
    if outcome.failed:
        raise DistdiagError(f"{len(outcome.failed)} cases failed", hint="run it again: it goes on where it stopped")


def _selected(files: tuple[Path, ...], selection: dict[str, Any]) -> Campaign:
    from distdiag_core.campaign import campaign as reading
    from distdiag_core.campaign.selection import Selection, together

    return Selection(**selection).of(together([reading.load(_found(file)) for file in files]))


def _show(selected: Campaign, cluster: ClusterSettings, *, as_json: bool) -> None:
    from distdiag_core.anomalies import catalogue
    from distdiag_core.campaign import safety
    from distdiag_core.campaign.schedule import expected_s, schedule

    planned = schedule(selected, tuple(node.name for node in cluster.nodes))
    total_s = expected_s(planned, selected)
    if as_json:
        emit({"campaign": selected.name, "seed": selected.seed, "cases": planned, "expected_s": total_s})
    else:
        header = ("case", "load", "anomalies", "seconds")
        table(header, [(case.name, " ".join(case.loads), case.summary, f"{case.length_s:g}") for case in planned])
    say(f"{len(planned)} cases, about {total_s / 60:.0f} min")
    safety.check(planned, cluster, catalogue.load())


def _found(file: Path) -> Path:
    from distdiag_core import places
    from distdiag_core.campaign.campaign import current_name

    if file.is_file() or file.suffix:
        return file
    name = current_name(file.name)
    if name != file.name:
        say(f"note: {file.name} is now called {name}; the old name goes with the next release")
    shipped = places.shipped_config() / "scenarios" / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    names = ", ".join(sorted(path.stem for path in shipped.parent.glob("*.yaml")))
    raise ConfigError("there is no such campaign file", where=str(file), hint=f"the ones that ship are: {names}")


async def _run(settings: ClusterSettings, selected: Campaign, out: Path, permission: Permission) -> Outcome:
    from distdiag_core.campaign.runner import run
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, record=True, permission=permission) as runtime:
        return await run(selected, runtime, out, _report)


def _report(progress: Progress) -> None:
    left = f"{progress.left_s / 60:.0f} min left"
    say(f"[{progress.done}/{progress.total}, {left}] {progress.case}: {progress.doing}")
