"""`distdiag parameters`: those of the databases, which node differs from its peers, and what changed lately."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import counted, emit, say, table
from distdiag_core.cli.run import run

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.operations.parameter_comparison import Parameter, ParameterChange
    from distdiag_core.operations.parameters import ParameterReport

# The whole value is in the JSON.
_SHOWN_CHARS = 60


@click.command()
@click.argument("node", shell_complete=completed_values.nodes, required=False)
@click.option("--differ", is_flag=True, help="Only those in which nodes differ: NODE from most, or any.")
@click.option("--changed", is_flag=True, help="What has changed since distdiag read it first, the newest first.")
@as_json
@click.pass_obj
def parameters(target: Target, node: str | None, *, differ: bool, changed: bool, as_json: bool) -> None:
    """The parameters of the databases of all nodes, or of NODE against its peers; they are asked once.

    Addresses, ports, names and directories differ on purpose, and are left out by --differ.
    """
    settings = target.settings()
    name = settings.node(node).name if node else ""
    found = _chosen(run(_report(settings)), name, differ=differ)
    for note in found.notes:
        say(f"note: {note}")
    if as_json:
        emit(found)
    elif changed:
        _print_changes(found.changes)
    else:
        _print_parameters(found, differ=differ)


async def _report(settings: ClusterSettings) -> ParameterReport:
    from distdiag_core.operations.parameters import connect_parameters

    async with connect_parameters(settings) as verbs:
        return await verbs.report()


def _chosen(found: ParameterReport, node: str, *, differ: bool) -> ParameterReport:
    """What was asked for of a report."""
    shown = found.parameters
    if differ:
        shown = tuple(each for each in shown if (each.differs_on(node) if node else each.differs))
    return replace(found, parameters=shown, changes=found.changes_of(node) if node else found.changes)


def _print_parameters(found: ParameterReport, *, differ: bool) -> None:
    if found.parameters:
        table(("PARAMETER", "VALUE", "ON"), [row for each in found.parameters for row in _rows(each)])
    elif differ:
        say(f"no differences between {counted(len(found.nodes), 'node')}")
    else:
        say("there are no parameters")


def _rows(parameter: Parameter) -> list[tuple[str, ...]]:
    if len(parameter.values) == 1:
        (shared,) = parameter.values
        return [(parameter.name, _shortened(shared.value), _all(len(shared.nodes)))]
    on = [f"{len(shared.nodes)}: {', '.join(shared.nodes)}" for shared in parameter.values]
    names = (parameter.name, *("" for _ in on[1:]))
    return list(zip(names, (_shortened(shared.value) for shared in parameter.values), on, strict=True))


def _all(nodes: int) -> str:
    return f"all {nodes}" if nodes > 1 else "1"


def _print_changes(changes: tuple[ParameterChange, ...]) -> None:
    if not changes:
        say("nothing has changed since the parameters were read first")
        return
    header = ("READ BEFORE", "NOTICED", "NODE", "PARAMETER", "WAS", "IS")
    table(header, [_change_row(each) for each in changes])


def _change_row(each: ParameterChange) -> tuple[str, ...]:
    times = (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_s)) for at_s in (each.read_s, each.noticed_s))
    return (*times, each.node, each.name, _shortened(each.before), _shortened(each.after))


def _shortened(value: str | None) -> str:
    """On one line, as far as it is shown."""
    if value is None:
        return "(missing)"
    said = " ".join(value.split())
    return said if len(said) <= _SHOWN_CHARS else f"{said[: _SHOWN_CHARS - 3]}..."
