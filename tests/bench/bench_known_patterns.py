"""Prints whether the deviation of a node tells that its anomaly is of a kind that was not taught; a program.

Usage: python bench_known_patterns.py --train DIRECTORY ... --test DIRECTORY ...

Known patterns: a linear discriminant over how far all metrics of a node are from its past and from its peers says how
certain the nearest kind is, and how strong the deviation is beside what is usual for that kind. A strong deviation has
to be certain, a weak one need not: among noise every kind is uncertain. Each kind is left out of the cases to train on
by turns. The last row is the placebo: nothing is left out, and the right names that are given up are counted.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.features.views import View
from distdiag_core.diagnosis.training.backends.memory import MemoryBackend
from distdiag_core.diagnosis.training.dataset_windows import cut_windows
from distdiag_core.diagnosis.training.feature_selection import select_features
from distdiag_core.diagnosis.training.window_labels import TRUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.features.feature_spec import Column, FeatureSpec
    from distdiag_core.diagnosis.training.dataset_windows import DatasetWindows

# The states of connections tell these, where they are known.
_OF_CONNECTIONS = ("node_down", "node_hang")
_FOLDS = 4
# Of the right names, so many are given up that what is unknown may be noticed.
_LOSS = 0.03
_USUAL, _LEAST_SCALE = 0.9, 0.05
# Added to a variance within kinds, so that a metric that hardly moves does not decide.
_LEAST_VARIANCE = 0.15
_PENALTY, _ITERATIONS = 1.0, 20
# Discriminants of few cases are overconfident: their log-odds are shrunk, and count up to a bound.
_SHRINKAGE, _MOST_CERTAIN = 0.15, 4.0
# Deviations on the saturated scale below this are no part of the size.
_NOISE = 0.75
_LEAST_SIZE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Anomalies of single nodes: their median deviations (E, D), kinds (E,) and folds (E,)."""

    deviations: NDArray[np.float64]
    kind: NDArray[np.str_]
    fold: NDArray[np.intp]

    def where(self, chosen: NDArray[np.bool_]) -> Episodes:
        return Episodes(self.deviations[chosen], self.kind[chosen], self.fold[chosen])


