"""Cases built from slices of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core.anomalies.injection import Injection, InjectionState
from distdiag_core.cluster.inventory import ClusterSettings, NodeSettings
from distdiag_core.dataset.building.case_builder import CaseBuilder
from distdiag_core.dataset.building.case_timeline import CaseTimeline
from distdiag_core.dataset.building.exclusion import InvalidCaseError
from distdiag_core.dataset.building.spans import Span
from distdiag_core.dataset.case import Label
from distdiag_core.metrics.catalogue import Metric, MetricCatalogue
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_METRICS = MetricCatalogue((Metric("host.tick", "tick", "", "gauge", "cpu", "host", "tick"),))
_NODES = ("n1", "n2")
_INJECTION = Injection("i1", "cpu_stress", "n2", "high", InjectionState.ACTIVE, 20.0, 60.0, "me@here")
_SPAN = Span(_INJECTION, 20.0, 22.0, 39.0, 40.0)
_CASE = CaseTimeline("c", "g", "source", "none", 10.0, 50.0, 20.0, (_SPAN,), 5.0)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    cluster = ClusterSettings("small", tuple(NodeSettings(name, "127.0.0.1") for name in _NODES))
    with Recorder(cluster, _METRICS, tmp_path) as recorder:
        yield recorder


def _record(recorder: Recorder, ticks: Iterable[int], clock_offset_s: float = 0.0) -> None:
    for tick in ticks:
        values = np.full((2, 1), tick, dtype=np.float32)
        recorder.frame(Frame(float(tick), _NODES, _METRICS.names, values, clock_offset_s=clock_offset_s))


def test_a_case_has_the_frames_between_its_ends_while_the_recording_goes_on(recorder: Recorder) -> None:
    builder = CaseBuilder.on(recorder)
    _record(recorder, range(55))
    case = builder.build(_CASE)
    assert case.window.times_s.tolist() == list(range(10, 51))
    assert case.window.series("n1", "host.tick").tolist() == list(range(10, 51))
    assert case.labels == (Label("cpu_stress", "n2", 22.0, 39.0, "high"),)
    assert case.normal == ((10.0, 20.0), (45.0, 50.0))
    assert (case.name, case.group, case.source, case.workload, case.period_s) == ("c", "g", "source", "none", 1.0)
    assert case.excluded is None
    _record(recorder, range(55, 60))
    assert len(builder.build(_CASE.ended(58.0)).window) == 49


@pytest.mark.parametrize("moved_s", [-30.0, -86_400.0, 3600.0])
def test_a_wall_clock_that_is_set_in_the_middle_changes_no_case(recorder: Recorder, moved_s: float) -> None:
    _record(recorder, range(30))
    _record(recorder, range(30, 55), clock_offset_s=moved_s)
    case = CaseBuilder.on(recorder).build(_CASE)
    assert case.window.times_s.tolist() == list(range(10, 51))
    assert case.window.series("n1", "host.tick").tolist() == list(range(10, 51))
    assert case.labels == (Label("cpu_stress", "n2", 22.0, 39.0, "high"),)
    assert case.excluded is None


@pytest.mark.parametrize(
    ("ticks", "timeline", "reason"),
    [
        (range(0, 60, 2), _CASE, "only 21 of 41 ticks were sampled"),
        (range(60), _CASE.ended(50.0, "n1 was lost"), "n1 was lost"),
        (range(0, 60, 2), _CASE.ended(50.0, "n1 was lost"), "n1 was lost"),
        (range(60), CaseTimeline("c", "g", "", "", 10.0, 50.0, 20.0, (Span(_INJECTION, 20.0),)), "not seen active"),
    ],
)
def test_a_case_that_breaks_a_rule_is_excluded(
    recorder: Recorder, ticks: Iterable[int], timeline: CaseTimeline, reason: str
) -> None:
    _record(recorder, ticks)
    case = CaseBuilder.on(recorder).build(timeline)
    assert case.excluded is not None
    assert reason in case.excluded


def test_a_label_has_frames(recorder: Recorder) -> None:
    _record(recorder, range(30))
    case = CaseBuilder.on(recorder).build(_CASE)
    assert case.labels == (Label("cpu_stress", "n2", 22.0, 29.0, "high"),)
    assert case.excluded == "only 20 of 41 ticks were sampled"


def test_a_slice_without_frames_is_no_case(recorder: Recorder) -> None:
    _record(recorder, range(100, 110))
    with pytest.raises(InvalidCaseError, match="nothing of it was recorded"):
        CaseBuilder.on(recorder).build(_CASE)
