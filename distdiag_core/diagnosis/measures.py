"""How good a diagnosis is, from the tracks of labelled cases.

Precision@k of a case is the number of true root causes among the first k, over min(k, number of true ones); AC@k is its
mean over cases (Xiang et al., Journal of Software 36(3), 2025).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.reference import clean_ticks, inside
from distdiag_core.diagnosis.samples import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.diagnosis.case import Case
    from distdiag_core.diagnosis.reference import Mask
    from distdiag_core.diagnosis.track import Track

RANKS = (1, 3, 5)
RootCauseName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Detection:
    """How trouble is noticed, whatever it is called. None where there was nothing to measure it on."""

    recall: float | None
    median_delay_s: float | None
    false_alarms_per_hour: float | None
    normal_hours: float


def truth_of(case: Case) -> frozenset[RootCauseName]:
    """The true root causes as (node, anomaly)."""
    return frozenset((label.node, label.anomaly) for label in case.labels)


def category_of(case: Case) -> str:
    """The scenario: its anomalies and how many nodes have them, for instance `cpu_stress+io_stress x2`."""
    nodes = {label.node for label in case.labels}
    return f"{'+'.join(sorted({label.anomaly for label in case.labels}))} x{len(nodes)}"


def accuracy(tracks: Sequence[Track]) -> dict[str, float] | None:
    """AC@k over the tracks with labels; None without any."""
    rankings = [(truth_of(track.case), track.ranking(in_trouble(track))) for track in tracks if track.case.labels]
    return _accuracy(rankings)


def placebo(tracks: Sequence[Track]) -> tuple[float | None, int]:
    """AC@1 of what was said just before anything happened, and of how many cases; far over chance means leakage."""
    rankings = []
    for track in tracks:
        before = _before(track)
        if track.case.labels and before.any():
            rankings.append((truth_of(track.case), track.ranking(before)))
    result = _accuracy(rankings)
    return (result["1"] if result else None), len(rankings)


def chance(tracks: Sequence[Track]) -> float | None:
    """AC@1 of always naming what these cases have most often; a blind ranking can be no better."""
    truths = [truth_of(track.case) for track in tracks if track.case.labels]
    counts = Counter(cause for truth in truths for cause in truth)
    return max(counts.values()) / len(truths) if truths else None


def macro_f1(tracks: Sequence[Track]) -> float | None:
    """Mean over the anomalies that occur of how well they are named.

    A case with n true root causes is known to be in trouble: the first n of its ranking are its names. A normal case
    has for names what is over its threshold most of the time.
    """
    pairs = [(truth_of(track.case), _names(track)) for track in tracks]
    anomalies = sorted({anomaly for truth, _ in pairs for _, anomaly in truth})
    if not anomalies:
        return None
    return float(np.mean([_f1([(_only(t, each), _only(n, each)) for t, n in pairs]) for each in anomalies]))


def detection(tracks: Sequence[Track]) -> Detection:
    """Noticing: over the labelled stretches, and false alarms over the normal ones."""
    delays: list[float] = []
    labelled = alarms = 0
    normal_s = 0.0
    for track in tracks:
        normal = _normal(track)
        rising = track.anomalous & ~np.concatenate(([False], track.anomalous[:-1]))
        alarms += int((rising & normal).sum())
        normal_s += float(normal.sum()) * track.case.period_s
        if not track.case.labels:
            continue
        labelled += 1
        noticed = track.times_s[track.anomalous & inside(track.times_s, _stretches(track.case))]
        if len(noticed):
            delays.append(float(noticed[0]) - min(label.start_s for label in track.case.labels))
    hours = normal_s / 3600
    return Detection(
        len(delays) / labelled if labelled else None,
        float(np.median(delays)) if delays else None,
        alarms / hours if hours else None,
        hours,
    )


def in_trouble(track: Track) -> Mask:
    """The ticks whose windows lie well inside the labelled stretch, shape (D,); the last ones where none does."""
    labels = track.case.labels
    start_s, end_s = max(label.start_s for label in labels), min(label.end_s for label in labels)
    if start_s > end_s:
        start_s, end_s = min(label.start_s for label in labels), max(label.end_s for label in labels)
    settled_s = start_s + (ENOUGH * track.window_s - track.case.period_s)
    chosen = inside(track.times_s, [(settled_s, end_s)])
    if not chosen.any():
        chosen = inside(track.times_s, [(start_s, end_s)])
    return chosen if chosen.any() else np.ones(len(track.times_s), dtype=np.bool_)


def _before(track: Track) -> Mask:
    """The ticks of one window's length just before the first onset."""
    onset_s = min((label.start_s for label in track.case.labels), default=-np.inf)
    return (track.times_s < onset_s) & (track.times_s >= onset_s - track.window_s)


def _normal(track: Track) -> Mask:
    times_s = track.case.window.times_s
    return clean_ticks(track.case)[len(times_s) - len(track.times_s) :]


def _stretches(case: Case) -> list[tuple[float, float]]:
    return [(label.start_s, label.end_s) for label in case.labels]


def _accuracy(
    rankings: Sequence[tuple[frozenset[RootCauseName], tuple[RootCauseName, ...]]],
) -> dict[str, float] | None:
    if not rankings:
        return None
    return {
        str(k): float(np.mean([len(truth & set(ranking[:k])) / min(k, len(truth)) for truth, ranking in rankings]))
        for k in RANKS
    }


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


def _f1(pairs: Sequence[tuple[frozenset[RootCauseName], frozenset[RootCauseName]]]) -> float:
    right = sum(len(truth & named) for truth, named in pairs)
    wrong = sum(len(truth ^ named) for truth, named in pairs)
    return 2 * right / (2 * right + wrong) if right + wrong else 0.0
