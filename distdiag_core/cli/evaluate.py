"""`distdiag evaluate`: how good a model, or the method, is on cases that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from distdiag_core.cli.evaluation_text import show
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.train import say_progress
from distdiag_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.summary import Evaluation

_CASES = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--test", type=_CASES, help="Case directories to judge on; without it: the dataset.")
@click.option("--train", "train_on", type=_CASES, help="Train on these first; also trains and judges the baselines.")
@click.option("--model", "name", metavar="NAME", help="Judge this model.")
@click.option(
    "--folds", default=2, show_default=True, help="Without --train and --model groups are left out by turns, in parts."
)
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), help="Write a report with plots there.")
@as_json
def evaluate(
    test: Path | None, train_on: Path | None, name: str | None, folds: int, report: Path | None, *, as_json: bool
) -> None:
    """How well root causes are named and anomalies detected on cases that the model has not seen.

    Without --train and --model the cases judge the method: it is trained on some groups of them and tested on the
    others, by turns.
    """
    from distdiag_core.models import training_job

    if train_on is not None and name is not None:
        raise ConfigError("--train and --model exclude each other", hint="judge a trained model, or train one for this")
    if folds < 2:
        raise ConfigError("--folds must be at least 2", hint="one part is left out, the others are learned from")
    judged_on = training_job.read_cases(test)
    taught = training_job.read_cases(train_on) if train_on else ()
    found = _judge(judged_on, taught, name, folds)
    facts = found.as_dict()
    if report is not None:
        from distdiag_core.diagnosis.evaluation import report_page as reports

        say(f"{reports.write(facts, report, _how(train_on, name, folds))} is written")
    if as_json:
        emit(facts)
    else:
        show(facts)


def _judge(judged_on: Sequence[Case], taught: Sequence[Case], name: str | None, folds: int) -> Evaluation:
    from distdiag_core.diagnosis.evaluation import evaluate
    from distdiag_core.diagnosis.training import trainer
    from distdiag_core.models import model_registry

    if taught:
        model = trainer.train(taught, "evaluated", progress=say_progress())
        return evaluate.evaluate(model, judged_on, train=taught)
    if name is not None:
        return evaluate.evaluate(model_registry.load(name), judged_on)
    return evaluate.cross_validate(judged_on, folds, progress=say_progress())


def _how(train_on: Path | None, name: str | None, folds: int) -> str:
    if train_on is not None:
        return f"Trained on {train_on.name}, tested on other cases."
    if name is not None:
        return f"The model {name}, as it is."
    return f"Trained and tested by turns, with whole groups of cases left out, in {folds} parts."
