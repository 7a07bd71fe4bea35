"""The retention of recordings: by age, and by the size of all together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SUFFIX = ".sqlite"
# With the 221 metrics of the lab a month of three nodes takes about 7 GB, and a hundred nodes take as much in a day.
# Data worth keeping longer is exported as cases.
LONGEST_KEPT_S = 30 * 86_400.0
MOST_KEPT_BYTES = 10 * 2**30
# A recorder writes every tick; a file that was written within this time may belong to a console that is running.
_IN_USE_S = 600.0
_PARTS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    written_s: float
    size_bytes: int


def prune(
    directory: Path,
    *,
    max_age_s: float = LONGEST_KEPT_S,
    max_bytes: int = MOST_KEPT_BYTES,
    now_s: float | None = None,
    keep: Collection[Path] = (),
) -> tuple[Path, ...]:
    """Remove recordings not written for `max_age_s`, then the oldest until all together take at most `max_bytes`.

    Those in `keep` and those written a moment ago stay. Returns the removed ones, the oldest first.

    Raises:
        DataError: one cannot be removed.
    """
    now_s = time.time() if now_s is None else now_s
    found = sorted((_stat(path) for path in directory.glob(f"*{SUFFIX}")), key=lambda each: each.written_s)
    total_bytes = sum(each.size_bytes for each in found)
    removed: list[Path] = []
    for each in found:
        in_use = each.path in keep or now_s - each.written_s < _IN_USE_S
        if not in_use and (now_s - each.written_s > max_age_s or total_bytes > max_bytes):
            _remove(each.path)
            total_bytes -= each.size_bytes
            removed.append(each.path)
    return tuple(removed)


def _files(path: Path) -> list[Path]:
    return [file for part in _PARTS if (file := path.with_name(path.name + part)).exists()]


def _stat(path: Path) -> _File:
    stats = [file.stat() for file in _files(path)]
    return _File(path, max((stat.st_mtime for stat in stats), default=0.0), sum(stat.st_size for stat in stats))


def _remove(path: Path) -> None:
    try:
        # The log first: a log without its recording would be taken for a part of the next file of that name.
        for file in reversed(_files(path)):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"cannot be removed: {error.strerror}", where=str(path)) from error
