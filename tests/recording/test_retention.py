"""Old recordings go, then the oldest of too many; never one that may be in use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from distdiag_core.recording.retention import prune

if TYPE_CHECKING:
    from pathlib import Path

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
    assert prune(tmp_path, max_age_s=_HOUR_S, max_bytes=0, now_s=_NOW_S, keep=ours) == ()
    assert all(path.exists() for path in (running, ours, foreign))


def test_no_directory_is_nothing_to_do(tmp_path: Path) -> None:
    assert prune(tmp_path / "none", max_age_s=1.0, max_bytes=0) == ()
