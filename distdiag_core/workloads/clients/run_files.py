"""Run files: one JSON file for each benchmark that runs on a node, found by every console of the user."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import IO, TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote

import psutil
from annotated_types import Ge, Le
from pydantic import Strict, StringConstraints

from distdiag_core import places
from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.settings import json_document
from distdiag_core.settings.allowed_values import Words
from distdiag_core.workloads import benchmark_options, benchmark_registry
from distdiag_core.workloads.workload_request import WorkloadRequest

if TYPE_CHECKING:
    from pathlib import Path

# The creation time of a process is computed from the time since boot, and shifts when the clock is set.
_CREATION_TOLERANCE_S = 2.0
_CONFIG = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one benchmark on one node.

    Attributes:
        id: the same on all nodes of a request.
        pid: of the supervisor, which leads the process group of the clients.
        born_s: creation time of that process, which tells it from a later process with the same pid.
        ends_s: None for until stopped.
        failure: why it ended early, in plain words; the file of a failed run is kept for the operator.
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
        """The process of the supervisor; None once it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.born_s) < _CREATION_TOLERANCE_S
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """A request in a file or an answer."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    kind: str
    nodes: tuple[str, ...]
    options: dict[str, Any]
    script: str = "oltp_read_write"
    threads: json_document.Count = 4
    rate: json_document.Count = 0
    duration_s: Annotated[float, Strict(), Ge(0), Le(1e10)] | None = None
    profile: str = ""
    generators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run in a file or an answer."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CONFIG

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{1,16}$"), Words("the id of a run")]
    node: str
    request: RequestEntry
    # Of Linux, the highest that its kernel can be told to give.
    pid: Annotated[int, Strict(), Ge(1), Le(2**22)]
    born_s: json_document.TimeS
    started_s: json_document.TimeS
    ends_s: json_document.TimeS | None = None
    failure: str = ""


class RunDirectory:
    """Directory of the run files of one cluster: a JSON file, a log and a lock for each node and benchmark.

    Args:
        part: subdirectory, for files of another kind.
    """

    def __init__(self, cluster: str, part: str = "") -> None:
        self.path = places.state_dir() / "workloads" / _file_name(cluster) / part

    def renew_leases(self) -> None:
        """Note that a console has asked for the runs just now."""
        with suppress(OSError):
            self._asked.touch()

    def unasked_s(self, since_s: float) -> float:
        """How long no console has asked for the runs; since `since_s` where none ever has."""
        with suppress(OSError):
            since_s = max(since_s, self._asked.stat().st_mtime)
        return time.time() - since_s

    @property
    def _asked(self) -> Path:
        return self.path / "asked"

    def log(self, node: str, kind: str) -> Path:
        """The log of the output of the clients."""
        return self._file(node, kind).with_suffix(".log")

    def read(self, node: str, kind: str) -> Run | None:
        """Read a run file; None where there is none.

        Raises:
            DataError: the file is damaged.
        """
        return _read(self._file(node, kind))

    def find(self) -> tuple[Run | DataError, ...]:
        """The runs that continue or have failed; the error in place of a run whose file is damaged."""
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
        """Lock `kind` on `node` for as long as the returned file is open; None where another process holds the lock.

        Reading the run file is not enough: two consoles may start, or one stop and another start, concurrently.

        Args:
            shared: take a shared lock.
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
        """Write the file of `run` atomically. The caller holds the claim."""
        path = self._file(run.node, run.request.kind)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(run)), encoding="utf-8")
        unfinished.replace(path)

    def holds(self, run: Run) -> bool:
        """Whether the file of `run` still exists; a console ends a run by removing it."""
        try:
            found = self.read(run.node, run.request.kind)
        except DataError:
            return False
        return found is not None and (found.pid, found.started_s) == (run.pid, run.started_s)

    def remove(self, node: str, kind: str) -> None:
        """Remove a run file, but not its log. The caller holds the claim."""
        self._file(node, kind).unlink(missing_ok=True)

    def forget(self, node: str, kind: str) -> None:
        """Remove a run file, unless a process holds the claim."""
        if (claim := self.claim(node, kind)) is not None:
            with claim:
                self.remove(node, kind)

    def _file(self, node: str, kind: str) -> Path:
        return self.path / f"{_file_name(node)}+{_file_name(kind)}.json"


def born_s(pid: int | None = None) -> float:
    """Creation time of a process in seconds since the epoch; of this process without `pid`."""
    return psutil.Process(pid or os.getpid()).create_time()


def request_from(data: object) -> WorkloadRequest:
    """Parse a request from JSON data.

    Raises:
        DataError: the data are no request.
        ConfigError: the benchmark or one of its options is unknown.
    """
    return _request(json_document.checked(data, RequestEntry, where="a request"))


def run_from(data: object, where: str) -> Run:
    """Parse a run from JSON data that came from `where`.

    Raises:
        DataError: the data are no run.
        ConfigError: the benchmark or one of its options is unknown.
    """
    entry = json_document.checked(data, RunEntry, where=where)
    values = {each.name: getattr(entry, each.name) for each in fields(entry)}
    return Run(**values | {"request": _request(entry.request)})


def _request(entry: RequestEntry) -> WorkloadRequest:
    values = {each.name: getattr(entry, each.name) for each in fields(entry)}
    options = benchmark_options.from_values(benchmark_registry.benchmark(entry.kind).options, entry.options)
    return WorkloadRequest(**values | {"options": options})


def _read(path: Path) -> Run | None:
    try:
        return run_from(json_document.plain(path.read_bytes(), where=str(path)), str(path))
    except FileNotFoundError:
        return None
    except (OSError, DistdiagError) as error:
        what = error.what if isinstance(error, DistdiagError) else str(error)
        raise DataError(
            f"cannot be read as a run: {what}", where=str(path), hint="remove the file, and its run ends"
        ) from error


def _file_name(name: str) -> str:
    """`name` quoted so that it is a single component of a path, whatever its characters."""
    return quote(name, safe="").replace(".", "%2E")
