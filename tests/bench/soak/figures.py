"""The row of a minute: what each part takes, how late its ticks were, and what there is on disk and on the nodes."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from distdiag_core import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.bench.soak.node_side import NodeSide
    from tests.bench.soak.parts import Part

_MIB = 2**20
_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ (WARNING|ERROR|CRITICAL) (.*)$")
_VARIABLE = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\d+")


@dataclass(frozen=True, slots=True)
class PartFigures:
    """One part in a minute.

    Attributes:
        late_ms: the median and the 99th percentile of how late its ticks were; empty where it had none.
        recording_mib: the size of what this life has recorded.
    """

    life: int
    rss_mib: float
    fds: int
    threads: int
    cpu_s: float
    ticks: int
    late_ms: tuple[float, ...]
    recording_mib: float


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """What consoles have on a node: processes, and leases."""

    programs: int
    programs_mib: float
    sessions: int
    leases: int


@dataclass(frozen=True, slots=True)
class Row:
    """All figures of a minute; `at_s` counts from the begin of the run."""

    at_s: float
    load: str
    parts: dict[str, PartFigures]
    nodes: dict[str, NodeFigures]
    made: int
    cases: int
    log: dict[str, int] = field(default_factory=dict)


class Figures:
    """Reads the rows of a run one after the other."""

    def __init__(self, parts: Iterable[Part], nodes: Iterable[NodeSide]) -> None:
        self._parts = tuple(parts)
        self._nodes = tuple(nodes)
        self._read: dict[Path, int] = {}

    def row(self, at_s: float, load: str, made: int) -> Row:
        """The row now."""
        parts = {part.name: found for part in self._parts if (found := self._part(part)) is not None}
        nodes = {node.name: _node(node) for node in self._nodes}
        levels = Counter(level for level, _ in log_lines())
        return Row(at_s, load, parts, nodes, made, len(cases()), dict(levels))

    def _part(self, part: Part) -> PartFigures | None:
        late = self._late_ms(part.life.late)
        with suppress(psutil.Error):
            process = psutil.Process(part.life.pid)
            with process.oneshot():
                times = process.cpu_times()
                rss, fds, threads = process.memory_info().rss, process.num_fds(), process.num_threads()
            part.life.look()
            size = sum(_size(Path(path)) for path in part.life.recordings)
            cpu_s = times.user + times.system
            return PartFigures(
                part.life.number, rss / _MIB, fds, threads, cpu_s, len(late), quantiles(late), size / _MIB
            )
        return None

    def _late_ms(self, path: Path) -> list[float]:
        """How late the ticks were that came since the last row."""
        with suppress(OSError):
            lines = path.read_text(encoding="ascii").splitlines()
            new, self._read[path] = lines[self._read.get(path, 0) :], len(lines)
            return [1000 * float(line.split()[1]) for line in new if line.count(" ") == 1]
        return []


def quantiles(values: list[float]) -> tuple[float, ...]:
    """The median and the 99th percentile; nothing of nothing."""
    ordered = sorted(values)
    return (statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]) if ordered else ()


def cases() -> list[Path]:
    """The case files of the dataset."""
    return sorted(places.cases_dir().glob("*/case.yaml"))


def log_lines() -> list[tuple[str, str]]:
    """The lines of the log, each with its level."""
    found: list[tuple[str, str]] = []
    for path in (places.log_file().with_name("distdiag.log.1"), places.log_file()):
        with suppress(OSError):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [(match[1], match[2]) for line in lines if (match := _LINE.match(line))]
    return found


def kinds(lines: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """Lines of the log that differ in numbers alone, counted."""
    return Counter((level, _VARIABLE.sub("#", text)) for level, text in lines)


def _node(node: NodeSide) -> NodeFigures:
    programs, memory = node.host_programs(), 0
    for each in programs:
        with suppress(psutil.Error):
            memory += each.memory_info().rss
    return NodeFigures(len(programs), memory / _MIB, len(node.sessions()), len(node.leases()))


def _size(path: Path) -> int:
    total = 0
    for each in (path, path.with_name(f"{path.name}-wal")):
        with suppress(OSError):
            total += each.stat().st_size
    return total
