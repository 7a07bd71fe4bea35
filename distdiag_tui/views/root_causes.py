"""The ranked root causes, as rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.metrics.figures import change
from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import Line, Span, Tone, block, fit, width_of
from distdiag_tui.views.view_state import SUSPECT, ViewState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause

# Of a root cause, the first metrics are in its row, and charted in full.
CHARTED = 3
# For instance `tps -100 %, latency x12.3`.
_IMPACT_CELLS = 24
# Nobody reads further down, and a large cluster has hundreds.
_MOST = 50


def header(view: ViewState, width: int) -> Line:
    """The column headings of the table of root causes."""
    node, anomaly = _widths(view)
    spans: list[Span] = [(f" {'#':>2}  {fit('node', node)}  {fit('anomaly', anomaly)}  ", "muted")]
    spans.append((f"{'confidence':<12}  {'influence':>9}  ", "muted"))
    if _roomy(width, node, anomaly):
        spans.append((f"{'importance':>10}  ", "muted"))
    spans.append((f"{'since':<8}  ", "muted"))
    if _has_impact(view, width, node, anomaly):
        spans.append((f"{'impact':<{_IMPACT_CELLS}}  ", "muted"))
    spans.append(("evidence", "muted"))
    return tuple(spans)


def rows(view: ViewState, width: int) -> list[Line]:
    """One line per root cause, the likeliest first; quiet ones are muted."""
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None:
        return [(("  waiting for the first diagnosis", "muted"),)]
    if diagnosis.note and not diagnosis.anomalous:
        # What is ranked without a past to hold it against would look like findings.
        return block("  ", diagnosis.note, width, "muted")
    lines = [_row(view, cause, width) for cause in diagnosis.root_causes[:_MOST]]
    return lines or [((f"  {_nothing(view)}", "muted"),)]


def _nothing(view: ViewState) -> str:
    return "nothing to rank" if view.snapshot.model else "no anomaly; without a model the kind of one is not named"


def verdict(view: ViewState) -> str:
    """The whole diagnosis in a few words, for the panel's border."""
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None or not (diagnosis.root_causes or diagnosis.load_changes):
        return ""
    suspects = len(view.suspects)
    said = f"{suspects} suspected" if suspects else ("anomalous" if diagnosis.anomalous else _calm(view))
    # While nothing is ranked, the note stands in the place of the rows.
    gist, _, _ = diagnosis.note.partition(";")
    limits = [gist] if gist and diagnosis.anomalous else []
    return f" {view.glyphs.dot} ".join([said, *_remarks(view, diagnosis), *limits, *_course(view)])


def _remarks(view: ViewState, diagnosis: Diagnosis) -> Iterator[str]:
    """What is worth saying beside the table: the first two kinds that cannot be told apart, and a change of load."""
    unclear = (cause for cause in diagnosis.root_causes if cause.onset_s is not None and cause.ambiguous)
    if (cause := next(unclear, None)) is not None and cause.alternative is not None:
        kinds = (view.anomaly_label(each) for each in (cause.anomaly, cause.alternative.anomaly))
        yield f"{cause.node} looks like {' or '.join(kinds)}"
    if nodes := diagnosis.load_changes:
        yield f"load change on {nodes[0] if len(nodes) == 1 else f'{len(nodes)} nodes'}"


def _course(view: ViewState) -> Iterator[str]:
    """The incident that goes on, what it costs, and how many known injections were named; only what there is."""
    incident, validation = view.snapshot.incident, view.snapshot.validation
    if incident is not None:
        yield f"incident {incident.id} since {clock(view.wall_s(incident.onset_s))}"
        if impact := incident.impact_on():
            yield str(impact)
    if validation.total:
        yield f"{validation}, train anew" if validation.proposal else str(validation)


def _calm(view: ViewState) -> str:
    """What is not seen is not called calm."""
    nodes = view.snapshot.nodes
    up = sum(status.state is NodeState.UP for status in nodes)
    return (
        "no anomaly" if up == len(nodes) else f"nothing found {view.glyphs.dot} {up} of {len(nodes)} nodes seen whole"
    )


def _widths(view: ViewState) -> tuple[int, int]:
    diagnosis = view.snapshot.diagnosis
    causes = diagnosis.root_causes if diagnosis else ()
    node = min(14, max((len(cause.node) for cause in causes), default=0))
    anomaly = min(18, max((len(view.anomaly_label(cause.anomaly)) for cause in causes), default=0))
    return max(4, node), max(10, anomaly)


def _roomy(width: int, node: int, anomaly: int) -> bool:
    """Whether importance has room beside at least one piece of evidence."""
    return width - node - anomaly >= 84


def _has_impact(view: ViewState, width: int, node: int, anomaly: int) -> bool:
    """Whether an impact is known, and has room beside at least one piece of evidence."""
    diagnosis = view.snapshot.diagnosis
    known = diagnosis is not None and any(cause.impact for cause in diagnosis.root_causes)
    return known and width - node - anomaly >= 84 + _IMPACT_CELLS


def is_real(view: ViewState, cause: RootCause) -> bool:
    """Whether a root cause is taken as real and not only as the likeliest of the unlikely."""
    diagnosis = view.snapshot.diagnosis
    return diagnosis is not None and diagnosis.anomalous and cause.confidence >= SUSPECT


def _row(view: ViewState, cause: RootCause, width: int) -> Line:
    node, anomaly = _widths(view)
    real = is_real(view, cause)
    name: Tone = "warn" if real else "muted"
    text: Tone = "plain" if real else "muted"
    since = clock(view.wall_s(cause.onset_s)) if cause.onset_s is not None else view.glyphs.unknown
    sign = view.glyphs.anomaly if real else " "
    spans: list[Span] = [
        (f"{sign}{cause.rank:>2}  ", name),
        (
            f"{view.glyphs.fit(cause.node, node)}  {view.glyphs.fit(view.anomaly_label(cause.anomaly), anomaly)}  ",
            name,
        ),
        (f"{view.glyphs.bar(cause.confidence, 7)} {cause.confidence:.2f}  ", text),
        (f"{cause.influence:>9.2f}  ", text),
    ]
    if _roomy(width, node, anomaly):
        spans.append((f"{cause.importance:>10.2f}  ", text))
    spans.append((f"{since:<8}  ", text))
    if _has_impact(view, width, node, anomaly):
        said = str(cause.impact) if cause.impact else view.glyphs.unknown
        spans.append((f"{view.glyphs.fit(said, _IMPACT_CELLS)}  ", text))
    left = width - width_of(tuple(spans))
    said = ", ".join(evidence_words(view, evidence) for evidence in cause.evidence[:CHARTED])
    spans.append((view.glyphs.fit(said, max(0, left)), text))
    return tuple(spans)


def evidence_words(view: ViewState, evidence: Evidence) -> str:
    """For instance `cpu 31% → 99%`; `cpu ↑ 6.1σ` where no values are known."""
    label, glyphs = view.metric_label(evidence.metric), view.glyphs
    if evidence.before is None and evidence.now is None:
        return f"{label} {sigmas(view, evidence)}"
    unit = view.unit(evidence.metric)
    return f"{label} {change(evidence.before, evidence.now, unit, to=glyphs.to, unknown=glyphs.unknown)}"


def sigmas(view: ViewState, evidence: Evidence) -> str:
    """For instance `↑ 6.1σ`."""
    arrow = view.glyphs.rise if evidence.sigma >= 0 else view.glyphs.fall
    return f"{arrow} {abs(evidence.sigma):.1f}{view.glyphs.sigma}" if math.isfinite(evidence.sigma) else arrow
