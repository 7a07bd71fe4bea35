"""What a key costs the loop of the console: `python -m tests.bench.bench_keys [--recording FILE] [--beside CHECKOUT]`.

On each screen, with the replay paused: processor time of the thread of the console from a key until it sleeps again,
for the key that opens the screen and for those that scroll it, and the longest stretch in which its loop heard nothing,
so that other programs of the machine show little. Then what a tick costs, on the main screen and under a page. With
--beside a console of another checkout runs at the same time, and the two get each key in turn: on a busy machine the
ratio says more than the figures. Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bench_console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

_UP, _DOWN, _PAGE_UP, _PAGE_DOWN, _ESCAPE = b"\x1b[A", b"\x1b[B", b"\x1b[5~", b"\x1b[6~", b"\x1b"
_RIGHT, _LEFT = b"\x1b[C", b"\x1b[D"
# The screen, the key that opens it, and the keys that are pressed there in turn.
_SCREENS: tuple[tuple[str, bytes, tuple[bytes, ...]], ...] = (
    ("main, up and down", b"", (_DOWN, _UP)),
    ("main, left and right", b"", (_RIGHT, _LEFT)),
    ("main, chart zoomed", b"z", (_RIGHT, _LEFT)),
    ("events", b"e", (_PAGE_DOWN, _PAGE_UP, _DOWN, _UP)),
    ("incidents", b"I", (_PAGE_DOWN, _PAGE_UP, _DOWN, _UP)),
    ("logbook", b"L", (_PAGE_DOWN, _PAGE_UP, _DOWN, _UP)),
    ("hours and days, another node", b"T", (_RIGHT, _LEFT)),
    ("hours and days, another span", b"T", (b"-", b"+")),
    ("node", b"N", (_RIGHT, _LEFT)),
    ("heat map", b"H", (_DOWN, _UP)),
    ("graph", b"C", (_PAGE_DOWN, _PAGE_UP)),
    ("sources", b"O", (_DOWN, _UP)),
    ("models", b"M", (_DOWN, _UP)),
    ("models side by side", b"v", (_DOWN, _UP)),
    ("choice of a metric", b"m", (_DOWN, _UP)),
    ("injections", b"a", (_DOWN, _UP)),
    ("experiments", b"X", (_DOWN, _UP)),
    ("dataset", b"d", (_DOWN, _UP)),
    ("audit log", b"u", (_DOWN, _UP)),
    ("help", b"?", (_PAGE_DOWN, _PAGE_UP)),
    ("step of the replay", b"", (b".",)),
)
_SETTLE_S, _TICKS_S = 4.0, 12.0


def main() -> None:
    """Measure one recording."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recording", type=Path, required=True)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--openings", type=int, default=9, help="how often each screen is opened")
    parser.add_argument("--beside", type=Path, help="another checkout, for instance of the version before")
    parser.add_argument("--screens", default="", help="those alone whose names begin so, by commas")
    options = parser.parse_args()
    chosen = [each for each in _SCREENS if each[0].startswith(tuple(options.screens.split(",")))]
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        consoles: list[Console] = []
        for place in (None, options.beside)[: 1 + bool(options.beside)]:
            home = Path(directory) / str(len(consoles))
            home.mkdir()
            consoles.append(Console("", options.recording, home, place))
            stack.callback(consoles[-1].close)
            consoles[-1].read_until(b"EVENTS")
            painted_s = consoles[-1].cpu_s()
            consoles[-1].read_until(b"REPLAY")
            ticked_s = consoles[-1].cpu_s()
            _say(f"{place or 'here'}: first paint after {painted_s:.2f} s of CPU, first tick after {ticked_s:.2f} s")
        _say(f"{'processor time, ms':<30}  a key p50, p99; longest stretch; then the same beside it")
        _both(consoles, _SETTLE_S)
        _ticks(consoles, "a tick, main screen", b"")
        _ticks(consoles, "a tick, under the logbook", b"L")
        _press(consoles, b" ")
        for name, key, keys in chosen:
            if key:
                _open(consoles, name, key, options.openings)
            _measure(consoles, name, key, keys, options.keys)


def _open(consoles: Sequence[Console], name: str, key: bytes, count: int) -> None:
    """What a screen costs to open, and to leave again."""
    opened: list[list[float]] = [[] for _ in consoles]
    left: list[list[float]] = [[] for _ in consoles]
    for _ in range(count):
        for console, opening, leaving in zip(consoles, opened, left, strict=True):
            opening.append(console.key_cpu_ms(key))
            leaving.append(console.key_cpu_ms(_ESCAPE))
    for console, opening, leaving in zip(consoles, opened, left, strict=True):
        first, *others = opening
        figures = f"first {first:.0f}, then p50 {statistics.median(others):.0f}, most {max(others):.0f}"
        figures = f"opened {figures}; left {statistics.median(leaving):.0f} ms"
        _say(f"{name if console is consoles[0] else '':<30}  {figures}")
    _tell_ratio(opened)


def _measure(consoles: Sequence[Console], name: str, key: bytes, keys: Sequence[bytes], count: int) -> None:
    since_s = time.time()
    if key:
        _press(consoles, key)
    _both(consoles, 1.0)
    spent: list[list[float]] = [[] for _ in consoles]
    for turn in range(count):
        for console, mine in zip(consoles, spent, strict=True):
            mine.append(console.key_cpu_ms(keys[turn % len(keys)]))
    for console, mine in zip(consoles, spent, strict=True):
        held = max((hold.cpu_ms for hold in console.holds(since_s) if hold.thread == "MainThread"), default=0.0)
        p99 = sorted(mine)[int(0.99 * (len(mine) - 1))]
        figures = f"{statistics.median(mine):5.1f}, {p99:5.1f}; {held:4.0f} ms"
        _say(f"{name if console is consoles[0] else '':<30}  {figures}")
    _tell_ratio(spent)
    _press(consoles, _ESCAPE)
    _both(consoles, 1.0)


def _tell_ratio(spent: Sequence[Sequence[float]]) -> None:
    if len(spent) > 1:
        _say(f"{'':<30}  ratio of the medians {statistics.median(spent[0]) / statistics.median(spent[1]):.2f}")


def _ticks(consoles: Sequence[Console], name: str, opened_by: bytes) -> None:
    """What a second costs while the recording plays."""
    if opened_by:
        _press(consoles, opened_by)
        _both(consoles, _SETTLE_S)
    before = [console.thread_cpu_ms() for console in consoles]
    _both(consoles, _TICKS_S)
    spent = [
        (console.thread_cpu_ms() - start_ms) / _TICKS_S for console, start_ms in zip(consoles, before, strict=True)
    ]
    _say(f"{name:<30}  " + ", ".join(f"{each:.1f}" for each in spent) + " ms a second")
    if opened_by:
        _press(consoles, _ESCAPE)
        _both(consoles, 1.0)


def _press(consoles: Sequence[Console], key: bytes) -> None:
    for console in consoles:
        console.press(key)


def _both(consoles: Sequence[Console], seconds: float) -> None:
    """Let them run for some time."""
    deadline_s = time.monotonic() + seconds
    while time.monotonic() < deadline_s:
        for console in consoles:
            console.read_for(0.1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
