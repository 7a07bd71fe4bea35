"""Prints what ranks root causes best, beside confidence alone and the influence of the paper; a program.

Usage: python -m tests.bench.bench_ranking --model NAME --test DIRECTORY [--test DIRECTORY ...]
       python -m tests.bench.bench_ranking --train DIRECTORY [--train ...] --test DIRECTORY [--test ...]
       python -m tests.bench.bench_ranking --halves SEED --test DIRECTORY [--test ...]

With --halves the cases of each scenario are divided in two by the seed; each half is tested with a model of the other.
node@1 is the share of cases in which the first root cause is on a node that was hit, whatever it is called; placebo is
AC@1 of the ticks just before the onset, and its node@1.
Each way gives every node a weight, which is multiplied with the confidence of its anomalies. Deviations are those of a
node's metrics from their own past before the onset. `confidence` has no weight, and the weights of `shuffled` are those
of `influence` on other nodes: what is not better than both has found nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection import ranking
from distdiag_core.diagnosis.evaluation import accuracy
from distdiag_core.diagnosis.evaluation.replay import Replay, replay
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.training import trainer
from distdiag_core.models import model_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array

_STRONGEST = 6
_ONSET_SIGMA = 3.0
_LAGS = (1, 2, 3)
_LONGEST_S = 10.0
# No metric counts for more deviations than that.
_CAP = 50.0


def deviations(case: Case) -> Array:
    """Mean of each node's strongest deviations at each tick, shape (N, T), in robust standard deviations."""
    window = case.window
    onset_s = min(label.start_s for label in case.labels)
    values = np.log1p(np.abs(window.values))
    low, middle, high = nan_statistics.quantiles(values[..., window.times_s < onset_s - 3], (0.16, 0.5, 0.84))
    scale = np.maximum((high - low) / 2, 0.02)
    size = np.minimum(np.nan_to_num(np.abs(values - middle[..., None]) / scale[..., None]), _CAP)
    return np.asarray(np.sort(size, axis=1)[:, -_STRONGEST:].mean(axis=1), dtype=np.float32)


def by_onset(case: Case) -> Array:
    """Earlier nodes weigh more: 1 for the first, half of it for those that follow by ten seconds or never."""
    times_s, away = case.window.times_s, deviations(case) > _ONSET_SIGMA
    away = away & np.roll(away, -1, axis=1) & (times_s >= min(label.start_s for label in case.labels) - 5)
    late_s = np.where(away.any(axis=1), times_s[away.argmax(axis=1)] - times_s[0], np.inf)
    behind_s = np.minimum(np.nan_to_num(late_s - late_s.min(), nan=0.0, posinf=_LONGEST_S), _LONGEST_S)
    return np.asarray(1 - behind_s / (2 * _LONGEST_S), dtype=np.float32)


def by_explained_deviation(case: Case) -> Array:
    """Nodes whose deviation explains that of the others weigh more: 0.5 and half of the mean R squared."""
    series = deviations(case)
    nodes = len(series)
    shares = np.zeros(nodes)
    for node in range(nodes):
        past = np.stack([np.roll(series[node], lag) for lag in (0, *_LAGS)] + [np.ones(series.shape[1])])[:, 3:]
        for other in set(range(nodes)) - {node}:
            target = series[other, 3:]
            fit, *_ = np.linalg.lstsq(past.T, target, rcond=None)
            rest = ((target - past.T @ fit) ** 2).sum() / max(((target - target.mean()) ** 2).sum(), 1e-9)
            shares[node] += max(0.0, 1 - rest) / max(1, nodes - 1)
    return np.asarray(0.5 + shares / 2, dtype=np.float32)


def by_lagged_correlation(case: Case) -> Array:
    """Nodes that move before the others weigh more, by correlation at lags of one to three ticks."""
    away = deviations(case)
    series = (away - away.mean(axis=1, keepdims=True)) / np.maximum(away.std(axis=1, keepdims=True), 1e-9)
    lead = sum(series[:, :-lag] @ series[:, lag:].T / series.shape[1] for lag in _LAGS) / len(_LAGS)
    return np.asarray(1 + np.clip((lead - lead.T).mean(axis=1), -0.5, 0.5), dtype=np.float32)


_CASE_WEIGHTS: dict[str, Callable[[Case], Array]] = {
    "onset order": by_onset,
    "explained deviation": by_explained_deviation,
    "lagged correlation": by_lagged_correlation,
}


def reranked(of: Replay, weights: Array) -> Replay:
    """The same replay, ranked by confidence times these weights of nodes, (N,) or (D, N)."""
    each = np.broadcast_to(weights, of.confidence.shape[:2])
    importance = ranking.importance(of.confidence, each).astype(np.float32)
    return Replay(
        of.case,
        of.anomalies,
        of.times_s,
        importance,
        of.confidence,
        of.over_threshold,
        of.anomalous,
        of.has_past,
        of.window_s,
    )


