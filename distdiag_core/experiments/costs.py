"""What anomalies cost a benchmark: its level in each stretch of an experiment."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from distdiag_core.campaign.load_stability import LoadLevel
from distdiag_core.experiments.experiment import Level, PartCost, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.metrics.frame import Window
    from distdiag_core.operations.compound_injection import CompoundStatus, PartStatus


def level(history: Window, start_s: float, end_s: float) -> Level | None:
    """The level over a stretch; None where no tick lies in it."""
    if not ((history.times_s >= start_s) & (history.times_s <= end_s)).any():
        return None
    found = LoadLevel.between(history, start_s, end_s)
    nodes = {node: (_known(found.tps[node]), _known(found.p95_ms[node])) for node in history.nodes}
    tps = [value for value, _ in nodes.values() if value is not None]
    p95_ms = [value for _, value in nodes.values() if value is not None]
    return Level(sum(tps) if tps else None, max(p95_ms, default=None), nodes)


def stretches(history: Window, act: CompoundStatus, start_s: float, end_s: float) -> tuple[Stretch, ...]:
    """Before the first anomaly was begun, each stretch in which the same ones were proved active, and after the last.

    The seconds in which an anomaly begins belong to none.
    """
    active = [part for part in act.parts if part.proved_s is not None]
    if not active:
        return (Stretch("before", start_s, end_s, level(history, start_s, end_s)),)
    begin_s = min(part.begun_s for part in act.parts if part.begun_s is not None)
    gone_s = max(_end(part, end_s) for part in active)
    found = [Stretch("before", start_s, begin_s, level(history, start_s, begin_s))]
    found += _during(history, active, end_s)
    return (*found, Stretch("after", gone_s, end_s, level(history, gone_s, end_s)))


def part_costs(history: Window, act: CompoundStatus, end_s: float) -> tuple[PartCost, ...]:
    """Each anomaly with its times, and the level while it was active, whatever was active beside it."""
    began_s = act.began_s or 0.0

    def since(time_s: float | None) -> float | None:
        return None if time_s is None else round(time_s - began_s, 3)

    return tuple(
        PartCost(
            part.anomaly,
            part.node,
            part.severity,
            part.offset_s,
            part.duration_s,
            part.state.value,
            since(part.begun_s),
            since(part.proved_s),
            since(part.ended_s),
            part.problem,
            None if part.proved_s is None else level(history, part.proved_s, _end(part, end_s)),
        )
        for part in act.parts
    )


def words(part: PartStatus) -> str:
    """An anomaly in words, as the stretches name it."""
    return f"{part.anomaly} {part.severity} on {part.node}"


def _during(history: Window, active: list[PartStatus], end_s: float) -> Iterator[Stretch]:
    spans = [(part.begun_s or 0.0, part.proved_s or 0.0, _end(part, end_s)) for part in active]
    for start_s, until_s in pairwise(sorted({moment for span in spans for moment in span})):
        beginning = any(begun_s <= start_s < proved_s for begun_s, proved_s, _ in spans)
        names = tuple(
            words(part)
            for part, (_, proved_s, gone_s) in zip(active, spans, strict=True)
            if proved_s <= start_s and gone_s >= until_s
        )
        found = level(history, start_s, until_s)
        if names and not beginning and found is not None:
            yield Stretch("during", start_s, until_s, found, names)


def _end(part: PartStatus, end_s: float) -> float:
    return min(end_s, part.ended_s if part.ended_s is not None else end_s)


def _known(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
