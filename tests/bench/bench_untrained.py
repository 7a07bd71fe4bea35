"""Prints recall, delay and false alarms of the detection without training, beside published detectors; a program.

Usage: python bench_untrained.py --stream DIRECTORY (cases of one node, joined) --cases DIRECTORY (each for itself)

The parameters of the detector were chosen on repeats 0 to 4 of DBSherlock's single causes, and on the first recording
under many loads on the lab; the rest is for reporting.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from distdiag_core.dataset.case import Case, Label
from distdiag_core.dataset.case_files import case_directory
from distdiag_core.dataset.normal_ticks import known_normal_ticks
from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.diagnosis.untrained.untrained_detector import UntrainedDetector
from distdiag_core.metrics.frame import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from distdiag_core.metrics.frame import Mask

# DBSherlock's cases begin with idle seconds, until the load runs: no operator would call them normal.
_RAMP_UP_S = 15.0
_HISTORY_TICKS = 600
# After an anomaly, the service recovers; an alarm in this time is neither right nor wrong.
_RECOVERY_S = 20.0
# Labels begin when an injection is proved, seconds after its first effects; an alarm in these seconds, for the first
# label of a case back to its last normal tick, is right, with a delay of zero.
_EARLY_S = 5.0
_LATENCIES = ("combined_avg_latency", "workload.p95", "sysstat.trans_latency")
_PAST_TICKS, _LEAST_TICKS = 180, 10
# The ticks over which the rate of anomalous metrics is taken.
_RATE_TICKS = 5


class Detector(Protocol):
    """Says at each tick which nodes are anomalous."""

    def anomalous(self, window: Window) -> Mask: ...


class Untrained:
    """The detector of distdiag."""

    def __init__(self, period_s: float) -> None:
        self._detector = UntrainedDetector(period_s)

    def anomalous(self, window: Window) -> Mask:
        return self._detector.observe(window).anomalous.copy()


class RobustScore:
    """Largest robust score of any metric, median and interquartile range of the past, after BARO (FSE 2024)."""

    def __init__(self, bound: float) -> None:
        self._bound = bound

    def anomalous(self, window: Window) -> Mask:
        past = window.values[..., -_PAST_TICKS:-2]
        low, middle, high = nan_statistics.quantiles(past, (0.25, 0.5, 0.75))
        scale = np.where(high > low, high - low, np.nan)
        score = np.abs(window.values[..., -2:] - middle[..., None]) / scale[..., None]
        result: Mask = np.nan_to_num(score).min(axis=2).max(axis=1) > self._bound
        return result


class AnomalyRate:
    """Share of a node's metrics that are beyond 99 % of their own past, after Netdata; quantiles for its k-means."""

    def __init__(self, bound: float) -> None:
        self._bound = bound

    def anomalous(self, window: Window) -> Mask:
        low, high = nan_statistics.quantiles(window.values[..., -_PAST_TICKS:-_RATE_TICKS], (0.005, 0.995))
        newest = window.values[..., -_RATE_TICKS:]
        rates = ((newest < low[..., None]) | (newest > high[..., None])).mean(axis=(1, 2))
        result: Mask = rates > self._bound
        return result


