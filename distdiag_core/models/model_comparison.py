"""Comparison of models: the same evaluation of several on the same cases."""

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
class ComparedModel:
    """Evaluation of one model of a comparison.

    Attributes:
        trained_on: how many of the cases it was trained on, which flatters it.
    """

    name: str
    evaluation: Evaluation
    trained_on: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Evaluations of several models on the same cases, whose number is `cases`."""

    cases: int
    models: tuple[ComparedModel, ...]


def compare(names: Sequence[str], cases: Path | None = None) -> Comparison:
    """Evaluate the models of these names on the cases in a directory, or in the dataset.

    Raises:
        ConfigError: there is no such model.
        DataError: a model or a case is damaged, or there are no cases.
    """
    from distdiag_core.diagnosis.evaluation import evaluate

    loaded = [model_registry.load(name) for name in names]
    test_cases = read_cases(cases)
    known = {case.name for case in test_cases}
    return Comparison(
        len(test_cases),
        tuple(
            ComparedModel(model.name, evaluate.evaluate(model, test_cases), len(known & set(model.training.cases)))
            for model in loaded
        ),
    )
