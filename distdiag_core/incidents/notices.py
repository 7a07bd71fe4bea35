"""Notices about incidents: one when an incident begins and one when it ends, and never a flood."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.incidents.incident import Incident

# So many incidents may be announced in so long; what is beyond is counted with the next.
MOST_BEGINS, WITHIN_S = 6, 600.0


@dataclass(frozen=True, slots=True)
class Notice:
    """The begin or the end of an incident, ready to be shown or sent.

    Attributes:
        offset_s: what is added to a time of the run for the wall clock.
        passed_over: incidents before this one that were not announced, because there were too many.
    """

    event: Literal["incident_begin", "incident_end"]
    cluster: str
    incident: Incident
    label: str
    offset_s: float = 0.0
    passed_over: int = 0

    @property
    def text(self) -> str:
        """One sentence, for instance `lab: CPU stress on n2, confidence 0.98 (incident 3)`."""
        cause = self.incident.main_cause
        if self.event == "incident_end":
            return f"{self.cluster}: incident {self.incident.id} is over after {self.incident.duration_s:.0f} s"
        more = f"; {self.passed_over} more were not announced" if self.passed_over else ""
        said = f"{self.label} on {cause.node}, confidence {cause.confidence:.2f}"
        return f"{self.cluster}: {said} (incident {self.incident.id}){more}"

    def data(self) -> dict[str, Any]:
        """The same for programs; times by the wall clock, in UTC."""
        cause = self.incident.main_cause
        return {
            "event": self.event,
            "cluster": self.cluster,
            "incident": self.incident.id,
            "text": self.text,
            "node": cause.node,
            "anomaly": cause.anomaly,
            "confidence": round(cause.confidence, 4),
            "nodes": list(self.incident.nodes),
            "onset": _utc(self.incident.onset_s + self.offset_s),
            "duration_s": round(self.incident.duration_s, 1),
        }


class IncidentNotices:
    """The notices of one run.

    Args:
        label: the label of an anomaly on screen.
    """

    def __init__(self, cluster: str, label: Callable[[str], str]) -> None:
        self._cluster = cluster
        self._label = label
        self._last: Incident | None = None
        self._announced = False
        self._begins: deque[float] = deque()
        self._passed_over = 0

    def on_tick(self, time_s: float, incident: Incident | None, offset_s: float = 0.0) -> tuple[Notice, ...]:
        """The notices that are due with the incident that goes on at this tick, if any."""
        before, self._last = self._last, incident
        if before is not None and incident is not None and before.id == incident.id:
            return ()
        found: list[Notice] = []
        if before is not None and self._announced:
            found.append(self._notice("incident_end", before, offset_s))
        if incident is not None:
            self._announced = self._may_announce(time_s)
            if self._announced:
                found.append(self._notice("incident_begin", incident, offset_s, self._passed_over))
                self._passed_over = 0
            else:
                self._passed_over += 1
        return tuple(found)

    def _notice(
        self, event: Literal["incident_begin", "incident_end"], incident: Incident, offset_s: float, passed: int = 0
    ) -> Notice:
        return Notice(event, self._cluster, incident, self._label(incident.main_cause.anomaly), offset_s, passed)

    def _may_announce(self, time_s: float) -> bool:
        while self._begins and time_s - self._begins[0] > WITHIN_S:
            self._begins.popleft()
        if len(self._begins) >= MOST_BEGINS:
            return False
        self._begins.append(time_s)
        return True


def _utc(time_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time_s))
