"""The dataset at a glance: how much there is of what, and whether normal and anomalous samples are in balance.

A sample is one tick of the whole cluster. It is anomalous when an anomaly was on any node, normal when it is known to
be, and neither in between, while an anomaly sets in or is recovered from.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from distdiag_core.dataset.normal_ticks import in_spans, known_normal_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from distdiag_core.dataset.case import Case, Label
    from distdiag_core.metrics.frame import Mask

# By how many percentage points the normal and the anomalous share may differ.
BALANCE_POINTS = 30.0


@dataclass(frozen=True, slots=True)
class Balance:
    """Whether there is about as much normal as anomalous.

    Attributes:
        normal_share, anomalous_share: of the samples that are one of both, 0 to 1; 0 where there are none.
        word: `balanced`, or what is missing, in plain words.
        missing: samples, of whichever of the two is scarce.
    """

    normal_share: float
    anomalous_share: float
    balanced: bool
    word: str
    missing: int = 0


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """What one case has to offer.

    Attributes:
        samples: ticks.
        by_anomaly, by_node: anomalous ticks of each.
        excluded: why it is excluded; empty where it is not.
    """

    samples: int
    normal: int
    anomalous: int
    by_anomaly: Mapping[str, int] = field(default_factory=dict)
    by_node: Mapping[str, int] = field(default_factory=dict)
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The samples of all cases together; excluded cases are counted in `excluded` alone.

    Attributes:
        samples: ticks; `normal` and `anomalous` of these, the rest is neither.
        by_anomaly, by_node: anomalous ticks of each, the most first.
        cases_by_anomaly: cases that have it, the most first.
    """

    cases: int
    samples: int
    normal: int
    anomalous: int
    by_anomaly: Mapping[str, int]
    by_node: Mapping[str, int]
    cases_by_anomaly: Mapping[str, int]
    excluded: int
    balance: Balance


def statistics(cases: Iterable[Case], points: float = BALANCE_POINTS) -> Statistics:
    """What `cases` have to offer; by at most `points` may the two shares differ."""
    return total(map(count, cases), points)


def count(case: Case) -> CaseCounts:
    """What a case has to offer, told by its labels and the times of its ticks."""
    times_s, labels = case.window.times_s, case.labels
    anomalous = _ticks(times_s, labels)
    normal = known_normal_ticks(case)
    return CaseCounts(
        len(times_s),
        int((normal & ~anomalous).sum()),
        int(anomalous.sum()),
        {name: _sum(times_s, [each for each in labels if each.anomaly == name]) for name in _anomalies(labels)},
        {name: _sum(times_s, [each for each in labels if each.node == name]) for name in case.window.nodes},
        case.excluded or "",
    )


def total(counts: Iterable[CaseCounts], points: float = BALANCE_POINTS) -> Statistics:
    """Many counts as one."""
    found = list(counts)
    whole = [each for each in found if not each.excluded]
    normal, anomalous = sum(each.normal for each in whole), sum(each.anomalous for each in whole)
    return Statistics(
        cases=len(whole),
        samples=sum(each.samples for each in whole),
        normal=normal,
        anomalous=anomalous,
        by_anomaly=_summed(each.by_anomaly for each in whole),
        by_node=_summed(each.by_node for each in whole),
        cases_by_anomaly=_summed(dict.fromkeys(each.by_anomaly, 1) for each in whole),
        excluded=len(found) - len(whole),
        balance=balance(normal, anomalous, points),
    )


def balance(normal: int, anomalous: int, points: float = BALANCE_POINTS) -> Balance:
    """Whether the shares of so many samples differ by at most `points` percentage points."""
    both = normal + anomalous
    if not both:
        return Balance(0.0, 0.0, balanced=False, word="no samples yet")
    # In whole numbers: 65 and 35 of 100 differ by 30 points, and no rounding may say otherwise.
    if 100 * abs(normal - anomalous) <= points * both:
        return Balance(normal / both, anomalous / both, balanced=True, word="balanced")
    scarce, fewer, more = ("normal", normal, anomalous) if normal < anomalous else ("anomalous", anomalous, normal)
    # The least that has to be added to the scarce one: (more - fewer - x) / (more + fewer + x) = points / 100.
    missing = math.ceil((100 * (more - fewer) - points * both) / (100 + points))
    return Balance(
        normal / both,
        anomalous / both,
        balanced=False,
        word=f"add {missing:,} {scarce} samples",
        missing=missing,
    )


def _anomalies(labels: Sequence[Label]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label.anomaly for label in labels))


def _ticks(times_s: NDArray[np.float64], labels: Sequence[Label]) -> Mask:
    return in_spans(times_s, ((label.start_s, label.end_s) for label in labels))


def _sum(times_s: NDArray[np.float64], labels: Sequence[Label]) -> int:
    return int(_ticks(times_s, labels).sum())


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part)
    return dict(counts.most_common())
