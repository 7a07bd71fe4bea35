"""How fast a large file is taken in, and what memory that takes: `python tests/bench/bench_import.py [MEGABYTES]`.

A table and a case directory of that size, in a process of their own, so that the peak is theirs alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distdiag_core.dataset.exchange import directories, table_files

_METRICS = 100
_NODES = ("n1", "n2", "n3")


def generate(path: Path, megabytes: int) -> None:
    """A file of figures of about that size."""
    metrics = [f"m{number}" for number in range(_METRICS)]
    figures = ",".join(f"{number * 7919 % 1000}.{number:03}" for number in range(_METRICS))
    with path.open("w", encoding="utf-8") as file:
        file.write(f"timestamp,node,{','.join(metrics)}\n")
        tick = 0
        while file.tell() < megabytes * 1_000_000:
            file.writelines(f"{tick},{node},{figures}\n" for node in _NODES)
            tick += 1


def take_in(kind: str, source: Path, into: Path) -> None:
    """Import it and say what that took."""
    began_s = time.monotonic()
    if kind == "table":
        list(table_files.read(source / "metrics.csv", into))
    else:
        directories.copy(source, into)
    took_s, cpu = time.monotonic() - began_s, resource.getrusage(resource.RUSAGE_SELF)
    size = (source / "metrics.csv").stat().st_size / 1e6
    print(  # noqa: T201
        f"{kind}: {size:.0f} MB in {took_s:.0f} s ({cpu.ru_utime + cpu.ru_stime:.0f} s of CPU), "
        f"peak memory {cpu.ru_maxrss / 1000:.0f} MB"
    )


def main() -> None:
    """Generate once, import twice."""
    if len(sys.argv) == 4:
        take_in(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
        return
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "large"
        source.mkdir()
        (source / "case.yaml").write_text("period: 1\nanomalies: [{type: cpu, node: n2, start: 5, end: 60}]\n")
        generate(source / "metrics.csv", megabytes)
        for kind in ("table", "directory"):
            into = Path(directory) / kind
            subprocess.run([sys.executable, __file__, kind, str(source), str(into)], check=True)


if __name__ == "__main__":
    main()
