"""Incidents of a running cluster, written to the recording as they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.incidents.incident_files import incident_data, verdict_data
from distdiag_core.incidents.tracker import IncidentTracker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.anomalies.injection import Injection
    from distdiag_core.diagnosis.detection.ranking import Diagnosis
    from distdiag_core.incidents.incident import Incident
    from distdiag_core.recording.recorder import Recorder


class LiveIncidents:
    """The incident that goes on, if there is one."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._tracker = IncidentTracker()
        self._recorder = recorder

    @property
    def current(self) -> Incident | None:
        """The incident that goes on; None without one."""
        return self._tracker.current

    def on_tick(
        self, time_s: float, diagnosis: Diagnosis | None, injections: Sequence[Injection], hits: Mapping[str, bool]
    ) -> None:
        """Take in the diagnosis of a tick; arguments as of `IncidentTracker.on_tick`."""
        for step in self._tracker.on_tick(time_s, diagnosis, injections, hits):
            if self._recorder is not None:
                number = step.incident.id
                self._recorder.incident(number, incident_data(step.incident))
                if step.verdict is not None:
                    self._recorder.verdict(number, step.verdict.time_s, verdict_data(step.verdict))
