"""One tick of the diagnosis: as DistDiagDemo has it published, and ours, on as many nodes, metrics and anomalies."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.training import trainer
from distdiag_core.metrics.frame import Window
from tests.bench import bench_diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SIZES = (3, 30, 100)
_ANOMALIES = 13
_TICKS = 10
_WITHIN_S = 600
# Run by the Python of DistDiagDemo, whose service is used as it is: its names of metrics are in its source alone.
_PUBLISHED = """
import logging, re, sys, time
from pathlib import Path
import numpy as np
logging.disable(logging.CRITICAL)
sys.path.insert(0, sys.argv[1] + "/backend")
from app.services import diagnosis_service as service
text = Path(service.__file__).read_text()
groups = dict(eval(re.search(r"groups = (\\{.*?\\n                \\})", text, re.S).group(1)))
classes = [f"anomaly{number}" for number in range(int(sys.argv[2]))]
demo = service.DistDiagnosis(len(classes), classes)
rng = np.random.default_rng(1)
series = lambda: [{"value": value} for value in rng.lognormal(3, 0.1, 3)]
node = lambda: {group: {name: {"data": series()} for name in names} for group, names in groups.items()}
for each in demo.clf_list:
    each.set_params(device="cpu")
labels = rng.random((400, len(classes))) < 0.3
features = np.array([demo._process_metrics(node()) for _ in labels])
demo.train(features, labels.astype(int))
for size in map(int, sys.argv[4:]):
    took = []
    for _ in range(int(sys.argv[3])):
        nodes = {f"n{number}": node() for number in range(size)}
        began, wall = time.process_time(), time.monotonic()
        demo.diagnose(nodes)
        took.append((time.process_time() - began, time.monotonic() - wall))
    print(size, *np.median(took, axis=0))
"""


def compare(demo: Path, python: str) -> Iterator[str]:
    """Rows of Markdown: the medians of some ticks.

    Raises:
        subprocess.CalledProcessError: DistDiagDemo fails; what it said is on the error output.
    """
    numbers = (str(each) for each in (_ANOMALIES, _TICKS, *_SIZES))
    ended = subprocess.run(
        [python, "-c", _PUBLISHED, str(demo), *numbers],
        stdout=subprocess.PIPE,
        text=True,
        timeout=_WITHIN_S,
        check=True,
    )
    yield "| nodes | DistDiagDemo: CPU, clock | distdiag: CPU, clock |"
    yield "| --- | --- | --- |"
    model = trainer.train([bench_diagnosis.case(seed) for seed in range(4 * _ANOMALIES)], "bench")
    for line in ended.stdout.splitlines():
        size, cpu_s, clock_s = line.split()
        ours = _ours(Diagnoser(model, 1.0), int(size))
        yield f"| {size} | {_ms(float(cpu_s))}, {_ms(float(clock_s))} | {_ms(ours[0])}, {_ms(ours[1])} |"


def _ours(diagnoser: Diagnoser, nodes: int) -> tuple[float, float]:
    """CPU and clock time of a tick, in seconds."""
    history = bench_diagnosis.window(nodes, 120, 1, ill=1)
    took = []
    for end in range(history.times_s.size - _TICKS, history.times_s.size + 1):
        seen = Window(history.times_s[:end], history.nodes, history.metrics, history.values[..., :end])
        began_s, clock_s = time.process_time(), time.monotonic()
        diagnoser.diagnose(seen)
        took.append((time.process_time() - began_s, time.monotonic() - clock_s))
    # The first tick has all of the past before it.
    cpu_s, clock_s = np.median(took[1:], axis=0)
    return float(cpu_s), float(clock_s)


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
