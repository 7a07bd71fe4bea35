"""Rows on the disk are what they would be in memory, and nothing of them stays."""

from __future__ import annotations

import errno
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.diagnosis.training.backends import disk_rows
from distdiag_core.diagnosis.training.backends.external_memory import ExternalMemoryBackend
from distdiag_core.diagnosis.training.backends.memory_rows import MemoryRowStore
from distdiag_core.errors import DataError

_COLUMNS = 3


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=8),
    part_rows=st.integers(1, 12),
    seed=st.integers(0, 1000),
)
def test_spilled_rows_are_those_that_memory_would_hold(sizes: list[int], part_rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    more = rng.normal(size=(2, _COLUMNS)).astype(np.float32)
    chosen = rng.random(sum(sizes)) < 0.5
    chosen[0] = True
    places = rng.integers(0, chosen.sum() + len(more), 20)
    with disk_rows.scratch(Path(tempfile.gettempdir())) as directory:
        spilling, holding = disk_rows.DiskRowStore(directory, part_rows * _COLUMNS * 4), MemoryRowStore()
        for size in sizes:
            rows = rng.normal(size=(size, _COLUMNS)).astype(np.float32)
            spilling.add(rows)
            holding.add(rows)
        spilled = spilling.rows().select(chosen).with_more(more)
        held = holding.rows().select(chosen).with_more(more)

        assert len(spilled) == len(held)
        np.testing.assert_array_equal(np.concatenate(list(spilled.parts())), next(held.parts()))
        np.testing.assert_array_equal(spilled.at(places), held.at(places))


def test_nothing_stays_when_the_body_fails(tmp_path: Path) -> None:
    def body() -> None:
        with disk_rows.scratch(tmp_path / "cache") as directory:
            (directory / "rows.npy").write_bytes(b"half")
            raise RuntimeError("called off")

    with pytest.raises(RuntimeError, match="called off"):
        body()

    assert list((tmp_path / "cache").iterdir()) == []


def test_what_a_killed_training_left_is_removed_and_what_another_one_uses_is_not(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _SPILL_AND_DIE, str(tmp_path)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()

    with disk_rows.scratch(tmp_path) as one, disk_rows.scratch(tmp_path) as other:
        assert not left.exists()
        assert one.is_dir()
        assert other.is_dir()


_SPILL_AND_DIE = """
import os, signal, sys
from pathlib import Path
from distdiag_core.diagnosis.training.backends import disk_rows

with disk_rows.scratch(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_full_disk_is_told_with_the_way_out(tmp_path: Path) -> None:
    rows = np.zeros((100, _COLUMNS), dtype=np.float32)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = disk_rows.DiskRowStore(tmp_path)
    store.add(rows)
    try:
        # The kernel refuses to let a file grow, as it does where there is no room.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
        with pytest.raises(DataError, match="XDG_CACHE_HOME") as told:
            store.rows()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert isinstance(told.value.__cause__, OSError)
    assert told.value.__cause__.errno == errno.EFBIG


def test_rows_that_are_gone_are_told(tmp_path: Path) -> None:
    with disk_rows.scratch(tmp_path) as directory:
        store = disk_rows.DiskRowStore(directory)
        store.add(np.zeros((4, _COLUMNS), dtype=np.float32))
        rows = store.rows()
        for file in directory.iterdir():
            file.unlink()
        with pytest.raises(DataError, match="cannot be read again"):
            rows.at(np.array([0]))


def test_bins_that_cannot_be_kept_are_told(tmp_path: Path) -> None:
    with disk_rows.scratch(tmp_path) as directory:
        store = disk_rows.DiskRowStore(directory)
        store.add(np.zeros((4, _COLUMNS), dtype=np.float32))
        rows = store.rows()
        backend = ExternalMemoryBackend(directory, lambda case: case)
        shutil.rmtree(directory)
        with pytest.raises(DataError, match="cannot be kept on the disk"):
            backend.booster_trainer(rows, None)
