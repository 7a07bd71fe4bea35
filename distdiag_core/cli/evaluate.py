"""The verb `evaluate`: accuracy of a model, or of the method, on cases that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli import completed_values
from distdiag_core.cli.evaluation_text import say_case, show
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, say
from distdiag_core.cli.training_progress import say_progress
from distdiag_core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.baseline_classifiers import BaselineMethod
    from distdiag_core.diagnosis.evaluation.summary import Evaluation

_CASES = click.Path(path_type=Path, exists=True)


@click.command()
@click.option("--test", type=_CASES, help="Case directories to test on; without it: the dataset.")
@click.option("--train", "train_on", type=_CASES, help="Train on these first; also trains and evaluates the baselines.")
@click.option("--model", "name", shell_complete=completed_values.models, metavar="NAME", help="Evaluate this model.")
@click.option(
    "--folds",
    default=2,
    show_default=True,
    help="Without --train and --model cross-validate with so many folds of groups.",
)
@click.option(
    "--baselines",
    default="all",
    show_default=True,
    metavar="all|none|NAME,...",
    help="Which simpler methods are trained and evaluated beside it.",
)
@click.option("--seed", default=1, show_default=True, help="Of everything that training draws at random.")
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), help="Write a report with plots there.")
@as_json
def evaluate(
    test: Path | None,
    train_on: Path | None,
    name: str | None,
    folds: int,
    baselines: str,
    seed: int,
    report: Path | None,
    *,
    as_json: bool,
) -> None:
    """Accuracy of root causes and detection of anomalies, on cases that the model has not seen.

    Without --train and --model the method is cross-validated: trained on some groups of the cases and tested on the
    others, in turn.
    """
    from distdiag_core.diagnosis.evaluation.baselines import chosen_methods
    from distdiag_core.models import training_job

    if train_on is not None and name is not None:
        raise ConfigError(
            "--train and --model exclude each other", hint="evaluate a trained model, or train one for this"
        )
    if folds < 2:
        raise ConfigError("--folds must be at least 2", hint="one fold is tested, the others are trained on")
    methods = chosen_methods(baselines.split(","))
    test_cases = training_job.read_cases(test)
    train_cases = training_job.read_cases(train_on) if train_on else ()
    found = _evaluate(test_cases, train_cases, name, folds, methods, seed)
    facts = found.as_dict()
    if report is not None:
        say(f"{_write_report(facts, report, _how(train_on, name, folds))} is written")
    if as_json:
        emit(facts)
    else:
        show(facts)


def _evaluate(
    test_cases: Sequence[Case],
    train_cases: Sequence[Case],
    name: str | None,
    folds: int,
    methods: Sequence[BaselineMethod],
    seed: int,
) -> Evaluation:
    from distdiag_core.diagnosis.evaluation import evaluate
    from distdiag_core.diagnosis.training import trainer
    from distdiag_core.diagnosis.training.training_options import TrainOptions
    from distdiag_core.models import model_registry

    options = TrainOptions(seed=seed)
    if train_cases:
        model = trainer.train(train_cases, "evaluated", options, progress=say_progress())
        return evaluate.evaluate(
            model, test_cases, train=train_cases, methods=methods, progress=say_progress(), found=say_case
        )
    if name is not None:
        return evaluate.evaluate(model_registry.load(name), test_cases, progress=say_progress(), found=say_case)
    return evaluate.cross_validate(test_cases, folds, options, methods=methods, progress=say_progress(), found=say_case)


def _write_report(facts: dict[str, Any], directory: Path, how: str) -> Path:
    """Write the report and return its page.

    Raises:
        DataError: the files cannot be written.
    """
    from distdiag_core.diagnosis.evaluation.evaluation_page import report_files

    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in report_files(facts, how).items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", where=str(directory)) from error
    return directory / "README.md"


def _how(train_on: Path | None, name: str | None, folds: int) -> str:
    if train_on is not None:
        return f"Trained on {train_on.name}, tested on other cases."
    if name is not None:
        return f"The model {name}, as it is."
    return f"Trained and tested by turns, with whole groups of cases left out, in {folds} parts."
