"""What it costs the nodes to be read by `obdiag gather sysstat`, and by watching them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.cluster import inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WATCHED_S = 60
_WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class _Run:
    took_s: float
    nodes_cpu_s: float
    lines: int


def compare(cluster: str, obdiag: str, cgroup: str) -> Iterator[str]:
    """Rows of Markdown: how long each took, and the processor time of all nodes without what they use in calm.

    Args:
        cgroup: the directory of the accounting of `{node}`, of version 1 (`cpuacct.usage`) or 2 (`cpu.stat`).
    """
    nodes = {node.name: Path(cgroup.format(node=node.name)) for node in inventory.load(inventory.find(cluster)).nodes}
    command = (str(Path(sys.executable).with_name("distdiag")), "--cluster", cluster)
    calm = _run(("sleep", str(_WATCHED_S)), nodes)
    a_second = calm.nodes_cpu_s / calm.took_s
    yield "| | took | CPU of all nodes, a second of it | lines of output |"
    yield "| --- | --- | --- | --- |"
    for name, more in (
        (f"distdiag watch, a reading a second for {_WATCHED_S} s", ("watch", "--json", "--for", f"{_WATCHED_S}s")),
        ("obdiag gather sysstat, through `distdiag obdiag sysstat`", ("obdiag", "sysstat", "--json")),
    ):
        run = _run((*command, *more), nodes, {"OBDIAG_CMD": obdiag})
        used_s = run.nodes_cpu_s - a_second * run.took_s
        yield f"| {name} | {run.took_s:.1f} s | {used_s:.2f} s, {1000 * used_s / run.took_s:.1f} ms | {run.lines} |"


def _run(command: Sequence[str], nodes: Mapping[str, Path], more: Mapping[str, str] | None = None) -> _Run:
    before_s, began_s = _used_s(nodes), time.monotonic()
    ended = subprocess.run(
        command, env=os.environ | (more or {}), stdout=subprocess.PIPE, timeout=_WITHIN_S, check=True
    )
    return _Run(time.monotonic() - began_s, _used_s(nodes) - before_s, ended.stdout.count(b"\n"))


def _used_s(nodes: Mapping[str, Path]) -> float:
    return sum(_of_group(directory) for directory in nodes.values())


def _of_group(directory: Path) -> float:
    """Processor time of a control group, in seconds."""
    if (first := directory / "cpuacct.usage").exists():
        return int(first.read_text(encoding="ascii")) / 1e9
    words = (directory / "cpu.stat").read_text(encoding="ascii").split()
    return int(words[words.index("usage_usec") + 1]) / 1e6
