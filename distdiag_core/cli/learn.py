"""`distdiag train`, `models` and `evaluate`: from recorded cases to a model, and how good it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say, table
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.training_options import TrainProgress

_CASES = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--cases", "directory", type=_CASES, help="Case directories; without it: the dataset of `distdiag info`.")
@click.option("--name", default="mine", show_default=True, help="Of the model.")
@click.option("--test", type=_CASES, help="Judge it on these cases, and keep the judgement with the model.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it there instead of among the models.")
@as_json
def train(directory: Path | None, name: str, test: Path | None, out: Path | None, *, as_json: bool) -> None:
    """Train a model on cases and write its model directory."""
    import time

    from distdiag_core import learning

    request = learning.TrainRequest(name, directory, test, out)
    began_s = time.monotonic()
    made = learning.train_here(request, _say_progress())
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


def _say_progress() -> Callable[[TrainProgress], None]:
    """Says each stage once, and of a long one each anomaly."""
    said = ""

    def progress(step: TrainProgress) -> None:
        nonlocal said
        text = f"{step.stage}: {step.anomaly}" if step.anomaly else step.stage
        if text != said:
            said = text
            say(f"{step.share:4.0%}  {text}")

    return progress


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def models(ctx: click.Context, *, as_json: bool) -> None:
    """The models there are, and which one is in use."""
    from distdiag_core import models

    if ctx.invoked_subcommand is not None:
        return
    found, chosen = models.known(), models.chosen()
    if as_json:
        emit({"models": found, "use": chosen})
        return
    table(
        ("", "MODEL", "DIRECTORY"), [("*" if name == chosen else "", name, str(path)) for name, path in found.items()]
    )


@models.command()
@click.argument("name")
def use(name: str) -> None:
    """Diagnose with the model NAME from now on."""
    from distdiag_core import models

    models.use(name)
    say(f"{name} is in use")


@click.command()
@click.option("--test", type=_CASES, required=True, help="Case directories to judge on.")
@click.option("--train", "train_on", type=_CASES, help="Train on these first; also trains and judges the baselines.")
@click.option("--model", "name", metavar="NAME", help="Judge this model; without it and --train: the model in use.")
@as_json
def evaluate(test: Path, train_on: Path | None, name: str | None, *, as_json: bool) -> None:
    """How well root causes are named and anomalies detected on cases that the model has not seen."""
    from distdiag_core import models
    from distdiag_core.diagnosis import evaluation, training

    if train_on is not None and name is not None:
        raise ConfigError("--train and --model exclude each other", hint="judge a trained model, or train one for this")
    judged_on = _read(test)
    taught = _read(train_on) if train_on else ()
    if taught:
        say(f"training on {len(taught)} cases")
    model = training.train(taught, "evaluated") if taught else models.load(name)
    found = evaluation.evaluate(model, judged_on, train=taught).as_dict()
    if as_json:
        emit(found)
    else:
        _show_evaluation(found)


def _show_evaluation(found: dict[str, Any]) -> None:
    rows = [("all", str(found["cases"]), *_accuracies(found["ac"]))]
    rows += [(name, str(each["cases"]), *_accuracies(each["ac"])) for name, each in found["by_category"].items()]
    rows += [
        (f"baseline: {name}", str(found["cases"]), *_accuracies(each["ac"]))
        for name, each in found["baselines"].items()
    ]
    table(("SCENARIO", "CASES", "AC@1", "AC@3", "AC@5"), rows)
    detection = found["detection"]
    click.echo(
        f"macro F1 {_figure(found['macro_f1'])}; placebo AC@1 {_figure(found['placebo_ac1'])} "
        f"(chance {_figure(found['chance'])}, {found['placebo_cases']} cases)"
    )
    click.echo(
        f"detection: recall {_figure(detection['recall'])}, median delay {_figure(detection['median_delay_s'])} s, "
        f"{_figure(detection['false_alarms_per_hour'])} false alarms an hour in "
        f"{_figure(detection['normal_hours'])} normal hours"
    )
    if found["never_taught"]:
        say(f"note: never taught, counted as missed: {', '.join(found['never_taught'])}")


def _accuracies(ac: dict[str, float] | None) -> tuple[str, ...]:
    return tuple(_figure((ac or {}).get(k)) for k in ("1", "3", "5"))


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _read(directory: Path | None) -> tuple[Case, ...]:
    from distdiag_core import places
    from distdiag_core.recording import cases

    found = cases.read_all(directory or places.cases_dir())
    if not found:
        raise ConfigError("there are no cases", where=str(directory or places.cases_dir()))
    return found
