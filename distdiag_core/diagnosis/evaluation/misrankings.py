"""What went wrong, case by case, and what was taken for what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.evaluation import accuracy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from distdiag_core.diagnosis.evaluation.accuracy import Named, RootCauseName
    from distdiag_core.diagnosis.evaluation.replay import Track

NOTHING, ELSEWHERE = "nothing", "the same on another node"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A case that was not told right.

    Attributes:
        kind: `named wrong`, `not noticed` or `false alarm`.
        true, said: root causes as `anomaly@node`.
        time_s: when, of a false alarm.
    """

    case: str
    kind: str
    true: tuple[str, ...]
    said: tuple[str, ...]
    time_s: float | None = None


def mistakes(tracks: Sequence[Track]) -> tuple[Mistake, ...]:
    """All of them, in the order of the cases."""
    return tuple(mistake for track in tracks for mistake in _of(track))


def _of(track: Track) -> Iterable[Mistake]:
    truth, said = accuracy.named(track)
    case = track.case.name
    if truth and said != truth:
        yield Mistake(case, "named wrong", _written(truth), _written(said))
    if truth and accuracy.noticed(track) is None:
        yield Mistake(case, "not noticed", _written(truth), ())
    for time_s in accuracy.false_alarms(track):
        yield Mistake(case, "false alarm", _written(truth), _written(_over(track, time_s)), time_s)


def confusion(pairs: Sequence[Named]) -> Mapping[str, Mapping[str, int]]:
    """How often each true anomaly was told as what; normal cases are the row of nothing."""
    counts: dict[str, Counter[str]] = {}
    for truth, said in pairs:
        for true, told in _matched(truth, said):
            counts.setdefault(true, Counter())[told] += 1
    return {true: dict(sorted(told.items())) for true, told in sorted(counts.items())}


def _matched(truth: frozenset[RootCauseName], said: frozenset[RootCauseName]) -> Iterable[tuple[str, str]]:
    """Each true root cause with what was said in its place: the same, else of the same node, else anything."""
    if not truth:
        yield from ((NOTHING, anomaly) for _, anomaly in sorted(said))
        if not said:
            yield NOTHING, NOTHING
        return
    yield from ((anomaly, anomaly) for _, anomaly in sorted(truth & said))
    left = sorted(said - truth)
    for node, anomaly in sorted(truth - said):
        told = next((each for each in left if each[0] == node), left[0] if left else None)
        if told is None:
            yield anomaly, NOTHING
            continue
        left.remove(told)
        yield anomaly, ELSEWHERE if told[1] == anomaly else told[1]


def _over(track: Track, time_s: float) -> frozenset[RootCauseName]:
    tick = int(track.times_s.searchsorted(time_s))
    nodes = track.case.window.nodes
    places = zip(*track.named[tick].nonzero(), strict=True)
    return frozenset((nodes[int(node)], track.anomalies[int(column)]) for node, column in places)


def _written(causes: frozenset[RootCauseName]) -> tuple[str, ...]:
    return tuple(f"{anomaly}@{node}" for node, anomaly in sorted(causes))
