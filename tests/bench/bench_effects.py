"""What the anomalies do to the lab under load; run it with `python tests/bench/bench_effects.py --lab [ANOMALY ...]`.

Prints a row of the table in docs/anomalies.md for each anomaly and severity, from a run each, and with --write puts
them into the page. Without --lab, --write only brings the rest of the page up to what the catalogue says.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core import places
from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, Severity
from distdiag_core.cluster import inventory
from distdiag_core.diagnosis.detection.movement import movement
from distdiag_core.diagnosis.features.log_scale import log_scale
from distdiag_core.errors import DistdiagError
from distdiag_core.runtime.runtime import Runtime
from distdiag_core.workloads.workload_request import WorkloadRequest
from tests.pages.anomaly_page import effects_of, endings_of, page

if TYPE_CHECKING:
    from distdiag_core.metrics.frame import Array

_PAGE = Path(__file__).parents[2] / "docs" / "anomalies.md"
_SHIPPED = places.shipped_config() / "anomalies"
_NORMAL_TICKS = 60
_SETTLING_TICKS = 12
# After a load has started, or under an anomaly, before figures count.
_ONSET_TICKS = 4


@dataclass
class Bench:
    """The cluster under load, and its last minute of normal ticks, each (N, M)."""

    runtime: Runtime
    node: str
    during_s: int
    normal: deque[Array] = field(default_factory=lambda: deque(maxlen=_NORMAL_TICKS))

    async def watch(self, ticks: int) -> list[Array]:
        """So many ticks."""
        return [(await self.runtime.next_snapshot()).frame.values for _ in range(ticks)]

    async def settle(self) -> None:
        """Let the load recover, then wait for a new baseline, a full minute the first time."""
        await self.watch(_SETTLING_TICKS)
        self.normal.extend(await self.watch(8 if self.normal else _NORMAL_TICKS))

    async def measure(self, anomaly: str, severity: Severity) -> tuple[str, ...]:
        """The cells of a row."""
        duration_s = self.during_s + 60.0
        plan = await self.runtime.injections.plan(InjectionRequest(anomaly, (self.node,), severity, duration_s))
        injections = await self.runtime.injections.inject(plan)
        try:
            during = await self.watch(_ONSET_TICKS + self.during_s)
        finally:
            await self.runtime.injections.clear([injection.id for injection in injections])
        return self._cells(np.stack(self.normal, axis=-1), np.stack(during[_ONSET_TICKS:], axis=-1))

    def _cells(self, normal: Array, during: Array) -> tuple[str, ...]:
        """From (N, M, ticks) before and during."""
        snapshot = self.runtime.snapshot()
        if snapshot is None:
            raise AssertionError("there were ticks")
        nodes, metrics = snapshot.frame.nodes, snapshot.frame.metrics
        largest = np.nanmax(np.abs(np.concatenate([normal, during], axis=-1)), axis=(0, 2), initial=0)
        floors = np.maximum(largest / 100, 1e-6).astype(np.float32)
        moved = movement(log_scale(during, floors), log_scale(normal, floors)).sigma.copy()
        # What the clients measure has columns of its own.
        moved[:, [metric.startswith("workload.") for metric in metrics]] = np.nan
        own = nodes.index(self.node)

        def told(row: int, column: int) -> str:
            return f"`{metrics[column]}` {moved[row, column]:+.0f}"

        strength = np.nan_to_num(np.abs(moved))
        strongest = np.argsort(-strength[own], kind="stable")[:3]
        strength[own] = 0
        row, column = divmod(int(strength.argmax()), len(metrics))
        elsewhere = f"{nodes[row]} {told(row, column)}" if len(nodes) > 1 else "-"
        changes = (_change(normal, during, own, metrics.index(name)) for name in ("workload.tps", "workload.p95"))
        return (*changes, ", ".join(told(own, int(place)) for place in strongest), elsewhere)


def _change(normal: Array, during: Array, row: int, column: int) -> str:
    def middle(values: Array) -> str:
        known = values[row, column][~np.isnan(values[row, column])]
        value = float(np.median(known)) if known.size else np.nan
        return "-" if np.isnan(value) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    return f"{middle(normal)} → {middle(during)}"


async def _measure(arguments: argparse.Namespace, rows: dict[tuple[str, str], tuple[str, ...]]) -> None:
    settings = inventory.load(arguments.config or inventory.find("lab"))
    request = WorkloadRequest(nodes=tuple(node.name for node in settings.nodes), threads=arguments.threads)
    async with Runtime(settings) as runtime:
        await runtime.workloads.prepare(request)
        await runtime.workloads.start(request)
        try:
            bench = Bench(runtime, arguments.node or settings.nodes[-1].name, arguments.during)
            for anomaly in arguments.anomaly or [each.name for each in catalogue.load(_SHIPPED).anomalies]:
                for severity in arguments.severity or SEVERITIES:
                    await bench.settle()
                    try:
                        cells = await bench.measure(anomaly, severity)
                    except DistdiagError as error:
                        sys.stderr.write(f"{anomaly} {severity}: {error}\n")
                        continue
                    rows[anomaly, severity] = cells
                    sys.stdout.write(f"| {' | '.join((anomaly, severity, *cells))} |\n")
                    sys.stdout.flush()
        finally:
            await runtime.workloads.stop()


def main() -> None:
    """Measure what was asked for, and write the page if that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("anomaly", nargs="*", help="without any: all")
    parser.add_argument("--lab", action="store_true", help="measure")
    parser.add_argument("--config", type=Path, help="another cluster file than the lab's")
    parser.add_argument("--node", help="which is hit; without it: the last one")
    parser.add_argument("--severity", action="append", choices=SEVERITIES)
    parser.add_argument("--during", type=int, default=20, metavar="SECONDS")
    parser.add_argument("--threads", type=int, default=4, help="clients a node")
    parser.add_argument("--write", action="store_true", help="put it into docs/anomalies.md")
    arguments = parser.parse_args()
    before = _PAGE.read_text(encoding="utf-8") if _PAGE.exists() else ""
    rows = effects_of(before)
    try:
        if arguments.lab:
            asyncio.run(_measure(arguments, rows))
    finally:
        if arguments.write:
            _PAGE.write_text(page(catalogue.load(_SHIPPED), rows, endings_of(before)), encoding="utf-8")


if __name__ == "__main__":
    main()
