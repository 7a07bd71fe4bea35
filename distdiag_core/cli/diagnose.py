"""`distdiag diagnose`: the ranked root causes, live or of recorded cases."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core import clock
from distdiag_core.cli.options import DURATION, as_json
from distdiag_core.cli.output import emit, put, say
from distdiag_core.cli.run import run
from distdiag_core.errors import ConfigError, TimedOutError

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.runtime.runtime import Runtime
    from distdiag_core.runtime.snapshot import Snapshot

# Root causes in the text of a diagnosis.
_SHOWN = 3
# On a cluster that never becomes steady, a diagnosis with a note is better than none.
_PATIENCE_S = 45.0


@click.command()
@click.option("--model", "name", metavar="NAME", help="Without it: the model in use.")
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
    from distdiag_core.models import model_registry

    if cases is not None and follow:
        raise ConfigError("--cases and --follow exclude each other", hint="recorded cases do not go on")
    model = model_registry.load(name)
    if cases is not None:
        _cases(model, cases, as_json=as_json)
    else:
        run(_live(target.settings(), model, for_s if follow else 0, as_json=as_json))


def _cases(model: Model, path: Path, *, as_json: bool) -> None:
    from distdiag_core.dataset.case_files import case_directory
    from distdiag_core.diagnosis.evaluation.case_diagnosis import diagnose_case

    for case in case_directory.read_all(path):
        _print(diagnose_case(model, case), case.name, as_json=as_json)


async def _live(settings: ClusterSettings, model: Model, for_s: float | None, *, as_json: bool) -> None:
    from distdiag_core.runtime.runtime import Runtime

    async with Runtime(settings, model=model) as runtime:
        if for_s == 0:
            diagnosis = await _first_founded(runtime)
            _say_lacking(model, runtime.snapshot())
            _print(diagnosis, None, as_json=as_json)
            return
        try:
            async with asyncio.timeout(for_s):
                await _follow(runtime, model, as_json=as_json)
        except TimeoutError:
            return


async def _follow(runtime: Runtime, model: Model, *, as_json: bool) -> None:
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
            _print(diagnosis, None, as_json=as_json, snapshot=snapshot)


def _say_lacking(model: Model, snapshot: Snapshot | None) -> bool:
    """Say which metrics of the model this cluster lacks; False while there are too few ticks to tell."""
    from distdiag_core.models import model_fit

    if snapshot is None or (seen := model_fit.seen_metrics(snapshot.window)) is None:
        return False
    for each in model_fit.lacking_metrics(model, snapshot.cluster.sources, seen):
        say(f"note: {each}")
    return True


async def _first_founded(runtime: Runtime) -> Diagnosis:
    """The first diagnosis without a note; the newest one where that takes too long."""
    diagnosis = None
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while diagnosis is None or diagnosis.note:
                diagnosis = (await runtime.next_snapshot()).diagnosis
                if diagnosis is not None and diagnosis.note:
                    say(diagnosis.note)
    if diagnosis is None:
        raise TimedOutError("nothing was sampled", hint="`distdiag watch` shows how the nodes are")
    return diagnosis


def _print(diagnosis: Diagnosis, case: str | None, *, as_json: bool, snapshot: Snapshot | None = None) -> None:
    if as_json:
        emit(_facts(diagnosis, case) | (_course(snapshot) if snapshot is not None else {}))
        return
    where = case or time.strftime("%H:%M:%S", time.localtime(diagnosis.time_s + clock.offset_s()))
    verdict = "anomalous" if diagnosis.anomalous else "normal"
    followed = f"  {snapshot.validation}" if snapshot is not None and snapshot.validation.total else ""
    put(f"{where}  {verdict}{f'  ({diagnosis.note})' if diagnosis.note else ''}{followed}")
    if not diagnosis.anomalous:
        return
    if diagnosis.impact is not None:
        put(f"  impact on the cluster: {diagnosis.impact.whole}")
    for cause in diagnosis.root_causes[:_SHOWN]:
        evidence = ", ".join(f"{each.metric} {each.sigma:+.1f}σ" for each in cause.evidence[:3])
        put(
            f"  {cause.rank}  {cause.node:<10} {cause.anomaly:<16} confidence {cause.confidence:.2f}  "
            f"influence {cause.influence:.2f}  impact {_impact(cause):<24}  {evidence}"
        )


def _impact(cause: RootCause) -> str:
    """The impact in words; what is not active costs nothing."""
    if cause.onset_s is None:
        return "-"
    return str(cause.impact) if cause.impact else "unknown"


def _facts(diagnosis: Diagnosis, case: str | None) -> dict[str, Any]:
    causes = []
    for cause in diagnosis.root_causes:
        facts = asdict(cause)
        facts["onset"] = facts.pop("onset_s")
        causes.append(facts | {"impact": cause.impact and cause.impact.as_dict()})
    facts = {"time": diagnosis.time_s, "case": case, "anomalous": diagnosis.anomalous, "root_causes": causes}
    return facts | {"note": diagnosis.note, "impact": diagnosis.impact and diagnosis.impact.as_dict()}


def _course(snapshot: Snapshot) -> dict[str, Any]:
    """The incident that goes on, and the hits and misses so far."""
    incident, validation = snapshot.incident, snapshot.validation
    began = incident and {"id": incident.id, "onset": incident.onset_s, "nodes": incident.nodes}
    return {"incident": began, "validated": asdict(validation)}
