"""`distdiag workload history` and `compare`: past and current runs, and the comparison of two of them."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.run import run
from distdiag_core.cli.workload_connection import on_workloads
from distdiag_core.errors import ConfigError, quoted

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.operations.run_history import RunWithInjections
    from distdiag_core.workloads.control.run_comparison import Comparison, Difference


@click.command()
@as_json
@click.pass_obj
def history(target: Target, *, as_json: bool) -> None:
    """The runs that there were on the cluster, the newest first, with their results."""
    runs = _runs(target)
    if as_json:
        emit({"runs": [_plain(each) for each in runs]})
        return
    if not runs:
        say("there was no workload yet")
        return
    header = ("id", "workload", "began", "lasted", "node", "tps", "p95 ms", "errors/s", "injected", "ended because")
    table(header, [row for run in runs for row in _rows(run)])


@click.command()
@click.argument("before", metavar="ID")
@click.argument("after", metavar="ID")
@as_json
@click.pass_obj
def compare(target: Target, before: str, after: str, *, as_json: bool) -> None:
    """Set the second run against the first: what an anomaly cost, for instance."""
    from distdiag_core.workloads.control import run_comparison

    runs = {each.run.id: each for each in _runs(target)}
    for name in (before, after):
        if name not in runs:
            raise ConfigError(f"no run is called {quoted(name)}", hint="`distdiag workload history` lists them")
    pair = (runs[before], runs[after])
    found = run_comparison.compare(pair[0].run, pair[1].run)
    if as_json:
        sides = {"before": _plain(pair[0]), "after": _plain(pair[1])}
        emit({**sides, "unlike": found.unlike, "differences": _data(found)})
        return
    for text in found.unlike:
        say(f"not alike: {text}")
    for past in pair:
        meanwhile = ", ".join(f"{each.anomaly} {each.severity} on {each.node}" for each in past.injections)
        say(f"{past.run.id}: injected meanwhile: {meanwhile or 'nothing'}")
    rows = [(each.node, each.figure, *_cells(each)) for each in found.differences]
    table(("node", "figure", before, after, "change", "%"), rows)


def _runs(target: Target) -> tuple[RunWithInjections, ...]:
    return run(on_workloads(target.settings(), lambda verbs: verbs.history()))


def _plain(past: RunWithInjections) -> dict[str, object]:
    return {**asdict(past.run), "injections": past.injections}


def _rows(past: RunWithInjections) -> list[tuple[str, ...]]:
    run = past.run
    began = time.strftime("%m-%d %H:%M:%S", time.localtime(run.began_s))
    lasted = "goes on" if run.ended_s is None else f"{run.ended_s - run.began_s:.0f} s"
    injected = ", ".join(sorted({f"{each.anomaly} {each.node}" for each in past.injections})) or "-"
    head = (run.id, f"{run.request.kind} {run.request.script}", began, lasted)
    rows: list[tuple[str, ...]] = []
    for node, each in sorted(run.nodes.items()):
        totals = each.totals
        figures = (_figure(totals.tps), _figure(totals.p95_ms), _figure(totals.errors_per_s)) if totals else ("-",) * 3
        rows.append((*head, node, *figures, injected, each.why or "-"))
        head = ("", "", "", "")
    return rows


def _data(found: Comparison) -> list[dict[str, object]]:
    return [{**asdict(each), "change": each.change, "percent": each.percent} for each in found.differences]


def _cells(each: Difference) -> tuple[str, ...]:
    percent = "-" if each.percent is None else f"{each.percent:+.1f}"
    change = "-" if each.change is None else f"{each.change:+.1f}"
    return _figure(each.before), _figure(each.after), change, percent


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
