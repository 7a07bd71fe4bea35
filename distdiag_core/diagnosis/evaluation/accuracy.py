"""Accuracy of replays of labelled cases: ranking (AC@k, F1) and detection (recall, delay, false alarms).

Precision@k of a case is the number of true root causes among the first k, over min(k, number of true ones); AC@k is its
mean over cases (Xiang et al., Journal of Software 36(3), 2025).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks, in_spans
from distdiag_core.diagnosis.features.baseline_window import ANOMALOUS_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.replay import Replay
    from distdiag_core.metrics.frame import Mask

RANKS = (1, 3, 5)
# Seconds after the onset in which nobody expects a diagnosis.
_GRACE_S = 5.0
# (node, anomaly)
RootCauseName = tuple[str, str]
# The true and the predicted root causes of a case.
TrueAndPredicted = tuple[frozenset[RootCauseName], frozenset[RootCauseName]]


@dataclass(frozen=True, slots=True)
class Detection:
    """Detection of anomalies, whatever they are called; None where there was nothing to measure it on."""

    recall: float | None
    median_delay_s: float | None
    false_alarms_per_hour: float | None
    normal_hours: float
    false_alarms: int


def true_root_causes(case: Case) -> frozenset[RootCauseName]:
    """True root causes of a case, from its labels."""
    return frozenset((label.node, label.anomaly) for label in case.labels)


def scenario_name(case: Case) -> str:
    """Anomalies of a case and the number of their nodes, for instance `cpu_stress+io_stress x2`."""
    nodes = {label.node for label in case.labels}
    return f"{'+'.join(sorted({label.anomaly for label in case.labels}))} x{len(nodes)}"


def accuracy(replays: Sequence[Replay]) -> dict[str, float] | None:
    """AC@k over the replays of labelled cases; None without any."""
    return mean_precision([precision(each) for each in replays if each.case.labels])


def precision(replay: Replay) -> dict[str, float]:
    """Precision@k of a labelled case."""
    return _precision(true_root_causes(replay.case), replay.ranking(anomalous_ticks(replay)))


def mean_precision(precisions: Sequence[dict[str, float]]) -> dict[str, float] | None:
    """AC@k from the Precision@k of each case; None without any."""
    if not precisions:
        return None
    return {str(k): float(np.mean([each[str(k)] for each in precisions])) for k in RANKS}


def placebo(replays: Sequence[Replay]) -> tuple[float | None, int]:
    """AC@1 of the ticks just before the first onset, and the number of cases; far above chance means leakage."""
    found = []
    for replay in replays:
        before = before_onset(replay)
        if replay.case.labels and before.any():
            found.append(_precision(true_root_causes(replay.case), replay.ranking(before)))
    result = mean_precision(found)
    return (result["1"] if result else None), len(found)


def chance(replays: Sequence[Replay]) -> float | None:
    """AC@1 of always predicting the most frequent root cause of these cases; no blind ranking is better."""
    truths = [true_root_causes(each.case) for each in replays if each.case.labels]
    counts = Counter(cause for truth in truths for cause in truth)
    return max(counts.values()) / len(truths) if truths else None


@dataclass(frozen=True, slots=True)
class KindAccuracy:
    """Accuracy of one anomaly over the root causes of all cases; None where nothing was predicted, or nothing true."""

    precision: float | None
    recall: float | None
    f1: float


def accuracy_by_anomaly(pairs: Sequence[TrueAndPredicted]) -> dict[str, KindAccuracy]:
    """Accuracy of each anomaly that occurs, by name."""
    anomalies = sorted({anomaly for truth, _ in pairs for _, anomaly in truth})
    return {
        each: _kind_accuracy([(_only(truth, each), _only(predicted, each)) for truth, predicted in pairs])
        for each in anomalies
    }


def macro_f1(pairs: Sequence[TrueAndPredicted]) -> float | None:
    """Mean F1 over the anomalies that occur; None without any."""
    found = accuracy_by_anomaly(pairs)
    return float(np.mean([each.f1 for each in found.values()])) if found else None


def true_and_named(replay: Replay) -> TrueAndPredicted:
    """True root causes of a case, and those that were over their thresholds most of the time.

    Unlike the first n of a ranking, n being the number of true ones, this can also name too many.
    """
    labels = bool(replay.case.labels)
    comparable = anomalous_ticks(replay) if labels else replay.has_past
    if not comparable.any():
        comparable = np.ones_like(replay.has_past)
    mostly = replay.over_threshold[comparable].mean(axis=0) > 0.5
    nodes = replay.case.window.nodes
    named = frozenset((nodes[node], replay.anomalies[column]) for node, column in np.argwhere(mostly).tolist())
    return true_root_causes(replay.case), named


def true_and_first(replay: Replay) -> TrueAndPredicted:
    """True root causes of a case, and as many of the first of its ranking; what was named in a normal case."""
    truth, named = true_and_named(replay)
    return truth, frozenset(replay.ranking(anomalous_ticks(replay))[: len(truth)]) if truth else named


def first_row_right(replays: Sequence[Replay]) -> float | None:
    """Share of the anomalous seconds, after the first five, at which the first row of the list is a true root cause.

    What an operator sees: a row counts while an alarm is on, and ticks without any count as wrong.
    """
    right = ticks = 0
    for replay in replays:
        nodes, count = replay.case.window.nodes, len(replay.anomalies)
        for place, time_s in enumerate(replay.times_s.tolist()):
            active = {
                (label.node, label.anomaly)
                for label in replay.case.labels
                if label.start_s + _GRACE_S <= time_s <= label.end_s
            }
            if active:
                first = int(replay.importance[place].argmax())
                name = nodes[first // count], replay.anomalies[first % count]
                right += bool(replay.anomalous[place]) and name in active
                ticks += 1
    return right / ticks if ticks else None


def detection_delay_s(replay: Replay) -> float | None:
    """Seconds from the first onset to the first alarm that begins with an anomaly; None where none does.

    An injection acts some seconds before it is proved, where labels start: an alarm that begins in these seconds has
    noticed it at once. One that was on in normal operation has not.
    """
    spans = [(_last_normal_s(replay, start_s), end_s) for start_s, end_s in _label_spans(replay.case)]
    within = replay.times_s[_rising(replay) & in_spans(replay.times_s, spans) & ~normal_ticks(replay)]
    if not len(within):
        return None
    return max(0.0, float(within[0]) - min(label.start_s for label in replay.case.labels))


def _last_normal_s(replay: Replay, start_s: float) -> float:
    """Time of the last tick of normal operation before a label starts; its start where there is none."""
    before = replay.times_s[normal_ticks(replay) & (replay.times_s < start_s)]
    return float(before[-1]) if len(before) else start_s


def false_alarms(replay: Replay) -> tuple[float, ...]:
    """Times at which the diagnosis became anomalous in normal operation."""
    return tuple(replay.times_s[_rising(replay) & normal_ticks(replay)].tolist())


def detection(replays: Sequence[Replay]) -> Detection:
    """Detection over the labelled stretches, and false alarms over the normal ones."""
    found = [detection_delay_s(each) for each in replays if each.case.labels]
    delays = [delay for delay in found if delay is not None]
    alarms = sum(len(false_alarms(each)) for each in replays)
    hours = sum(float(normal_ticks(each).sum()) * each.case.period_s for each in replays) / 3600
    return Detection(
        len(delays) / len(found) if found else None,
        float(np.median(delays)) if delays else None,
        alarms / hours if hours else None,
        hours,
        alarms,
    )


def anomalous_ticks(replay: Replay) -> Mask:
    """Ticks whose windows lie well inside all labels, shape (D,); the closest to that where there are none."""
    labels = replay.case.labels
    start_s, end_s = max(label.start_s for label in labels), min(label.end_s for label in labels)
    if start_s > end_s:
        start_s, end_s = min(label.start_s for label in labels), max(label.end_s for label in labels)
    settled_s = start_s + (ANOMALOUS_SHARE * replay.window_s - replay.case.period_s)
    chosen = in_spans(replay.times_s, [(settled_s, end_s)])
    if not chosen.any():
        chosen = in_spans(replay.times_s, [(start_s, end_s)])
    return chosen if chosen.any() else np.ones(len(replay.times_s), dtype=np.bool_)


def normal_ticks(replay: Replay) -> Mask:
    """Ticks of normal operation, shape (D,)."""
    times_s = replay.case.window.times_s
    return clean_ticks(replay.case)[len(times_s) - len(replay.times_s) :]


def before_onset(replay: Replay) -> Mask:
    """Last ticks of normal operation before the first onset, as many as a window has.

    Not all ticks before the onset are normal: an injection acts some seconds before it is proved, where labels start.
    """
    onset_s = min((label.start_s for label in replay.case.labels), default=-np.inf)
    normal = normal_ticks(replay) & (replay.times_s < onset_s)
    if not normal.any():
        return normal
    recent: Mask = normal & (replay.times_s > replay.times_s[normal][-1] - replay.window_s)
    return recent


def _label_spans(case: Case) -> list[tuple[float, float]]:
    return [(label.start_s, label.end_s) for label in case.labels]


def _precision(truth: frozenset[RootCauseName], ranking: tuple[RootCauseName, ...]) -> dict[str, float]:
    return {str(k): len(truth & set(ranking[:k])) / min(k, len(truth)) for k in RANKS}


def _rising(replay: Replay) -> Mask:
    rising: Mask = replay.anomalous & ~np.concatenate(([False], replay.anomalous[:-1]))
    return rising


def _only(names: frozenset[RootCauseName], anomaly: str) -> frozenset[RootCauseName]:
    return frozenset(name for name in names if name[1] == anomaly)


def _kind_accuracy(pairs: Sequence[TrueAndPredicted]) -> KindAccuracy:
    right = sum(len(truth & predicted) for truth, predicted in pairs)
    true = sum(len(truth) for truth, _ in pairs)
    predicted = sum(len(each) for _, each in pairs)
    return KindAccuracy(
        right / predicted if predicted else None,
        right / true if true else None,
        2 * right / (true + predicted) if true + predicted else 0.0,
    )
