"""Report of an incident in Markdown: what, where, when, how it went on, evidence, impact, injections, notes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.diagnosis.features import nan_statistics
from distdiag_core.metrics import connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from distdiag_core.anomalies.catalogue import AnomalyCatalogue
    from distdiag_core.incidents.incident import Incident, IncidentCause, LinkedInjection
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_core.metrics.frame import Array, Window
    from distdiag_core.recording.reader import Recording

# The time before the onset that a metric is compared with.
_BEFORE_S = 60.0
_MOST_VERDICTS = 60
# Between columns in Markdown, where it has to be escaped.
_BAR = "|"
# An underscore inside a word is none.
_MARKUP = "\\`*[]<>|"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside a report: what it shows, and its address from there."""

    shows: str
    path: str


def report(
    recorded: RecordedIncident, recording: Recording, anomalies: AnomalyCatalogue, pictures: Sequence[Picture] = ()
) -> str:
    """The whole report.

    Args:
        pictures: of the evidence.

    Raises:
        DataError: the recording is damaged.
    """
    incident = recorded.incident
    window = recording.window(incident.onset_s - _BEFORE_S, incident.last_s)
    offset_s = next((frame.clock_offset_s for frame in recording.frames(incident.noticed_s, incident.last_s)), 0.0)
    page = _Page(incident, anomalies, offset_s)
    sections = (
        page.head(recording),
        page.impact(),
        page.causes(),
        page.timeline(recorded),
        page.evidence(window, recording),
        page.pictures(pictures),
        page.injections(),
        page.obdiag(recorded),
        page.notes(recorded),
    )
    return "\n\n".join("\n".join(lines) for each in sections if (lines := list(each))) + "\n"


