"""Shadow diagnosis: a second model diagnoses the same ticks as the one in use, in a thread of its own, and is compared.

Nothing waits for it, and nothing but the comparison depends on it.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core import places
from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.errors import DistdiagError
from distdiag_core.metrics.frame import Window
from distdiag_core.models import model_registry
from distdiag_core.recording.journal import Journal
from distdiag_core.runtime.live_diagnosis import RESET
from distdiag_core.runtime.model_monitor import ModelMonitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.runtime.snapshot import Snapshot

log = logging.getLogger(__name__)

# So much of the past is diagnosed before the first tick, as before a tick of a replay that is jumped to; what is
# further behind than that is left out.
_WARM_UP_TICKS = 120


@dataclass(frozen=True, slots=True)
class InjectionOutcome:
    """Whether each model ranked a known injection first for most of its time so far; None where it does not know it."""

    injection: Injection
    first: bool | None
    second: bool | None


@dataclass(frozen=True, slots=True)
class ShadowComparison:
    """Two diagnoses of the same tick, and how often they agreed.

    Attributes:
        model: the second one; None where it cannot be used.
        first, second: the diagnosis by the model in use, and by the second one.
        since_s: the first tick that was compared, seconds since the epoch.
        compared: the ticks for which both had a diagnosis.
        agreed: those of them in which the first rows were the same, or neither had any.
        problem: why there is no diagnosis by the second model; empty where there is one.
    """

    model: ModelStatus | None = None
    first: Diagnosis | None = None
    second: Diagnosis | None = None
    since_s: float = 0.0
    compared: int = 0
    agreed: int = 0
    outcomes: tuple[InjectionOutcome, ...] = ()
    problem: str = ""


class ShadowDiagnosis:
    """The diagnosis of the ticks that are offered, by the model called `name`.

    Args:
        tell: called with each comparison, in the thread of this diagnosis.
    """

    def __init__(self, name: str, anomalies: AnomalyCatalogue, tell: Callable[[ShadowComparison], None]) -> None:
        self._name, self._anomalies, self._tell = name, anomalies, tell
        self._thread = ThreadPoolExecutor(1, "distdiag-shadow")
        self._offered: deque[Snapshot] = deque(maxlen=_WARM_UP_TICKS)
        self._last: Snapshot | None = None
        self._closed = False
        self._diagnoser: ClusterDiagnoser | None = None
        self._status: ModelStatus | None = None
        self._newest: Diagnosis | None = None
        self._newest_s = -np.inf
        self._begin()

    def close(self) -> None:
        """End it; the tick that is being diagnosed is the last."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def offer(self, snapshot: Snapshot) -> None:
        """Have a tick diagnosed and compared; returns at once."""
        if not self._closed and snapshot is not self._last:
            self._last = snapshot
            self._offered.append(snapshot)
            self._thread.submit(self._take)

    def _take(self) -> None:
        # The oldest are left out where many wait: then there are fewer of them than calls.
        if self._closed or not self._offered:
            return
        snapshot = self._offered.popleft()
        try:
            compared = self._compare(snapshot)
        except DistdiagError as error:
            compared = ShadowComparison(problem=str(error))
        except Exception as error:  # whatever the method makes of the figures
            log.exception("no diagnosis by a second model at this tick")
            compared = ShadowComparison(
                problem=f"no diagnosis, by a fault in distdiag: {error}; {places.log_file()} has more"
            )
        if not self._closed:
            self._tell(compared)
        # A model that cannot be read is not read again at every tick.
        self._closed = self._closed or (bool(compared.problem) and self._status is None)

    def _compare(self, snapshot: Snapshot) -> ShadowComparison:
        first = snapshot.diagnosis
        name = snapshot.model.name if snapshot.model else ""
        if snapshot.frame.time_s < self._newest_s or name != self._first_name:
            self._begin(name)
        self._diagnose(snapshot)
        second = self._newest
        if first is not None and second is not None and snapshot.frame.time_s > self._compared_s:
            self._count(snapshot, first, second)
        return ShadowComparison(
            self._status, first, second, self._since_s, self._compared, self._agreed, self._outcomes()
        )

    def _begin(self, first_name: str = "") -> None:
        """Count anew: another model is in use, or a replay went back."""
        self._first_name = first_name
        self._since_s, self._compared_s = np.inf, -np.inf
        self._compared = self._agreed = 0
        self._known: dict[str, Injection] = {}
        self._monitors = ModelMonitor(Journal(), self._anomalies), ModelMonitor(Journal(), self._anomalies)

    def _diagnose(self, snapshot: Snapshot) -> None:
        """Diagnose every tick after the last one, or those before the first as far as they matter."""
        window = snapshot.window.without_metrics(snapshot.unread)
        done = int(np.searchsorted(window.times_s, self._newest_s, side="right"))
        went_back = snapshot.frame.time_s < self._newest_s
        if self._diagnoser is None or went_back or len(window) - done > _WARM_UP_TICKS:
            self._diagnoser = self._new_diagnoser(snapshot)
            done = max(0, len(window) - _WARM_UP_TICKS)
        elif _baseline_is_reset(snapshot, self._newest_s):
            self._diagnoser.reset_baseline()
        for end in range(done + 1, len(window) + 1):
            if self._closed:
                return
            upto = Window(window.times_s[:end], window.nodes, window.metrics, window.values[..., :end])
            self._newest = self._diagnoser.diagnose(upto)
        self._newest_s = snapshot.frame.time_s

    def _new_diagnoser(self, snapshot: Snapshot) -> ClusterDiagnoser:
        from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser

        model = model_registry.load(self._name)
        if self._status is None:
            self._status = model_registry.status(model, snapshot.catalogue.names)
        categories = Categories.of(self._anomalies, snapshot.catalogue)
        return ClusterDiagnoser(model, snapshot.cluster.interval_s, categories=categories)

    def _count(self, snapshot: Snapshot, first: Diagnosis, second: Diagnosis) -> None:
        self._compared_s = snapshot.frame.time_s
        self._known |= {each.id: each for each in snapshot.injections}
        for monitor, diagnosis, model in zip(
            self._monitors, (first, second), (snapshot.model, self._status), strict=True
        ):
            monitor.on_tick(diagnosis, snapshot.injections, model)
        if any(each.note and not each.anomalous for each in (first, second)):
            return
        self._since_s = min(self._since_s, snapshot.frame.time_s)
        self._compared += 1
        self._agreed += first_row(first) == first_row(second)

    def _outcomes(self) -> tuple[InjectionOutcome, ...]:
        first, second = (monitor.hits() for monitor in self._monitors)
        return tuple(
            InjectionOutcome(each, first.get(name), second.get(name))
            for name, each in self._known.items()
            if name in first or name in second
        )


def first_row(diagnosis: Diagnosis) -> tuple[str, str] | None:
    """Node and anomaly of the first root cause; None while there is no anomaly."""
    if not diagnosis.anomalous or not diagnosis.root_causes:
        return None
    cause = diagnosis.root_causes[0]
    return cause.node, cause.anomaly


def _baseline_is_reset(snapshot: Snapshot, after_s: float) -> bool:
    """Whether the load was changed on purpose, or the operator has reset the baseline, since a tick."""
    return any(
        after_s < event.time_s <= snapshot.frame.time_s
        and (event.kind == "workload" or event.data.get("baseline") == RESET)
        for event in snapshot.events
    )
