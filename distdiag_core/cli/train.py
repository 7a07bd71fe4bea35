"""The verb `train`: a model from recorded cases."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json, renamed_option
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.training_progress import say_progress

if TYPE_CHECKING:
    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.diagnosis.training.training_options import TrainOptions

_CASES = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--cases", "directory", type=_CASES, help="Case directories; without it: the dataset of `distdiag info`.")
@click.option("--name", default="mine", show_default=True, help="Of the model.")
@click.option("--test", type=_CASES, help="Evaluate it on these cases, and keep the evaluation with the model.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it there instead of among the models.")
@click.option("--seed", default=1, show_default=True, help="The same cases, options and seed give the same model.")
@click.option("--rounds", type=int, help="At most so many boosting rounds; without it: as many as suit the data.")
@click.option("--early-stopping", is_flag=True, help="Fewer rounds where held-out groups gain nothing any more.")
@click.option("--no-class-weights", is_flag=True, help="Let each window weigh the same, however rare its anomaly.")
@click.option("--no-calibration", is_flag=True, help="Leave scores as they come; three times as fast.")
@click.option(
    "--false-alarms", default=6.0, show_default=True, help="A budget by the hour, kept on held-out normal operation."
)
@click.option("--read-here", is_flag=True, help="Train on the metrics alone that are read of the cluster.")
@click.option("--external-memory", is_flag=True, help="Read cases one at a time and keep windows on the disk.")
@click.option("--dask", metavar="HOST:PORT", help="Train on the workers of this Dask scheduler.")
@click.option("--on", hidden=True, callback=renamed_option("--dask"))
@as_json
@click.pass_obj
def train(
    target: Target,
    /,
    directory: Path | None,
    name: str,
    test: Path | None,
    out: Path | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `_request_settings`
) -> None:
    """Train a model on cases and write its model directory."""
    from distdiag_core.models import training_job

    request = training_job.TrainRequest(name, directory, test, out, **_request_settings(target, **options))
    began_s = time.monotonic()
    made = training_job.train_synchronously(request, say_progress())
    facts = {
        "model": made.path,
        "anomalies": made.anomalies,
        "cases": made.cases,
        "windows": made.windows,
        "seconds": round(time.monotonic() - began_s, 2),
    }
    if as_json:
        emit(facts)
    else:
        say(f"{made.path}: {', '.join(made.anomalies)} from {made.cases} cases")


def _request_settings(
    target: Target,
    *,
    read_here: bool,
    external_memory: bool,
    dask: str | None,
    on: str | None,
    **options: Any,  # noqa: ANN401 - those of `_options`
) -> dict[str, Any]:
    """Settings of a training request beside its directories: options, backend and metrics."""
    metrics = _metrics_of(target.settings()) if read_here else None
    return {
        "options": _options(**options),
        "external_memory": external_memory,
        "dask": dask or on,
        "metrics": metrics,
    }


def _metrics_of(cluster: ClusterSettings) -> frozenset[str]:
    """The metrics that a cluster has always: those of benchmarks are there only while one runs."""
    from distdiag_core.metrics.source import WORKLOAD, metrics_of

    return frozenset(each.name for each in metrics_of(cluster.sources, cluster).metrics if each.source != WORKLOAD)


def _options(
    *,
    seed: int,
    rounds: int | None,
    early_stopping: bool,
    no_class_weights: bool,
    no_calibration: bool,
    false_alarms: float,
) -> TrainOptions:
    from distdiag_core.diagnosis.training.training_options import TrainOptions

    return TrainOptions(
        seed=seed,
        rounds=rounds,
        early_stopping=early_stopping,
        class_weights=not no_class_weights,
        calibrate=not no_calibration,
        false_alarms_per_hour=false_alarms,
    )
