"""What runs against which node, written down where every console finds it."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

import psutil

from distdiag_core import places
from distdiag_core.errors import DataError
from distdiag_core.workloads.workload import WorkloadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# A process's birth is computed from the time since boot, which moves when the clock of the machine is set.
_SAME_BIRTH_S = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """The clients of one node.

    Attributes:
        pid: the keeper's (keeper.py), which leads the process group that the clients are in.
        born_s: when that process began, so that a later process with the same pid is not taken for it.
        ends_s: None for until stopped.
        failure: why it ended early, in plain words; the run is kept on file then, for the operator to read.
    """

    node: str
    request: WorkloadRequest
    pid: int
    born_s: float
    started_s: float
    ends_s: float | None = None
    failure: str = ""

    def process(self) -> psutil.Process | None:
        """The keeper; None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born_s) < _SAME_BIRTH_S
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class RunDirectory:
    """The runs of one cluster: a JSON file and a log for each node."""

    def __init__(self, cluster: str) -> None:
        self._path = places.state_dir() / "workloads" / _file_name(cluster)

    def log(self, node: str) -> Path:
        """What the clients of `node` print, line by line with the time of each."""
        return self._path / f"{_file_name(node)}.log"

    def read(self, node: str) -> Run | None:
        """The run on file for `node`; None where there is none.

        Raises:
            DataError: the file is damaged.
        """
        path = self._file(node)
        try:
            return _decode(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"cannot be read as a run: {error}", where=str(path), hint="remove the file, and its run ends"
            ) from error

    def find(self, nodes: Sequence[str]) -> tuple[Run, ...]:
        """The runs on file for `nodes` that go on, or that ended early and say why."""
        runs = (self.read(node) for node in nodes)
        return tuple(run for run in runs if run is not None and (run.failure or run.process() is not None))

    def claim(self, node: str) -> IO[bytes] | None:
        """The right to run on `node`, for as long as what is returned is open; None when another process has it.

        A look at what is on file would not do: two consoles may start, or one stop and another start, at a time.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._file(node).with_suffix(".lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def write(self, run: Run) -> None:
        """Put `run` on file; a reader sees all of it or nothing. Only for who holds the claim."""
        path = self._file(run.node)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(run)), encoding="utf-8")
        unfinished.replace(path)

    def holds(self, run: Run) -> bool:
        """Whether `run` is still on file, so that a console can end it."""
        try:
            found = self.read(run.node)
        except DataError:
            return False
        return found is not None and (found.pid, found.started_s) == (run.pid, run.started_s)

    def remove(self, node: str) -> None:
        """Forget the run of `node`, but not its log. Only for who holds the claim."""
        self._file(node).unlink(missing_ok=True)

    def forget(self, node: str) -> None:
        """Forget the run of `node`, unless another has begun there."""
        if (claim := self.claim(node)) is not None:
            with claim:
                self.remove(node)

    def _file(self, node: str) -> Path:
        return self._path / f"{_file_name(node)}.json"


def born_s(pid: int | None = None) -> float:
    """When a process began, seconds since the epoch; without `pid`, this one."""
    return psutil.Process(pid or os.getpid()).create_time()


def request_from(data: dict[str, Any]) -> WorkloadRequest:
    """A request that was JSON for a while."""
    return WorkloadRequest(**{**data, "nodes": tuple(data["nodes"])})


def _decode(content: bytes) -> Run:
    data = json.loads(content)
    return Run(**{**data, "request": request_from(data["request"])})


def _file_name(name: str) -> str:
    """`name` as part of a path that leads nowhere else, whatever it consists of."""
    return quote(name, safe="").replace(".", "%2E")
