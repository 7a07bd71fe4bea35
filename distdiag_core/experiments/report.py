"""The report of an experiment, and two of them side by side: as rows of text, and as Markdown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distdiag_core.metrics import change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distdiag_core.experiments.experiment import ExperimentResult, Level, PartCost

Row = tuple[str, ...]

COST_HEADER: Row = ("stretch", "seconds", "tps", "tps %", "p95 ms", "p95 %", "active")
PART_HEADER: Row = (
    "anomaly",
    "node",
    "planned",
    "begun",
    "proved",
    "ended",
    "state",
    "tps",
    "tps %",
    "p95 ms",
    "p95 %",
)
# Escaped in Markdown, where a name may hold any of it.
_MARKUP = "\\`*[]<>|"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two experiments; what it was in each, and the change in percent."""

    figure: str
    first: float | None
    second: float | None
    percent: float | None


def cost_rows(result: ExperimentResult) -> list[Row]:
    """Throughput and latency of each stretch, with the change since the one before the anomalies."""
    return [
        (each.name, f"{each.seconds:.0f}", *_level_cells(each.level, result.before), ", ".join(each.anomalies) or "-")
        for each in result.stretches
    ]


def part_rows(result: ExperimentResult) -> list[Row]:
    """Each anomaly on each node: planned against real, and the level while it was active."""
    return [
        (
            f"{each.anomaly} {each.severity}",
            each.node,
            f"+{each.offset_s:g} s for {each.duration_s:g} s",
            *(_since(time_s) for time_s in (each.begun_s, each.proved_s, each.ended_s)),
            each.state,
            *_level_cells(each.level, result.before),
        )
        for each in result.parts
    ]


def markdown(result: ExperimentResult) -> str:
    """The whole report."""
    lines = [
        f"# Experiment {_escaped(result.name)}",
        "",
        f"- Cluster: {_escaped(result.cluster)}",
        f"- Load: {_escaped(result.load)}",
        f"- Began: {when(result.began_s)}, took {result.ended_s - result.began_s:.0f} s",
        *([f"- Not as planned: {_escaped(result.problem)}"] if result.problem else []),
        "",
        "## What it cost",
        "",
        "Medians of the seconds of each stretch: transactions a second of all clients together, and the 95th",
        "percentile of the latency on the node where it is worst. Percent are against the stretch before.",
        "",
        *_table(COST_HEADER, cost_rows(result)),
        "",
        "## Anomalies, planned against real",
        "",
        "The level of each is that of the time while it was active, whatever was active beside it.",
        "",
        *_table(PART_HEADER, part_rows(result)),
        *_problems(result.parts),
    ]
    return "\n".join(lines) + "\n"


def differences(first: ExperimentResult, second: ExperimentResult) -> tuple[Difference, ...]:
    """The figures of two experiments, stretch by stretch; those of the anomalies over all that they were active."""
    found: list[Difference] = []
    for name in ("before", "during", "after"):
        for figure in ("tps", "p95_ms"):
            pair = (_mean(first, name, figure), _mean(second, name, figure))
            found.append(Difference(f"{name} {figure}", *pair, change.percent(*pair)))
    return tuple(found)


def difference_rows(found: Iterable[Difference]) -> list[Row]:
    """The differences as rows."""
    return [(each.figure, _figure(each.first), _figure(each.second), _percent(each.percent)) for each in found]


def unlike(first: ExperimentResult, second: ExperimentResult) -> tuple[str, ...]:
    """What limits the comparability of two experiments."""
    pairs = {
        "cluster": (first.cluster, second.cluster),
        "load": (first.load, second.load),
        "anomalies": (_planned(first), _planned(second)),
    }
    return tuple(f"{name}: {one} and {other}" for name, (one, other) in pairs.items() if one != other)


def when(time_s: float) -> str:
    """A time as local time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s))


def _planned(result: ExperimentResult) -> str:
    return ", ".join(f"{each.anomaly} {each.severity} on {each.node} +{each.offset_s:g} s" for each in result.parts)


def _mean(result: ExperimentResult, name: str, figure: str) -> float | None:
    """The mean of a figure over the stretches of this name, weighted with their length."""
    known = [
        (value, each.seconds)
        for each in result.stretches
        if each.name == name and each.level is not None and (value := getattr(each.level, figure)) is not None
    ]
    seconds = sum(length for _, length in known)
    return sum(value * length for value, length in known) / seconds if seconds else None


def _level_cells(level: Level | None, before: Level | None) -> Row:
    cells: list[str] = []
    for figure in ("tps", "p95_ms"):
        value, normal = (None if each is None else getattr(each, figure) for each in (level, before))
        cells += [_figure(value), "-" if level is before else _percent(change.percent(normal, value))]
    return tuple(cells)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.0f}"


def _since(time_s: float | None) -> str:
    return "-" if time_s is None else f"+{time_s:.1f} s"


def _table(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(map(_escaped, row))} |"


def _problems(parts: Iterable[PartCost]) -> Iterator[str]:
    for each in parts:
        if each.problem:
            yield ""
            yield f"{_escaped(each.anomaly)} on {_escaped(each.node)} failed: {_escaped(each.problem)}"


def _escaped(text: str) -> str:
    line = "".join(each if each.isprintable() else " " for each in text)
    return "".join(f"\\{each}" if each in _MARKUP else each for each in line)
