"""A log file of bounded size whose lines begin with the time at which they were written."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# About three hours of reports; a run may last for weeks.
_LARGEST_BYTES = 1_000_000
# More than the longest burst of errors between two reports, and than the longest report.
_TAIL_BYTES = 16_384


class TimestampedLine(NamedTuple):
    """A line and when it was written, in seconds since the epoch."""

    time_s: float
    text: str


class TimestampedLog:
    """Writer of a log; once the file is too large it is renamed, and replaces the one renamed before.

    Args:
        append: keep the present content of the file.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        if append:
            path.touch()
        else:
            path.write_bytes(b"")

    def append(self, text: str) -> None:
        """Add a line; where the disk is full it is dropped, since the run matters more than its log."""
        with suppress(OSError):
            if self.path.stat().st_size > _LARGEST_BYTES:
                self.path.replace(self.path.with_suffix(".log.old"))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{time.time():.3f} {text}\n")


def tail(path: Path) -> tuple[TimestampedLine, ...]:
    """The last complete lines of the log at `path`, newest first; empty where there is no log."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(_parsed(text.rpartition("\n")[0]))


def _parsed(complete: str) -> Iterator[TimestampedLine]:
    for line in reversed(complete.split("\n")):
        stamp, _, text = line.partition(" ")
        with suppress(ValueError):
            yield TimestampedLine(float(stamp), text)
