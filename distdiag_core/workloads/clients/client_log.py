"""What the clients of a node print: each line with its time, newest last, bounded in size."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from distdiag_core.workloads.workload_status import WorkloadFigures

    Parse = Callable[[str], WorkloadFigures | None]

# Some three hours of reports; a run may go on for weeks.
_LARGEST_BYTES = 1_000_000
# More than the longest burst of complaints between two reports, and than the longest reports.
_TAIL_BYTES = 16_384
# Begins what the supervisor says itself.
REMARK = "# "


class Stamped(NamedTuple):
    """A line and when it was printed, seconds since the epoch."""

    time_s: float
    text: str


class TimestampedLog:
    """Written by the supervisor of a run, or by its clients.

    Args:
        goes_on: keep what is there.
    """

    def __init__(self, path: Path, *, goes_on: bool = False) -> None:
        self._path = path
        if goes_on:
            path.touch()
        else:
            path.write_bytes(b"")

    def append(self, text: str) -> None:
        """Add a line; it is dropped where the disk is full, because the run is worth more than its log."""
        with suppress(OSError):
            if self._path.stat().st_size > _LARGEST_BYTES:
                self._path.replace(self._path.with_suffix(".log.old"))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{time.time():.3f} {text}\n")


def tail(path: Path) -> tuple[Stamped, ...]:
    """The last lines of the log at `path`, newest first; none where there is no log, and none that is half written."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(_stamped(text.rpartition("\n")[0]))


def _stamped(complete: str) -> Iterator[Stamped]:
    for line in reversed(complete.split("\n")):
        stamp, _, text = line.partition(" ")
        with suppress(ValueError):
            yield Stamped(float(stamp), text)


def figures(newest_first: Iterable[Stamped], parse: Parse, *, since_s: float) -> WorkloadFigures | None:
    """The newest report; None where the clients have not reported since `since_s`."""
    for line in newest_first:
        if line.time_s < since_s:
            return None
        if (measured := parse(line.text)) is not None:
            return measured
    return None


def remark(newest_first: Iterable[Stamped], parse: Parse) -> str:
    """What the supervisor said last, if the clients have not reported again after it."""
    for line in newest_first:
        if line.text.startswith(REMARK):
            return line.text.removeprefix(REMARK)
        if parse(line.text) is not None:
            break
    return ""
