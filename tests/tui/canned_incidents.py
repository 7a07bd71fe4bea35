"""A run with two incidents, in a real recording: one is over, the other goes on and has grown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.detection.impact import ClusterImpact, Impact, MetricChange
from distdiag_core.diagnosis.detection.ranking import Alternative, Diagnosis, Evidence, RootCause
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder
from distdiag_core.recording.recording_status import RecordingStatus
from distdiag_core.runtime.live_incidents import LiveIncidents
from tests.tui.canned import CATALOGUE, NOW_S, troubled

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.runtime.snapshot import Snapshot

_BUSY = (Evidence("host.cpu.usage", 6.1, 31.0, 99.0, 28.0, 2.4), Evidence("workload.p95", 4.2, 12.0, 188.0, 11.0, 1.1))
_SLOW = (Evidence("sysstat.trans_commit_count", -3.8, 410.0, 96.0, 402.0, 0.6),)
_COST = ClusterImpact(
    Impact(MetricChange("workload.tps", 895.0, 1_240.0), MetricChange("workload.p95", 70.0, 12.0)),
    {"n2": Impact(MetricChange("workload.tps", 71.0, 412.0), None)},
)


def with_incidents(directory: Path) -> Snapshot:
    """The console's snapshot at the end of the run; its recording lies in `directory`."""
    snapshot = troubled()
    with Recorder(snapshot.cluster, CATALOGUE, directory) as recorder:
        incidents, latest = LiveIncidents(recorder), None
        for at, time_s in enumerate(snapshot.window.times_s.tolist()):
            values = snapshot.window.values[:, :, at]
            recorder.frame(Frame(time_s, snapshot.window.nodes, CATALOGUE.names, values))
            latest = _diagnosis(time_s)
            injections = snapshot.injections if time_s >= NOW_S - 45 else ()
            incidents.on_tick(time_s, latest, injections, {"7f3a": time_s > NOW_S - 30})
        current = incidents.current
    assert current is not None
    assert latest is not None
    recording = RecordingStatus(str(recorder.path), NOW_S - 751, 4_300_000)
    return replace(snapshot, diagnosis=latest, incident=current, recording=recording)


def _diagnosis(time_s: float) -> Diagnosis:
    """What is active at a moment of the run."""
    age_s = NOW_S - time_s
    causes: list[RootCause] = []
    if 180 <= age_s < 240:
        causes.append(_cause("n1", "network_delay", 0.81, NOW_S - 243, _SLOW))
    if age_s <= 38:
        causes.append(_cause("n2", "cpu_stress", min(0.98, 0.5 + (38 - age_s) / 20), NOW_S - 42, _BUSY))
    if age_s <= 20:
        causes.append(_cause("n3", "io_stress", 0.61, NOW_S - 22, _SLOW))
    return Diagnosis(time_s, bool(causes), tuple(causes), "", _COST if causes else None)


def _cause(node: str, anomaly: str, confidence: float, onset_s: float, evidence: tuple[Evidence, ...]) -> RootCause:
    other = Alternative("lock_contention", 0.44, distinguishing_metrics=("host.cpu.usage",))
    return RootCause(1, node, anomaly, confidence, 1.0, confidence, onset_s, evidence, None, other)
