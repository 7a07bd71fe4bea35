"""The types of what `distdiag api` serves, by path; the test of the verb compares them with real answers."""

from __future__ import annotations

from distdiag_core.anomalies.injection import Injection
from distdiag_core.incidents.incident import Incident
from distdiag_core.recording.events import Event
from distdiag_core.workloads.workload_status import WorkloadStatus
from tests.pages.json_shapes import COURSE, DIAGNOSIS, LIST, NODE, Shape, object_of

_DIAGNOSED = object_of(**DIAGNOSIS, **COURSE)
_SNAPSHOT = object_of(
    cluster=str,
    tick=int,
    time=float,
    simulated=bool,
    nodes=LIST[object_of(**NODE)],
    workloads=list[WorkloadStatus],
    events=list[Event],
)
API_PATHS = {
    "/snapshot": Shape(_SNAPSHOT),
    "/diagnosis": Shape(_DIAGNOSED | None),
    "/incidents": Shape(object_of(incidents=list[Incident])),
    "/injections": Shape(object_of(injections=list[Injection])),
    "/events": Shape(_SNAPSHOT, "tick, as the data of an event `snapshot`"),
}
