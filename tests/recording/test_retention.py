"""Old recordings go, then the oldest of too many; never one that may be in use."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.recording.reader import Recording
from distdiag_core.recording.recorder import Recorder
from distdiag_core.recording.retention import LONGEST_KEPT_S, prune

if TYPE_CHECKING:
    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.metrics.catalogue import MetricCatalogue

_NOW_S = 1_800_000_000.0
_HOUR_S = 3600.0


def _make(directory: Path, name: str, age_s: float, size_bytes: int = 100) -> Path:
    path = directory / name
    path.write_bytes(bytes(size_bytes))
    os.utime(path, (_NOW_S - age_s, _NOW_S - age_s))
    return path


def test_what_is_too_old_goes_with_its_log(tmp_path: Path) -> None:
    old = _make(tmp_path, "a.sqlite", 50 * _HOUR_S)
    log = _make(tmp_path, "a.sqlite-wal", 49 * _HOUR_S)
    young = _make(tmp_path, "b.sqlite", 47 * _HOUR_S)
    assert prune(tmp_path, max_age_s=48 * _HOUR_S, max_bytes=10_000, now_s=_NOW_S) == (old,)
    assert [path.exists() for path in (old, log, young)] == [False, False, True]


def test_the_oldest_of_too_many_go(tmp_path: Path) -> None:
    paths = [_make(tmp_path, f"{hours}.sqlite", hours * _HOUR_S) for hours in (4, 3, 2, 1)]
    assert prune(tmp_path, max_age_s=48 * _HOUR_S, max_bytes=250, now_s=_NOW_S) == tuple(paths[:2])
    assert [path.exists() for path in paths] == [False, False, True, True]


def test_a_log_counts_and_keeps_its_recording_young(tmp_path: Path) -> None:
    killed = _make(tmp_path, "a.sqlite", 50 * _HOUR_S)
    _make(tmp_path, "a.sqlite-wal", _HOUR_S, size_bytes=500)
    assert prune(tmp_path, max_age_s=48 * _HOUR_S, max_bytes=600, now_s=_NOW_S) == ()
    assert prune(tmp_path, max_age_s=48 * _HOUR_S, max_bytes=599, now_s=_NOW_S) == (killed,)


def test_what_may_be_in_use_stays(tmp_path: Path) -> None:
    running = _make(tmp_path, "running.sqlite", 5.0)
    ours = _make(tmp_path, "ours.sqlite", 50 * _HOUR_S)
    foreign = _make(tmp_path, "notes.txt", 50 * _HOUR_S)
    assert prune(tmp_path, max_age_s=_HOUR_S, max_bytes=0, now_s=_NOW_S, keep={ours}) == ()
    assert all(path.exists() for path in (running, ours, foreign))


def test_no_directory_is_nothing_to_do(tmp_path: Path) -> None:
    assert prune(tmp_path / "none", max_age_s=1.0, max_bytes=0) == ()


def test_a_new_recording_removes_the_old_and_is_for_its_owner_alone(
    own_places: Path, cluster: ClusterSettings, catalogue: MetricCatalogue
) -> None:
    for _ in range(2):
        with Recorder(cluster, catalogue) as recorder:
            pass
    ended = Path(recorder.status().path)
    old_s = time.time() - LONGEST_KEPT_S - _HOUR_S
    os.utime(ended, (old_s, old_s))
    with Recorder(cluster, catalogue) as recorder:
        pass
    assert not ended.exists()
    assert len(list(places.recordings_dir().glob("shop-*.sqlite"))) == 2
    assert stat.S_IMODE(places.recordings_dir().stat().st_mode) == 0o700


def test_an_old_recording_that_a_case_is_yet_to_be_built_from_stays(
    own_places: Path, cluster: ClusterSettings, catalogue: MetricCatalogue
) -> None:
    for _ in range(2):
        with Recorder(cluster, catalogue) as recorder:
            pass
        old_s = time.time() - LONGEST_KEPT_S - _HOUR_S
        os.utime(recorder.path, (old_s, old_s))
    with Recorder(cluster, catalogue, needed=[recorder.path]) as newest:
        pass
    assert set(places.recordings_dir().glob("shop-*.sqlite")) == {recorder.path, newest.path}


def test_what_cannot_be_removed_is_said_in_the_new_recording(
    own_places: Path, cluster: ClusterSettings, catalogue: MetricCatalogue
) -> None:
    in_the_way = places.recordings_dir() / "a.sqlite"
    in_the_way.mkdir(parents=True)
    os.utime(in_the_way, (0, 0))
    with Recorder(cluster, catalogue) as recorder:
        pass
    with Recording(Path(recorder.status().path)) as recording:
        (event,) = recording.events()
    assert f"old recordings cannot be removed: {in_the_way}: cannot be removed: Is a directory" in event.text
