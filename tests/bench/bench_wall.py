"""What a tick of the console costs: processor time, and bytes to a real terminal. Prints figures, asserts nothing.

python -m tests.bench.bench_wall [--nodes 100] [--size 200x60] [--ticks 20]
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import itertools
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from statistics import mean
from typing import TYPE_CHECKING, Any

from distdiag_tui.drawing import terminal

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
    parser.add_argument("--result", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        terminal.prepare(os.environ)
        asyncio.run(_child(options.child, options.nodes, options.ticks, options.result))
        return
    width, height = map(int, options.size.split("x"))
    for what in ("wall", "console"):
        _measure(what, options.nodes, (width, height), options.ticks)


def _measure(what: str, nodes: int, size: tuple[int, int], ticks: int) -> None:
    """Run the child in a pseudo-terminal and count what it sends, tick by tick."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    read, write = os.pipe()
    arguments = ["--child", what, "--nodes", str(nodes), "--ticks", str(ticks), "--result", str(write)]
    command = [sys.executable, "-m", "tests.bench.bench_wall", *arguments]
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    running = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment, pass_fds=(write,))
    os.close(child)
    os.close(write)
    received: list[tuple[float, int]] = []
    pane = threading.Thread(target=_drain, args=(parent, received))
    pane.start()
    with os.fdopen(read) as pipe:
        report: dict[str, Any] = json.loads(pipe.read() or "{}")
    running.wait()
    pane.join()
    begins: list[float] = report["begins"]
    per_tick = [sum(size for at, size in received if a <= at < b) for a, b in itertools.pairwise(begins)]
    per_tick, cpu_ms = per_tick[_SETTLE_TICKS:], report["cpu_ms"][_SETTLE_TICKS:-1]
    print(  # noqa: T201 - a benchmark's output
        f"{what:<8} {nodes} nodes at {size[0]}x{size[1]}: "
        f"bytes a tick mean {mean(per_tick):,.0f} max {max(per_tick):,}, "
        f"processor time a tick mean {mean(cpu_ms):.1f} ms max {max(cpu_ms):.1f} ms"
    )


def _drain(parent: int, received: list[tuple[float, int]]) -> None:
    try:
        while data := os.read(parent, 65536):
            received.append((time.monotonic(), len(data)))
    except OSError:  # how a pseudo-terminal on Linux says that its other end is closed
        os.close(parent)


async def _child(what: str, nodes: int, ticks: int, result: str) -> None:
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
    with os.fdopen(int(result), "w") as pipe:
        json.dump(feeding.result(), pipe)


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
