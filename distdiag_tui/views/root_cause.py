"""One root cause in full: what speaks for it, what else it may be, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distdiag_core.anomalies.advice_catalogue import TITLES
from distdiag_core.anomalies.unknown_anomaly import UNKNOWN_ANOMALY
from distdiag_tui.drawing.format import clock, countdown, figure
from distdiag_tui.drawing.lines import BLANK, Line, Span, Tone, block
from distdiag_tui.drawing.sparklines import ceiling
from distdiag_tui.views.chart import MOST_LINES
from distdiag_tui.views.root_causes import CHARTED, evidence_words, is_real, shown, sigmas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from distdiag_core.anomalies.advice_catalogue import Advice
    from distdiag_core.diagnosis.detection.ranking import Evidence, RootCause
    from distdiag_tui.views.view_state import ViewState

    Course = NDArray[np.float64]

_SPARK_CELLS = 30


def detail(
    view: ViewState, cause: RootCause, width: int, advice: Advice | None = None, asked: Sequence[Line] = ()
) -> list[Line]:
    """Everything known about one root cause; `asked` is what obdiag was asked about it."""
    since = "not known"
    if cause.onset_s is not None:
        since = f"{clock(view.wall_s(cause.onset_s))}, {countdown(view.now_s - cause.onset_s)} ago"
    anomaly = view.anomalies.get(cause.anomaly)
    what = anomaly.what if anomaly else ""
    if cause.anomaly == UNKNOWN_ANOMALY:
        what = "The node differs from its own past and its peers, and from every kind that is known."
    tone: Tone = "warn" if is_real(view, cause) else "plain"
    sure = "told by the connections, without a model" if cause.reason else "how sure the classifier is"
    lines: list[Line] = [
        ((f"{view.anomaly_label(cause.anomaly)} on {cause.node}", tone), (_rank(view, cause), "muted")),
        *block("", what, width, "muted"),
        BLANK,
        *_figure("confidence", f"{view.glyphs.bar(cause.confidence, 20)} {cause.confidence:.2f}", sure, width),
        *_figure("influence", f"{cause.influence:.2f}", "how much it moves with the others; 1 is the mean", width),
        *_figure("importance", f"{cause.importance:.2f}", "influence times confidence; the ranking goes by it", width),
        (("since       ", "muted"), (since, "plain")),
        *(block("because     ", cause.reason, width, "strong") if cause.reason else ()),
        *_impact(cause, width),
    ]
    return [
        *lines,
        *alternative_lines(view, cause, width),
        *asked,
        BLANK,
        *_evidence(view, cause, width),
        *advice_lines(advice, width),
    ]


def _rank(view: ViewState, cause: RootCause) -> str:
    """As in the list; nothing of what has left it."""
    listed = (each for each in shown(view) if (each.node, each.anomaly) == (cause.node, cause.anomaly))
    return next((f"   rank {each.rank}" for each in listed), "")


def _impact(cause: RootCause, width: int) -> list[Line]:
    """The impact on the node in figures; of a root cause that is not active, nothing."""
    if cause.onset_s is None:
        return []
    if cause.impact is None:
        return [(("node impact ", "muted"), ("not known", "plain"), ("  without a workload or a clean past", "muted"))]
    lines: list[Line] = [(("node impact ", "muted"), (str(cause.impact), "plain"))]
    for change, unit in ((cause.impact.throughput, "/s"), (cause.impact.latency, " ms")):
        if change is not None:
            peers = "" if change.peers is None else f", on the other nodes x{change.peers:.2f} meanwhile"
            said = f"{change.now:.4g}{unit} where {change.expected:.4g}{unit} was expected{peers}"
            lines += block(" " * 12, said, width, "muted")
    return lines


def _figure(name: str, value: str, meaning: str, width: int) -> list[Line]:
    """A figure with what it means, which goes on under itself."""
    first, *more = block("", meaning, width - 39, "muted")
    indent: Span = (" " * 39, "plain")
    return [((f"{name:<12}", "muted"), (f"{value:<27}", "plain"), *first), *((indent, *line) for line in more)]


def alternative_lines(view: ViewState, cause: RootCause, width: int) -> list[Line]:
    """The strongest other anomaly on the node, and what tells it from this one."""
    other = cause.alternative
    if other is None:
        return []
    said = f"{view.anomaly_label(other.anomaly)}, confidence {other.confidence:.2f}"
    if cause.ambiguous:
        both = ", or both" if other.active else ""
        said = f"looks like {view.anomaly_label(cause.anomaly)} or {said}{both}"
    if other.distinguishing_metrics:
        said += f"; the two differ most in {', '.join(map(view.metric_label, other.distinguishing_metrics))}"
    return block(f"{'or':<11}", said, width)


def _evidence(view: ViewState, cause: RootCause, width: int) -> list[Line]:
    if not cause.evidence:
        return [(("no single metric speaks for it", "muted"),)]
    said = f"evidence: {_how(cause)}; charts of the last {_SPARK_CELLS * 2} s"
    lines = block("", said, width, "accent")
    if order := _order(view, cause):
        lines += block(f"{'first':<11}", order, width)
    for evidence in cause.evidence[:CHARTED]:
        lines += [BLANK, in_full(view, evidence), *compared(view, cause.node, evidence)]
    others = [in_full(view, evidence) for evidence in cause.evidence[CHARTED:]]
    return [*lines, BLANK, *others] if others else lines


def _how(cause: RootCause) -> str:
    if cause.reason:
        return "the connections that do not answer"
    how = "drove this verdict" if cause.evidence[0].contribution is not None else "have moved most"
    return f"the metrics that {how}, against the node's own past"


def in_full(view: ViewState, evidence: Evidence) -> Line:
    """A metric before and now, what the other nodes have, and how far it has moved."""
    peers = "" if evidence.peers is None else f"  peers {figure(evidence.peers, view.unit(evidence.metric))}"
    return (evidence_words(view, evidence), "strong"), (f"{peers}  {sigmas(view, evidence)}", "muted")


def _order(view: ViewState, cause: RootCause) -> str:
    """For instance `disk busy 12:03:07, then disk latency 12:03:09`; empty where no onset is known."""
    return ", then ".join(
        f"{view.metric_label(each.metric)} {clock(view.wall_s(each.onset_s))}"
        for each in cause.by_onset
        if each.onset_s is not None
    )


def advice_lines(advice: Advice | None, width: int) -> list[Line]:
    """What to do about the anomaly."""
    if advice is None:
        return []
    lines = [BLANK, (("what to do", "accent"),), *block("  ", advice.first, width, "strong")]
    for section, title in TITLES.items():
        for number, (key, text) in enumerate(getattr(advice, section).items()):
            label = title if number == 0 else ""
            lines += block(f"  {label:<19} ", f"{key}: {text}" if section == "views" else text, width)
    return lines


def compared(view: ViewState, suspect: str, evidence: Evidence) -> list[Line]:
    """The metric on every node on one scale, so that the suspect stands out; of many nodes, it and their range."""
    window = view.snapshot.window.last(_SPARK_CELLS * 2)
    unit = view.unit(evidence.metric)
    if evidence.metric not in window.metrics or not len(window):
        return []
    values = window.values[:, window.metrics.index(evidence.metric)].astype(float)
    top = ceiling(values, unit)
    rows = list(zip(window.nodes, values, strict=True))
    if len(rows) > MOST_LINES:
        rows = [row for row in rows if row[0] == suspect] + _range_of_others(rows, suspect)
    width = min(16, max(len(name) for name, _ in rows))
    lines: list[Line] = []
    for name, course in rows:
        tone: Tone = "warn" if name == suspect else "spark"
        spark = view.glyphs.spark(course[::-2][::-1], top)
        newest = figure(float(course[-1]), unit, unknown=view.glyphs.unknown)
        lines.append(
            (
                (f"  {view.glyphs.fit(name, width)} ", "muted"),
                (f"{spark:>{_SPARK_CELLS}}", tone),
                (f"  {newest:>7}", "plain"),
            )
        )
    return lines


def _range_of_others(rows: Sequence[tuple[str, Course]], suspect: str) -> list[tuple[str, Course]]:
    """The highest, the median and the lowest of the nodes but the suspect at each tick."""
    others = np.stack([course for name, course in rows if name != suspect])
    known = np.isfinite(others).any(axis=0)
    found = []
    for name, percent in (("highest other", 100), ("median", 50), ("lowest", 0)):
        course = np.full(others.shape[1], np.nan)
        course[known] = np.nanpercentile(others[:, known], percent, axis=0)
        found.append((name, course))
    return found
