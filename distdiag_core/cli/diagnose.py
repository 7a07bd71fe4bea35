"""`distdiag diagnose`: the ranked root causes, live or of recorded cases."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.diagnosis_text import DiagnosisPrinter
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import say
from distdiag_core.cli.run import run
from distdiag_core.errors import ConfigError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot

# On a cluster that never becomes steady, a diagnosis with a note is better than none.
_PATIENCE_S = 45.0


@click.command()
@click.option(
    "--model", "name", shell_complete=completed_values.models, metavar="NAME", help="Without it: the model in use."
)
@click.option(
    "--cases", type=click.Path(path_type=Path, exists=True), help="Diagnose recorded cases instead of the cluster."
)
@click.option("--follow", is_flag=True, help="Go on tick by tick; without it: one verdict, as soon as there is one.")
@click.option("--for", "for_s", type=DURATION, help="With --follow: stop after this time.")
@as_json
@click.pass_obj
def diagnose(
    target: Target, name: str | None, cases: Path | None, *, follow: bool, for_s: float | None, as_json: bool
) -> None:
    """Which node suffers from what, the likeliest root cause first."""
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.metrics.source import metrics_of

    if cases is not None and follow:
        raise ConfigError("--cases and --follow exclude each other", hint="recorded cases do not go on")
    if for_s is not None and not follow:
        raise ConfigError("--for goes with --follow", hint="without --follow there is one verdict, once it is known")
    if cases is not None:
        read = case_directory.read_all(cases)
        _cases(_model(name, {each for case in read for each in case.window.metrics}), read, as_json=as_json)
    else:
        settings = target.settings()
        model = _model(name, metrics_of(settings.sources, settings).names)
        run(_live(settings, model, for_s if follow else 0, as_json=as_json))


def _model(name: str | None, metrics: Collection[str]) -> Model | None:
    """The model called `name`, or the one in use where these metrics are read."""
    from distdiag_core.models import model_registry

    model, why = (model_registry.load(name), "") if name else model_registry.load_if_usable(metrics)
    if why:
        say(f"note: {why}")
    return model


def _cases(model: Model | None, cases: Sequence[Case], *, as_json: bool) -> None:
    from distdiag_core.anomalies import catalogue as anomaly_catalogue
    from distdiag_core.diagnosis.detection.own_metrics import Categories
    from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case
    from distdiag_core.metrics import catalogue

    metrics = catalogue.load()
    categories = Categories.of(anomaly_catalogue.load(), metrics)
    printer = DiagnosisPrinter(metrics, as_json=as_json)
    told: set[str] = set()
    for case in cases:
        _say_lacking_in(model, case, told)
        printer.put(diagnose_case(model, case, categories), case.name)


def _say_lacking_in(model: Model | None, case: Case, told: set[str]) -> None:
    """Say which metrics of the model a case lacks; what was said of a case before it is not said again."""
    from distdiag_core.models import model_fit

    seen = model_fit.seen_metrics(case.window)
    if model is None or seen is None:
        return
    sources = {metric.partition(".")[0] for metric in seen}
    for text in map(str, model_fit.lacking_metrics(model, sources, seen)):
        if text not in told:
            told.add(text)
            say(f"note: {case.name}: {text}")


async def _live(settings: ClusterSettings, model: Model | None, for_s: float | None, *, as_json: bool) -> None:
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, model=model) as runtime:
        printer = DiagnosisPrinter(runtime.catalogue, as_json=as_json)
        if for_s == 0:
            diagnosis = await _first_founded(runtime)
            _say_lacking(model, runtime.snapshot())
            printer.put(diagnosis)
            return
        try:
            async with asyncio.timeout(for_s):
                await _follow(runtime, model, printer)
        except TimeoutError:
            return


async def _follow(runtime: Runtime, model: Model | None, printer: DiagnosisPrinter) -> None:
    told, proposed = False, ""
    while True:
        snapshot = await runtime.next_snapshot()
        if snapshot.validation.proposal != proposed:
            proposed = snapshot.validation.proposal
            if proposed:
                say(f"note: {proposed}")
        if not told:
            told = _say_lacking(model, snapshot)
        if (diagnosis := snapshot.diagnosis) is not None:
            printer.put(diagnosis, snapshot=snapshot)


def _say_lacking(model: Model | None, snapshot: Snapshot | None) -> bool:
    """Say which metrics of the model this cluster lacks; False while there are too few ticks to tell."""
    from distdiag_core.models import model_fit

    if model is None:
        return True
    if snapshot is None or (seen := model_fit.seen_metrics(snapshot.window)) is None:
        return False
    for each in model_fit.lacking_metrics(model, snapshot.cluster.sources, seen):
        say(f"note: {each}")
    return True


async def _first_founded(runtime: Runtime) -> Diagnosis:
    """The first diagnosis without a note; the newest one where that takes too long."""
    diagnosis, said = None, ""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while diagnosis is None or diagnosis.note:
                diagnosis = (await runtime.next_snapshot()).diagnosis
                if diagnosis is not None and diagnosis.note and diagnosis.note != said:
                    said = diagnosis.note
                    say(said)
    if diagnosis is None:
        raise TimedOutError("nothing was sampled", hint="`distdiag watch` shows how the nodes are")
    return diagnosis
