"""Detector of anomalies without training: scores of nodes against their own past and their peers, tick by tick."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.features.log_scale import from_log_scale, log_scale
from distdiag_core.diagnosis.untrained.families import CAP, Families
from distdiag_core.diagnosis.untrained.lasting_mean import LastingMean
from distdiag_core.diagnosis.untrained.load import ServiceJudge
from distdiag_core.diagnosis.untrained.moving_mean import moving_mean
from distdiag_core.diagnosis.untrained.node_states import NodeStates
from distdiag_core.diagnosis.untrained.past_statistics import LEAST_TICKS, PastStatistics
from distdiag_core.diagnosis.untrained.score_threshold import ScoreThreshold
from distdiag_core.diagnosis.untrained.surprise import shared_move, surprise
from distdiag_core.metrics import connection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from distdiag_core.diagnosis.untrained.load import Service
    from distdiag_core.metrics.frame import Array, Mask, Window

_NEWEST_S, _NEWEST_TICKS = 5.0, 3
_PAST_S, _LEAST_PAST_S = 180.0, 10.0
# Ticks from this share of the threshold on are no clean past, whether the service suffers or not, except those after so
# long: a lasting change becomes the normal state.
_UNCLEAN_SHARE, _UNCLEAN_S = 0.6, 30.0
# With so many ticks of past the threshold is doubled.
_DOUBLED_TICKS = 8.0
# What the service does not suffer from has to be that much clearer, less so where nothing tells of the service.
_HARMLESS, _UNTOLD = 1.7, 1.3
# What has lasted needs so much of the threshold, if so much of it is there still.
_LASTING_SHARE, _STILL_SHARE = 0.75, 0.5
_LASTING_HARMLESS, _LASTING_UNTOLD = 1.3, 1.15
# From this score on a node is anomalous whatever else.
_PLAIN = 11.0
# So many nodes renew the statistics of their past at a tick, that is a share of all.
_RENEWED_SHARE = 0.05
# What is far below the usual size of a metric counts as zero.
_FLOOR_SHARE = 0.1
_EVIDENCE = 6
_LEAST_SIGMA_UNIT = 0.02


@dataclass(frozen=True, slots=True)
class Deviation:
    """Metric of a node that has left its past.

    Attributes:
        sigma: signed distance to the past in its robust standard deviations.
        before, now: median of the past and mean of the newest seconds, in the unit of the metric.
        peers: median of what the other nodes have now; None where none has any.
    """

    metric: str
    sigma: float
    before: float
    now: float
    peers: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Verdicts on N nodes at one tick.

    Attributes:
        score: shape (N,), 0 to 1; one half at the node's threshold.
        anomalous: shape (N,), whether it has been over the threshold steadily.
        since_s: shape (N,), seconds since the epoch; NaN where nothing is anomalous.
        load_change: shape (N,), whether a change of load explains what has moved.
        surprise: shape (N, M), signed, in powers of ten; zero where unknown.
        sigma: shape (N, M), signed distance to the past in its robust standard deviations; NaN where unknown.
        before, now: shape (N, M), median of the past and mean of the newest seconds on the log scale of `floors`.
        floors: shape (M,).
        has_past: shape (N,).
    """

    time_s: float
    nodes: tuple[str, ...]
    metrics: tuple[str, ...]
    score: NDArray[np.float64]
    anomalous: Mask
    since_s: NDArray[np.float64]
    load_change: Mask
    surprise: Array
    sigma: Array
    before: Array
    now: Array
    floors: Array
    has_past: Mask

    def evidence(self, node: int) -> tuple[Deviation, ...]:
        """The most surprising metrics of a node, the strongest first."""
        order = np.argsort(-np.abs(self.surprise[node]), kind="stable")[:_EVIDENCE]
        return tuple(self._deviation(node, place) for place in order.tolist() if self.surprise[node, place] != 0)

    def _deviation(self, node: int, place: int) -> Deviation:
        others = nan_statistics.median(np.delete(self.now[:, place], node)[None])
        on_scale = np.array([self.before[node, place], self.now[node, place], others[0]], dtype=np.float32)
        before, now, peers = (float(f"{each:.4g}") for each in from_log_scale(on_scale, self.floors[place]).tolist())
        sigma = round(float(self.sigma[node, place]), 1)
        return Deviation(self.metrics[place], sigma, before, now, None if math.isnan(peers) else peers)


