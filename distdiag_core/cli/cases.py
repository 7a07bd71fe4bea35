"""`distdiag cases`: the dataset that models are trained on, listed and corrected."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.anomalies.injection import SEVERITIES
from distdiag_core.cli import completed_values
from distdiag_core.cli.case_directories import has_dataset, outlines, path_of
from distdiag_core.cli.cases_advice import advise
from distdiag_core.cli.cases_collect import collect
from distdiag_core.cli.cases_exchange import export_cases, import_cases
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, say, table
from distdiag_core.cli.verb_group import VerbGroup

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case
    from distdiag_core.dataset.statistics import Statistics

_DIRECTORY = click.Path(path_type=Path, exists=True)


@click.group(cls=VerbGroup)
def cases() -> None:
    """The dataset that models are trained on. CASE is a name in it, or a case directory anywhere."""


cases.add_command(export_cases)
cases.add_command(import_cases)
cases.add_command(advise)
cases.add_command(collect)


@cases.command("list")
@click.argument("directory", type=_DIRECTORY, required=False)
@click.option("--anomaly", shell_complete=completed_values.anomalies, help="Only cases that have it.")
@click.option("--node", shell_complete=completed_values.nodes, help="Only cases with an anomaly on it.")
@click.option("--tag", help="Only cases that carry it.")
@as_json
def list_cases(
    directory: Path | None, anomaly: str | None, node: str | None, tag: str | None, *, as_json: bool
) -> None:
    """List the cases with their anomalies, and why a case is excluded."""
    known = outlines(directory) if directory is not None or has_dataset() else []
    shown = [
        case
        for case in known
        if (anomaly is None or any(label.anomaly == anomaly for label in case.labels))
        and (node is None or any(label.node == node for label in case.labels))
        and (tag is None or tag in case.tags)
    ]
    if as_json:
        for case in shown:
            emit(_facts(case))
    elif not shown:
        say("no case fits" if known else "no case yet; collect some, or `distdiag cases import`")
    else:
        rows = [
            (case.name, str(len(case.window)), _anomalies(case), ", ".join(case.tags), _exclusion(case))
            for case in shown
        ]
        table(("CASE", "TICKS", "ANOMALIES", "TAGS", ""), rows)


@cases.command()
@click.argument("case")
@as_json
def show(case: str, *, as_json: bool) -> None:
    """Show the labels and the origin of CASE."""
    from distdiag_core.dataset.case_files import case_directory

    found = case_directory.outline(path_of(case))
    if as_json:
        emit(_facts(found))
        return
    times_s = found.window.times_s
    table(
        ("CASE", found.name),
        [
            ("ticks", f"{len(times_s)}, one each {found.period_s:g} s, from {times_s[0]:.15g} to {times_s[-1]:.15g}"),
            ("nodes", ", ".join(found.window.nodes)),
            ("group", found.group),
            ("source", found.source or "-"),
            ("load", found.workload or "-"),
            ("scenario", ", ".join(filter(None, (found.scenario, found.category))) or "-"),
            ("tags", ", ".join(found.tags) or "-"),
            ("excluded", found.excluded or "no"),
        ],
    )
    rows = [(label.anomaly, label.node, label.severity or "-", label.start_s, label.end_s) for label in found.labels]
    rows += [("normal", "all", "-", start_s, end_s) for start_s, end_s in found.normal]
    put()
    table(
        ("WHAT", "NODE", "SEVERITY", "FROM", "TO"),
        [(*words, f"{start_s - times_s[0]:.1f} s", f"{end_s - times_s[0]:.1f} s") for *words, start_s, end_s in rows],
    )


@cases.command()
@click.argument("directory", type=_DIRECTORY, required=False)
@click.option(
    "--balance",
    "points",
    type=click.FloatRange(0, 100),
    default=30.0,
    show_default=True,
    envvar="DISTDIAG_COLLECTING_BALANCE_POINTS",
    help="By how many percentage points the normal and the anomalous share may differ.",
)
@as_json
def stats(directory: Path | None, points: float, *, as_json: bool) -> None:
    """Count the samples by anomaly and node, and compare the normal and the anomalous share."""
    from distdiag_core.dataset import statistics

    found = outlines(directory)
    counted = statistics.statistics(found, points)
    if as_json:
        emit({"groups": len({case.group for case in found}), **asdict(counted)})
    else:
        _show(counted)


@cases.command()
@click.argument("case")
@click.option("--rename", nargs=2, metavar="OLD NEW", help="Rename the anomaly OLD to NEW.")
@click.option("--remove", nargs=2, metavar="ANOMALY NODE", help="Remove the label of ANOMALY on NODE.")
@click.option(
    "--add",
    nargs=4,
    metavar="ANOMALY NODE FROM TO",
    type=(str, str, float, float),
    help="Add a label; FROM and TO in seconds from the beginning of the case.",
)
@click.option("--severity", type=click.Choice(SEVERITIES), help="Severity of the added label.")
@click.option(
    "--excluded", metavar="REASON", help="Exclude it from training and evaluation; an empty REASON includes it again."
)
@click.option("--disturbed", metavar="REASON", hidden=True)
def relabel(
    case: str,
    rename: tuple[str, str] | None,
    remove: tuple[str, str] | None,
    add: tuple[str, str, float, float] | None,
    severity: str | None,
    excluded: str | None,
    disturbed: str | None,
) -> None:
    """Correct the labels of CASE."""
    from distdiag_core.dataset.case import Label
    from distdiag_core.dataset.case_files import case_editing

    if disturbed is not None:
        say("note: --disturbed is now called --excluded; the old name goes with the next release")
        excluded = disturbed if excluded is None else excluded

    def change(known: Case) -> Case:
        if rename:
            known = case_editing.renamed(known, *rename)
        if remove:
            known = case_editing.without(known, *remove)
        if add:
            anomaly, node, start_s, end_s = add
            first_s = float(known.window.times_s[0])
            known = case_editing.with_label(known, Label(anomaly, node, first_s + start_s, first_s + end_s, severity))
        return known if excluded is None else replace(known, excluded=excluded or None)

    changed = case_editing.relabel(path_of(case), change)
    say(f"{changed.name}: {_anomalies(changed)}{f'; {_exclusion(changed)}' if changed.excluded else ''}")


@cases.command()
@click.argument("case")
@click.argument("start", type=float)
@click.argument("end", type=float)
def cut(case: str, start: float, end: float) -> None:
    """Keep the part of CASE between START and END, in seconds from its beginning."""
    from distdiag_core.dataset.case_files import case_directory, case_editing

    path = path_of(case)
    first_s = float(case_directory.outline(path).window.times_s[0])
    short = case_editing.cut(path, first_s + start, first_s + end)
    say(f"{short.name}: {len(short.window)} ticks; {_anomalies(short)}")


@cases.command()
@click.argument("names", metavar="CASE...", nargs=-1, required=True)
def drop(names: tuple[str, ...]) -> None:
    """Remove every CASE for good."""
    from distdiag_core.dataset.case_files import case_editing

    for path in [path_of(name) for name in names]:
        case_editing.drop(path)
        say(f"{path.name} is gone")


@cases.command()
@click.argument("case")
@click.argument("tags", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the tags off.")
def tag(case: str, tags: tuple[str, ...], *, remove: bool) -> None:
    """Put TAGS on CASE, for instance to find it again with `list --tag`."""
    from distdiag_core.dataset.case_files import case_editing

    def change(known: Case) -> Case:
        return case_editing.tagged(known, remove=tags) if remove else case_editing.tagged(known, tags)

    say(f"{case}: {', '.join(case_editing.relabel(path_of(case), change).tags) or 'no tags'}")


def _facts(case: Case) -> dict[str, object]:
    return {
        "case": case.name,
        "group": case.group,
        "ticks": len(case.window),
        "anomalies": [f"{label.anomaly}@{label.node}" for label in case.labels],
        "labels": case.labels,
        "normal": case.normal,
        "nodes": case.window.nodes,
        "start": float(case.window.times_s[0]),
        "end": float(case.window.times_s[-1]),
        "period": case.period_s,
        "source": case.source,
        "workload": case.workload,
        "scenario": case.scenario,
        "category": case.category,
        "excluded": case.excluded,
        "tags": case.tags,
    }


def _anomalies(case: Case) -> str:
    return ", ".join(f"{label.anomaly}@{label.node}" for label in case.labels) or "normal"


def _exclusion(case: Case) -> str:
    return f"excluded: {case.excluded}" if case.excluded else ""


def _show(found: Statistics) -> None:
    balance = found.balance
    neither = found.samples - found.normal - found.anomalous
    rows = [
        ("samples", f"{found.samples:,}", ""),
        ("normal", f"{found.normal:,}", f"{balance.normal_share:.0%}"),
        ("anomalous", f"{found.anomalous:,}", f"{balance.anomalous_share:.0%}"),
        ("neither", f"{neither:,}", ""),
    ]
    table(("", "SAMPLES", ""), rows)
    put()
    by_anomaly = found.by_anomaly.items()
    rows = [(name, f"{samples:,}", str(found.cases_by_anomaly[name])) for name, samples in by_anomaly]
    table(("ANOMALY", "SAMPLES", "CASES"), rows)
    put()
    table(("NODE", "ANOMALOUS"), [(name, f"{samples:,}") for name, samples in found.by_node.items()])
    put(f"\n{'balanced' if balance.balanced else f'not balanced: {balance.word}'}")
    if found.excluded:
        say(f"note: {found.excluded} excluded cases are not counted")
