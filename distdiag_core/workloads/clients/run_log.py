"""The runs that there were on a cluster, and what they came to: lines of JSON, appended.

Every process of the user writes to the same file, each line at once; a line that is half written (the disk was full,
the machine went down) is passed over. While a run goes on, the line of its end is kept up to date in a file of its own,
since a supervisor that is killed cannot write it any more; it becomes part of the history when the next run begins.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from distdiag_core.errors import DistdiagError
from distdiag_core.workloads.clients.run_files import RunDirectory, request_from
from distdiag_core.workloads.clients.run_totals import RunTotals, TypeTotals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from distdiag_core.workloads.clients.run_files import Run
    from distdiag_core.workloads.workload_request import WorkloadRequest

TIME_IS_UP, STOPPED = "its time was up", "it was stopped"
_LOST = "its supervisor was killed"
# Some thousand runs.
_LARGEST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class NodeRun:
    """What a run was on one node.

    Attributes:
        ended_s: None while it goes on, and where its end was never written down.
        why: it ended; empty while it goes on.
        totals: None as long as it has not ended.
    """

    began_s: float
    ended_s: float | None = None
    why: str = ""
    totals: RunTotals | None = None


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run, on all of its nodes.

    Attributes:
        ended_s: None while it goes on on some node.
        why: it ended, on which nodes if not on all in the same way.
    """

    id: str
    request: WorkloadRequest
    began_s: float
    ended_s: float | None
    why: str
    nodes: Mapping[str, NodeRun] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunLogContent:
    """A history as it was written.

    Attributes:
        lines: what was written down, the oldest first.
        going: the runs that go on, each with a node.
    """

    lines: tuple[dict[str, Any], ...]
    going: tuple[tuple[str, str], ...]

    def runs(self) -> tuple[PastRun, ...]:
        """What it tells of, the newest first."""
        nodes: dict[str, dict[str, NodeRun]] = {}
        requests: dict[str, WorkloadRequest] = {}
        for line in self.lines:
            # A line of a later version, or a damaged one, is none of ours.
            with suppress(KeyError, TypeError, ValueError, DistdiagError):
                _take(line, nodes, requests, self.going)
        runs = [_run(run, requests[run], of_nodes) for run, of_nodes in nodes.items()]
        return tuple(sorted(runs, key=lambda run: run.began_s, reverse=True))


class RunLog:
    """The file of one cluster."""

    def __init__(self, cluster: str) -> None:
        self._runs = RunDirectory(cluster)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._runs.path / "history.jsonl"

    def begun(self, run: Run) -> None:
        """A run has begun on a node. Only for who holds the claim."""
        so_far = self._so_far(run)
        for line in _lines(so_far):
            self._append(line)
        self._forget(so_far)
        request = asdict(run.request)
        self._append({"what": "begun", "id": run.id, "node": run.node, "time_s": run.started_s, "request": request})

    def goes_on(self, run: Run, totals: RunTotals) -> None:
        """What a run on a node has come to by now. Only for who holds the claim."""
        so_far = self._so_far(run)
        unfinished = so_far.with_suffix(".so_far_new")
        with suppress(OSError):
            unfinished.write_text(json.dumps(_end(run, _LOST, totals), allow_nan=False), encoding="utf-8")
            unfinished.replace(so_far)

    def ended(self, run: Run, why: str, totals: RunTotals) -> None:
        """A run has ended on a node. Only for who holds the claim."""
        self._append(_end(run, why, totals))
        self._forget(self._so_far(run))

    def read(self) -> RunLogContent:
        """All that is known."""
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
        """A run is worth more than its history: where the disk is full, the line is lost."""
        with suppress(OSError):
            self._runs.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size > _LARGEST_BYTES:
                self.path.replace(self._old)
            # The newline comes first: what follows a half-written line is whole.
            line = f"\n{json.dumps(values, allow_nan=False)}\n".encode()
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)


def _end(run: Run, why: str, totals: RunTotals) -> dict[str, object]:
    """The line that tells of the end of a run on a node, if that is now."""
    end = {"what": "ended", "id": run.id, "node": run.node, "time_s": time.time(), "why": why}
    return {**end, "totals": asdict(totals)}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        content = path.read_bytes()
    except OSError:
        return
    for line in filter(None, content.splitlines()):
        with suppress(ValueError, RecursionError):
            data = json.loads(line)
            if isinstance(data, dict):
                yield data


def _take(
    line: Mapping[str, Any],
    nodes: dict[str, dict[str, NodeRun]],
    requests: dict[str, WorkloadRequest],
    going: Collection[tuple[str, str]],
) -> None:
    name = str(line["id"])
    match line["what"]:
        case "begun":
            request = request_from(line["request"])
            why = "" if (name, line["node"]) in going else _LOST
            requests.setdefault(name, request)
            nodes.setdefault(name, {})[str(line["node"])] = NodeRun(float(line["time_s"]), why=why)
        # Killed after it had written the end, the supervisor has left an older line behind.
        case "ended" if nodes[name][line["node"]].ended_s is None:
            began_s = nodes[name][line["node"]].began_s
            totals = _totals(line["totals"])
            nodes[name][line["node"]] = NodeRun(began_s, float(line["time_s"]), str(line["why"]), totals)


def _run(name: str, request: WorkloadRequest, nodes: Mapping[str, NodeRun]) -> PastRun:
    began_s = min(each.began_s for each in nodes.values())
    ends = [each.ended_s for each in nodes.values()]
    ended_s = max((end for end in ends if end is not None), default=None)
    if any(not each.why for each in nodes.values()):
        ended_s = None
    whys = {each.why for each in nodes.values()}
    why = whys.pop() if len(whys) == 1 else "; ".join(f"{node}: {each.why}" for node, each in nodes.items() if each.why)
    return PastRun(name, request, began_s, ended_s, why, nodes)


def _totals(data: Mapping[str, Any]) -> RunTotals:
    types = {str(name): TypeTotals(**each) for name, each in data["types"].items()}
    return RunTotals(**{**data, "types": types})
