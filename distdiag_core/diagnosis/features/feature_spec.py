"""What a model looks at: which metrics, over how long, and on which scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import shifts

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array, Window

# A window is the newest ten seconds, and what it is held against is the minute before; fewer samples than these say
# nothing, so that slow sampling lengthens both.
_WINDOW_S, _WINDOW_TICKS = 10.0, 6
_REFERENCE_S, _REFERENCE_TICKS = 60.0, 12
_LEAST_REFERENCE_S, _LEAST_REFERENCE_TICKS = 10.0, 5


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time in ticks: the window, the reference before it, and the least reference that will do."""

    window: int
    reference: int
    least_reference: int

    @classmethod
    def of(cls, period_s: float) -> Spans:
        """The stretches at `period_s` seconds between samples."""
        return cls(
            max(_WINDOW_TICKS, round(_WINDOW_S / period_s)),
            max(_REFERENCE_TICKS, round(_REFERENCE_S / period_s)),
            max(_LEAST_REFERENCE_TICKS, round(_LEAST_REFERENCE_S / period_s)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """How figures become features.

    Attributes:
        metrics: names, M of them; a window is brought into this order.
        floors: shape (M,), in the unit of each metric; what is far below its floor counts as nothing.
        profile: shape (M,), the squashed level of normal training data, for nodes without a past of their own.
        passed_over: metrics that tell the session, not the trouble: settings, and levels that hardly move within it.
        peers: whether nodes are also held against each other, which takes training data of more than one node.
    """

    metrics: tuple[str, ...]
    floors: Array
    profile: Array
    passed_over: tuple[str, ...] = ()
    peers: bool = True

    def squash(self, window: Window) -> Array:
        """All figures on a scale where equal ratios are equal distances, shape (N, M, T); unknown metrics are NaN."""
        return squash(aligned(window, self.metrics), self.floors)

    def rows(self, squashed: Array, reference: Array) -> Array:
        """Squashed windows (..., N, M, W) held against (..., N, M), as classifiers take them: shape (..., N, F)."""
        own = shifts.shifts(squashed, reference)
        sides = (own, shifts.against_peers(own)) if self.peers else (own,)
        both = np.stack(sides, axis=-3)
        return both.reshape(*both.shape[:-3], -1)

    def columns(self) -> tuple[tuple[str, str, str], ...]:
        """What the F columns of `rows` are: (`own` or `peers`, metric, shift)."""
        sides = ("own", "peers") if self.peers else ("own",)
        return tuple((side, metric, shift) for side in sides for metric in self.metrics for shift in shifts.SHIFTS)


def squash(values: Array, floors: Array) -> Array:
    """sign(x) log(1 + |x| / floor): a logarithm that bears zero and negative figures; the metrics are axis -2."""
    result: Array = np.copysign(np.log1p(np.abs(values) / floors[:, None]), values)
    return result


def aligned(window: Window, metrics: tuple[str, ...]) -> Array:
    """The figures of `window` for these metrics in this order, shape (N, len(metrics), T); NaN where it has none."""
    if window.metrics == metrics:
        return window.values
    place = {metric: index for index, metric in enumerate(window.metrics)}
    values = np.full((len(window.nodes), len(metrics), len(window)), np.nan, dtype=np.float32)
    held = [index for index, metric in enumerate(metrics) if metric in place]
    values[:, held] = window.values[:, [place[metrics[index]] for index in held]]
    return values
