"""Stability of the load, by the metrics of the clients alone: no model may choose the cases it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array, Window

# One slow second means nothing; what lasts longer is seen within as many ticks.
_TICKS = 4
# How far the median of so few ticks may be from that of a normal stretch; changes from second to second are half of it.
_MIN_TPS_RATIO, _MAX_TPS_RATIO = 0.6, 1.67
_MAX_P95_RATIO = 2.0


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """Transactions a second and their 95th percentile latency, by node: medians over a stretch, NaN where unknown."""

    tps: dict[str, float]
    p95_ms: dict[str, float]

    @classmethod
    def of(cls, window: Window) -> Self:
        """The level over all ticks of a window."""
        tps, p95_ms = (
            {node: _median(window.series(node, f"workload.{name}")) for node in window.nodes} for name in ("tps", "p95")
        )
        return cls(tps, p95_ms)

    @classmethod
    def between(cls, history: Window, start_s: float, end_s: float) -> Self:
        """The level over the ticks of a stretch, as far back as `history` goes."""
        inside = (history.times_s >= start_s) & (history.times_s <= end_s)
        return cls.of(
            type(history)(history.times_s[inside], history.nodes, history.metrics, history.values[:, :, inside])
        )


def unstable(history: Window, normal: LoadLevel | None) -> str:
    """The nodes whose newest ticks differ from the normal load, in words; empty where none does.

    Args:
        normal: the level of a normal stretch under the same load; without one (None) every
            node only has to finish transactions.
    """
    now = LoadLevel.of(history.last(_TICKS))
    return ", ".join(filter(None, (_unstable_on(node, now, normal) for node in history.nodes)))


def _unstable_on(node: str, now: LoadLevel, normal: LoadLevel | None) -> str:
    tps, p95_ms = now.tps[node], now.p95_ms[node]
    if tps == 0:
        return f"nothing finishes on {node}"
    if normal is None:
        return ""
    normal_tps, normal_p95_ms = normal.tps[node], normal.p95_ms[node]
    # Written so that what is not measured, NaN, is never different.
    if tps < _MIN_TPS_RATIO * normal_tps or tps > _MAX_TPS_RATIO * normal_tps:
        return f"{node} does {tps:.0f} transactions a second and did {normal_tps:.0f}"
    if p95_ms > _MAX_P95_RATIO * normal_p95_ms:
        return f"{node} takes {p95_ms:.0f} ms for 95 % of them and took {normal_p95_ms:.0f}"
    return ""


def _median(series: Array) -> float:
    known = series[np.isfinite(series)]
    return float(np.median(known)) if known.size else float("nan")
