"""Judge of the connections of nodes: which database is down, and which hangs, without a model and without training.

A database is down where nothing listens any more, and hangs where it accepts and says nothing. Classifiers would tell
both by the absence of figures, which has other reasons too: a connection that is being made, a source that is off. So
this judge decides about the two kinds wherever the states of connections are known (`metrics.connection`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.ranking import Evidence
from distdiag_core.metrics import connection
from distdiag_core.metrics.connection import ConnectionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Window

NODE_DOWN, NODE_HANG = "node_down", "node_hang"
KINDS = frozenset({NODE_DOWN, NODE_HANG})
# A refusal or a silence of one tick may be a mishap.
_LEAST_TICKS, _LEAST_S = 2, 1.0
# The silence of a database whose host does not answer either may be the network's, and a refusal that was never
# anything else a mistake in the cluster file.
_DOUBTFUL_S = 10.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Failure of the database of a node.

    Attributes:
        anomaly: `node_down` or `node_hang`.
        since_s: the first tick without an answer, seconds since the epoch.
        words: the states of the connections, for instance `SQL refused for 12 s, the host answers`.
        evidence: the connections that do not answer.
    """

    anomaly: str
    since_s: float
    words: str
    evidence: tuple[Evidence, ...]


def judges(window: Window) -> bool:
    """Whether the states of connections are known: recordings and cases of early versions have none."""
    return not connection.METRICS.isdisjoint(window.metrics)


def failures(window: Window, before: Mapping[str, Failure] | None = None) -> Mapping[str, Failure]:
    """Failed databases at the newest tick of `window`, by node; none where databases are not watched.

    Args:
        before: those of the tick before; what lasts longer than the history has its beginning from there.
    """
    if connection.SQL not in window.metrics:
        return {}
    states = _States(window)
    suspects = np.flatnonzero(states.sql[:, -1] >= ConnectionState.SILENT).tolist()
    found = ((window.nodes[node], states.failure(node, (before or {}).get(window.nodes[node]))) for node in suspects)
    return {node: failure for node, failure in found if failure is not None}


class _States:
    """States of the connections of N nodes over T ticks; NaN where unknown."""

    def __init__(self, window: Window) -> None:
        self._times_s = window.times_s
        self.sql = window.values[:, window.metrics.index(connection.SQL)]
        self._host: Array = np.full_like(self.sql, np.nan)
        if connection.HOST in window.metrics:
            self._host = window.values[:, window.metrics.index(connection.HOST)]

    def failure(self, node: int, before: Failure | None) -> Failure | None:
        """Failure of a database that is silent or refuses; None where that may have another reason yet."""
        state = ConnectionState(round(float(self.sql[node, -1])))
        first = _run(self.sql[node] == state)
        lasts_s = self._ago_s(first)
        if len(self._times_s) - first < _LEAST_TICKS or lasts_s < _LEAST_S:
            return None
        if before is None and self._is_doubtful(node, state, lasts_s):
            return None
        begin = _run(self.sql[node] > ConnectionState.ANSWERS)
        since_s = float(self._times_s[begin])
        if before is not None:
            since_s = min(since_s, before.since_s)
        # A database that is started again may accept before it answers.
        refused = bool((self.sql[node, begin:] == ConnectionState.REFUSED).any())
        starts = "refused, now " if refused and state is ConnectionState.SILENT else ""
        words = f"SQL {starts}{connection.word(state)} for {self._times_s[-1] - since_s:.0f} s, {self._of_host(node)}"
        return Failure(NODE_DOWN if refused else NODE_HANG, since_s, words, self._evidence(node))

    def _is_doubtful(self, node: int, state: ConnectionState, lasts_s: float) -> bool:
        """Whether a connection is in this state for another reason, by what is known so far."""
        others = np.delete(self.sql[:, -1], node), np.delete(self._host[:, -1], node)
        if state is ConnectionState.REFUSED:
            # One that has never answered: of a database that is not there, or not at the port of the cluster file.
            never = not _answers(self.sql[node])
            return never and (lasts_s < _DOUBTFUL_S or not _answers(others[0]))
        # The host does not answer either, or nobody asks it: where no node answers, this machine may be cut off.
        alone = not _answers(self._host[node, -1:])
        anybody = not others[0].size or _answers(np.stack(others))
        return alone and (lasts_s < _DOUBTFUL_S or not anybody)

    def _of_host(self, node: int) -> str:
        host = float(self._host[node, -1])
        if np.isnan(host):
            return "the host is not watched"
        if host == ConnectionState.ANSWERS:
            return "the host answers"
        since = f"for {self._ago_s(_run(self._host[node] > ConnectionState.ANSWERS)):.0f} s"
        return "the host answers late" if host == ConnectionState.LATE else f"the host {connection.word(host)} {since}"

    def _evidence(self, node: int) -> tuple[Evidence, ...]:
        rows = ((connection.SQL, self.sql), (connection.HOST, self._host))
        return tuple(
            Evidence(
                metric,
                float("nan"),
                float(ConnectionState.ANSWERS) if _answers(row[node]) else None,
                float(row[node, -1]),
                _median_of_others(row[:, -1], node),
                onset_s=float(self._times_s[_run(row[node] > ConnectionState.ANSWERS)]),
            )
            for metric, row in rows
            if row[node, -1] >= ConnectionState.SILENT
        )

    def _ago_s(self, tick: int) -> float:
        return float(self._times_s[-1] - self._times_s[tick])


def _answers(states: Array) -> bool:
    """Whether any of these connections answers, be it late."""
    return bool((states <= ConnectionState.LATE).any())


def _run(holds: NDArray[np.bool_]) -> int:
    """Index of the first tick of the unbroken run up to the newest tick, at which it holds."""
    broken = np.flatnonzero(~holds)
    return int(broken[-1]) + 1 if len(broken) else 0


def _median_of_others(values: Array, node: int) -> float | None:
    others = np.delete(values, node)
    others = others[~np.isnan(others)]
    return float(np.median(others)) if len(others) else None
