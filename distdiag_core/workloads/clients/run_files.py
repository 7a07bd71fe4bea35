"""What runs against which node, written down where every console finds it."""

from __future__ import annotations

import fcntl
import json
import os
import re
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

import psutil

from distdiag_core import places
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from pathlib import Path

# A process's birth is computed from the time since boot, which moves when the clock of the machine is set.
_SAME_BIRTH_S = 2.0
_ID = re.compile(r"[0-9a-z]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Run:
    """The clients of one benchmark on one node.

    Attributes:
        id: the same on all nodes of a request.
        pid: the supervisor's (supervisor.py), which leads the process group that the clients are in.
        born_s: when that process began, so that a later process with the same pid is not taken for it.
        ends_s: None for until stopped.
        failure: why it ended early, in plain words; the run is kept on file then, for the operator to read.
    """

    id: str
    node: str
    request: WorkloadRequest
    pid: int
    born_s: float
    started_s: float
    ends_s: float | None = None
    failure: str = ""

    def process(self) -> psutil.Process | None:
        """The supervisor; None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born_s) < _SAME_BIRTH_S
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class RunDirectory:
    """The runs of one cluster: a JSON file and a log for each node and benchmark.

    Args:
        part: keeps what is something else than runs apart from them.
    """

    def __init__(self, cluster: str, part: str = "") -> None:
        self.path = places.state_dir() / "workloads" / _file_name(cluster) / part

    def log(self, node: str, kind: str) -> Path:
        """What the clients print, line by line with the time of each."""
        return self._file(node, kind).with_suffix(".log")

    def read(self, node: str, kind: str) -> Run | None:
        """The run on file; None where there is none.

        Raises:
            DataError: the file is damaged.
        """
        return _read(self._file(node, kind))

    def find(self) -> tuple[Run | DataError, ...]:
        """The runs on file that go on, or that ended early and say why; in place of one that is damaged, what is."""
        found: list[Run | DataError] = []
        for path in sorted(self.path.glob("*.json")):
            try:
                run = _read(path)
            except DataError as error:
                found.append(error)
                continue
            if run is not None and (run.failure or run.process() is not None):
                found.append(run)
        return tuple(found)

    def claim(self, node: str, kind: str, *, shared: bool = False) -> IO[bytes] | None:
        """The right to run `kind` on `node`, for as long as what is returned is open; None when another process has it.

        A look at what is on file would not do: two consoles may start, or one stop and another start, at a time.

        Args:
            shared: with others that share it.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._file(node, kind).with_suffix(".lock").open("wb")
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def write(self, run: Run) -> None:
        """Put `run` on file; a reader sees all of it or nothing. Only for who holds the claim."""
        path = self._file(run.node, run.request.kind)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(run)), encoding="utf-8")
        unfinished.replace(path)

    def holds(self, run: Run) -> bool:
        """Whether `run` is still on file, so that a console can end it."""
        try:
            found = self.read(run.node, run.request.kind)
        except DataError:
            return False
        return found is not None and (found.pid, found.started_s) == (run.pid, run.started_s)

    def remove(self, node: str, kind: str) -> None:
        """Forget a run, but not its log. Only for who holds the claim."""
        self._file(node, kind).unlink(missing_ok=True)

    def forget(self, node: str, kind: str) -> None:
        """Forget a run, unless another has begun there."""
        if (claim := self.claim(node, kind)) is not None:
            with claim:
                self.remove(node, kind)

    def _file(self, node: str, kind: str) -> Path:
        return self.path / f"{_file_name(node)}+{_file_name(kind)}.json"


def born_s(pid: int | None = None) -> float:
    """When a process began, seconds since the epoch; without `pid`, this one."""
    return psutil.Process(pid or os.getpid()).create_time()


def request_from(data: dict[str, Any]) -> WorkloadRequest:
    """A request that was JSON for a while.

    Raises:
        ConfigError: its benchmark or an option of it is unknown.
    """
    chosen = benchmark_options.from_values(benchmark_registry.benchmark(data["kind"]).options, data["options"])
    return WorkloadRequest(**{**data, "nodes": tuple(data["nodes"]), "options": chosen})


def _read(path: Path) -> Run | None:
    try:
        return run_from(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, DistdiagError) as error:
        raise DataError(
            f"cannot be read as a run: {error}", where=str(path), hint="remove the file, and its run ends"
        ) from error


def run_from(data: dict[str, Any]) -> Run:
    """A run that was JSON for a while.

    Raises:
        ConfigError, ValueError, TypeError, KeyError: it is none.
    """
    run = Run(**{**data, "request": request_from(data["request"])})
    if not _ID.fullmatch(run.id):
        raise ValueError(f"{run.id!r} is no id of a run")
    return run


def _file_name(name: str) -> str:
    """`name` as part of a path that leads nowhere else, whatever it consists of."""
    return quote(name, safe="").replace(".", "%2E")
