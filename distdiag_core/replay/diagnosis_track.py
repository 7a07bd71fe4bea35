"""The diagnosis of any tick of a recording, in whatever order ticks are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.incidents.tracker import IncidentTracker
from distdiag_core.metrics.history import History
from distdiag_core.recording.journal import Journal
from distdiag_core.replay.recorded_states import incident_at
from distdiag_core.runtime.live_diagnosis import LiveDiagnosis
from distdiag_core.runtime.model_monitor import ModelMonitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.incidents.incident import Incident
    from distdiag_core.incidents.validation import Validation
    from distdiag_core.metrics.frame import Frame, Window
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.replay.recorded_run import RecordedRun

HISTORY_TICKS = 600
# Before a tick that is jumped to, so much of the past is diagnosed again: a baseline and the onset of what goes on.
_WARM_UP_TICKS = 120
_FEW_TICKS = 3
# More are not kept; what is asked for again is diagnosed again.
_KEPT_RESULTS = 5_000


@dataclass(frozen=True, slots=True)
class TickDiagnosis:
    """The diagnosis of one tick, with what a running core derives from it."""

    diagnosis: Diagnosis | None
    incident: Incident | None
    validation: Validation


class DiagnosisTrack:
    """The diagnosis of the ticks of `run` by one model, the same way as of a running cluster.

    The diagnosis of a tick depends on those before it. What was diagnosed is kept; a tick near ahead is reached tick by
    tick, and before any other one some of its past is diagnosed.
    """

    def __init__(self, run: RecordedRun, model: Model | None, anomalies: AnomalyCatalogue) -> None:
        self._run, self._model, self._anomalies = run, model, anomalies
        self._results: dict[int, TickDiagnosis] = {}
        self._loaded: int | None = None
        self._diagnosed = -1
        self._begin()

    @property
    def model(self) -> ModelStatus | None:
        """The model in use; None without one."""
        return self._diagnosis.model

    def close(self) -> None:
        """End the thread of the diagnosis, and let go of what is large.

        A replay is part of cycles of references, and Python may take minutes to find those.
        """
        self._diagnosis.close()
        self._model = self._loaded = None
        self._results.clear()
        self._history = History((), (), 1)

    def exchange(self, model: Model) -> None:
        """Diagnose every tick with `model` from now on."""
        self._model = model
        self._results.clear()
        self._restart()

    def reset_baseline(self) -> None:
        """Take the state from the next tick on for normal; what comes later is diagnosed again."""
        newest = -1 if self._loaded is None else self._loaded
        self._results = {index: found for index, found in self._results.items() if index <= newest}
        self._diagnosis.forget_baseline()

    def frame(self, index: int) -> tuple[Frame, Window]:
        """The frame of a tick, and the history up to it.

        Raises:
            DataError: the recording is damaged there.
        """
        self._load_history(index)
        return self._newest, self._history.window()

    def takes_long(self, index: int) -> bool:
        """Whether more than a few ticks are to be diagnosed before the diagnosis of this one is known."""
        return index not in self._results and not 0 < index - self._diagnosed <= _FEW_TICKS

    async def diagnosis(self, index: int, is_wanted: Callable[[], bool]) -> TickDiagnosis | None:
        """The diagnosis of a tick; None where it was not wanted any more before it was known.

        Raises:
            DataError: the recording is damaged there.
        """
        if index not in self._results:
            await self._diagnose_until(index, is_wanted)
        return self._results.get(index)

    async def _diagnose_until(self, index: int, is_wanted: Callable[[], bool]) -> None:
        first = self._diagnosed + 1
        if not 0 <= index - first < _WARM_UP_TICKS:
            self._restart()
            first = max(0, index - _WARM_UP_TICKS)
        for each in range(first, index + 1):
            if not is_wanted():
                return
            self._load_history(each)
            found = await self._diagnose(each)
            # A tick that was seen is not changed by what is known of it in another order.
            self._results.setdefault(each, found)
            self._diagnosed = each
        for oldest in list(self._results)[: max(0, len(self._results) - _KEPT_RESULTS)]:
            if oldest != index:
                del self._results[oldest]

    async def _diagnose(self, index: int) -> TickDiagnosis:
        time_s, states = self._newest.time_s, self._run.states
        before_s = float(self._run.times_s[index - 1]) if index else float("-inf")
        if any(before_s < changed_s <= time_s for changed_s in states.load_changes_s):
            self._diagnosis.forget_baseline()
        await self._diagnosis.on_tick(self._history.window().without_metrics(self._run.unread.hidden(time_s)))
        injections = states.injections_at(time_s)
        self._monitor.on_tick(self._diagnosis.newest, injections, self._diagnosis.model)
        self._tracker.on_tick(time_s, self._diagnosis.newest, injections, self._monitor.hits())
        recorded = self._run.incidents
        incident = incident_at(recorded, time_s) if recorded else self._tracker.current
        return TickDiagnosis(self._diagnosis.newest, incident, self._monitor.validation)

    def _restart(self) -> None:
        self._diagnosis.close()
        self._begin()

    def _begin(self) -> None:
        meta = self._run.meta
        # What a running core would write is in the recording already, as far as it was seen then.
        journal = Journal()
        categories = Categories.of(self._anomalies, meta.catalogue)
        self._diagnosis = LiveDiagnosis(
            self._model, meta.interval_s, meta.catalogue.names, self._anomalies, journal, categories
        )
        self._monitor = ModelMonitor(journal, self._anomalies)
        self._tracker = IncidentTracker()
        self._diagnosed = -1

    def _load_history(self, index: int) -> None:
        """Make `index` the newest tick of the history."""
        loaded = self._loaded
        if loaded == index:
            return
        if loaded is not None and 0 < index - loaded <= HISTORY_TICKS:
            first = loaded + 1
        else:
            meta = self._run.meta
            self._history = History(meta.node_names, meta.catalogue.names, HISTORY_TICKS)
            first = max(0, index - HISTORY_TICKS + 1)
        # Reading may fail half-way.
        self._loaded = None
        for frame in self._run.frames(first, index):
            self._history.append(frame)
            self._newest = frame
        self._loaded = index
