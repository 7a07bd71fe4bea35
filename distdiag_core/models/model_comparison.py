"""Several models judged on the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.models import model_registry
from distdiag_core.models.training_job import read_cases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from distdiag_core.diagnosis.evaluation.summary import Evaluation


@dataclass(frozen=True, slots=True)
class Compared:
    """One model's part.

    Attributes:
        taught: how many of the cases it was trained on, which flatters it.
    """

    name: str
    evaluation: Evaluation
    taught: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same evaluation of several models, on so many cases."""

    cases: int
    models: tuple[Compared, ...]


def compare(names: Sequence[str], cases: Path | None = None) -> Comparison:
    """Judge the models called so on the cases in a directory, or in the dataset.

    Raises:
        ConfigError: there is no such model.
        DataError: a model or a case is damaged, or there are no cases.
    """
    from distdiag_core.diagnosis.evaluation import evaluate

    loaded = [model_registry.load(name) for name in names]
    judged_on = read_cases(cases)
    known = {case.name for case in judged_on}
    return Comparison(
        len(judged_on),
        tuple(
            Compared(model.name, evaluate.evaluate(model, judged_on), len(known & set(model.training.cases)))
            for model in loaded
        ),
    )
