"""The console in a terminal of 200x60: `python -m tests.bench.bench_console [--cluster sim:100] [--stall 60]`, or
`--recording FILE` for the replay of a recording.

Prints CPU time and bytes a second, key to paint, resident memory, and how long after its due time each tick was there;
with --stall also that while nobody reads the terminal, and how soon the screen answers afterwards. A cluster of this
machine alone, recorded, is watched with --cluster here. What held the event loops longest is printed too, by processor
time; with --screens also while screens open and close. Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.terminal_program import TerminalProgram

_HERE = "name: here\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local}\n"
_SIZE = (200, 60)
_SETTLE_S, _SCREEN_S = 8.0, 1.5
_HELD_MS, _LONGEST_HOLDS = 50, 6
# Those that show the cluster.
_SCREEN_KEYS = tuple(key.encode() for key in "aRXdMmeuICHNTvL?z")


class Hold(NamedTuple):
    """A stretch in which an event loop heard nothing."""

    cpu_ms: float
    clock_ms: float
    thread: str
    what: str


class Console(TerminalProgram):
    """A console on a terminal of its own, which notes its ticks and what holds its event loops.

    Args:
        code: a checkout whose console is run, by its own .venv; this one where none is named.
    """

    def __init__(self, cluster: str, recording: Path | None, home: Path, code: Path | None = None) -> None:
        (home / "here.yaml").write_text(_HERE)
        named = ["--config", str(home / "here.yaml")] if cluster == "here" else ["--cluster", cluster]
        if recording is not None:
            named = ["replay", str(recording.resolve())]
        self._late, self._holds = home / "late", home / "holds"
        python = ("env", "-C", str(code), str(code / ".venv/bin/python")) if code else (sys.executable,)
        command = (*python, "-m", "tests.bench.loop_holds", str(self._holds), str(self._late), *named)
        super().__init__(
            command, {f"XDG_{kind}_HOME": str(home) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}, _SIZE
        )

    def late_ms(self) -> list[float]:
        """How long after its due time each tick was there, diagnosis included."""
        return [float(line.split()[1]) * 1000 for line in self._late.read_text().splitlines()]

    def holds(self, since_s: float) -> list[Hold]:
        """What held its loops after a time of the wall clock, the longest first."""
        noted = (line.split("\t") for line in self._holds.read_text().splitlines())
        return sorted(
            (
                Hold(float(cpu), float(clock), thread, what)
                for at, thread, cpu, clock, what in noted
                if float(at) > since_s
            ),
            reverse=True,
        )


def main() -> None:
    """Measure one cluster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cluster", default="sim:100")
    parser.add_argument("--recording", type=Path, help="instead of a cluster: its replay, jumps and scrolling too")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--screens", action="store_true", help="open each screen and leave it")
    parser.add_argument("--stall", type=float, default=0.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        console = Console(options.cluster, options.recording, Path(directory))
        try:
            console.read_until(b"EVENTS")
            painted_s, what = time.monotonic() - console.began_s, options.recording or options.cluster
            _say(f"{what}: first paint after {console.cpu_s():.2f} s of CPU, {painted_s:.2f} s by the clock")
            console.read_until(_shown_first(options.cluster, options.recording))
            _say(f"the first tick after {time.monotonic() - console.began_s:.2f} s")
            console.read_for(_SETTLE_S)
            _measure(console, options.seconds, options.keys)
            if options.screens:
                _screens(console)
            if options.recording:
                _scroll(console, options.keys)
            if options.stall:
                _stall(console, options.stall)
        finally:
            console.close()


def _shown_first(cluster: str, recording: Path | None) -> bytes:
    if recording is not None:
        return b"REPLAY"
    return b"suspect" if cluster.startswith("sim:") else b"REC"


def _scroll(console: Console, keys: int) -> None:
    """The lists of a long run and its longest chart, scrolled; and single steps of the replay."""
    for what, key in (("events", b"e"), ("incidents", b"I"), ("logbook", b"L"), ("hours and days", b"T")):
        began_s = time.monotonic()
        console.press(key)
        sent = console.read_for(_SETTLE_S)
        paints = sorted(console.key_to_paint_s((b"\x1b[6~", b"\x1b[5~")[turn % 2]) * 1000 for turn in range(keys // 4))
        _say(
            f"{what}: {sent:,} bytes in the first {_SETTLE_S:.0f} s; a page p50 {statistics.median(paints):.0f} ms, "
            f"at most {paints[-1]:.0f} ms; in all {time.monotonic() - began_s:.1f} s"
        )
        console.press(b"\x1b")
        console.read_for(1.0)
    console.press(b" ")
    console.read_for(1.0)
    for what, key in (("step", b"."), ("event before", b"<"), ("event after", b">")):
        paints = sorted(console.key_to_paint_s(key) * 1000 for _ in range(keys // 4))
        _say(f"replay, {what}: p50 {statistics.median(paints):.0f} ms, at most {paints[-1]:.0f} ms")


def _tell_holds(console: Console, since_s: float, what: str) -> None:
    held = console.holds(since_s)
    for thread in sorted({each.thread for each in held}):
        own = [each for each in held if each.thread == thread]
        over = sum(each.cpu_ms > _HELD_MS for each in own)
        _say(f"loop of {thread}, {what}: held {over} times for more than {_HELD_MS} ms of CPU; longest:")
        for each in own[:_LONGEST_HOLDS]:
            _say(f"  {each.cpu_ms:.0f} ms of CPU, {each.clock_ms:.0f} ms by the clock: {each.what}")


def _screens(console: Console) -> None:
    since_s = time.time()
    for key in _SCREEN_KEYS:
        opened_ms = console.key_to_paint_s(key) * 1000
        console.read_for(_SCREEN_S)
        console.press(b"\x1b")
        console.read_for(_SCREEN_S)
        _say(f"screen {key.decode()}: {opened_ms:.0f} ms to its first bytes")
    _tell_holds(console, since_s, "screens open and close")


def _measure(console: Console, seconds: float, keys: int) -> None:
    since_s, before, sent = time.time(), console.cpu_s(), console.read_for(seconds)
    _say(f"CPU {100 * (console.cpu_s() - before) / seconds:.1f} % of a core, {sent / seconds:,.0f} bytes a second")
    paints = sorted(console.key_to_paint_s((b"\x1b[B", b"\x1b[A")[turn % 2]) * 1000 for turn in range(keys))
    if paints:
        _say(f"key to paint p50 {statistics.median(paints):.0f} ms, p99 {paints[int(0.99 * (len(paints) - 1))]:.0f} ms")
    _tell_holds(console, since_s, "ticks and keys")
    _say(f"resident memory {console.memory_mib():.0f} MiB")


def _stall(console: Console, seconds: float) -> None:
    before = len(console.late_ms())
    # Nobody reads: it fills by itself, and sooner by screens that open and close.
    console.press(b"?\x1b" * 8)
    time.sleep(seconds)
    during = len(console.late_ms())
    console.press(b"?")
    began_s = time.monotonic()
    console.read_until(b"Which nodes move together")
    right_s = time.monotonic() - began_s
    _say(f"not read for {seconds:.0f} s: {during - before} ticks; the screen was right {right_s:.2f} s after")
    for what, late in (("before", console.late_ms()[5:before]), ("meanwhile", console.late_ms()[before:during])):
        if late:
            _say(f"ticks {what} there {statistics.median(late):.0f} ms after they were due, at most {max(late):.0f} ms")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a benchmark's output


if __name__ == "__main__":
    main()
