"""Finding out from cases on which scale each metric is read, and which metrics tell trouble from trouble at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks, in_spans
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.features.feature_spec import Recipe, aligned, squash
from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.metrics.frame import Array

# A tenth of the usual figure: noise around zero vanishes, and ratios of usual figures stay ratios.
_FLOOR_SHARE = 0.1
# What moves less within a session than a tenth of the way from one session to the next tells the session.
_LEAST_MOVEMENT = 0.1
_LEAST_TICKS = 3


def learn(cases: Sequence[Case]) -> Recipe:
    """The recipe for models trained on these cases.

    Raises:
        DataError: no metric of theirs tells anything.
    """
    metrics = tuple(dict.fromkeys(metric for case in cases for metric in case.window.metrics))
    floors = _floors(cases, metrics)
    told = [_told(case, squash(aligned(case.window, metrics), floors)) for case in cases]
    levels = np.concatenate([each.levels for each in told])
    profile = nan_statistics.median(np.ascontiguousarray(levels.T))
    between = nan_statistics.deviation(np.ascontiguousarray(levels.T))
    within = np.maximum(_noise(told, len(metrics)), _movement(told, len(metrics)))
    telling = (within > _LEAST_MOVEMENT * np.nan_to_num(between)) & (within > 0)
    if not telling.any():
        raise DataError("no metric of these cases ever moves", hint="record cases with anomalies and normal load")
    return Recipe(
        tuple(metric for metric, keep in zip(metrics, telling, strict=True) if keep),
        floors[telling],
        profile[telling],
        tuple(metric for metric, keep in zip(metrics, telling, strict=True) if not keep),
        peers=any(len(case.window.nodes) > 1 for case in cases),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What one case says of each metric: usual levels (n, M), noise (n, M), and how far each anomaly moved it (M,)."""

    levels: Array
    noise: Array
    moves: tuple[tuple[str, Array], ...]


def _floors(cases: Sequence[Case], metrics: tuple[str, ...]) -> Array:
    floors = np.ones(len(metrics), dtype=np.float32)
    figures = np.concatenate(
        [np.moveaxis(aligned(case.window, metrics), 1, 0).reshape(len(metrics), -1) for case in cases], axis=1
    )
    for index in range(len(metrics)):
        row = figures[index]
        above_zero = np.abs(row[(row != 0) & ~np.isnan(row)])
        if len(above_zero):
            floors[index] = max(float(np.median(above_zero)) * _FLOOR_SHARE, float(np.finfo(np.float32).tiny))
    return floors


def _told(case: Case, squashed: Array) -> _Told:
    clean = clean_ticks(case)
    usual = squashed[..., clean]
    if usual.shape[-1] < _LEAST_TICKS:
        empty = squashed[:0, :, 0]
        return _Told(empty, empty, ())
    levels = nan_statistics.median(usual)
    moves = []
    for label in case.labels:
        node = case.window.nodes.index(label.node)
        troubled = in_spans(case.window.times_s, [(label.start_s, label.end_s)])
        if troubled.any():
            moves.append((label.anomaly, np.abs(nan_statistics.median(squashed[node][:, troubled]) - levels[node])))
    return _Told(levels, nan_statistics.mean(np.abs(np.diff(usual, axis=-1))), tuple(moves))


def _noise(told: Sequence[_Told], metrics: int) -> Array:
    rows = np.concatenate([each.noise for each in told])
    return (
        np.nan_to_num(nan_statistics.mean(np.ascontiguousarray(rows.T))) if len(rows) else np.zeros(metrics, np.float32)
    )


def _movement(told: Sequence[_Told], metrics: int) -> Array:
    """How far the anomaly that moves a metric most usually moves it, shape (M,)."""
    by_anomaly: dict[str, list[Array]] = {}
    for each in told:
        for anomaly, move in each.moves:
            by_anomaly.setdefault(anomaly, []).append(move)
    usual = [np.nan_to_num(nan_statistics.median(np.stack(moves, axis=-1))) for moves in by_anomaly.values()]
    return np.max(usual, axis=0) if usual else np.zeros(metrics, dtype=np.float32)