class UntrainedDetector:
    """Detector of one run; the nodes or the metrics may change between ticks, which begins anew."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._newest = max(_NEWEST_TICKS, round(_NEWEST_S / period_s))
        self._past = max(4 * self._newest, round(_PAST_S / period_s))
        self._least = max(LEAST_TICKS, round(_LEAST_PAST_S / period_s))
        self._begin((), ())

    def _begin(self, nodes: tuple[str, ...], metrics: tuple[str, ...]) -> None:
        self._nodes, self._metrics = nodes, metrics
        self._states = NodeStates(len(nodes), self._period_s)
        self._threshold = ScoreThreshold(len(nodes))
        self._judge = ServiceJudge(metrics)
        self._families = Families(metrics)
        self._lasting_surprise = LastingMean((len(nodes), len(metrics)), self._period_s)
        self._lasting_harm = LastingMean((len(nodes),), self._period_s)
        # Connections have a judge of their own.
        self._is_figure = np.array([metric not in connection.METRICS for metric in metrics], dtype=np.bool_)
        self._floors: Array = np.full(len(metrics), np.nan, dtype=np.float32)
        self._statistics: PastStatistics | None = None
        self._unclean: dict[float, Mask] = {}
        self._from_s = -np.inf
        self._next = 0
        self._suspect_s: NDArray[np.float64] = np.full(len(nodes), np.nan)
        self._past_ticks = 1

    def reset_baseline(self, until_s: float) -> None:
        """Forget the past up to `until_s`, and what is anomalous."""
        self._begin(self._nodes, self._metrics)
        self._from_s = until_s

    def observe(self, window: Window) -> Observation:
        """Verdicts at the newest tick of `window`, which holds the history as far as it is kept."""
        if (window.nodes, window.metrics) != (self._nodes, self._metrics):
            self._begin(window.nodes, window.metrics)
        time_s = float(window.times_s[-1])
        self._renew(window)
        past = self._statistics
        if past is None:
            return self._without_past(time_s)
        floors = self._set_floors(window)
        newest = moving_mean(log_scale(window.values[..., -self._newest :], floors), self._newest)
        level: Array = newest[..., -1]
        moves = level - past.middle
        own = surprise(level, past)
        service = self._judge.judge(own, np.nan_to_num(moves), level)
        alone = surprise(level - shared_move(moves, service.load_change), past)
        judged = np.where(self._is_widespread(service)[:, None], own, alone) * self._is_figure
        raw = self._families.score(judged).astype(np.float64)
        threshold = self._threshold.values * (1 + _DOUBLED_TICKS / self._past_ticks)
        share = np.maximum(_newest_share(raw, service, threshold), self._lasting_share(judged, service, raw, threshold))
        # Beside its peers a node is judged by what is its own alone, whatever the load does.
        load = service.load_change & ((share < 1) | (len(self._nodes) == 1))
        self._states.observe(share, load, time_s)
        self._remember(raw, raw / threshold, time_s)
        return Observation(
            time_s,
            self._nodes,
            self._metrics,
            share / (1 + share),
            self._states.anomalous,
            self._states.since_s.copy(),
            self._states.load_change,
            judged,
            _sigmas(moves, past),
            past.middle.copy(),
            level,
            floors,
            np.any(~np.isnan(past.middle), axis=1),
        )

    def _is_widespread(self, service: Service) -> Mask:
        """The nodes with an anomaly that all share, shape (N,): most of them serve worse, at no more work."""
        widespread = len(self._nodes) > 1 and service.impaired.mean() > 1 / 2 and not service.more_work
        return service.impaired & widespread

    def _lasting_share(
        self, judged: Array, service: Service, raw: NDArray[np.float64], threshold: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Scores of what has lasted as shares of their thresholds, shape (N,); no more than is there still."""
        score = self._families.score(self._lasting_surprise.take(np.clip(judged, np.float32(-CAP), np.float32(CAP))))
        harm = np.minimum(2 * self._lasting_harm.take(service.harm), 1)
        clearer = _clearer(harm, service.known, _LASTING_HARMLESS, _LASTING_UNTOLD)
        share = score / (_LASTING_SHARE * threshold * clearer)
        result: NDArray[np.float64] = np.minimum(share, raw / (_STILL_SHARE * threshold))
        return result

    def _remember(self, raw: NDArray[np.float64], share: NDArray[np.float64], time_s: float) -> None:
        suspect = self._states.anomalous | (share >= _UNCLEAN_SHARE)
        self._suspect_s = np.where(suspect, np.fmin(self._suspect_s, time_s), np.nan)
        unclean: Mask = suspect & (time_s - self._suspect_s < _UNCLEAN_S)
        self._threshold.take(np.where(self._states.anomalous, np.nan, raw))
        if unclean.any():
            self._unclean[time_s] = unclean
        if len(self._unclean) > 2 * self._past:
            del self._unclean[next(iter(self._unclean))]

    def _renew(self, window: Window) -> None:
        """Renew the statistics of the past of some nodes, of all of them at first."""
        stop = len(window) - self._newest
        start = max(0, stop - self._past, int(np.searchsorted(window.times_s, self._from_s, side="right")))
        if stop - start < self._least:
            return
        count = len(self._nodes)
        if self._statistics is None:
            nodes = np.arange(count)
        else:
            nodes = (self._next + np.arange(int(np.ceil(_RENEWED_SHARE * count)))) % count
            self._next = int(nodes[-1]) + 1
        floors = self._set_floors(window)
        past = moving_mean(log_scale(window.values[nodes, :, start:stop], floors), self._newest)
        past = past[..., min(self._newest, past.shape[-1] - LEAST_TICKS) - 1 :]
        times_s = window.times_s[stop - past.shape[-1] : stop]
        self._past_ticks = past.shape[-1]
        newer = PastStatistics.of(self._clean(past, nodes, times_s))
        if self._statistics is None:
            self._statistics = newer
        else:
            self._statistics.put(nodes, newer)

    def _clean(self, past: Array, nodes: NDArray[np.intp], times_s: NDArray[np.float64]) -> Array:
        """The past with NaN in unclean ticks; as it is for a node without clean ticks, since that is its normal now."""
        if not self._unclean:
            return past
        nothing = np.zeros(len(self._nodes), dtype=np.bool_)
        unclean = np.stack([self._unclean.get(time_s, nothing) for time_s in times_s.tolist()], axis=-1)[nodes]
        unclean[(~unclean).sum(axis=1) < LEAST_TICKS] = False
        return np.where(unclean[:, None], np.float32(np.nan), past)

    def _set_floors(self, window: Window) -> Array:
        """Floors of the metrics; of those that have been zero or unknown so far, from the first other values."""
        seen = self._past if self._statistics is None else self._newest
        sizes = np.abs(window.values[..., -seen:])
        fresh = np.isnan(self._floors) & (np.nan_to_num(sizes) > 0).any(axis=(0, 2))
        if fresh.any():
            chosen = np.where(sizes[:, fresh] > 0, sizes[:, fresh], np.float32(np.nan))
            self._floors[fresh] = _FLOOR_SHARE * np.nanmedian(chosen, axis=(0, 2))
        return np.where(np.isnan(self._floors), np.float32(1), self._floors)

    def _without_past(self, time_s: float) -> Observation:
        nodes, shape = len(self._nodes), (len(self._nodes), len(self._metrics))
        never: Mask = np.zeros(nodes, dtype=np.bool_)
        nothing = np.zeros(shape, dtype=np.float32)
        unknown = np.full(nodes, np.nan)
        return Observation(
            time_s, self._nodes, self._metrics, np.zeros(nodes), never, unknown, never,
            nothing, nothing, nothing, nothing, np.ones(shape[1], dtype=np.float32), never,
        )  # fmt: skip


def _newest_share(raw: NDArray[np.float64], service: Service, threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of the newest seconds as shares of their thresholds, shape (N,)."""
    share: NDArray[np.float64] = raw / np.minimum(
        threshold * _clearer(service.harm, service.known, _HARMLESS, _UNTOLD), _PLAIN
    )
    return share


def _clearer(harm: Array, known: Mask, harmless: float, untold: float) -> NDArray[np.float64]:
    """How much clearer than in an impaired service an anomaly has to be on each node, shape (N,)."""
    result: NDArray[np.float64] = np.where(known, harmless, untold)
    return result - (result - 1) * harm


def _sigmas(moves: Array, past: PastStatistics) -> Array:
    # The 10 % and 90 % quantile of a normal distribution are 2.56 standard deviations apart.
    result: Array = moves / np.maximum((past.high - past.low) / np.float32(2.56), np.float32(_LEAST_SIGMA_UNIT))
    return result
