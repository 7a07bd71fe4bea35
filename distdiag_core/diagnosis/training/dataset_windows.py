"""Windows of a dataset: cases cut into overlapping windows, as feature rows with labels."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks
from distdiag_core.diagnosis.features import baseline_window
from distdiag_core.diagnosis.features.baseline_window import WindowLengths
from distdiag_core.diagnosis.training.hidden_views import hide_views
from distdiag_core.diagnosis.training.window_labels import WindowLabels, window_truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.features.feature_spec import FeatureSpec
    from distdiag_core.diagnosis.training.backends.training_backend import Rows, RowStore
    from distdiag_core.metrics.frame import Array, Mask


@dataclass(frozen=True, slots=True, eq=False)
class DatasetWindows:
    """S feature rows of windows of single nodes: each window with all views, and again with one hidden."""

    rows: Rows
    labels: WindowLabels


def cut_windows(
    cases: Iterable[Case], features: FeatureSpec, anomalies: tuple[str, ...], new_store: Callable[[], RowStore]
) -> DatasetWindows:
    """Windows of all nodes of all cases; only one case is held at a time."""
    store, labels = new_store(), []
    for index, case in enumerate(cases):
        for rows, of_rows in _cut_case(case, index, features, anomalies):
            store.add(rows)
            labels.append(of_rows)
    columns = ([getattr(each, field.name) for each in labels] for field in fields(WindowLabels))
    return DatasetWindows(store.rows(), WindowLabels(*(np.concatenate(column) for column in columns)))


def _cut_case(
    case: Case, index: int, features: FeatureSpec, anomalies: tuple[str, ...]
) -> Iterator[tuple[Array, WindowLabels]]:
    lengths = WindowLengths.of(case.period_s)
    log_values = features.log_values(case.window)
    width = min(lengths.window, len(case.window))
    stride = max(1, width // 5)
    ends = np.arange(width, len(case.window) + 1, stride)
    windows = np.stack([log_values[..., end - width : end] for end in ends])
    clean = clean_ticks(case)
    # What never was without its anomaly is compared with what came before all the same, as a console does that was
    # started in the middle of it.
    baselines = np.stack(
        list(_baselines(log_values, clean if clean.any() else np.ones_like(clean), ends - width, lengths))
    )
    truth = np.stack([window_truth(case, end - width, end, anomalies) for end in ends.tolist()])
    rows = features.rows(windows, baselines)
    nodes, samples = truth.shape[1], truth.shape[0] * truth.shape[1]
    labels = WindowLabels(
        truth.reshape(samples, -1),
        np.full(samples, index),
        np.repeat(ends - 1, nodes),
        np.repeat(clean[ends - 1], nodes),
        np.full(samples, stride * case.period_s / 3600, dtype=np.float32),
        (~np.isnan(baselines).all(axis=-1)).reshape(-1),
        np.zeros(samples, dtype=np.bool_),
    )
    yield rows.reshape(samples, -1), labels
    copies, without_own = hide_views(rows, features.columns())
    has_past = labels.has_past & ~np.repeat(without_own, nodes)
    # Every other window lacks its past, so that each of them stands for twice the time.
    yield (
        copies.reshape(samples, -1),
        replace(labels, has_past=has_past, hidden=~labels.hidden, hours=2 * labels.hours),
    )


def _baselines(log_values: Array, clean: Mask, starts: NDArray[np.intp], lengths: WindowLengths) -> Iterator[Array]:
    """Baseline of each window, shape (N, M); NaN where there are too few clean ticks before it."""
    places = np.flatnonzero(clean)
    used: NDArray[np.intp] | None = None
    for start in starts:
        ticks = baseline_window.ticks_before(places, start, lengths)
        if used is None or not np.array_equal(ticks, used):
            used, baseline = ticks, baseline_window.baseline(log_values[..., ticks])
        yield baseline
