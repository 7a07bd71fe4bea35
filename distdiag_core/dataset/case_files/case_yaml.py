"""`case.yaml`: the labels and the origin of a case."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from distdiag_core.dataset.case import Case, Label, rounded_s
from distdiag_core.errors import DataError
from distdiag_core.settings import loader, yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from distdiag_core.metrics.frame import Window


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """A label: one anomaly on one node; both ends are inclusive."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"coerce_numbers_to_str": True}

    type: str
    node: str
    start: float
    end: float
    severity: str | None = None

    def __post_init__(self) -> None:
        """Refuse a reversed or infinite stretch, and round its ends as the times of the metrics."""
        _check_stretch(self.start, self.end)
        object.__setattr__(self, "start", rounded_s(self.start))
        object.__setattr__(self, "end", rounded_s(self.end))


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """The content of `case.yaml`; unknown keys are ignored."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"coerce_numbers_to_str": True}

    period: float
    anomalies: tuple[LabelEntry, ...]
    source: str = ""
    normal: tuple[tuple[float, float], ...] | None = None
    group: str | None = None
    workload: str | None = None
    scenario: str | None = None
    category: str | None = None
    excluded: str | None = None
    # The name of `excluded` before release 2, still read.
    disturbed: str | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse invalid periods, stretches and overlapping labels."""
        if not (self.period > 0 and math.isfinite(self.period)):
            raise ValueError(f"the period must be a number of seconds above 0, not {self.period:g}")
        for start, end in self.normal or ():
            _check_stretch(start, end)
        if self.normal:
            rounded = tuple((rounded_s(start), rounded_s(end)) for start, end in self.normal)
            object.__setattr__(self, "normal", rounded)
        _check_repeats(self.anomalies)


def load(path: Path) -> CaseEntry:
    """The labels in the file at `path`.

    Raises:
        ConfigError: it is malformed.
    """
    return loader.load(path, CaseEntry)


def case_of(entry: CaseEntry, name: str, window: Window, where: str) -> Case:
    """The case with these labels and metrics.

    Raises:
        DataError: a label names a node or a time without metrics; `where` is the file of the labels.
    """
    labels = tuple(Label(each.type, each.node, each.start, each.end, each.severity) for each in entry.anomalies)
    _check_places(labels, window, where)
    return Case(
        name,
        window,
        entry.period,
        labels,
        entry.normal or (),
        entry.group or name,
        entry.source,
        entry.workload,
        entry.scenario,
        entry.category,
        entry.excluded or entry.disturbed or None,
        entry.tags,
    )


def check(case: Case) -> None:
    """Refuse labels that could not be read again.

    Raises:
        DataError: a label names a node or a time without metrics, is reversed, or overlaps with another.
    """
    _check_places(case.labels, case.window, case.name)
    try:
        _check_repeats(_entries(case.labels))
    except ValueError as error:
        raise DataError(str(error), where=case.name) from error


def text_of(case: Case) -> str:
    """The text of `case.yaml`."""
    return yaml_document.dump(plain(case))


def plain(case: Case) -> dict[str, Any]:
    """The content of `case.yaml` as plain data."""
    notes = {
        "workload": case.workload,
        "scenario": case.scenario,
        "category": case.category,
        "excluded": case.excluded,
        "tags": list(case.tags) or None,
    }
    data: dict[str, Any] = {
        "source": case.source,
        "period": case.period_s,
        "anomalies": [
            {key: value for key, value in asdict(each).items() if value is not None} for each in _entries(case.labels)
        ],
        "normal": [[rounded_s(start), rounded_s(end)] for start, end in case.normal],
        "group": case.group or case.name,
    }
    return data | {key: note for key, note in notes.items() if note is not None}


def _entries(labels: Iterable[Label]) -> list[LabelEntry]:
    return [LabelEntry(each.anomaly, each.node, each.start_s, each.end_s, each.severity) for each in labels]


def _check_places(labels: Iterable[Label], window: Window, where: str) -> None:
    for label in labels:
        if label.node not in window.nodes:
            known = ", ".join(window.nodes[:10])
            raise DataError(f"labels node {label.node}, which has no figures", where=where, hint=f"known: {known}")
        if label.end_s < window.times_s[0] or label.start_s > window.times_s[-1]:
            raise DataError(f"labels {label.anomaly} on {label.node} at a time without figures", where=where)


def _check_stretch(start: float, end: float) -> None:
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError(f"the stretch from {start:g} to {end:g} has no two ends")
    if start > end:
        raise ValueError(f"the start, {start:g}, must not be after the end, {end:g}")


def _check_repeats(anomalies: Iterable[LabelEntry]) -> None:
    """Refuse overlapping labels of one anomaly on one node; different anomalies may overlap, as compounds."""
    last: dict[tuple[str, str], LabelEntry] = {}
    for each in sorted(anomalies, key=lambda entry: entry.start):
        before = last.get((each.type, each.node))
        if before is not None and each.start <= before.end:
            raise ValueError(
                f"{each.type} on {each.node} from {before.start:.15g} to {before.end:.15g} overlaps with "
                f"the one from {each.start:.15g} to {each.end:.15g}"
            )
        last[each.type, each.node] = each
