"""The verb `models`: list, show, compare, choose, rename, delete and export models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli import completed_values, model_text
from distdiag_core.cli.evaluation_text import figure
from distdiag_core.cli.options import as_json, renamed_option
from distdiag_core.cli.output import emit, say, table
from distdiag_core.cli.verb_group import VerbGroup
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.models.model_comparison import Comparison


@click.group(cls=VerbGroup, invoke_without_command=True)
@as_json
@click.pass_context
def models(ctx: click.Context, *, as_json: bool) -> None:
    """The models there are, and which one is in use; alone it lists them."""
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, as_json=as_json)


@models.command("list")
@as_json
@click.pass_obj
def list_models(target: Target, *, as_json: bool) -> None:
    """Every model with how good it was found to be; * marks the one in use."""
    _list(target, as_json=as_json)


def _list(target: Target, *, as_json: bool) -> None:
    from distdiag_core.models import model_registry

    metrics = _metrics_of(_cluster_if_chosen(target))
    listed = model_registry.listed(metrics)
    if as_json:
        facts = [asdict(each) | {"created": each.created and each.created.isoformat()} for each in listed]
        emit(
            {"models": {each.name: each.path for each in listed}, "use": model_registry.chosen(metrics), "facts": facts}
        )
        return
    rows = [
        (
            "*" if each.in_use else "",
            each.name,
            figure(each.ac1),
            figure(each.macro_f1),
            str(each.cases),
            f"{each.created:%Y-%m-%d %H:%M}" if each.created else "-",
            f"{each.path}: {each.damage}" if each.damage else ", ".join(each.anomalies),
        )
        for each in listed
    ]
    table(("", "MODEL", "AC@1", "F1", "CASES", "MADE (UTC)", "ANOMALIES"), rows)


@models.command()
@click.argument("name", shell_complete=completed_values.models, required=False)
@as_json
@click.pass_obj
def show(target: Target, name: str | None, *, as_json: bool) -> None:
    """What a model was trained on and how, and what it lacks on this cluster; without NAME: the one in use."""
    from distdiag_core.metrics.source import SOURCES, metrics_of
    from distdiag_core.models import model_fit, model_registry

    cluster = _cluster_if_chosen(target)
    model = model_registry.load(name, _metrics_of(cluster))
    if cluster is None:
        say("note: no cluster is chosen, so every source of metrics is taken to be on")
    sources = cluster.sources if cluster is not None else SOURCES.names()
    read = metrics_of(sources, cluster).names
    warning = model.missing_metrics(read).warning()
    lacking = model_fit.lacking_metrics(model, sources, read if cluster is not None else None)
    if as_json:
        emit(model_text.facts_of(model, read) | {"warning": warning, "lacking": lacking})
        return
    model_text.show(model, read)
    for note in (*filter(None, [warning]), *lacking):
        say(f"note: {note}")


def _cluster_if_chosen(target: Target) -> ClusterSettings | None:
    """The cluster that is meant; None where none is chosen."""
    try:
        return target.settings()
    except ConfigError:
        if target.cluster is not None or target.config is not None:
            raise
        return None


def _metrics_of(cluster: ClusterSettings | None) -> tuple[str, ...] | None:
    from distdiag_core.metrics.source import metrics_of

    return metrics_of(cluster.sources, cluster).names if cluster is not None else None


@models.command()
@click.argument("names", shell_complete=completed_values.models, nargs=-1, required=True)
@click.option("--cases", type=click.Path(path_type=Path, exists=True), help="Without it: the dataset.")
@as_json
def compare(names: tuple[str, ...], cases: Path | None, *, as_json: bool) -> None:
    """The same evaluation of several models side by side, on the same cases."""
    from distdiag_core.models.model_comparison import compare

    found = compare(names, cases)
    if as_json:
        emit(comparison_facts(found))
        return
    rows = []
    for each in found.models:
        ac = each.evaluation.naming.ac or {}
        detection = each.evaluation.detection
        figures = (*(ac.get(k) for k in ("1", "3", "5")), each.evaluation.naming.macro_f1, detection.recall)
        alarms = (detection.median_delay_s, detection.false_alarms_per_hour)
        rows.append((each.name, *(figure(value) for value in (*figures, *alarms)), str(each.trained_on)))
    table(("MODEL", "AC@1", "AC@3", "AC@5", "F1", "RECALL", "DELAY s", "FALSE/h", "TRAINED ON"), rows)
    for each in found.models:
        if each.trained_on:
            say(f"note: {each.name} was trained on {each.trained_on} of the {found.cases} cases, which flatters it")


def comparison_facts(found: Comparison) -> dict[str, Any]:
    """The JSON of a comparison: the evaluation of each model, and how many of the cases it was trained on."""
    return {each.name: each.evaluation.as_dict() | {"cases_trained_on": each.trained_on} for each in found.models}


@models.command()
@click.argument("name", shell_complete=completed_values.models, required=False)
def use(name: str | None) -> None:
    """Diagnose with the model NAME from now on; without NAME: the one that ships and fits the cluster."""
    from distdiag_core.models import model_registry

    if name is None:
        model_registry.forget_choice()
        say("the model that ships is in use: the one that fits the metrics of a cluster")
        return
    model_registry.use(name)
    say(f"{name} is in use")


@models.command()
@click.argument("name", shell_complete=completed_values.models)
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Call the model NAME otherwise."""
    from distdiag_core.models import model_editing

    damage = _damage(name)
    say(f"{name} is now {model_editing.rename(name, new)}")
    _note(damage)


@models.command()
@click.argument("name", shell_complete=completed_values.models)
@click.option("--force", is_flag=True, help="Delete it even if it is in use; the model that ships is used then.")
@click.option("--even-in-use", is_flag=True, hidden=True, callback=renamed_option("--force"))
def delete(name: str, *, force: bool, even_in_use: bool) -> None:
    """Remove the model NAME for good."""
    from distdiag_core.models import model_editing

    damage = _damage(name)
    model_editing.delete(name, force=force or even_in_use)
    say(f"{name} is deleted")
    _note(damage)


@models.command()
@click.argument("name", shell_complete=completed_values.models)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def export(name: str, directory: Path) -> None:
    """Copy the model NAME into DIRECTORY."""
    from distdiag_core.models import model_editing

    damage = _damage(name)
    say(f"{model_editing.export(name, directory)} is written")
    _note(damage)


def _damage(name: str) -> str:
    """Why the model cannot be used; a damaged one can still be moved, copied and deleted."""
    from distdiag_core.models import model_registry

    facts = model_registry.facts(model_registry.find(name))
    return f"{facts.path}: {facts.damage}" if facts.damage else ""


def _note(damage: str) -> None:
    if damage:
        say(f"note: it cannot be used: {damage}")
