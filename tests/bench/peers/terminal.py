"""Dolphie on one node, and the console on that node and on all."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from distdiag_core.cluster import inventory
from distdiag_core.cluster.password import PasswordSource
from tests.terminal_program import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZE = (200, 60)
_SETTLE_S = 10.0


@dataclass(frozen=True, slots=True)
class _Peer:
    """A program to measure.

    Attributes:
        shown: text that it paints with its first screen.
    """

    name: str
    command: tuple[str, ...]
    shown: bytes


@dataclass(frozen=True, slots=True)
class _Costs:
    paint_s: float
    paint_cpu_s: float
    cpu_percent: float
    bytes_per_s: float
    memory_mib: float


def compare(cluster: str, node: str, dolphie: Path, seconds: float, rounds: int) -> Iterator[str]:
    """Rows of Markdown: the medians of some rounds, in each of which every program runs once, one at a time."""
    with tempfile.TemporaryDirectory() as directory:
        peers = _peers(cluster, node, dolphie, Path(directory))
        costs: dict[str, list[_Costs]] = {peer.name: [] for peer in peers}
        for _ in range(rounds):
            for peer in peers:
                costs[peer.name].append(_measured(peer, seconds, Path(directory)))
    yield "| program | first paint | CPU until then | CPU | to the terminal | memory |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, measured in costs.items():
        yield _row(name, measured)


def _peers(cluster: str, node: str, dolphie: Path, directory: Path) -> tuple[_Peer, ...]:
    file = inventory.find(cluster)
    settings = inventory.load(file)
    account = directory / "client.cnf"
    chosen = settings.node(node)
    assert chosen.sql is not None, "Dolphie reads a database"
    # Dolphie takes quotes for a part of the value, and runs here, not on the node.
    password = asyncio.run(PasswordSource(chosen.sql).get())
    lines = (f"host={chosen.host}", f"port={chosen.sql.port}", f"user={chosen.sql.user}", f"password={password}")
    account.touch(0o600)
    account.write_text("\n".join(("[client]", *lines, "")), encoding="utf-8")
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    one = directory / "one.yaml"
    one.write_text(yaml.safe_dump(raw | {"nodes": [each for each in raw["nodes"] if each["name"] == node]}))
    console = (str(Path(sys.executable).with_name("distdiag")), "--config")
    return (
        _Peer("Dolphie, one node", (str(dolphie), "--mycnf-file", str(account)), b"Uptime"),
        _Peer("distdiag, the same node", (*console, str(one)), b"EVENTS"),
        _Peer(f"distdiag, {len(raw['nodes'])} nodes", (*console, str(file)), b"EVENTS"),
    )


def _measured(peer: _Peer, seconds: float, directory: Path) -> _Costs:
    home = {f"XDG_{kind}_HOME": str(directory / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    program = TerminalProgram(peer.command, home, _SIZE)
    try:
        program.read_until(peer.shown)
        paint_s, paint_cpu_s = time.monotonic() - program.began_s, program.cpu_s()
        program.read_for(_SETTLE_S)
        before_s, began_s = program.cpu_s(), time.monotonic()
        painted = program.read_for(seconds)
        took_s = time.monotonic() - began_s
        cpu_percent = 100 * (program.cpu_s() - before_s) / took_s
        return _Costs(paint_s, paint_cpu_s, cpu_percent, painted / took_s, program.memory_mib())
    finally:
        program.close()


def _row(name: str, costs: list[_Costs]) -> str:
    paint_s, paint_cpu_s = (
        statistics.median(getattr(each, key) for each in costs) for key in ("paint_s", "paint_cpu_s")
    )
    cpu, written, memory = (
        statistics.median(getattr(each, key) for each in costs) for key in ("cpu_percent", "bytes_per_s", "memory_mib")
    )
    return f"| {name} | {paint_s:.1f} s | {paint_cpu_s:.2f} s | {cpu:.1f} % | {written:,.0f} B/s | {memory:.0f} MiB |"
