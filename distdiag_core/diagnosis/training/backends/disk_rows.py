"""Rows on the disk, in parts of a bounded size that are read one at a time."""

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
    """Rows of one file; `places` are those that are meant, shape (n,)."""

    file: Path
    places: NDArray[np.intp]

    def read(self) -> Array:
        rows: Array = _read(self.file)
        return rows if len(self.places) == len(rows) else rows[self.places]


class Spilled:
    """Rows on the disk: those of several parts, one after the other."""

    def __init__(self, directory: Path, parts: tuple[_Part, ...]) -> None:
        self._directory, self._parts = directory, parts

    def __len__(self) -> int:
        return sum(len(part.places) for part in self._parts)

    def parts(self) -> Iterator[Array]:
        """All rows, those of one part at a time."""
        for part in self._parts:
            yield part.read()

    def of(self, chosen: Mask) -> Spilled:
        """Some of them; nothing is read."""
        kept = [_Part(part.file, part.places[chosen[where]]) for where, part in self._stretches()]
        return Spilled(self._directory, tuple(part for part in kept if len(part.places)))

    def at(self, places: NDArray[np.intp]) -> Array:
        """The rows at these places, in memory."""
        found: Array | None = None
        for where, part in self._stretches():
            wanted = (places >= where.start) & (places < where.stop)
            if found is None or wanted.any():
                rows = part.read()
                found = np.empty((len(places), rows.shape[1]), dtype=np.float32) if found is None else found
                found[wanted] = rows[places[wanted] - where.start]
        return np.empty((0, 0), dtype=np.float32) if found is None else found

    def with_more(self, more: Array) -> Spilled:
        """These, then others, which are written too."""
        return Spilled(self._directory, (*self._parts, _written(self._directory, more)) if len(more) else self._parts)

    def _stretches(self) -> Iterator[tuple[slice, _Part]]:
        start = 0
        for part in self._parts:
            yield slice(start, start + len(part.places)), part
            start += len(part.places)


class SpillingStore:
    """Takes rows in and writes them to a directory, a part whenever enough have come."""

    def __init__(self, directory: Path, part_bytes: int = _PART_BYTES) -> None:
        self._directory, self._part_bytes = directory, part_bytes
        self._waiting: list[Array] = []
        self._parts: list[_Part] = []

    def add(self, rows: Array) -> None:
        """Append rows.

        Raises:
            DataError: the disk refused.
        """
        self._waiting.append(rows)
        if sum(each.nbytes for each in self._waiting) >= self._part_bytes:
            self._write()

    def rows(self) -> Spilled:
        """All that were taken in."""
        if self._waiting:
            self._write()
        return Spilled(self._directory, tuple(self._parts))

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
        raise DataError(f"what was spilled cannot be read again: {error}", where=str(file)) from error
    return rows


def disk_error(error: Exception, directory: Path) -> DataError:
    """Training could not keep in `directory` what does not fit into memory."""
    said = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
    return DataError(
        f"windows cannot be kept on the disk: {said or error}",
        where=str(directory),
        hint="make room, or set XDG_CACHE_HOME to a larger disk",
    )


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A private directory in `parent` while the body lasts; what killed trainings left there is removed.

    Raises:
        DataError: the disk refused.
    """
    with ExitStack() as ends:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            # Whoever makes or sweeps directories holds the parent, so that none is swept before it is held itself.
            with _held(parent, wait=True):
                _sweep(parent)
                directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
                ends.callback(shutil.rmtree, directory, ignore_errors=True)
                ends.enter_context(_held(directory, wait=True))
        except OSError as error:
            raise disk_error(error, parent) from error
        try:
            yield directory
        except BaseException as error:
            _let_go(error)
            raise


def _let_go(error: BaseException | None) -> None:
    """Drop what the failed calls still hold: XGBoost warns of matrices that are freed after their files."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _sweep(parent: Path) -> None:
    for left in parent.glob(f"{_PREFIX}*"):
        try:
            with _held(left, wait=False):
                shutil.rmtree(left, ignore_errors=True)
        except (BlockingIOError, FileNotFoundError):
            # Its training goes on, or has just ended.
            continue


@contextmanager
def _held(directory: Path, *, wait: bool) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
