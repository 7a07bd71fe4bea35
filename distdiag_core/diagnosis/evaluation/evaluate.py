"""The judgement of a model on cases that it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.diagnosis.evaluation import baselines, replay
from distdiag_core.diagnosis.evaluation.summary import judge
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.folds import folds as parted
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.replay import Track
    from distdiag_core.diagnosis.evaluation.summary import Evaluation
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.diagnosis.training.training_options import TrainOptions, TrainProgress


def evaluate(model: Model, test: Sequence[Case], *, train: Sequence[Case] = ()) -> Evaluation:
    """Judge `model` on `test`; with the cases that it was trained on, baselines are trained and judged beside it."""
    others: dict[str, list[Track]] = {}
    if train:
        for name, other in baselines.train(train).items():
            others[name] = [baselines.follow(other, case) for case in test]
    return judge([replay.follow(model, case) for case in test], others)


def cross_validate(
    cases: Sequence[Case],
    folds: int = 2,
    options: TrainOptions | None = None,
    *,
    progress: Callable[[TrainProgress], None] | None = None,
) -> Evaluation:
    """Judge on one directory: train on some groups and test on the others, by turns, until each group was tested.

    Raises:
        DataError: there are too few groups for that.
    """
    fold = parted(cases, folds)
    if len(set(fold.tolist())) < folds:
        raise DataError(
            f"there are not groups enough to leave out a part of {folds}",
            hint="record repeats in groups of their own, ask for fewer parts, or name cases to train on",
        )
    ours: list[Track] = []
    others: dict[str, list[Track]] = {}
    for held_out in range(folds):
        rest = [case for case, of in zip(cases, fold, strict=True) if of != held_out]
        test = [case for case, of in zip(cases, fold, strict=True) if of == held_out]
        model = trainer.train(rest, "cross-validation", options, progress=progress)
        ours += [replay.follow(model, case) for case in test]
        for name, other in baselines.train(rest).items():
            others.setdefault(name, []).extend(baselines.follow(other, case) for case in test)
    return judge(ours, others)
