"""What a tick of the console costs: processor time, and bytes to a real terminal. Prints figures, asserts nothing.

python -m tests.bench.bench_wall [--nodes 100] [--size 200x60] [--ticks 20]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from distdiag_tui.drawing import terminal
from tests.terminal_program import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.app import DistdiagApp
    from tests.tui.scripted_core import ScriptedCore

_INTERVAL_S = 1.0
_SETTLE_TICKS = 3


def main() -> None:
    """Measure the wall alone on a whole screen, then the whole console."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--size", default="200x60")
    parser.add_argument("--ticks", type=int, default=20)
    parser.add_argument("--child", choices=("wall", "console"))
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        terminal.prepare(os.environ)
        asyncio.run(_child(options.child, options.nodes, options.ticks, options.result))
        return
    width, height = map(int, options.size.split("x"))
    for what in ("wall", "console"):
        _measure(what, options.nodes, (width, height), options.ticks)


def _measure(what: str, nodes: int, size: tuple[int, int], ticks: int) -> None:
    """Run the child on a terminal of its own and count what it sends, tick by tick."""
    with TemporaryDirectory() as directory:
        result = Path(directory) / "ticks.json"
        arguments = ["--child", what, "--nodes", str(nodes), "--ticks", str(ticks), "--result", str(result)]
        program = TerminalProgram((sys.executable, "-m", "tests.bench.bench_wall", *arguments), {}, size)
        try:
            received = program.read_to_end()
        finally:
            program.close()
        report: dict[str, Any] = json.loads(result.read_text())
    begins: list[float] = report["begins"]
    per_tick = [sum(size for at, size in received if a <= at < b) for a, b in itertools.pairwise(begins)]
    per_tick, cpu_ms = per_tick[_SETTLE_TICKS:], report["cpu_ms"][_SETTLE_TICKS:-1]
    print(  # noqa: T201 - a benchmark's output
        f"{what:<8} {nodes} nodes at {size[0]}x{size[1]}: "
        f"bytes a tick mean {mean(per_tick):,.0f} max {max(per_tick):,}, "
        f"processor time a tick mean {mean(cpu_ms):.1f} ms max {max(cpu_ms):.1f} ms"
    )


async def _child(what: str, nodes: int, ticks: int, result: Path) -> None:
    from tests.tui.canned import calm
    from tests.tui.scripted_core import ScriptedCore

    snapshots = [calm(nodes, tick=751 + tick, hurt=1) for tick in range(ticks + 1)]
    core = ScriptedCore(snapshots[0])
    app = _app(what, core, snapshots[0].frame.time_s)
    feeding = asyncio.create_task(_feed(app, core, snapshots[1:]))
    await app.run_async()
    if not feeding.done():
        feeding.cancel()
        raise SystemExit("the console ended before the benchmark did")
    await asyncio.to_thread(result.write_text, json.dumps(feeding.result()))


def _app(what: str, core: ScriptedCore, now_s: float) -> DistdiagApp:
    """The whole console, or the wall alone."""
    from textual.screen import Screen

    from distdiag_tui.app import DistdiagApp
    from distdiag_tui.drawing.glyphs import SETS
    from distdiag_tui.views.view_state import ViewState
    from distdiag_tui.widgets.node_wall import NodeWall
    from tests.tui.canned import ANOMALIES
    from tests.tui.walking import only

    class WallAlone(DistdiagApp):
        CSS_PATH = None  # type: ignore[assignment]
        CSS = "NodeWall { height: 1fr; }"

        def on_snapshot_arrived(self, message: Any) -> None:  # noqa: ANN401
            view = ViewState(message.snapshot, ANOMALIES, SETS["braille"], message.snapshot.frame.time_s)
            self.screen.query_one(NodeWall).show(view)

    class WallScreen(Screen[None]):
        def compose(self) -> ComposeResult:
            yield NodeWall()

    if what == "console":
        return DistdiagApp(only(core), SETS["braille"], clock=lambda: now_s)
    app = WallAlone(only(core), SETS["braille"], clock=lambda: now_s)
    app._modes[app.DEFAULT_MODE] = WallScreen
    return app


async def _feed(app: DistdiagApp, core: ScriptedCore, snapshots: Sequence[Snapshot]) -> dict[str, list[float]]:
    """Publish the ticks: when each began, and the processor time that it took."""
    begins: list[float] = []
    cpu_ms: list[float] = []
    while app.snapshot is None:  # noqa: ASYNC110 - a benchmark may look again
        await asyncio.sleep(0.05)
    for snapshot in snapshots:
        begins.append(time.monotonic())
        before = time.process_time()
        core.publish(snapshot)
        await asyncio.sleep(_INTERVAL_S)
        cpu_ms.append((time.process_time() - before) * 1000)
    app.exit()
    return {"begins": begins, "cpu_ms": cpu_ms}


if __name__ == "__main__":
    main()
