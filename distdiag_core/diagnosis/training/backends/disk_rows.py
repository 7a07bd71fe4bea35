"""Rows of a training on the disk, in files of a bounded size that are read one at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import traceback
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Array, Mask

# XGBoost reads several parts ahead, for each of two halves.
_PART_BYTES = 4 << 20
_PREFIX = "training-"


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Selected rows of one file; `places` are their indices in it, shape (n,)."""

    file: Path
    places: NDArray[np.intp]

    def read(self) -> Array:
        rows: Array = _read(self.file)
        return rows if len(self.places) == len(rows) else rows[self.places]


class DiskRows:
    """Rows on the disk: the selected rows of several files, in order."""

    def __init__(self, directory: Path, parts: tuple[_Part, ...]) -> None:
        self._directory, self._parts = directory, parts

    def __len__(self) -> int:
        return sum(len(part.places) for part in self._parts)

    def parts(self) -> Iterator[Array]:
        """All rows, one file at a time."""
        for part in self._parts:
            yield part.read()

    def select(self, chosen: Mask) -> DiskRows:
        """The rows where `chosen`, shape (S,), is true; nothing is read."""
        kept = [_Part(part.file, part.places[chosen[where]]) for where, part in self._stretches()]
        return DiskRows(self._directory, tuple(part for part in kept if len(part.places)))

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these indices, in memory."""
        found: Array | None = None
        for where, part in self._stretches():
            wanted = (places >= where.start) & (places < where.stop)
            if found is None or wanted.any():
                rows = part.read()
                found = np.empty((len(places), rows.shape[1]), dtype=np.float32) if found is None else found
                found[wanted] = rows[places[wanted] - where.start]
        return np.empty((0, 0), dtype=np.float32) if found is None else found

    def with_more(self, more: Array) -> DiskRows:
        """These rows followed by others, which are written too."""
        return DiskRows(self._directory, (*self._parts, _written(self._directory, more)) if len(more) else self._parts)

    def _stretches(self) -> Iterator[tuple[slice, _Part]]:
        start = 0
        for part in self._parts:
            yield slice(start, start + len(part.places)), part
            start += len(part.places)


class DiskRowStore:
    """Collector of rows that writes them to a directory, a file whenever enough have arrived."""

    def __init__(self, directory: Path, part_bytes: int = _PART_BYTES) -> None:
        self._directory, self._part_bytes = directory, part_bytes
        self._waiting: list[Array] = []
        self._parts: list[_Part] = []

    def add(self, rows: Array) -> None:
        """Append rows.

        Raises:
            DataError: the rows cannot be written.
        """
        self._waiting.append(rows)
        if sum(each.nbytes for each in self._waiting) >= self._part_bytes:
            self._write()

    def rows(self) -> DiskRows:
        """All rows that were added."""
        if self._waiting:
            self._write()
        return DiskRows(self._directory, tuple(self._parts))

    def _write(self) -> None:
        self._parts.append(_written(self._directory, np.concatenate(self._waiting)))
        self._waiting = []


def _written(directory: Path, rows: Array) -> _Part:
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    try:
        descriptor, name = tempfile.mkstemp(suffix=".npy", dir=directory)
        # numpy.save does not notice when the disk is full at the end of a file.
        with os.fdopen(descriptor, "wb") as file:
            np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(rows))
            file.write(rows.data)
    except OSError as error:
        raise disk_error(error, directory) from error
    return _Part(Path(name), np.arange(len(rows)))


def _read(file: Path) -> Array:
    try:
        rows: Array = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"spilled rows cannot be read again: {error}", where=str(file)) from error
    return rows


def disk_error(error: Exception, directory: Path) -> DataError:
    """The error of a training that could not keep its windows in `directory`."""
    said = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
    return DataError(
        f"windows cannot be kept on the disk: {said or error}",
        where=str(directory),
        hint="make room, or set XDG_CACHE_HOME to a larger disk",
    )


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Private directory in `parent` while the context lasts; removes those that killed trainings left there.

    Raises:
        DataError: the directory cannot be made.
    """
    with ExitStack() as ends:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            # Directories are made and swept under a lock of the parent: none is swept before it is locked itself.
            with _locked(parent, wait=True):
                _sweep(parent)
                directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
                ends.callback(shutil.rmtree, directory, ignore_errors=True)
                ends.enter_context(_locked(directory, wait=True))
        except OSError as error:
            raise disk_error(error, parent) from error
        try:
            yield directory
        except BaseException as error:
            _release_frames(error)
            raise


def _release_frames(error: BaseException | None) -> None:
    """Drop what the failed calls still reference: XGBoost warns of matrices that are freed after their files."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _sweep(parent: Path) -> None:
    for left in parent.glob(f"{_PREFIX}*"):
        try:
            with _locked(left, wait=False):
                shutil.rmtree(left, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            # Its training is running, or has just ended.
            continue


@contextmanager
def _locked(directory: Path, *, wait: bool) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
