"""Whether the load goes as it did: judged by what the clients measure alone, because no model may choose its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.dataset.building import cutting

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array, Window

# One slow second is nothing; what lasts longer is seen within as many ticks.
_TICKS = 4
# How far the median of so few ticks may be from that of the past. What changes from second to second is half of it.
_LEAST_TPS, _MOST_TPS = 0.6, 1.67
_MOST_P95 = 2.0


def restless(history: Window, past: tuple[float, float] | None) -> str:
    """On which nodes the clients now fare otherwise than during `past`, in plain words; empty where on none.

    Args:
        past: begin and end of a calm stretch under the same load; None where there is none to compare with yet, and
            then all that is asked is that something finishes everywhere.
    """
    now = history.last(_TICKS)
    then = cutting.stretch(history, *past) if past else None
    return ", ".join(filter(None, (_restless_on(node, now, then) for node in history.nodes)))


def _restless_on(node: str, now: Window, then: Window | None) -> str:
    tps, p95_ms = (_median(now.series(node, f"workload.{name}")) for name in ("tps", "p95"))
    if tps == 0:
        return f"nothing finishes on {node}"
    if then is None:
        return ""
    past_tps, past_p95_ms = (_median(then.series(node, f"workload.{name}")) for name in ("tps", "p95"))
    # Written so that what is not measured is nothing to complain about.
    if tps < _LEAST_TPS * past_tps or tps > _MOST_TPS * past_tps:
        return f"{node} does {tps:.0f} transactions a second and did {past_tps:.0f}"
    if p95_ms > _MOST_P95 * past_p95_ms:
        return f"{node} takes {p95_ms:.0f} ms for 95 % of them and took {past_p95_ms:.0f}"
    return ""


def _median(series: Array) -> float:
    known = series[np.isfinite(series)]
    return float(np.median(known)) if known.size else float("nan")
