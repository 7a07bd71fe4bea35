"""Prints whether kinds that a model was not taught are flagged as unknown on the right node; a program.

Usage: python bench_left_out.py --train DIRECTORY --test DIRECTORY [--kinds cpu_stress,io_stress] [--rounds 10]
    [--quick] [--most 3] [--step 2]

Of each kind by turns all cases with it are left out of training, without `--kinds` of every kind. Its cases of the test
directories are diagnosed tick by tick with that model; the first ticks of an anomaly do not count.
The last row is the placebo: all kinds are taught, and no case should be flagged.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.diagnosis.detection.cluster_diagnoser import ClusterDiagnoser
from distdiag_core.diagnosis.evaluation.replay import growing_windows
from distdiag_core.diagnosis.training import trainer
from distdiag_core.diagnosis.training.training_options import TrainOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.dataset.case import Case
    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.diagnosis.model.model import Model

_SETTLED_S = 5.0
_NAMES = 3


@dataclass
class Tally:
    """Of the cases of a kind: found at all, flagged as unknown, and by the first row of most anomalous ticks.

    Attributes:
        flagged: the root cause of no known kind was on the node of the kind, in at least one tick.
        unknown_first: it was the first row of most anomalous ticks.
        taken_for: in how many cases each anomaly was the first row most often.
    """

    cases: int = 0
    alarmed: int = 0
    right_node: int = 0
    flagged: int = 0
    unknown_first: int = 0
    taken_for: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, kinds: Sequence[str], found: Sequence[Diagnosis]) -> None:
        """Count the diagnoses of the ticks of a case, in which these kinds are looked for."""
        labels = [label for label in case.labels if label.anomaly in kinds]
        labelled, ours = {label.node for label in case.labels}, {label.node for label in labels}
        during = [
            each
            for each in found
            if each.anomalous and any(label.start_s + _SETTLED_S <= each.time_s <= label.end_s for label in labels)
        ]
        first = [each.root_causes[0] for each in during]
        flagged = any(
            _is_unknown(cause) and cause.onset_s is not None and cause.node in ours
            for each in during
            for cause in each.root_causes
        )
        self.cases += 1
        self.alarmed += bool(during)
        self.right_node += bool(first) and 2 * sum(cause.node in labelled for cause in first) > len(first)
        self.flagged += flagged
        self.unknown_first += bool(first) and 2 * sum(_is_unknown(cause) for cause in first) > len(first)
        self.taken_for.update(name for name, _ in Counter(cause.anomaly for cause in first).most_common(1))

    def row(self, name: str) -> str:
        """The row of a kind in the table."""
        taken = ", ".join(f"{anomaly} {count}" for anomaly, count in self.taken_for.most_common(_NAMES))
        counts = (self.cases, self.alarmed, self.right_node, self.flagged, self.unknown_first)
        cells = (f"{count:>{len(title) + 2}}" for count, title in zip(counts, _TITLES, strict=True))
        return f"{name:<20}{''.join(cells)}  {taken}\n"


_TITLES = ("cases", "anomalous", "right node first", "flagged as unknown", "unknown first")


def main() -> None:
    """Print a row for each kind, and the placebo."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, action="append", required=True, help="directory of cases to train on")
    parser.add_argument("--test", type=Path, action="append", required=True, help="directory of cases to diagnose")
    parser.add_argument("--kinds", help="names of anomalies, with commas; all where it is not given")
    parser.add_argument("--rounds", type=int, help="boosting rounds; as many as suit the trees where it is not given")
    parser.add_argument(
        "--quick", action="store_true", help="without calibration, which takes two thirds of a training"
    )
    parser.add_argument("--most", type=int, help="at most so many test cases of each kind")
    parser.add_argument("--step", type=int, default=1, help="diagnose every so manieth tick")
    parser.add_argument("--no-placebo", action="store_true", help="no row for a model that was taught all kinds")
    options = parser.parse_args()
    taught = [case for directory in options.train for case in case_directory.read_all(directory)]
    tests = [case for directory in options.test for case in case_directory.read_all(directory)]
    every = sorted({label.anomaly for case in taught for label in case.labels})
    kinds = options.kinds.split(",") if options.kinds else every
    training = TrainOptions(rounds=options.rounds, calibrate=not options.quick)
    sys.stdout.write(f"{'left out':<20}" + "".join(f"  {title}" for title in _TITLES) + "  taken for\n")
    for kind in kinds:
        without = [case for case in taught if all(label.anomaly != kind for label in case.labels)]
        model = trainer.train(without, f"without-{kind}", training)
        _put(kind, _tally(model, tests, (kind,), options.most, options.step))
    if not options.no_placebo:
        model = trainer.train(taught, "all", training)
        _put("none", _tally(model, tests, every, options.most, options.step))


def _tally(model: Model, tests: Sequence[Case], kinds: Sequence[str], most: int | None, step: int) -> Tally:
    tally = Tally()
    for case in islice((case for case in tests if any(label.anomaly in kinds for label in case.labels)), most):
        diagnoser = ClusterDiagnoser(model, case.period_s)
        tally.add(
            case, kinds, [diagnoser.diagnose(window) for window in islice(growing_windows(case, 1), 0, None, step)]
        )
    return tally


def _is_unknown(cause: RootCause) -> bool:
    return cause.anomaly == UNKNOWN_ANOMALY


def _put(name: str, tally: Tally) -> None:
    sys.stdout.write(tally.row(name))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
