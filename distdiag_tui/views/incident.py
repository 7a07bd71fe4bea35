"""One incident in full: onset, growth, root causes over time, evidence, alternative, advice, injections and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.incidents.report import outcome
from distdiag_tui.drawing.format import clock, countdown, day_and_clock, figure
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block
from distdiag_tui.drawing.sparklines import ceiling
from distdiag_tui.drawing.timelines import averaged, held
from distdiag_tui.views.incidents import goes_on
from distdiag_tui.views.root_cause import advice_lines, alternative_lines, in_full

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distdiag_core.anomalies.advice_catalogue import Advice
    from distdiag_core.diagnosis.detection.ranking import Evidence, RootCause
    from distdiag_core.incidents.incident import Incident, IncidentCause, Verdict
    from distdiag_core.incidents.incident_files import RecordedIncident
    from distdiag_tui.views.view_state import ViewState

# What stands left and right of a strip over time.
_NAME_CELLS, _FIGURE_CELLS = 26, 22
_LEAST_STRIP, _MOST_STRIP = 12, 120
# Time before the onset in the charts of evidence.
_BEFORE_S = 30.0
# More root causes, nodes and metrics than these would push everything else off the screen.
_MOST_CAUSES, _MOST_NODES, _CHARTED = 12, 6, 2


def detail(
    view: ViewState,
    recorded: RecordedIncident,
    width: int,
    advice: Mapping[str, Advice] | None = None,
    asked: Sequence[Line] = (),
) -> list[Line]:
    """Everything that is known of one incident, the most telling first; `asked` is what obdiag found."""
    incident, width = recorded.incident, width - 1
    lines = [
        *_head(view, incident, width),
        *_over_time(view, recorded, width),
        *asked,
        *_evidence(view, incident, width),
        *_alternatives(view, incident, width),
        *_notes(recorded, width),
        *advice_lines((advice or {}).get(incident.main_cause.anomaly), width),
    ]
    return [((" ", "plain"), *line) if line else line for line in lines]


def _head(view: ViewState, incident: Incident, width: int) -> list[Line]:
    main, open_still = incident.main_cause, goes_on(view, incident)
    tone: Tone = "warn" if open_still else "plain"
    state = "goes on" if open_still else "over"
    late_s = incident.noticed_s - incident.onset_s
    last = f"{clock(view.wall_s(incident.last_s))}, after {countdown(incident.duration_s)}"
    lines: list[Line] = [
        (
            (f"{view.anomaly_label(main.anomaly)} on {main.node}", tone),
            (f"   incident {incident.id}, {state}", "muted"),
        ),
        (
            ("onset       ", "muted"),
            (clock(view.wall_s(incident.onset_s)), "plain"),
            (f"   estimated; noticed {late_s:.0f} s later", "muted"),
        ),
        (("last active ", "muted"), (last, "plain")),
        (("nodes       ", "muted"), (", ".join(incident.nodes), "plain")),
    ]
    whole = incident.impact_on()
    said = str(whole) if whole else "not known: no workload was measured, or there was no clean past"
    lines += block("impact      ", f"cluster: {said}", width)
    for each in incident.impacts:
        if each.node in incident.nodes and str(each):
            lines.append((("            ", "muted"), (f"node {each.node}: {each}", "muted")))
    return [*lines, *block("limited by  ", incident.note, width, "warn")] if incident.note else lines


def _strip_cells(width: int) -> int:
    return min(_MOST_STRIP, max(_LEAST_STRIP, width - _NAME_CELLS - _FIGURE_CELLS - 1))


def _over_time(view: ViewState, recorded: RecordedIncident, width: int) -> list[Line]:
    """A strip for each root cause, its confidence from 0 to 1, and one for each injection, on one time axis."""
    incident, cells = recorded.incident, _strip_cells(width)
    span = incident.onset_s, max(incident.last_s, incident.onset_s + 1)
    lines: list[Line] = [BLANK, _axis(view, span, cells)]
    for cause in incident.causes[:_MOST_CAUSES]:
        shares = held(confidences(recorded, cause), span, cells)
        spark = view.glyphs.spark(np.where(shares > 0, shares, np.nan), 1.0)
        joined = f"{cause.joined_s - incident.noticed_s:+.0f} s, for {cause.last_s - cause.joined_s:.0f} s"
        lines.append(_strip(view, f"{cause.node} {view.anomaly_label(cause.anomaly)}", (spark, "warn"),
                            f"{cause.highest:.2f}  {joined}"))  # fmt: skip
    if (more := len(incident.causes) - _MOST_CAUSES) > 0:
        lines.append(((f"and {more} more root causes, which the report has", "muted"),))
    for injection in incident.injections[:_MOST_CAUSES]:
        bar = _bar(view, (injection.began_s, injection.last_s), span, cells)
        name = f"{injection.node} {view.anomaly_label(injection.anomaly)}"
        lines.append(_strip(view, f"{name}", (bar, "accent"), f"injected, {outcome(injection)}"))
    return lines


def confidences(recorded: RecordedIncident, cause: IncidentCause) -> list[tuple[float, float]]:
    """The confidence of a root cause at each change of the diagnosis; 0 where it was not active."""
    found = [(verdict.time_s, _confidence(verdict, cause)) for verdict in recorded.verdicts]
    # Of an incident that is not recorded, the first and the last tick are known.
    return found or [(cause.joined_s, cause.highest)]


def _confidence(verdict: Verdict, cause: IncidentCause) -> float:
    return next((each.confidence for each in verdict.causes if (each.node, each.anomaly) == cause.place), 0.0)


def _axis(view: ViewState, span: tuple[float, float], cells: int) -> Line:
    start, stop = (clock(view.wall_s(moment_s)) for moment_s in span)
    heading = f"{'root causes over time':<{_NAME_CELLS}}"
    return (heading, "accent"), (f"{start}{stop:>{max(8, cells - 8)}}", "muted")


def _strip(view: ViewState, name: str, drawn: Span, said: str) -> Line:
    return (view.glyphs.fit(name, _NAME_CELLS - 1) + " ", "plain"), drawn, (f"  {said}", "muted")


def _bar(view: ViewState, stretch: tuple[float, float], span: tuple[float, float], cells: int) -> str:
    start, stop = span
    first, last = (round((min(max(at, start), stop) - start) / (stop - start) * cells) for at in stretch)
    glyphs = view.glyphs
    return (
        glyphs.bar_empty * first
        + glyphs.bar_full * max(1, last - first)
        + glyphs.bar_empty * (cells - max(last, first + 1))
    )


def _evidence(view: ViewState, incident: Incident, width: int) -> list[Line]:
    """The strongest metrics of each root cause, on all nodes, around the incident."""
    lines: list[Line] = []
    for cause in incident.causes[:_MOST_CAUSES]:
        if not cause.evidence:
            continue
        said = f"evidence for {view.anomaly_label(cause.anomaly)} on {cause.node}, at its highest confidence"
        lines += [BLANK, ((said, "accent"),)]
        for each in cause.evidence[:_CHARTED]:
            lines += [in_full(view, each), *_charts(view, incident, cause, each, width)]
        lines += [in_full(view, each) for each in cause.evidence[_CHARTED:]]
    return lines


def _charts(view: ViewState, incident: Incident, cause: IncidentCause, evidence: Evidence, width: int) -> list[Line]:
    """The metric on every node on one scale; nothing where the ticks of that time are no longer held."""
    window = view.snapshot.window
    span = incident.onset_s - _BEFORE_S, max(incident.last_s, incident.onset_s + 1)
    inside = (window.times_s >= span[0]) & (window.times_s <= span[1])
    if evidence.metric not in window.metrics or not inside.any():
        return []
    values = window.values[:, window.metrics.index(evidence.metric), :][:, inside].astype(np.float64)
    unit, cells = view.unit(evidence.metric), _strip_cells(width)
    top = ceiling(values, unit)
    nodes = sorted(range(len(window.nodes)), key=lambda at: (window.nodes[at] != cause.node, at))[:_MOST_NODES]
    lines: list[Line] = []
    for at in nodes:
        spark = view.glyphs.spark(averaged(window.times_s[inside], values[at], span, cells), top)
        tone: Tone = "warn" if window.nodes[at] == cause.node else "spark"
        newest = figure(float(values[at, -1]), unit, unknown=view.glyphs.unknown)
        lines.append(_strip(view, f"  {window.nodes[at]}", (spark, tone), f"{newest:>7}"))
    return lines


def _alternatives(view: ViewState, incident: Incident, width: int) -> list[Line]:
    """The strongest other anomaly of each root cause that the newest diagnosis still has."""
    lines: list[Line] = []
    if goes_on(view, incident):
        for cause in _now(view, incident):
            if cause.alternative is not None:
                said = f"what {view.anomaly_label(cause.anomaly)} on {cause.node} may be instead"
                lines += [BLANK, ((said, "accent"),), *alternative_lines(view, cause, width)]
    return lines


def _now(view: ViewState, incident: Incident) -> list[RootCause]:
    diagnosis = view.snapshot.diagnosis
    places = {cause.place for cause in incident.causes}
    return [each for each in diagnosis.root_causes if (each.node, each.anomaly) in places] if diagnosis else []


def _notes(recorded: RecordedIncident, width: int) -> list[Line]:
    if not recorded.notes:
        return []
    lines: list[Line] = [BLANK, (("notes", "accent"),)]
    for note in recorded.notes:
        lines += block(f"  {day_and_clock(note.time_s)} {note.author}  ", note.text, width)
    return lines
