"""The lock by which one `distdiag record` at a time records a cluster, and by which others find what it records."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from distdiag_core import places
from distdiag_core.errors import DataError, RefusedError
from distdiag_core.settings import json_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Who asks whether there is a recorder holds the lock for less than this.
_ATTEMPTS = 10
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class RunningRecorder:
    """A recorder that is running.

    Attributes:
        recording: the path of the file that it writes.
        started_s: seconds since the epoch, by the wall clock.
    """

    pid: int
    recording: str
    started_s: float

    def __str__(self) -> str:
        """For instance `distdiag record (process 123), since 30 November 09:30`."""
        since = time.strftime("%d %B %H:%M", time.localtime(self.started_s))
        return f"`distdiag record` (process {self.pid}), since {since}"


@contextmanager
def locked(cluster: str, recording: Path) -> Iterator[None]:
    """Be the only recorder of `cluster`, and say what is written; the kernel frees the lock of one that is killed.

    Raises:
        RefusedError: there is one already.
    """
    place = _place(cluster)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(descriptor):
            other = _read(place)
            raise RefusedError(
                f"the cluster {cluster} is recorded already, by {other or 'another `distdiag record`'}",
                where=other.recording if other else str(place),
                hint=f"`kill {other.pid}` ends it cleanly" if other else "end that one first",
            )
        running = RunningRecorder(os.getpid(), str(recording), time.time())
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps(asdict(running)).encode())
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def running(cluster: str) -> RunningRecorder | None:
    """The recorder of a cluster on this machine; None where none is running."""
    place = _place(cluster)
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(place)
    finally:
        os.close(descriptor)
    return None


def _take(descriptor: int) -> bool:
    for attempt in range(_ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < _ATTEMPTS - 1:
                time.sleep(_PAUSE_S)
        else:
            return True
    return False


def _read(place: Path) -> RunningRecorder | None:
    """What its holder wrote into the lock; None where it has not yet."""
    try:
        return json_document.parse(place.read_bytes(), RunningRecorder, where=str(place))
    except (DataError, OSError):
        return None


def _place(cluster: str) -> Path:
    return places.state_dir() / "recorders" / f"{cluster}.json"
