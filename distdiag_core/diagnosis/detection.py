"""Noticing that something is wrong without having learned from any anomaly: what a user has on the first day.

Only metrics whose bad direction is known take part, since most movements are harmless: a mean over all metrics finds
next to nothing, throughput down or latency up finds about half. The limits below are not yet tuned on recorded cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from distdiag_core.diagnosis import reference
from distdiag_core.diagnosis.explanation import sigmas
from distdiag_core.diagnosis.ranking import Evidence
from distdiag_core.diagnosis.recipe import Spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distdiag_core.metrics.frame import Array, Window

Bad = Literal["up", "down"]

# Half and double at least, and far outside of what the last minute knew.
_LEAST_RATIO = 2.0
_LEAST_SIGMA = 6.0
# One metric that jumps is an accident, several are trouble.
_LEAST_METRICS = 2


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A node on which several metrics went the wrong way at once, with the worst of them first."""

    node: str
    evidence: tuple[Evidence, ...]


def suspicions(window: Window, bad: Mapping[str, Bad], period_s: float) -> tuple[Suspicion, ...]:
    """The nodes that look wrong at the newest tick, the worst first; `bad` is the bad direction of metrics by name."""
    spans = Spans.of(period_s)
    start = max(0, len(window) - spans.window)
    ticks = reference.ticks_before(np.arange(start), start, spans)
    watched = [index for index, metric in enumerate(window.metrics) if metric in bad]
    if len(ticks) == 0 or not watched:
        return ()
    directions = np.array([1 if bad[window.metrics[index]] == "up" else -1 for index in watched])
    values = np.log(np.maximum(window.values[:, watched], _tiny(window.values[:, watched][..., ticks])))
    newest, past = values[..., start:], values[..., ticks]
    moved = sigmas(newest, past) * directions
    ratio = (reference.level(newest[..., newest.shape[-1] // 2 :]) - reference.level(past)) * directions
    wrong = (moved >= _LEAST_SIGMA) & (ratio >= np.log(_LEAST_RATIO))
    found = [
        (float(moved[node][wrong[node]].sum()), Suspicion(name, _evidence(window, watched, moved[node], wrong[node])))
        for node, name in enumerate(window.nodes)
        if wrong[node].sum() >= _LEAST_METRICS
    ]
    return tuple(suspicion for _, suspicion in sorted(found, key=lambda each: -each[0]))


def _tiny(past: Array) -> Array:
    """A hundredth of the usual figure of each metric, so that a logarithm exists; shape (1, M, 1)."""
    usual = np.nan_to_num(reference.level(np.moveaxis(past, 1, 0).reshape(1, past.shape[1], -1)))
    return np.maximum(np.abs(usual) / 100, 1e-6)[..., None].astype(np.float32)


def _evidence(window: Window, watched: list[int], moved: Array, wrong: reference.Mask) -> tuple[Evidence, ...]:
    places = sorted(np.flatnonzero(wrong).tolist(), key=lambda place: -moved[place])
    return tuple(Evidence(window.metrics[watched[place]], round(float(moved[place]), 1)) for place in places[:3])
