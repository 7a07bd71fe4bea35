"""Cases cut into windows: what classifiers learn from, each with what is known to be true of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.normal_ticks import clean_ticks, in_spans
from distdiag_core.diagnosis.features import baseline_window
from distdiag_core.diagnosis.features.feature_spec import Recipe, Spans
from distdiag_core.diagnosis.training.row_store import HeldStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.training.row_store import Rows, Store
    from distdiag_core.metrics.frame import Array, Mask

TRUE, FALSE, UNKNOWN = 1, 0, -1

# A window belongs to an anomaly once this share of it does, and no more once this share is past its end; what lies
# between may be called either.
ENOUGH = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is known of S windows of single nodes.

    Attributes:
        truth: shape (S, L), TRUE, FALSE or UNKNOWN for each anomaly.
        case: shape (S,), the index of the case.
        tick: shape (S,), the index of its newest tick in the case.
        calm: shape (S,), whether that tick is of normal life.
        hours: shape (S,), how long it stands for until the next one.
        has_past: shape (S,).
    """

    truth: NDArray[np.int8]
    case: NDArray[np.intp]
    tick: NDArray[np.intp]
    calm: Mask
    hours: Array
    has_past: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """S windows of single nodes.

    Attributes:
        past: features against the node's own past; meaningless where it has none.
        level: features against the stored profile.
    """

    past: Rows
    level: Rows
    facts: Facts


def cut(
    cases: Iterable[Case], recipe: Recipe, anomalies: tuple[str, ...], store: Callable[[], Store] = HeldStore
) -> Samples:
    """All windows of all nodes of all cases, which are taken one at a time."""
    past, level, facts = store(), store(), []
    for index, case in enumerate(cases):
        of_past, of_level, of_case = _cut_case(case, index, recipe, anomalies)
        past.add(of_past)
        level.add(of_level)
        facts.append(of_case)
    columns = ([getattr(each, field.name) for each in facts] for field in fields(Facts))
    return Samples(past.rows(), level.rows(), Facts(*(np.concatenate(column) for column in columns)))


def _cut_case(case: Case, index: int, recipe: Recipe, anomalies: tuple[str, ...]) -> tuple[Array, Array, Facts]:
    spans = Spans.of(case.period_s)
    squashed = recipe.squash(case.window)
    width = min(spans.window, len(case.window))
    stride = max(1, width // 5)
    ends = np.arange(width, len(case.window) + 1, stride)
    windows = np.stack([squashed[..., end - width : end] for end in ends])
    clean = clean_ticks(case)
    usual = np.stack(list(_references(squashed, clean, ends - width, spans)))
    truth = np.stack([truth_of(case, end - width, end, anomalies) for end in ends.tolist()])
    samples = truth.shape[0] * truth.shape[1]
    facts = Facts(
        truth.reshape(samples, -1),
        np.full(samples, index),
        np.repeat(ends - 1, truth.shape[1]),
        np.repeat(clean[ends - 1], truth.shape[1]),
        np.full(samples, stride * case.period_s / 3600, dtype=np.float32),
        (~np.isnan(usual).all(axis=-1)).reshape(-1),
    )
    past = recipe.rows(windows, usual).reshape(samples, -1)
    return past, recipe.rows(windows, np.broadcast_to(recipe.profile, usual.shape)).reshape(samples, -1), facts


def _references(squashed: Array, clean: Mask, starts: NDArray[np.intp], spans: Spans) -> Iterator[Array]:
    """What is usual before each window, shape (N, M); NaN where there is too little of it."""
    places = np.flatnonzero(clean)
    used: NDArray[np.intp] | None = None
    for start in starts:
        ticks = baseline_window.ticks_before(places, start, spans)
        if used is None or not np.array_equal(ticks, used):
            used, usual = ticks, baseline_window.level(squashed[..., ticks])
        yield usual


def truth_of(case: Case, start: int, end: int, anomalies: tuple[str, ...]) -> NDArray[np.int8]:
    """What is true of the window from tick `start` up to before tick `end`, shape (N, L)."""
    times_s = case.window.times_s[start:end]
    in_trouble = any(label.start_s <= times_s[-1] <= label.end_s for label in case.labels)
    known = in_trouble or not case.normal or bool(in_spans(times_s, case.normal).all())
    truth = np.full((len(case.window.nodes), len(anomalies)), FALSE if known else UNKNOWN, dtype=np.int8)
    for label in case.labels:
        if label.anomaly not in anomalies:
            continue
        place = case.window.nodes.index(label.node), anomalies.index(label.anomaly)
        share = in_spans(times_s, [(label.start_s, label.end_s)])
        if share[-1]:
            truth[place] = TRUE if share.mean() >= ENOUGH else UNKNOWN
        elif share.any() and (times_s > label.end_s).mean() < ENOUGH:
            truth[place] = UNKNOWN
    return truth
