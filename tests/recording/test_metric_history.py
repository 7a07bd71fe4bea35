"""A metric over hours, from several recordings of a cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_core import places
from distdiag_core.metrics.frame import Frame
from distdiag_core.recording import metric_history
from distdiag_core.recording.recording_file import RecordingFile
from distdiag_core.recording.schema import RecordingMeta, frame_row
from tests.incidents.conftest import CATALOGUE, CLUSTER

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.recording.metric_history import MetricHistory

START_S = 1_800_000_000.0
_NODES = tuple(node.name for node in CLUSTER.nodes)
_METRIC = CATALOGUE.names[0]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings of this test alone."""
    for kind in ("STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path))


def _run(name: str, start_s: float, ticks: int, spike: int | None = None, *, every_s: float = 1.0) -> Path:
    """A recording of some ticks, all of the value 10, one of them 99 on the first node."""
    path = places.recordings_dir() / f"{CLUSTER.name}-{name}.sqlite"
    meta = replace(RecordingMeta.of(CLUSTER, CATALOGUE, start_s), interval_s=every_s)
    rows = []
    for tick in range(ticks):
        values = np.full((len(_NODES), len(CATALOGUE.names)), 10.0, dtype=np.float32)
        values[0, 0] = 99.0 if tick == spike else 10.0
        rows.append(frame_row(Frame(start_s + tick * every_s, _NODES, CATALOGUE.names, values)))
    file = RecordingFile(path, meta)
    file.write(rows)
    file.close()
    return path


def _read(paths: tuple[Path, ...], tell: list[MetricHistory] | None = None, *, wanted: bool = True) -> MetricHistory:
    def told(history: MetricHistory) -> bool:
        (tell if tell is not None else []).append(history)
        return wanted

    return metric_history.read(paths, _METRIC, _NODES, (START_S, START_S + 3600), 60, told)


def test_an_hour_over_two_runs_has_its_spikes_and_the_gap_between_them() -> None:
    _run("20270115T080000.0Z", START_S, 600, spike=70)
    newest = _run("20270115T083000.0Z", START_S + 1800, 1800, spike=1000)
    _run("20270115T100000.0Z", START_S + 7200, 10)
    paths = metric_history.recordings_of(CLUSTER.name, newest)
    assert len(paths) == 2
    history = _read(paths)
    highest = history.extremes.highest
    assert (history.done, history.interval_s, history.unread) == (1.0, 1.0, ())
    assert np.flatnonzero(highest[0] == 99.0).tolist() == [1, 46]
    known = np.isfinite(highest[1])
    assert known[:10].all()
    assert not known[10:30].any()
    assert known[30:].all()


def test_a_damaged_recording_costs_its_part_alone() -> None:
    good = _run("20270115T080000.0Z", START_S, 60)
    bad = places.recordings_dir() / f"{CLUSTER.name}-20270115T070000.0Z.sqlite"
    bad.write_bytes(b"no recording")
    history = _read(metric_history.recordings_of(CLUSTER.name, good))
    assert np.isfinite(history.extremes.highest[0, 0])
    assert [str(bad) in text for text in history.unread] == [True]


def test_progress_is_told_and_what_is_not_wanted_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _run("20270115T080000.0Z", START_S, 3000)
    monkeypatch.setattr(metric_history, "_TOLD_EVERY_S", 0.0)
    monkeypatch.setattr("distdiag_core.recording.reader._PART_BYTES", 1)
    told: list[MetricHistory] = []
    history = _read((path,), told, wanted=False)
    assert (len(told), history.done) == (1, 1 / 3000)
    assert history.extremes.highest[0, 0] == 10.0
    assert np.isnan(history.extremes.highest[0, 1:]).all()


def test_a_recording_elsewhere_is_read_alone(tmp_path: Path) -> None:
    _run("20270115T080000.0Z", START_S, 3)
    assert metric_history.recordings_of(CLUSTER.name, tmp_path / "x.sqlite") == (tmp_path / "x.sqlite",)
