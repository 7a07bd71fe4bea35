"""Families of metrics that count much the same, so that one event counted many times is not much evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

# By name, since imported cases have metrics of other systems. The first match counts; what matches none is a count of
# statements or transactions.
_PATTERNS = (
    ("contention", r"(?<!b)lock|concurrency_wait|queue_time|queue_latency|throttle|fail|timeout|roll_?(ed)?back|error"),
    ("latency", r"latency$|p50$|p95$|p99$|trans_.*time$|db_time|sql_.*_time$|commit.*time$"),
    ("writing", r"write|flush|clog|palf|fsync|log_bytes|dirty"),
    ("reading", r"read|cache|block_|accessed|fetch|firstentry|nextrow|scan"),
    ("disk", r"disk|io_|iowait|cpuwai|pressure\.io|blocked|asynchronousio"),
    ("memory", r"memory|memstore|swap|page|inode|filehandler"),
    ("network", r"network|tcp|rpc|packet|net_"),
    ("cpu", r"cpu|load|run_queue|context|interrupt|process|worker_time|threadsrunning|active_sessions"),
)
_OTHERS = "statements"
# So many metrics of a family count, and so many of them all make the score of a node.
_OF_FAMILY, _STRONGEST = 3, 6
# No metric counts for more than so many powers of ten.
CAP = 12.0


class Families:
    """Families of the metrics of these names."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        names = np.array([family(metric) for metric in metrics], dtype=np.str_)
        self._places = [np.flatnonzero(names == each) for each in np.unique(names)]

    def score(self, surprises: Array) -> Array:
        """Mean of the largest surprises of each node, with few of each family: shape (N, M) to (N,)."""
        size = np.minimum(np.abs(surprises), np.float32(CAP))
        kept = [_largest(size[:, places], _OF_FAMILY) for places in self._places]
        if not kept:
            return np.zeros(len(surprises), dtype=np.float32)
        strongest = _largest(np.concatenate(kept, axis=1), _STRONGEST)
        # Fewer metrics than that are less evidence.
        result: Array = strongest.sum(axis=1) / np.float32(_STRONGEST)
        return result


def family(metric: str) -> str:
    """The family of a metric."""
    name = metric.lower()
    return next((each for each, pattern in _PATTERNS if re.search(pattern, name)), _OTHERS)


def _largest(values: Array, count: int) -> Array:
    first = max(0, values.shape[1] - count)
    result: Array = np.partition(values, first, axis=1)[:, first:]
    return result
