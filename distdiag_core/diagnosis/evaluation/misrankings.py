"""Misrankings: the cases that were diagnosed wrong, and which anomaly was predicted instead of which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.evaluation import accuracy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from distdiag_core.diagnosis.evaluation.accuracy import RootCauseName, TrueAndPredicted
    from distdiag_core.diagnosis.evaluation.replay import Replay

NOTHING, ELSEWHERE = "nothing", "the same on another node"


@dataclass(frozen=True, slots=True)
class Misranking:
    """Wrong diagnosis of a case.

    Attributes:
        kind: `named wrong`, `not noticed` or `false alarm`.
        true, predicted: the true and the predicted root causes as `anomaly@node`.
        time_s: of a false alarm.
    """

    case: str
    kind: str
    true: tuple[str, ...]
    predicted: tuple[str, ...]
    time_s: float | None = None


def misrankings(replays: Sequence[Replay]) -> tuple[Misranking, ...]:
    """All misrankings, in the order of the cases."""
    return tuple(misranking for replay in replays for misranking in _of(replay))


def _of(replay: Replay) -> Iterable[Misranking]:
    truth, predicted = accuracy.true_and_first(replay)
    case = replay.case.name
    if truth and predicted != truth:
        yield Misranking(case, "named wrong", _formatted(truth), _formatted(predicted))
    if truth and accuracy.detection_delay_s(replay) is None:
        yield Misranking(case, "not noticed", _formatted(truth), ())
    for time_s in accuracy.false_alarms(replay):
        yield Misranking(case, "false alarm", _formatted(truth), _formatted(_over_threshold(replay, time_s)), time_s)


def confusion(pairs: Sequence[TrueAndPredicted]) -> Mapping[str, Mapping[str, int]]:
    """Confusion matrix: how often each true anomaly was predicted as which; normal cases are the row `nothing`."""
    counts: dict[str, Counter[str]] = {}
    for truth, predicted in pairs:
        for true, instead in _matched(truth, predicted):
            counts.setdefault(true, Counter())[instead] += 1
    return {true: dict(sorted(row.items())) for true, row in sorted(counts.items())}


def _matched(truth: frozenset[RootCauseName], predicted: frozenset[RootCauseName]) -> Iterable[tuple[str, str]]:
    """Each true root cause with the prediction in its place: the same, else one of the same node, else any."""
    if not truth:
        yield from ((NOTHING, anomaly) for _, anomaly in sorted(predicted))
        if not predicted:
            yield NOTHING, NOTHING
        return
    yield from ((anomaly, anomaly) for _, anomaly in sorted(truth & predicted))
    left = sorted(predicted - truth)
    for node, anomaly in sorted(truth - predicted):
        instead = next((each for each in left if each[0] == node), left[0] if left else None)
        if instead is None:
            yield anomaly, NOTHING
            continue
        left.remove(instead)
        yield anomaly, ELSEWHERE if instead[1] == anomaly else instead[1]


def _over_threshold(replay: Replay, time_s: float) -> frozenset[RootCauseName]:
    tick = int(replay.times_s.searchsorted(time_s))
    nodes = replay.case.window.nodes
    places = zip(*replay.over_threshold[tick].nonzero(), strict=True)
    return frozenset((nodes[int(node)], replay.anomalies[int(column)]) for node, column in places)


def _formatted(causes: frozenset[RootCauseName]) -> tuple[str, ...]:
    return tuple(f"{anomaly}@{node}" for node, anomaly in sorted(causes))
