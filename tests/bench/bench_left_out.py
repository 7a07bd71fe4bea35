"""Prints whether kinds that a model was not taught are flagged as unknown on the right node; a program.

Usage: python bench_left_out.py --train DIRECTORY --test DIRECTORY --kinds cpu_stress,io_stress [--rounds 10]

Of each kind by turns all cases with it are left out of training. Its cases of the test directory are diagnosed tick by
tick with that model; the first ticks of an anomaly do not count.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.anomalies.unknown import UNKNOWN
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.diagnosis.evaluation.replay import growing_windows
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.training_options import TrainOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.model.model import Model

_SETTLED_S = 5.0


@dataclass
class Tally:
    """Of the cases of a kind: found at all, flagged as unknown, and by the first row of most anomalous ticks."""

    cases: int = 0
    alarmed: int = 0
    unknown: int = 0
    right_node: int = 0

    def add(self, model: Model, case: Case, kind: str) -> None:
        """Diagnose a case."""
        labels = [label for label in case.labels if label.anomaly == kind]
        nodes = {label.node for label in case.labels}
        diagnoser = ClusterDiagnoser(model, case.period_s)
        found = [diagnoser.diagnose(window) for window in growing_windows(case, 1)]
        during = [
            each
            for each in found
            if any(label.start_s + _SETTLED_S <= each.time_s <= label.end_s for label in labels) and each.anomalous
        ]
        first = [each.root_causes[0] for each in during]
        flagged = [
            each
            for each in during
            for cause in each.root_causes
            if cause.anomaly == UNKNOWN and cause.node in {label.node for label in labels}
        ]
        self.cases += 1
        self.alarmed += bool(during)
        self.unknown += bool(flagged)
        self.right_node += bool(first) and 2 * sum(cause.node in nodes for cause in first) > len(first)


def main() -> None:
    """Print a row for each kind, and the whole."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, required=True, help="directory of cases to train on")
    parser.add_argument("--test", type=Path, action="append", required=True, help="directory of cases to diagnose")
    parser.add_argument("--kinds", required=True, help="names of anomalies, with commas")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    taught = tuple(case_directory.read_all(options.train))
    tests = [case for directory in options.test for case in case_directory.read_all(directory)]
    sys.stdout.write(f"{'left out':<20} cases  anomalous  flagged as unknown  right node first\n")
    for kind in options.kinds.split(","):
        _row(kind, taught, tests, options.rounds)


def _row(kind: str, taught: Sequence[Case], tests: Sequence[Case], rounds: int) -> None:
    without = [case for case in taught if all(label.anomaly != kind for label in case.labels)]
    model = trainer.train(without, f"without-{kind}", TrainOptions(rounds=rounds))
    tally = Tally()
    for case in tests:
        if any(label.anomaly == kind for label in case.labels):
            tally.add(model, case, kind)
    sys.stdout.write(f"{kind:<20} {tally.cases:>5}  {tally.alarmed:>9}  {tally.unknown:>18}  {tally.right_node:>16}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