def main() -> None:
    """Print a row for each kind, and the placebo."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, action="append", required=True, help="directory of cases to train on")
    parser.add_argument("--test", type=Path, action="append", required=True, help="directory of cases to judge")
    options = parser.parse_args()
    taught, tests = (
        [case for place in places for case in case_directory.read_all(place)]
        for places in (options.train, options.test)
    )
    features = select_features(taught)
    known, usual = _episodes(taught, features)
    judged, _ = _episodes(tests, features)
    scale = np.maximum(usual, _LEAST_SCALE)
    known, judged = (replace(each, deviations=np.arcsinh(each.deviations / scale)) for each in (known, judged))
    sys.stdout.write(f"{'left out':<20}{'anomalies':>10}{'flagged':>10}\n")
    for kind in np.unique(known.kind).tolist():
        patterns, bound = _trained(known.where(known.kind != kind))
        ours = judged.where(judged.kind == kind)
        _put(kind, patterns.nearest(ours.deviations)[1] @ patterns.factors > bound)
    patterns, bound = _trained(known)
    place, fit = patterns.nearest(judged.deviations)
    right = np.array(patterns.anomalies)[place] == judged.kind
    _put("none, right names", (fit @ patterns.factors > bound)[right])


def _put(name: str, flagged: NDArray[np.bool_]) -> None:
    sys.stdout.write(f"{name:<20}{len(flagged):>10}{int(flagged.sum()):>10}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Linear discriminant of K kinds over D deviations.

    Attributes:
        anomalies: names, K of them.
        weights, offsets: shapes (K, D) and (K,).
        importance: shape (D,), how much each deviation counts in the size of a pattern; the sum is 1.
        sizes: shape (K,), the usual size of the pattern of each kind.
        factors: of certainty and relative size; the larger their sum, the less does a pattern fit.
    """

    anomalies: tuple[str, ...]
    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]
    importance: NDArray[np.float64]
    sizes: NDArray[np.float64]
    factors: NDArray[np.float64]

    def nearest(self, deviations: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The nearest kind of deviations (S, D), and its certainty and relative size, (S,) and (S, 2)."""
        odds = _SHRINKAGE * (deviations @ self.weights.T + self.offsets)
        place = odds.argmax(axis=1)
        others = 1 - 1 / np.exp(odds - odds.max(axis=1, keepdims=True)).sum(axis=1)
        certainty = -np.log(np.maximum(others, np.exp(-_MOST_CERTAIN)))
        ours = _size(deviations, self.importance)
        relative = np.log((ours + _LEAST_SIZE) / (self.sizes[place] + _LEAST_SIZE))
        return place, np.stack((certainty, relative), axis=-1)


def _size(deviations: NDArray[np.float64], importance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted norm of deviations (S, D) without what is noise, shape (S,)."""
    result: NDArray[np.float64] = np.sqrt(np.maximum(np.abs(deviations) - _NOISE, 0) ** 2 @ importance)
    return result


def _columns(columns: Sequence[Column]) -> NDArray[np.intp]:
    """Places of the means against the own past, of the node and of its difference to its peers."""
    chosen = [at for at, each in enumerate(columns) if each.view is View.OWN and each.statistic == "mean"]
    return np.array(chosen, dtype=np.intp)


def _episodes(cases: Sequence[Case], features: FeatureSpec) -> tuple[Episodes, NDArray[np.float64]]:
    """The anomalies that were alone on their nodes, and the usual deviation without any, shape (D,)."""
    kinds = tuple(sorted({label.anomaly for case in cases for label in case.labels}))
    windows = cut_windows(cases, features, kinds, MemoryBackend().row_store)
    places = _columns(features.columns())
    deviations = np.nan_to_num(np.concatenate([part[:, places] for part in windows.rows.parts()]))
    labels = windows.labels
    whole, true = labels.has_past & ~labels.hidden, labels.truth == TRUE
    usual = np.quantile(np.abs(deviations[whole & labels.normal & ~true.any(axis=1)]), _USUAL, axis=0)
    node = _nodes(windows)
    rows: dict[tuple[int, int, str], list[int]] = {}
    for row in np.flatnonzero(whole & (true.sum(axis=1) == 1)).tolist():
        kind = kinds[int(true[row].argmax())]
        if kind not in _OF_CONNECTIONS:
            rows.setdefault((int(labels.case[row]), int(node[row]), kind), []).append(row)
    # Other loads are what a pattern has to fit, so that cases of one load are never split.
    loads = sorted({case.workload or "" for case in cases})
    fold = [loads.index(cases[case].workload or "") % _FOLDS for case, _, _ in rows]
    medians = np.array([np.median(deviations[each], axis=0) for each in rows.values()])
    return Episodes(medians, np.array([kind for _, _, kind in rows]), np.array(fold)), usual


def _nodes(windows: DatasetWindows) -> NDArray[np.intp]:
    """Place of the node of each window: the nodes of a tick follow each other."""
    labels = windows.labels
    key = np.stack((labels.case, labels.tick, labels.hidden))
    begins = np.flatnonzero(np.append(True, (key[:, 1:] != key[:, :-1]).any(axis=0)))
    result: NDArray[np.intp] = np.arange(key.shape[1]) - np.repeat(begins, np.diff(np.append(begins, key.shape[1])))
    return result


def _fit(known: Episodes) -> Patterns:
    """Regularized linear discriminant of the kinds, whose covariance within kinds is common to all."""
    kinds = tuple(np.unique(known.kind).tolist())
    means = np.stack([known.deviations[known.kind == kind].mean(axis=0) for kind in kinds])
    place = np.array([kinds.index(kind) for kind in known.kind.tolist()])
    within = known.deviations - means[place]
    count = len(within)
    ridge = (within**2).sum() / count / within.shape[1]
    # The inverse of the ridged covariance by that of the (E, E) matrix, since there are more metrics than anomalies.
    inner = np.linalg.inv(count * ridge * np.eye(count) + within @ within.T)
    weights = (means - (means @ within.T) @ inner @ within) / ridge
    importance = means.var(axis=0) / (within.var(axis=0) + _LEAST_VARIANCE)
    importance /= importance.sum()
    sizes = _size(known.deviations, importance)
    usual = np.array([np.median(sizes[place == each]) for each in range(len(kinds))])
    return Patterns(kinds, weights, -0.5 * (weights * means).sum(axis=1), importance, usual, np.zeros(2))


def _trained(known: Episodes) -> tuple[Patterns, float]:
    """Patterns, and the misfit from which on an anomaly is of no known kind.

    A logistic regression separates held-out anomalies whose names are right from those whose kind was left out too.
    """
    right, wrong = [], []
    for part in np.unique(known.fold):
        held_out, rest = known.where(known.fold == part), known.where(known.fold != part)
        patterns = _fit(rest)
        place, fit = patterns.nearest(held_out.deviations)
        right.append(fit[np.array(patterns.anomalies)[place] == held_out.kind])
        for kind in np.unique(held_out.kind).tolist():
            others = _fit(rest.where(rest.kind != kind))
            wrong.append(others.nearest(held_out.deviations[held_out.kind == kind])[1])
    names, strangers = np.concatenate(right), np.concatenate(wrong)
    truth = np.repeat((0.0, 1.0), (len(names), len(strangers)))
    factors = _logistic(np.concatenate((names, strangers)), truth)
    bound = float(np.quantile(names @ factors, 1 - _LOSS, method="higher"))
    return replace(_fit(known), factors=factors), bound


def _logistic(fits: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors (2,) by penalised maximum likelihood (Newton's method), in which both classes weigh the same."""
    centre, scale = fits.mean(axis=0), fits.std(axis=0)
    design = np.column_stack(((fits - centre) / scale, np.ones(len(fits))))
    weights = np.where(truth == 1, (truth == 0).sum() / (truth == 1).sum(), 1.0)
    penalty = np.array([_PENALTY, _PENALTY, 1e-6])
    theta = np.zeros(3)
    for _ in range(_ITERATIONS):
        predicted = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (weights * (predicted - truth)) + penalty * theta
        curvature = (design * (weights * predicted * (1 - predicted))[:, None]).T @ design + np.diag(penalty)
        theta -= np.linalg.solve(curvature, gradient)
    result: NDArray[np.float64] = theta[:2] / scale
    return result


if __name__ == "__main__":
    main()