class LatencyTail:
    """SPOT (KDD 2017) with an exponential tail on the first latency that is known, two ticks in a row."""

    def __init__(self, risk: float) -> None:
        self._risk = risk

    def anomalous(self, window: Window) -> Mask:
        name = next((each for each in _LATENCIES if each in window.metrics), None)
        if name is None:
            return np.zeros(len(window.nodes), dtype=np.bool_)
        series = window.values[:, window.metrics.index(name), -_PAST_TICKS:]
        past = series[:, :-2]
        (high,) = nan_statistics.quantiles(past, (0.9,))
        excess = np.nan_to_num(np.maximum(past - high[:, None], 0)).sum(axis=1) / max(1, past.shape[1] // 10)
        threshold = high + excess * np.log(0.1 / self._risk)
        result: Mask = np.nan_to_num(series[:, -2:]).min(axis=1) > threshold
        return result


@dataclass
class Tally:
    """What a detector made of some cases."""

    delays_s: list[float] = field(default_factory=list)
    anomalies: int = 0
    missed: list[str] = field(default_factory=list)
    false_alarms: int = 0
    other_nodes: int = 0
    normal_s: float = 0.0

    def line(self) -> str:
        recall = len(self.delays_s) / max(1, self.anomalies)
        delay = float(np.median(self.delays_s)) if self.delays_s else float("nan")
        hours = self.normal_s / 3600
        return (
            f"{self.anomalies:>4} {recall:>7.2f} {delay:>8.1f} {self.false_alarms / max(hours, 1e-9):>8.1f} "
            f"{self.false_alarms:>4} in {hours:.2f} h {self.other_nodes:>6}"
        )


def judge(case: Case, alarms: Mask, tally: Tally) -> None:
    """Add what the alarms (T, N) of a case are worth; only alarms that begin count."""
    times_s = case.window.times_s
    begun = alarms & ~np.vstack((np.zeros((1, alarms.shape[1]), dtype=np.bool_), alarms[:-1]))
    normal = known_normal_ticks(case)
    for label in case.labels:
        normal &= ~((times_s >= label.start_s - _EARLY_S) & (times_s <= label.end_s + _RECOVERY_S))
    tally.normal_s += float(normal.sum()) * case.period_s
    tally.false_alarms += int((begun.any(axis=1) & normal).sum())
    for node, spans in _spans(case).items():
        place = case.window.nodes.index(node)
        for name, start_s, end_s in spans:
            tally.anomalies += 1
            hits = begun[:, place] & (times_s >= _from_s(case, start_s)) & (times_s <= end_s)
            if hits.any():
                tally.delays_s.append(max(0.0, float(times_s[hits.argmax()] - start_s)))
            else:
                tally.missed.append(f"{name} in {case.name}")
    ill = {label.node for label in case.labels}
    during = np.zeros(len(times_s), dtype=np.bool_)
    for label in case.labels:
        during |= (times_s >= label.start_s) & (times_s <= label.end_s)
    healthy = [place for place, node in enumerate(case.window.nodes) if node not in ill]
    tally.other_nodes += int((begun[:, healthy] & during[:, None]).sum())


def _from_s(case: Case, start_s: float) -> float:
    """When the effects of an injection may begin whose label starts then."""
    times_s = case.window.times_s
    normal_s = times_s[known_normal_ticks(case) & (times_s < start_s)]
    first = start_s <= min(label.start_s for label in case.labels)
    last_normal_s = float(normal_s[-1]) if case.normal and first and len(normal_s) else start_s
    return min(start_s - _EARLY_S, last_normal_s)


def _spans(case: Case) -> dict[str, list[tuple[str, float, float]]]:
    """The anomalous spans of each node; anomalies at the same time are one."""
    spans: dict[str, list[tuple[str, float, float]]] = {}
    for label in sorted(case.labels, key=lambda each: each.start_s):
        of_node = spans.setdefault(label.node, [])
        if of_node and label.start_s <= of_node[-1][2]:
            name, start_s, end_s = of_node.pop()
            of_node.append((f"{name}+{label.anomaly}", start_s, max(end_s, label.end_s)))
        else:
            of_node.append((label.anomaly, label.start_s, label.end_s))
    return spans


def joined(cases: list[Case]) -> Case:
    """Cases of one node as one stream, each without its ramp-up."""
    times: list[NDArray[np.float64]] = []
    labels: list[Label] = []
    values, end_s = [], 0.0
    for case in cases:
        window = case.window
        kept = window.times_s >= window.times_s[0] + _RAMP_UP_S
        shift_s = end_s - float(window.times_s[kept][0])
        times.append(window.times_s[kept] + shift_s)
        values.append(window.values[..., kept])
        labels += [Label(each.anomaly, each.node, each.start_s + shift_s, each.end_s + shift_s) for each in case.labels]
        end_s = float(times[-1][-1]) + case.period_s
    first = cases[0].window
    whole = Window(np.concatenate(times), first.nodes, first.metrics, np.concatenate(values, axis=2))
    return Case("stream", whole, cases[0].period_s, tuple(labels))


def windows(case: Case) -> Iterator[Window]:
    """The history at each tick, as a console holds it."""
    whole = case.window
    for end in range(1, len(whole) + 1):
        kept = slice(max(0, end - _HISTORY_TICKS), end)
        yield Window(whole.times_s[kept], whole.nodes, whole.metrics, whole.values[..., kept])


def run(detector: Detector, case: Case) -> Mask:
    """Which nodes are anomalous at each tick, shape (T, N)."""
    nothing = np.zeros(len(case.window.nodes), dtype=np.bool_)
    return np.stack([detector.anomalous(seen) if len(seen) > _LEAST_TICKS else nothing for seen in windows(case)])


def compare(title: str, cases: list[Case], *, missed: bool, alone: bool) -> None:
    """Print a line for each detector."""
    sys.stdout.write(f"\n{title}: {len(cases)} cases\n")
    sys.stdout.write(f"{'':<20}anomalies recall delay, s alarms/h   false alarms  on healthy nodes meanwhile\n")
    for name in ("untrained",) if alone else tuple(_detectors(1.0)):
        tally = Tally()
        for case in cases:
            judge(case, run(_detectors(case.period_s)[name], case), tally)
        sys.stdout.write(f"{name:<24}{tally.line()}\n")
        if missed and name == "untrained":
            sys.stdout.write("".join(f"    missed: {each}\n" for each in tally.missed))
        sys.stdout.flush()


def _detectors(period_s: float) -> dict[str, Detector]:
    return {
        "untrained": Untrained(period_s),
        "robust score > 20": RobustScore(20.0),
        "robust score > 60": RobustScore(60.0),
        "anomaly rate > 15 %": AnomalyRate(0.15),
        "anomaly rate > 30 %": AnomalyRate(0.3),
        "latency tail": LatencyTail(1e-4),
    }


def main() -> None:
    """Print a table for each directory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stream", type=Path, help="directory of single-node cases to join, DBSherlock's names")
    parser.add_argument("--repeats", default="0,1", help="the repeats of each cause that make the stream")
    parser.add_argument("--cases", type=Path, action="append", default=[], help="directory of cases")
    parser.add_argument("--missed", action="store_true", help="list what was missed")
    parser.add_argument("--alone", action="store_true", help="without the other detectors")
    options = parser.parse_args()
    if options.stream:
        repeats = [int(each) for each in options.repeats.split(",")]
        paths = [path for repeat in repeats for path in sorted(options.stream.glob(f"single-*-{repeat:02d}"))]
        stream = joined([case_directory.read(path) for path in paths])
        compare(
            f"{options.stream}, repeats {options.repeats}, as a stream",
            [stream],
            missed=options.missed,
            alone=options.alone,
        )
    for directory in options.cases:
        compare(str(directory), list(case_directory.read_all(directory)), missed=options.missed, alone=options.alone)


if __name__ == "__main__":
    main()