def rankings(replays: Sequence[Replay]) -> dict[str, list[Replay]]:
    """The replays of labelled cases by each way of ranking."""
    rng = np.random.default_rng(1)
    influences = [(each.importance.sum(axis=2) / each.confidence.sum(axis=2).clip(1e-9)) for each in replays]
    ways = {
        "confidence": [reranked(each, np.ones(1, dtype=np.float32)) for each in replays],
        "influence": list(replays),
        "shuffled": [
            reranked(each, influence[:, rng.permutation(influence.shape[1])])
            for each, influence in zip(replays, influences, strict=True)
        ],
    }
    for name, weights in _CASE_WEIGHTS.items():
        ways[name] = [reranked(each, weights(each.case)) for each in replays]
    return ways


def halves(cases: Sequence[Case], seed: int) -> tuple[list[Case], list[Case]]:
    """The cases in two halves of as many cases of each scenario, up to one; normal cases in turn."""
    rng = np.random.default_rng(seed)
    found: tuple[list[Case], list[Case]] = ([], [])
    scenarios = sorted({accuracy.scenario_name(case) for case in cases})
    for turn, scenario in enumerate(scenarios):
        of_scenario = [case for case in cases if accuracy.scenario_name(case) == scenario]
        for place, index in enumerate(rng.permutation(len(of_scenario)).tolist()):
            found[(place + turn) % 2].append(of_scenario[index])
    return found


def node_accuracy(replays: Sequence[Replay], *, before: bool = False) -> float:
    """Share of cases whose first root cause is on a node that was hit; with `before`, of the ticks before the onset."""
    right = []
    for each in replays:
        ticks = accuracy.before_onset(each) if before else accuracy.anomalous_ticks(each)
        if ticks.any():
            (node, _), *_ = each.ranking(ticks)
            right.append(node in {label.node for label in each.case.labels})
    return float(np.mean(right)) if right else float("nan")


def most_deviating(cases: Sequence[Case]) -> float:
    """Share of cases in which the node that deviates most from its past is one that was hit; no model is asked."""
    right = []
    for case in cases:
        onset_s, end_s = min(label.start_s for label in case.labels), max(label.end_s for label in case.labels)
        during = (case.window.times_s >= onset_s) & (case.window.times_s < end_s)
        node = case.window.nodes[int(deviations(case)[:, during].mean(axis=1).argmax())]
        right.append(node in {label.node for label in case.labels})
    return float(np.mean(right))


def _labelled(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.labels and len(case.window.nodes) > 1]


def _replays(directory: Path, options: argparse.Namespace) -> list[Replay]:
    cases = case_directory.read_all(directory)
    if options.halves is None:
        model = _model(options)
        return [replay(model, case) for case in _labelled(cases)]
    one, two = halves(cases, options.halves)
    found = []
    for train, test in ((one, two), (two, one)):
        model = trainer.train(train, "bench")
        found += [replay(model, case) for case in _labelled(test)]
    return found


def _model(options: argparse.Namespace) -> Model:
    if options.train:
        cases = [case for directory in options.train for case in case_directory.read_all(directory)]
        return trainer.train(cases, "bench")
    return model_registry.load(options.model)


def main() -> None:
    """Print a table for each directory of cases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="lab")
    parser.add_argument("--train", type=Path, action="append", default=[], help="directory of cases to train on")
    parser.add_argument("--halves", type=int, help="seed by which the cases are divided, to train on one half")
    parser.add_argument("--test", type=Path, action="append", required=True, help="directory of cases to rank")
    options = parser.parse_args()
    for directory in options.test:
        replays = _replays(directory, options)
        found = rankings(replays)
        sys.stdout.write(f"\n{directory.name}: {len(replays)} cases\n{'':<24}AC@1   AC@3   AC@5 node@1\n")
        for name, ranked in found.items():
            result = accuracy.accuracy(ranked) or {}
            figures = [*(result[str(k)] for k in accuracy.RANKS), node_accuracy(ranked)]
            sys.stdout.write(f"{name:<22}" + "".join(f"{figure:>7.3f}" for figure in figures) + "\n")
        alone = most_deviating([each.case for each in replays])
        sys.stdout.write(f"{'deviation, no model':<43}{alone:>7.3f}\n")
        placebo, count = accuracy.placebo(replays)
        of_nodes = node_accuracy(replays, before=True)
        sys.stdout.write(f"{'placebo':<22}{placebo or 0.0:>7.3f}{'':<14}{of_nodes:>7.3f} ({count} cases)\n")


if __name__ == "__main__":
    main()
