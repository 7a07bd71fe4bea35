"""How good a diagnosis is, from the tracks of labelled cases.

Precision@k of a case is the number of true root causes among the first k, over min(k, number of true ones); AC@k is its
mean over cases (Xiang et al., Journal of Software 36(3), 2025).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks, in_spans
from distdiag_core.diagnosis.training.dataset_windows import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.evaluation.replay import Track
    from distdiag_core.metrics.frame import Mask

RANKS = (1, 3, 5)
RootCauseName = tuple[str, str]
Named = tuple[frozenset[RootCauseName], frozenset[RootCauseName]]


@dataclass(frozen=True, slots=True)
class Detection:
    """How trouble is noticed, whatever it is called. None where there was nothing to measure it on."""

    recall: float | None
    median_delay_s: float | None
    false_alarms_per_hour: float | None
    normal_hours: float
    false_alarms: int


def truth_of(case: Case) -> frozenset[RootCauseName]:
    """The true root causes as (node, anomaly)."""
    return frozenset((label.node, label.anomaly) for label in case.labels)


def set_up_of(case: Case) -> str:
    """Its anomalies and how many nodes have them, for instance `cpu_stress+io_stress x2`."""
    nodes = {label.node for label in case.labels}
    return f"{'+'.join(sorted({label.anomaly for label in case.labels}))} x{len(nodes)}"


def accuracy(tracks: Sequence[Track]) -> dict[str, float] | None:
    """AC@k over the tracks with labels; None without any."""
    return mean_of([precision(track) for track in tracks if track.case.labels])


def precision(track: Track) -> dict[str, float]:
    """Precision@k of a case with labels."""
    return _precision(truth_of(track.case), track.ranking(in_trouble(track)))


def mean_of(precisions: Sequence[dict[str, float]]) -> dict[str, float] | None:
    """AC@k from Precision@k of each case; None without any."""
    if not precisions:
        return None
    return {str(k): float(np.mean([each[str(k)] for each in precisions])) for k in RANKS}


def placebo(tracks: Sequence[Track]) -> tuple[float | None, int]:
    """AC@1 of what was said just before anything happened, and of how many cases; far over chance means leakage."""
    found = []
    for track in tracks:
        before = _before(track)
        if track.case.labels and before.any():
            found.append(_precision(truth_of(track.case), track.ranking(before)))
    result = mean_of(found)
    return (result["1"] if result else None), len(found)


def chance(tracks: Sequence[Track]) -> float | None:
    """AC@1 of always naming what these cases have most often; a blind ranking can be no better."""
    truths = [truth_of(track.case) for track in tracks if track.case.labels]
    counts = Counter(cause for truth in truths for cause in truth)
    return max(counts.values()) / len(truths) if truths else None


def f1_by_anomaly(pairs: Sequence[Named]) -> dict[str, float]:
    """How well each anomaly that occurs is named, from (true, named) of each case."""
    anomalies = sorted({anomaly for truth, _ in pairs for _, anomaly in truth})
    return {each: _f1([(_only(truth, each), _only(found, each)) for truth, found in pairs]) for each in anomalies}


def macro_f1(pairs: Sequence[Named]) -> float | None:
    """The mean of it over the anomalies."""
    found = f1_by_anomaly(pairs)
    return float(np.mean(list(found.values()))) if found else None


def named(track: Track) -> Named:
    """The true root causes of a case, and those that were named.

    A case with n true root causes is known to be in trouble: the first n of its ranking are its names. A normal case
    has for names what is over its threshold most of the time.
    """
    return truth_of(track.case), _names(track)


def noticed(track: Track) -> float | None:
    """Seconds from the first onset to the first word of trouble, whatever it was called; None where none was said."""
    within = track.times_s[track.anomalous & in_spans(track.times_s, _stretches(track.case))]
    if not len(within):
        return None
    return float(within[0]) - min(label.start_s for label in track.case.labels)


def false_alarms(track: Track) -> tuple[float, ...]:
    """When trouble began to be told in normal life."""
    rising = track.anomalous & ~np.concatenate(([False], track.anomalous[:-1]))
    return tuple(track.times_s[rising & normal_ticks(track)].tolist())


def detection(tracks: Sequence[Track]) -> Detection:
    """Noticing: over the labelled stretches, and false alarms over the normal ones."""
    found = [noticed(track) for track in tracks if track.case.labels]
    delays = [delay for delay in found if delay is not None]
    alarms = sum(len(false_alarms(track)) for track in tracks)
    hours = sum(float(normal_ticks(track).sum()) * track.case.period_s for track in tracks) / 3600
    return Detection(
        len(delays) / len(found) if found else None,
        float(np.median(delays)) if delays else None,
        alarms / hours if hours else None,
        hours,
        alarms,
    )


def in_trouble(track: Track) -> Mask:
    """The ticks whose windows lie well inside the labelled stretch, shape (D,); the last ones where none does."""
    labels = track.case.labels
    start_s, end_s = max(label.start_s for label in labels), min(label.end_s for label in labels)
    if start_s > end_s:
        start_s, end_s = min(label.start_s for label in labels), max(label.end_s for label in labels)
    settled_s = start_s + (ENOUGH * track.window_s - track.case.period_s)
    chosen = in_spans(track.times_s, [(settled_s, end_s)])
    if not chosen.any():
        chosen = in_spans(track.times_s, [(start_s, end_s)])
    return chosen if chosen.any() else np.ones(len(track.times_s), dtype=np.bool_)


def normal_ticks(track: Track) -> Mask:
    """The ticks of normal life, shape (D,)."""
    times_s = track.case.window.times_s
    return clean_ticks(track.case)[len(times_s) - len(track.times_s) :]


def _before(track: Track) -> Mask:
    """The last ticks of normal life before the first onset, one window's length of them.

    Not all before the onset are: an injection is at work some seconds before it is proved, which is what labels tell.
    """
    onset_s = min((label.start_s for label in track.case.labels), default=-np.inf)
    calm = normal_ticks(track) & (track.times_s < onset_s)
    if not calm.any():
        return calm
    recent: Mask = calm & (track.times_s > track.times_s[calm][-1] - track.window_s)
    return recent


def _stretches(case: Case) -> list[tuple[float, float]]:
    return [(label.start_s, label.end_s) for label in case.labels]


def _precision(truth: frozenset[RootCauseName], ranking: tuple[RootCauseName, ...]) -> dict[str, float]:
    return {str(k): len(truth & set(ranking[:k])) / min(k, len(truth)) for k in RANKS}


def _names(track: Track) -> frozenset[RootCauseName]:
    truth = truth_of(track.case)
    if truth:
        return frozenset(track.ranking(in_trouble(track))[: len(truth)])
    founded = track.well_founded if track.well_founded.any() else np.ones_like(track.well_founded)
    mostly = track.named[founded].mean(axis=0) > 0.5
    nodes = track.case.window.nodes
    return frozenset((nodes[node], track.anomalies[column]) for node, column in np.argwhere(mostly).tolist())


def _only(names: frozenset[RootCauseName], anomaly: str) -> frozenset[RootCauseName]:
    return frozenset(name for name in names if name[1] == anomaly)


def _f1(pairs: Sequence[Named]) -> float:
    right = sum(len(truth & found) for truth, found in pairs)
    wrong = sum(len(truth ^ found) for truth, found in pairs)
    return 2 * right / (2 * right + wrong) if right + wrong else 0.0
