"""One metric over hours and days, from all recordings of a cluster that reach into that time."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.errors import DataError
from distdiag_core.recording import recordings
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.time_series_extremes import Extremes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

# The wall clock may have been set by so much in a run.
_CLOCK_SET_S = 3600.0
_TOLD_EVERY_S = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class MetricHistory:
    """The values of a metric that were read so far.

    Attributes:
        done: the share of the ticks that were read, from 0 to 1.
        interval_s: the longest distance of two ticks.
        backfilled: by source, how many columns have figures of the past, since nothing was sampled then.
        unread: recordings that could not be read, and why.
    """

    extremes: Extremes
    done: float
    interval_s: float
    unread: tuple[str, ...] = ()
    backfilled: Mapping[str, int] = field(default_factory=dict)


def recordings_of(cluster: str, newest: Path) -> tuple[Path, ...]:
    """The recordings of a cluster on this machine up to `newest`, the oldest first; `newest` may lie elsewhere."""
    found = {path for path in recordings.of_machine() if path.stem.rpartition("-")[0] == cluster}
    if newest not in found:
        return (newest,)
    return tuple(path for path in sorted(found) if path.stem <= newest.stem)


def read(
    paths: tuple[Path, ...],
    metric: str,
    nodes: tuple[str, ...],
    span_s: tuple[float, float],
    columns: int,
    tell: Callable[[MetricHistory], bool],
) -> MetricHistory:
    """Read one metric from some recordings, whose order is that of their times. Blocks.

    Args:
        span_s: from and to, by the wall clock.
        columns: of the picture.
        tell: called now and then with what is there; where it returns False, nothing more is read.
    """
    extremes = Extremes.empty(nodes, *span_s, columns)
    between = (span_s[0] - _CLOCK_SET_S, span_s[1] + _CLOCK_SET_S)
    unread: list[str] = []
    counts, interval_s = _counts(paths, between, unread)
    whole, done, told_s = max(1, sum(counts.values())), 0, time.monotonic()
    for path in counts:
        try:
            with Recording(path) as recording:
                for times_s, values in recording.metric_parts(metric, *between):
                    extremes.add(recording.meta.node_names, times_s, values)
                    done += len(times_s)
                    if time.monotonic() - told_s < _TOLD_EVERY_S:
                        continue
                    told_s, now = time.monotonic(), MetricHistory(extremes.copy(), done / whole, interval_s)
                    if not tell(now):
                        return now
        except DataError as error:
            unread.append(str(error))
    return MetricHistory(extremes, 1.0, interval_s, tuple(unread), _fill(extremes, paths, metric, span_s))


def _counts(paths: tuple[Path, ...], between: tuple[float, float], unread: list[str]) -> tuple[dict[Path, int], float]:
    """The ticks of each recording that has some in that time, and the longest distance of two.

    Args:
        unread: gets why recordings cannot be read.
    """
    counts: dict[Path, int] = {}
    interval_s = 0.0
    for path in paths:
        try:
            with Recording(path) as recording:
                if count := recording.count_ticks(*between):
                    counts[path] = count
                    interval_s = max(interval_s, recording.meta.interval_s)
        except DataError as error:
            unread.append(str(error))
    return counts, interval_s


def _fill(extremes: Extremes, paths: tuple[Path, ...], metric: str, span_s: tuple[float, float]) -> dict[str, int]:
    """Put figures of the past where nothing was sampled; how many columns that are, by source."""
    filled: Counter[str] = Counter()
    for path in paths:
        # What cannot be read is among the unread ones.
        with suppress(DataError), Recording(path) as recording:
            found = recording.backfill(*span_s, metric)
            for (source, node), values in groupby(found, key=lambda each: (each.source, each.node)):
                points = np.array([(each.time_s, each.value) for each in values])
                filled[source] += extremes.fill(node, points[:, 0], points[:, 1])
    return {source: count for source, count in filled.items() if count}
