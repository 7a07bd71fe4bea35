"""How soon the console paints: `python -m tests.bench.bench_start [RUNS]`.

From exec to the first frame in a terminal of its own, with the CPU time up to then, which a busy machine changes less;
and the modules that took longest to import. The first run is the cold one where the page cache was emptied before.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.terminal_program import TerminalProgram

# The title of a panel, which the first frame has already.
_FRAME = b"EVENTS"
_SLOWEST = 12
_SIZE = (140, 40)
_CLUSTER = "name: bench\nnodes:\n  - {name: here, host: 127.0.0.1, connection: local}\n"
_OPEN = "from distdiag_tui.main import main; main()"


def first_paint(file: Path, home: Path) -> tuple[float, float]:
    """Wall and CPU seconds from exec to the first frame."""
    places = {f"XDG_{kind}_HOME": str(home) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    console = TerminalProgram((sys.executable, "-c", _OPEN, "--config", str(file)), places, _SIZE)
    try:
        console.read_until(_FRAME)
        return time.monotonic() - console.began_s, console.cpu_s()
    finally:
        console.close()


def slowest_imports() -> list[tuple[int, str]]:
    """Microseconds, those of imported modules included, and names of what is imported before the first frame."""
    code = "import distdiag_tui.main, distdiag_core.runtime.thread, distdiag_tui.app"
    command = [sys.executable, "-X", "importtime", "-c", code]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()[1:]
    rows = [line.removeprefix("import time:").split("|") for line in lines]
    return sorted(((int(total), name.strip()) for _, total, name in rows), reverse=True)[:_SLOWEST]


def main() -> None:
    """Paint a few times, and list the imports."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "bench.yaml"
        file.write_text(_CLUSTER)
        for _ in range(runs):
            wall_s, cpu_s = first_paint(file, Path(directory))
            print(f"first paint after {wall_s:.2f} s, {cpu_s:.2f} s of CPU")  # noqa: T201
    for total_us, name in slowest_imports():
        print(f"{total_us / 1000:8.0f} ms  {name}")  # noqa: T201


if __name__ == "__main__":
    main()
