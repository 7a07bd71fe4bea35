"""Feature selection: which metrics tell anomalies apart, and on which scale each is read."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks, in_spans
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.features.feature_spec import FeatureSpec, select_metrics
from distdiag_core.diagnosis.features.log_scale import log_scale
from distdiag_core.errors import DataError
from distdiag_core.metrics import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array

# A tenth of the usual value: noise around zero vanishes, and ratios of usual values stay ratios.
_FLOOR_SHARE = 0.1
# A metric that moves less within a session than a tenth of the way from one session to the next identifies the session.
_LEAST_MOVEMENT = 0.1
_LEAST_TICKS = 3


def select_features(cases: Sequence[Case]) -> FeatureSpec:
    """Feature specification for models trained on these cases.

    Raises:
        DataError: no metric of the cases ever moves.
    """
    found = dict.fromkeys(metric for case in cases for metric in case.window.metrics)
    # The states of connections are judged without training.
    metrics = tuple(metric for metric in found if metric not in connection.METRICS)
    floors = _floors(cases, metrics)
    summaries = [_summarize(case, log_scale(select_metrics(case.window, metrics), floors)) for case in cases]
    levels = np.concatenate([each.levels for each in summaries])
    profile = nan_statistics.median(np.ascontiguousarray(levels.T))
    between = nan_statistics.deviation(np.ascontiguousarray(levels.T))
    within = np.maximum(_noise(summaries, len(metrics)), _movement(summaries, len(metrics)))
    selected = (within > _LEAST_MOVEMENT * np.nan_to_num(between)) & (within > 0)
    if not selected.any():
        raise DataError("no metric of these cases ever moves", hint="record cases with anomalies and normal load")
    return FeatureSpec(
        tuple(metric for metric, keep in zip(metrics, selected, strict=True) if keep),
        floors[selected],
        profile[selected],
        tuple(metric for metric, keep in zip(metrics, selected, strict=True) if not keep),
        peers=any(len(case.window.nodes) > 1 for case in cases),
    )


def representative_cases(
    cases: Sequence[Case], load: Callable[[Case], Case], max_values: int | None
) -> tuple[Case, ...]:
    """Loaded cases in their order, as many of each set of anomalies as `max_values` allows; all where it is None."""
    loaded: dict[int, Case] = {}
    values = 0
    for index in _round_robin(cases):
        loaded[index] = load(cases[index])
        values += loaded[index].window.values.size
        if max_values is not None and values >= max_values:
            break
    return tuple(loaded[index] for index in sorted(loaded))


def _round_robin(cases: Sequence[Case]) -> list[int]:
    """Indices of all cases, taken in turn from each set of anomalies."""
    by_anomalies: dict[frozenset[str], list[int]] = {}
    for index, case in enumerate(cases):
        by_anomalies.setdefault(frozenset(label.anomaly for label in case.labels), []).append(index)
    turns = itertools.zip_longest(*by_anomalies.values())
    return [index for turn in turns for index in turn if index is not None]


@dataclass(frozen=True, slots=True, eq=False)
class _CaseSummary:
    """Statistics of the metrics of one case on the log scale.

    Attributes:
        levels: shape (n, M), the median of the clean ticks of each node; n is 0 where there are too few.
        noise: shape (n, M), the mean absolute change from tick to tick.
        moves: for each label the anomaly and how far it moved each metric, shape (M,).
    """

    levels: Array
    noise: Array
    moves: tuple[tuple[str, Array], ...]


def _floors(cases: Sequence[Case], metrics: tuple[str, ...]) -> Array:
    floors = np.ones(len(metrics), dtype=np.float32)
    values = np.concatenate(
        [np.moveaxis(select_metrics(case.window, metrics), 1, 0).reshape(len(metrics), -1) for case in cases], axis=1
    )
    for index in range(len(metrics)):
        row = values[index]
        above_zero = np.abs(row[(row != 0) & ~np.isnan(row)])
        if len(above_zero):
            floors[index] = max(float(np.median(above_zero)) * _FLOOR_SHARE, float(np.finfo(np.float32).tiny))
    return floors


def _summarize(case: Case, log_values: Array) -> _CaseSummary:
    clean_values = log_values[..., clean_ticks(case)]
    if clean_values.shape[-1] < _LEAST_TICKS:
        empty = log_values[:0, :, 0]
        return _CaseSummary(empty, empty, ())
    levels = nan_statistics.median(clean_values)
    moves = []
    for label in case.labels:
        node = case.window.nodes.index(label.node)
        anomalous = in_spans(case.window.times_s, [(label.start_s, label.end_s)])
        if anomalous.any():
            moved = np.abs(nan_statistics.median(log_values[node][:, anomalous]) - levels[node])
            moves.append((label.anomaly, moved))
    return _CaseSummary(levels, nan_statistics.mean(np.abs(np.diff(clean_values, axis=-1))), tuple(moves))


def _noise(summaries: Sequence[_CaseSummary], metrics: int) -> Array:
    rows = np.concatenate([each.noise for each in summaries])
    if not len(rows):
        return np.zeros(metrics, np.float32)
    return np.nan_to_num(nan_statistics.mean(np.ascontiguousarray(rows.T)))


def _movement(summaries: Sequence[_CaseSummary], metrics: int) -> Array:
    """Median move of each metric by the anomaly that moves it most, shape (M,)."""
    by_anomaly: dict[str, list[Array]] = {}
    for summary in summaries:
        for anomaly, moved in summary.moves:
            by_anomaly.setdefault(anomaly, []).append(moved)
    medians = [np.nan_to_num(nan_statistics.median(np.stack(moves, axis=-1))) for moves in by_anomaly.values()]
    return np.max(medians, axis=0) if medians else np.zeros(metrics, dtype=np.float32)