def when(time_s: float, offset_s: float = 0.0) -> str:
    """A time on the clock of the run as local time of the wall clock."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s + offset_s))


def outcome(injection: LinkedInjection) -> str:
    """Whether the diagnosis named an injection, in a word."""
    return {True: "named", False: "missed", None: "not known"}[injection.hit]


class _Page:
    """The sections of a report on one incident."""

    def __init__(self, incident: Incident, anomalies: AnomalyCatalogue, offset_s: float) -> None:
        self._incident = incident
        self._anomalies = anomalies
        self._offset_s = offset_s

    def head(self, recording: Recording) -> Iterator[str]:
        incident = self._incident
        main = incident.main_cause
        yield f"# Incident {incident.id}: {self._label(main.anomaly)} on {cell(main.node)}"
        yield ""
        yield f"- Cluster: {cell(recording.meta.cluster)}"
        yield f"- Nodes: {', '.join(map(cell, incident.nodes))}"
        zone = time.strftime("%Z", time.localtime(incident.onset_s + self._offset_s))
        yield f"- Onset: {self._when(incident.onset_s)} {zone} (estimated)"
        yield f"- Noticed: {self._when(incident.noticed_s)}, {incident.noticed_s - incident.onset_s:.0f} s after it"
        ended = "" if incident.ended_s is not None else "; the incident was going on when the recording was read"
        yield f"- Last active: {self._when(incident.last_s)}, after {incident.duration_s:.0f} s{ended}"
        if incident.note:
            yield f"- The diagnosis was limited at the end: {cell(incident.note)}"
        yield f"- Recording: {cell(recording.path.name)}"

    def impact(self) -> Iterator[str]:
        yield "## Impact on the workload"
        yield ""
        if not self._incident.impacts:
            yield "Unknown: no workload was measured before it, or there was no clean past to compare with."
            return
        rows: list[tuple[str, ...]] = []
        for each in self._incident.impacts:
            for change, unit in ((each.throughput, "1/s"), (each.latency, "ms")):
                if change is not None:
                    now, expected = f"{change.now:.1f} {unit}", f"{change.expected:.1f} {unit}"
                    percent = f"{change.change().percent:+.0f} %"
                    on = f"node {each.node}" if each.node else "cluster"
                    rows.append((on, change.metric, expected, now, percent))
        yield from table(("impact on", "metric", "expected", "mean of the incident", "change"), rows)

    def causes(self) -> Iterator[str]:
        yield "## Root causes"
        yield ""
        rows = [
            (
                each.node,
                self._label(each.anomaly),
                self._when(each.onset_s),
                f"{each.joined_s - self._incident.noticed_s:+.0f} s",
                f"{each.last_s - each.joined_s:.0f} s",
                f"{each.highest:.2f}",
            )
            for each in self._incident.causes
        ]
        yield from table(("node", "anomaly", "onset", "joined", "active for", "highest confidence"), rows)

    def timeline(self, recorded: RecordedIncident) -> Iterator[str]:
        yield "## Over time"
        yield ""
        verdicts = recorded.verdicts
        if len(verdicts) > _MOST_VERDICTS:
            yield f"Every {math.ceil(len(verdicts) / _MOST_VERDICTS)}th of {len(verdicts)} changes."
            yield ""
            verdicts = verdicts[:: math.ceil(len(verdicts) / _MOST_VERDICTS)]
        rows = []
        for verdict in verdicts:
            said = ", ".join(f"{each.node} {each.anomaly} {each.confidence:.2f}" for each in verdict.causes)
            rows.append((f"{verdict.time_s - self._incident.noticed_s:+.0f} s", said or "nothing active"))
        yield from table(("since noticed", "active root causes with their confidence"), rows)

    def evidence(self, window: Window, recording: Recording) -> Iterator[str]:
        yield "## Evidence"
        yield ""
        rows = [row for cause in self._incident.causes for row in self._measured(cause, window, recording)]
        if not rows:
            yield "No single metric speaks for it."
            return
        columns = ("node", "metric", "before", "during", "others before", "others during", "distance")
        yield from table(columns, rows)

    def pictures(self, pictures: Sequence[Picture]) -> Iterator[str]:
        if pictures:
            yield "## Charts of the evidence"
        for each in pictures:
            yield ""
            yield f"![{cell(each.shows)}]({each.path})"

    def _measured(self, cause: IncidentCause, window: Window, recording: Recording) -> Iterator[tuple[str, ...]]:
        before = window.times_s < cause.onset_s
        during = (window.times_s >= cause.joined_s) & (window.times_s <= cause.last_s)
        for each in cause.evidence:
            metric = recording.meta.catalogue.get(each.metric)
            if metric is None or cause.node not in window.nodes or each.metric not in window.metrics:
                continue
            values = window.values[:, window.metrics.index(each.metric)]
            own = window.nodes.index(cause.node)
            others = np.delete(values, own, axis=0)
            figures = (
                _median(values[own, before]),
                _median(values[own, during]),
                _median(others[:, before].ravel()),
                _median(others[:, during].ravel()),
            )
            yield (
                cause.node,
                metric.label,
                *(_figure(figure, metric.unit) for figure in figures),
                f"{each.sigma:+.1f} σ" if math.isfinite(each.sigma) else "-",
            )

    def injections(self) -> Iterator[str]:
        yield "## Injections meanwhile"
        yield ""
        if not self._incident.injections:
            yield "None was known."
            return
        rows = [
            (each.id, self._label(each.anomaly), each.node, each.severity, self._when(each.began_s), outcome(each))
            for each in self._incident.injections
        ]
        yield from table(("id", "anomaly", "node", "severity", "began", "by the diagnosis"), rows)

    def obdiag(self, recorded: RecordedIncident) -> Iterator[str]:
        for number, found in enumerate(recorded.evidence):
            if number == 0:
                yield "## Evidence by obdiag"
            yield ""
            yield f"### {cell(found.title)}"
            yield ""
            # By the wall clock, as obdiag has it.
            yield f"Asked {when(found.time_s)}, took {found.took_s:.0f} s."
            yield from (f"Note: {cell(note)}." for note in found.notes)
            if found.suggestions:
                yield ""
                yield from (f"- Suggestion: {cell(said)}" for said in found.suggestions)
            if found.findings:
                yield ""
                rows = [(each.subject or each.level, each.level, each.text) for each in found.findings]
                yield from table(("of", "level", "record"), rows)

    def notes(self, recorded: RecordedIncident) -> Iterator[str]:
        if not recorded.notes:
            return
        yield "## Notes"
        yield ""
        for note in recorded.notes:
            # Written by the wall clock, unlike what the run has measured.
            yield f"- {when(note.time_s)} {cell(note.author)}: {cell(note.text)}"

    def _when(self, time_s: float) -> str:
        return when(time_s, self._offset_s)

    def _label(self, anomaly: str) -> str:
        return cell(self._anomalies.label(anomaly))


def _figure(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "-"
    return connection.word(value) if unit == connection.UNIT else f"{value:.4g} {unit}"


def _median(values: Array) -> float:
    return float(nan_statistics.median(values)) if values.size else math.nan


def table(header: tuple[str, ...], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    yield f"{_BAR} {f' {_BAR} '.join(header)} {_BAR}"
    yield _BAR + f" --- {_BAR}" * len(header)
    for row in rows:
        yield f"{_BAR} {f' {_BAR} '.join(map(cell, row))} {_BAR}"


def cell(text: str) -> str:
    """Foreign text on one line and without the signs of Markdown and of control characters."""
    line = " ".join(text.split())
    shown = (each if each.isprintable() else "?" for each in line)
    return "".join(f"\\{each}" if each in _MARKUP else each for each in shown)
