"""Prints how often the first metric of an explanation is of the anomaly's own category; a program.

`python tests/bench/bench_explanation.py MODEL CASES...`: a model directory, and directories of labelled cases. Counted
are the labels whose anomaly became active on its node: of each the explanation at its highest confidence, and every
tick at which it was active. Beside it, the same with the metrics that have moved most.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.anomalies import catalogue as anomaly_catalogue
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection.contributions import Contributions
from distdiag_core.diagnosis.detection.diagnoser import Diagnoser
from distdiag_core.diagnosis.detection.own_metrics import Categories
from distdiag_core.diagnosis.evaluation.replay import growing_windows
from distdiag_core.diagnosis.model import model_files
from distdiag_core.metrics import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.diagnoser import Observation
    from distdiag_core.diagnosis.detection.ranking import RootCause
    from distdiag_core.diagnosis.model.model import Model
    from distdiag_core.metrics.frame import Array, Window

# Categories of metrics; of the kinds of the database, those in which their effect is: the requests that wait, what is
# scanned for them, the reads that a cache saved and its memory, the log and the memstore that every index adds to.
_OWN = {
    "cpu_stress": {"cpu"},
    "memory_stress": {"memory"},
    "io_stress": {"io"},
    "network_delay": {"network"},
    "network_loss": {"network"},
    "network_bandwidth": {"network"},
    "cache_bottleneck": {"io", "memory"},
    "lock_contention": {"transactions"},
    "slow_query": {"transactions", "cpu"},
    "too_many_indexes": {"transactions", "io", "memory"},
    "workload_overload": {"transactions", "cpu"},
}
# Of an observer that is gone or hangs, every metric of the database itself.
_OF_THE_DATABASE = {"node_down", "node_hang"}


class _Nothing(Contributions):
    """Contributions of nobody, so that evidence goes by movement alone."""

    def of(self, node: int) -> Array | None:
        return None


class _ByMovement(Diagnoser):
    """Diagnoser without contributions."""

    def _causes(self, seen: Observation, window: Window) -> tuple[RootCause, ...]:
        self._contributions = _Nothing(self.model)
        return super()._causes(seen, window)


@dataclass
class Tally:
    """Explanations of one anomaly: at the highest confidence of each label, and at each tick."""

    best: list[bool] = field(default_factory=list)
    ticks: list[bool] = field(default_factory=list)
    firsts: list[str] = field(default_factory=list)


class Bench:
    """Explanations of labelled cases by one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        metrics = catalogue.load()
        self._categories = {metric.name: metric.category for metric in metrics.metrics}
        self._order = Categories.of(anomaly_catalogue.load(), metrics)

    def own(self, anomaly: str, cause: RootCause) -> bool:
        """Whether the first metric of its evidence is of the anomaly's own category."""
        if not cause.evidence:
            return False
        first = cause.evidence[0].metric
        if anomaly in _OF_THE_DATABASE:
            return first.startswith(("sysstat.", "workload."))
        return self._categories.get(first) in _OWN[anomaly]

    def tally(self, cases: Iterable[Case], *, by_movement: bool) -> dict[str, Tally]:
        """Tallies by anomaly."""
        found: dict[str, Tally] = defaultdict(Tally)
        for case in cases:
            for (anomaly, _), causes in self._active(case, by_movement=by_movement).items():
                best = max(causes, key=lambda cause: cause.confidence)
                found[anomaly].best.append(self.own(anomaly, best))
                found[anomaly].ticks += [self.own(anomaly, cause) for cause in causes]
                found[anomaly].firsts.append(best.evidence[0].metric if best.evidence else "-")
        return found

    def _active(self, case: Case, *, by_movement: bool) -> dict[tuple[str, str], list[RootCause]]:
        """Of each label its root causes at the ticks at which they were active."""
        diagnoser = (_ByMovement if by_movement else Diagnoser)(self._model, case.period_s, categories=self._order)
        active: dict[tuple[str, str], list[RootCause]] = defaultdict(list)
        for window in growing_windows(case, diagnoser.lengths.window):
            time_s = float(window.times_s[-1])
            on = {(each.anomaly, each.node) for each in case.labels if each.start_s <= time_s <= each.end_s}
            for cause in diagnoser.diagnose(window).root_causes if on else _quietly(diagnoser, window):
                if (cause.anomaly, cause.node) in on and cause.onset_s is not None:
                    active[cause.anomaly, cause.node].append(cause)
        return active


def _quietly(diagnoser: Diagnoser, window: Window) -> tuple[RootCause, ...]:
    diagnoser.observe(window)
    return ()


def _share(values: list[bool]) -> str:
    return f"{np.mean(values):6.2f} of {len(values):>4}" if values else f"{'-':>6}        "


def main() -> None:
    """Print a line for each anomaly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("cases", type=Path, nargs="+")
    chosen = parser.parse_args()
    bench = Bench(model_files.load(chosen.model))
    for title, by_movement in (("by contribution", False), ("by movement alone", True)):
        cases = (case for path in chosen.cases for case in case_directory.read_all(path) if case.labels)
        found = bench.tally(cases, by_movement=by_movement)
        sys.stdout.write(f"{title}\n")
        for anomaly, tally in sorted(found.items()):
            firsts = ", ".join(sorted(set(tally.firsts)))
            sys.stdout.write(f"  {anomaly:<18} labels {_share(tally.best)}  ticks {_share(tally.ticks)}  {firsts}\n")
        best = [each for tally in found.values() for each in tally.best]
        ticks = [each for tally in found.values() for each in tally.ticks]
        sys.stdout.write(f"  {'all':<18} labels {_share(best)}  ticks {_share(ticks)}\n")


if __name__ == "__main__":
    main()
