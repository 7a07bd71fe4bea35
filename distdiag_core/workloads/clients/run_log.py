"""The run log of a cluster: past and current runs with their totals, as appended lines of JSON.

All processes of the user append to the same file, a line at a time; an incomplete line (full disk, power failure) is
skipped. While a run continues, its end line is kept up to date in a separate file, because a supervisor that is killed
cannot write it; that line is moved to the run log when the next run begins.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.errors import DataError, DistdiagError
from distdiag_core.settings import json_document
from distdiag_core.workloads.clients.run_files import RunDirectory, request_from
from distdiag_core.workloads.clients.run_totals import RunTotals  # noqa: TC001 - read from a file as well

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from distdiag_core.workloads.clients.run_files import Run
    from distdiag_core.workloads.workload_request import WorkloadRequest

TIME_IS_UP, STOPPED = "its time was up", "it was stopped"
_LOST = "its supervisor was killed"
# About a thousand runs.
_LARGEST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class NodeRun:
    """A run on one node.

    Attributes:
        ended_s: None while it continues, and where its end was never recorded.
        why: reason of the end; empty while it continues.
        totals: None until it has ended.
    """

    began_s: float
    ended_s: float | None = None
    why: str = ""
    totals: RunTotals | None = None


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run, on all of its nodes.

    Attributes:
        ended_s: None while it continues on some node.
        why: reason of the end; by node where it differs.
    """

    id: str
    request: WorkloadRequest
    began_s: float
    ended_s: float | None
    why: str
    nodes: Mapping[str, NodeRun] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the log; one of a later release may be of another kind."""

    __pydantic_config__: ClassVar[dict[str, Any]] = json_document.FINITE

    what: str
    id: str
    node: str
    time_s: json_document.TimeS
    why: str = ""
    request: dict[str, Any] | None = None
    totals: RunTotals | None = None


@dataclass(frozen=True, slots=True)
class RunLogContent:
    """Content of the run log of one load host.

    Attributes:
        lines: the recorded lines, oldest first.
        going: (id, node) of the runs that continue.
    """

    lines: tuple[dict[str, Any], ...]
    going: tuple[tuple[str, str], ...]

    def runs(self) -> tuple[PastRun, ...]:
        """The runs, newest first."""
        nodes: dict[str, dict[str, NodeRun]] = {}
        requests: dict[str, WorkloadRequest] = {}
        for line in self.lines:
            # Lines of a later version and damaged lines are skipped.
            with suppress(DistdiagError):
                _take(line, nodes, requests, self.going)
        runs = [_run(run, requests[run], of_nodes) for run, of_nodes in nodes.items()]
        return tuple(sorted(runs, key=lambda run: run.began_s, reverse=True))


class RunLog:
    """The run log of one cluster on this machine; the methods that write are for the holder of the claim of the run."""

    def __init__(self, cluster: str) -> None:
        self._runs = RunDirectory(cluster)

    @property
    def path(self) -> Path:
        """Path of the file."""
        return self._runs.path / "history.jsonl"

    def begun(self, run: Run) -> None:
        """Record the begin of a run on a node."""
        so_far = self._so_far(run)
        for line in _lines(so_far):
            self._append(line)
        self._forget(so_far)
        request = asdict(run.request)
        self._append({"what": "begun", "id": run.id, "node": run.node, "time_s": run.started_s, "request": request})

    def save(self, run: Run, totals: RunTotals) -> None:
        """Save the totals of a run that continues."""
        so_far = self._so_far(run)
        unfinished = so_far.with_suffix(".so_far_new")
        with suppress(OSError):
            unfinished.write_text(json.dumps(_end(run, _LOST, totals), allow_nan=False), encoding="utf-8")
            unfinished.replace(so_far)

    def ended(self, run: Run, why: str, totals: RunTotals) -> None:
        """Record the end of a run on a node."""
        self._append(_end(run, why, totals))
        self._forget(self._so_far(run))

    def read(self) -> RunLogContent:
        """Read the whole log."""
        going = [(run.id, run.node) for run in self._runs.find() if not isinstance(run, DistdiagError)]
        lines = [line for path in (self._old, self.path) for line in _lines(path)]
        so_far = [line for path in sorted(self._runs.path.glob("*.so_far")) for line in _lines(path)]
        lost = [line for line in so_far if (line.get("id"), line.get("node")) not in going]
        return RunLogContent((*lines, *lost), tuple(going))

    @property
    def _old(self) -> Path:
        return self.path.with_suffix(".jsonl.old")

    def _so_far(self, run: Run) -> Path:
        return self._runs.log(run.node, run.request.kind).with_suffix(".so_far")

    def _forget(self, so_far: Path) -> None:
        with suppress(OSError):
            so_far.unlink(missing_ok=True)

    def _append(self, values: Mapping[str, object]) -> None:
        """Append a line; where the disk is full it is dropped, since the run matters more than its record."""
        with suppress(OSError):
            self._runs.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size > _LARGEST_BYTES:
                self.path.replace(self._old)
            # The leading newline separates the line from an incomplete one before it.
            line = f"\n{json.dumps(values, allow_nan=False)}\n".encode()
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)


def _end(run: Run, why: str, totals: RunTotals) -> dict[str, object]:
    """The line for a run on a node that ends now."""
    end = {"what": "ended", "id": run.id, "node": run.node, "time_s": time.time(), "why": why}
    return {**end, "totals": asdict(totals)}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        content = path.read_bytes()
    except OSError:
        return
    for line in filter(None, content.split(b"\n")):
        with suppress(DataError):
            yield json_document.parse(line, dict[str, Any], where=str(path))


def _take(
    line: object,
    nodes: dict[str, dict[str, NodeRun]],
    requests: dict[str, WorkloadRequest],
    going: Collection[tuple[str, str]],
) -> None:
    entry = json_document.checked(line, _Line, where="the run log")
    name, node = entry.id, entry.node
    if entry.what == "begun" and entry.request is not None:
        request = request_from(entry.request)
        requests.setdefault(name, request)
        nodes.setdefault(name, {})[node] = NodeRun(entry.time_s, why="" if (name, node) in going else _LOST)
    # A supervisor that was killed after recording the end has left an older end line behind.
    elif entry.what == "ended" and entry.totals is not None:
        begun = nodes.get(name, {}).get(node)
        if begun is not None and begun.ended_s is None:
            nodes[name][node] = NodeRun(begun.began_s, entry.time_s, entry.why, entry.totals)


def _run(name: str, request: WorkloadRequest, nodes: Mapping[str, NodeRun]) -> PastRun:
    began_s = min(each.began_s for each in nodes.values())
    ends = [each.ended_s for each in nodes.values()]
    ended_s = max((end for end in ends if end is not None), default=None)
    if any(not each.why for each in nodes.values()):
        ended_s = None
    whys = {each.why for each in nodes.values()}
    why = whys.pop() if len(whys) == 1 else "; ".join(f"{node}: {each.why}" for node, each in nodes.items() if each.why)
    return PastRun(name, request, began_s, ended_s, why, nodes)
