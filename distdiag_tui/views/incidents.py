"""The incidents of a run, as rows: what, where, since when, and what it cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.incidents.incident_files import RecordedIncident
from distdiag_core.incidents.report import outcome
from distdiag_tui.drawing.format import clock, countdown
from distdiag_tui.drawing.lines import Line, Span, Tone, block, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.incidents.incident import Incident
    from distdiag_tui.views.view_state import ViewState

# Each column has so many cells beside the spaces around it.
_CAUSE_CELLS = 32
_IMPACT_CELLS = 24
# Below this width, impact and injections are only in the text under the list.
_WIDE = 100


def known(view: ViewState, recorded: Sequence[RecordedIncident]) -> tuple[RecordedIncident, ...]:
    """The recorded incidents, with the one that goes on as the newest tick has it; the newest first."""
    found = {each.incident.id: each for each in recorded}
    current = view.snapshot.incident
    if current is not None:
        before = found.get(current.id)
        found[current.id] = replace(before, incident=current) if before else RecordedIncident(current)
    return tuple(found[number] for number in sorted(found, reverse=True))


def goes_on(view: ViewState, incident: Incident) -> bool:
    """Whether it is the one that goes on."""
    current = view.snapshot.incident
    return current is not None and current.id == incident.id


def _later(view: ViewState, incident: Incident) -> bool:
    """Whether a replay has not come to it yet."""
    return view.snapshot.replay is not None and incident.noticed_s > view.snapshot.frame.time_s


def header(width: int) -> Line:
    """The column headings of the list of incidents."""
    text = f"   {'#':>2}  {'onset':<8}  {'lasted':>7}   {'root cause':<{_CAUSE_CELLS}}"
    more = f"  {'cluster impact':<{_IMPACT_CELLS}}  injected" if width >= _WIDE else "  nodes"
    return ((f"{text}{more}", "muted"),)


def row(view: ViewState, recorded: RecordedIncident, width: int) -> Line:
    """One incident on one line."""
    incident = recorded.incident
    open_still = goes_on(view, incident)
    later = _later(view, incident)
    tone: Tone = "warn" if open_still else "muted" if later else "plain"
    lasted = "later" if later else countdown(incident.duration_s)
    sign = view.glyphs.anomaly if open_still else " "
    spans: list[Span] = [
        (f" {sign} {incident.id:>2}  ", tone),
        (f"{clock(view.wall_s(incident.onset_s))}  ", "muted"),
        (f"{lasted:>7}{'+' if open_still else ' '}  ", tone if later else "plain"),
        (view.glyphs.fit(_cause(view, incident), _CAUSE_CELLS), tone),
    ]
    if width >= _WIDE:
        spans.append((f"  {view.glyphs.fit(str(incident.impact_on() or 'not known'), _IMPACT_CELLS)}", "plain"))
        last = _injected(incident) or view.glyphs.unknown
    else:
        last = ", ".join(incident.nodes)
    used = 25 + _CAUSE_CELLS + (2 + _IMPACT_CELLS if width >= _WIDE else 0)
    spans.append((f"  {view.glyphs.fit(last, max(0, width - used - 4))}", "muted"))
    if recorded.notes:
        spans.append((fit(f"{len(recorded.notes)}n", 3, "right"), "accent"))
    return tuple(spans)


def gist(view: ViewState, recorded: RecordedIncident, width: int) -> list[Line]:
    """The text under the list: how it grew, what it cost, what was injected, and the last note."""
    incident = recorded.incident
    lines = block(" grew      ", ", then ".join(growth(view, incident)), width)
    cost = str(incident.impact_on() or "not known: no workload, or no clean past")
    lines += block(" impact    ", f"cluster: {cost}", width)
    injected = [
        f"{each.id} {view.anomaly_label(each.anomaly)} on {each.node}, {each.severity}: {outcome(each)}"
        for each in incident.injections
    ]
    lines += block(" injected  ", "; ".join(injected) or "nothing that is known", width)
    if recorded.notes:
        lines += block(" note      ", f"{recorded.notes[-1].author}: {recorded.notes[-1].text}", width, "accent")
    return lines


def growth(view: ViewState, incident: Incident) -> list[str]:
    """The root causes in the order in which they joined, each with how long after the first."""
    return [
        f"{view.anomaly_label(each.anomaly)} on {each.node} {each.joined_s - incident.noticed_s:+.0f} s"
        for each in incident.causes
    ]


def _cause(view: ViewState, incident: Incident) -> str:
    main, more = incident.main_cause, len(incident.causes) - 1
    rest = f", {more} more" if more else ""
    return f"{main.node} {view.anomaly_label(main.anomaly)} {main.highest:.2f}{rest}"


def _injected(incident: Incident) -> str:
    if not incident.injections:
        return ""
    named = sum(each.hit is True for each in incident.injections)
    return f"{len(incident.injections)}, {named} named"
