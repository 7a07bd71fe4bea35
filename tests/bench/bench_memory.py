"""Prints the peak memory of training in memory and with external memory on the same cases; to be run as a module."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.training.training_options import TrainOptions
from distdiag_core.models import training_job
from tests.bench.bench_training import case

_CASES = (75, 150, 300)
_WAYS = ("memory", "external")


def main() -> None:
    """Print a line for each number of cases and way."""
    with tempfile.TemporaryDirectory() as scratch:
        for count in _CASES:
            directory = Path(scratch) / str(count)
            for seed in range(count):
                case_directory.write(case(seed), directory)
            for way in _WAYS:
                # The peak is that of a process, so each training gets one of its own.
                subprocess.run([sys.executable, "-m", "tests.bench.bench_memory", way, str(directory)], check=True)


def measure(way: str, directory: Path) -> None:
    """Train on the cases of `directory` and print what it took."""
    options = TrainOptions(rounds=5, calibrate=False)
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        request = training_job.TrainRequest(
            "bench", directory, out=Path(out) / "bench", options=options, external_memory=way == "external"
        )
        made = training_job.train_synchronously(request, lambda _: None)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{made.windows:7} windows, {way:<9} peak {peak_mib:6.0f} MiB, {time.monotonic() - began_s:6.1f} s\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
