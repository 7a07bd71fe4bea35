"""Evaluation of a model, or of the method by cross-validation, beside baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from distdiag_core.diagnosis.evaluation.baseline_classifiers import METHODS
from distdiag_core.diagnosis.evaluation.baselines import replay_baseline, train_baselines
from distdiag_core.diagnosis.evaluation.replay import replay
from distdiag_core.diagnosis.evaluation.summary import summarize
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.folds import assign_folds
from distdiag_core.diagnosis.training.training_options import StepCounter
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.baseline_classifiers import BaselineMethod
    from distdiag_core.diagnosis.evaluation.replay import Replay
    from distdiag_core.diagnosis.evaluation.summary import Evaluation
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.diagnosis.training.training_options import TrainOptions, TrainProgress


Replayed = TypeVar("Replayed")


def evaluate(
    model: Model,
    test: Sequence[Case],
    *,
    train: Sequence[Case] = (),
    methods: Sequence[BaselineMethod] = METHODS,
    progress: Callable[[TrainProgress], None] | None = None,
    found: Callable[[Replay], None] | None = None,
) -> Evaluation:
    """Evaluate a model on test cases; given the cases that it was trained on, also baselines trained on these.

    Args:
        found: called with the replay of each case through the model, as soon as there is one.
    """
    methods = methods if train else ()
    steps = StepCounter(len(test) * (1 + len(methods)), progress)
    diagnosed = _reporting(found)
    replays = [_counted(steps, "diagnosing the cases", diagnosed, model, case) for case in test]
    baselines: dict[str, list[Replay]] = {}
    for method in methods:
        for name, baseline in train_baselines(train, (method,)).items():
            baselines[name] = [_counted(steps, name, replay_baseline, baseline, case) for case in test]
    return summarize(replays, baselines)


def _reporting(found: Callable[[Replay], None] | None) -> Callable[[Model, Case], Replay]:
    def replay_and_report(model: Model, case: Case) -> Replay:
        replayed = replay(model, case)
        if found is not None:
            found(replayed)
        return replayed

    return replay_and_report


def _counted(
    steps: StepCounter, stage: str, replayed: Callable[[Replayed, Case], Replay], by: Replayed, case: Case
) -> Replay:
    steps.begin(stage)
    found = replayed(by, case)
    steps.end()
    return found


def cross_validate(
    cases: Sequence[Case],
    folds: int = 2,
    options: TrainOptions | None = None,
    *,
    methods: Sequence[BaselineMethod] = METHODS,
    progress: Callable[[TrainProgress], None] | None = None,
    found: Callable[[Replay], None] | None = None,
) -> Evaluation:
    """Evaluate the method by cross-validation: each fold of groups is tested by a model trained on the others.

    Args:
        found: called with the replay of each case, as soon as there is one.

    Raises:
        DataError: there are fewer groups than folds.
    """
    fold = assign_folds(cases, folds)
    if len(set(fold.tolist())) < folds:
        raise DataError(
            f"there are not groups enough to leave out a part of {folds}",
            hint="record repeats in groups of their own, ask for fewer parts, or name cases to train on",
        )
    replays: list[Replay] = []
    baselines: dict[str, list[Replay]] = {}
    for held_out in range(folds):
        rest = [case for case, of in zip(cases, fold, strict=True) if of != held_out]
        test = [case for case, of in zip(cases, fold, strict=True) if of == held_out]
        model = trainer.train(rest, "cross-validation", options, progress=progress)
        replays += [_reporting(found)(model, case) for case in test]
        for name, baseline in train_baselines(rest, methods).items():
            baselines.setdefault(name, []).extend(replay_baseline(baseline, case) for case in test)
    return summarize(replays, baselines)
