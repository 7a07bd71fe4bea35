"""The cases of the dataset, as lines: their labels and the times of their ticks, without any figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock, countdown, day_and_clock
from distdiag_tui.drawing.lines import Line, Tone, block

if TYPE_CHECKING:
    from distdiag_core.dataset.case import Case, Label
    from distdiag_tui.views.view_state import ViewState

# Earlier times are seconds of the case, not moments of the calendar.
_EPOCH_S = 946_684_800.0
# Narrower, the name of a case has less room.
_WIDE = 100


def header(width: int) -> Line:
    """The column headings of the list of cases."""
    return ((f"   {'began':<14}  {'length':>7} {'ticks':>6}  {'case':<{_name_width(width)}}  what it has", "muted"),)


def row(view: ViewState, case: Case, width: int) -> Line:
    """One case on one line; what is left out of training is muted and has a sign."""
    first_s, last_s = span_s(case)
    what = labels_and_tags(view, case)
    tone: Tone = "muted" if case.excluded else ("warn" if case.labels else "calm")
    return (
        (f" {view.glyphs.warning if case.excluded else ' '} ", "warn"),
        (f"{_moment(first_s):<14}  ", "muted"),
        (f"{countdown(last_s - first_s):>7} {len(case.window):>6}  ", "plain"),
        (f"{view.glyphs.fit(case.name, _name_width(width))}  ", "plain"),
        (view.glyphs.fit(what, max(0, width - 36 - _name_width(width))), tone),
    )


def detail(view: ViewState, case: Case, width: int) -> list[Line]:
    """All that is known of it, its anomalies in the seconds of the case."""
    first_s, last_s = span_s(case)
    nodes = ", ".join(case.window.nodes)
    span = f"{_moment(first_s)}, {last_s - first_s:.0f} s, every {case.period_s:g} s, {nodes}"
    lines: list[Line] = [((f" {case.name}", "strong"), (f"  {span}", "muted"))]
    if case.excluded:
        said = f"excluded from training: {case.excluded}"
        lines += block(f" {view.glyphs.warning} ", said, width, "warn")
    for label in case.labels:
        lines += block(" ", _label_words(view, label, first_s), width, "warn")
    if not case.labels:
        lines.append(((" normal all through", "calm"),))
    about = (
        ("group", case.group),
        ("workload", case.workload),
        ("scenario", case.scenario),
        ("tags", ", ".join(case.tags)),
        ("source", case.source),
    )
    said = f" {view.glyphs.dot} ".join(f"{name} {value}" for name, value in about if value)
    return [*lines, *block(" ", said, width, "muted")]


def _name_width(width: int) -> int:
    return 30 if width >= _WIDE else 16


def labels_and_tags(view: ViewState, case: Case) -> str:
    """The anomalies of a case with their nodes, and its tags."""
    named = dict.fromkeys(f"{view.anomaly_label(label.anomaly)} on {label.node}" for label in case.labels)
    tags = f"  [{', '.join(case.tags)}]" if case.tags else ""
    return f"{', '.join(named) or 'normal'}{tags}"


def _label_words(view: ViewState, label: Label, first_s: float) -> str:
    severity = f" {label.severity}" if label.severity else ""
    span = f"from {label.start_s - first_s:.0f} s to {label.end_s - first_s:.0f} s"
    return f"{view.anomaly_label(label.anomaly)}{severity} on {label.node}, {span}"


def span_s(case: Case) -> tuple[float, float]:
    """The times of the first and the last tick of a case."""
    return float(case.window.times_s[0]), float(case.window.times_s[-1])


def _moment(time_s: float) -> str:
    return day_and_clock(time_s) if time_s > _EPOCH_S else clock(time_s)
