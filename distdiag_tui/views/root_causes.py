"""The ranked root causes, as rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from distdiag_core.cluster.status import NodeState
from distdiag_core.metrics.figures import change
from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import Line, Span, Tone, block, fit, fitting_parts, width_of
from distdiag_tui.views.view_state import SUSPECT, ViewState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.diagnosis.detection.ranking import Diagnosis, Evidence, RootCause

# Of a root cause, the first metrics are in its row, and charted in full.
CHARTED = 3
# For instance `tps -100 %, latency x12.3`.
_IMPACT_CELLS = 24
# Influence and importance are the ranking's own; they are shown where everything else has room.
_RANKING_CELLS = 23
# Sign, rank and the blanks between the first columns, confidence, and the beginning.
_FIXED = 4 + 4 + 14 + 10
# Evidence of fewer cells says nothing.
_EVIDENCE_CELLS = 30
# Beside something real, what is less likely than this is not worth a line.
_LEAST_CONFIDENCE = 0.1
# Nobody reads further down, and a large cluster has hundreds.
_MOST = 50


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of the table: how wide the texts are, and whether there is room for what is not always shown."""

    node: int
    anomaly: int
    impact: bool
    ranking: bool

    @classmethod
    def of(cls, view: ViewState, width: int) -> _Layout:
        causes = shown(view)
        node = max(4, min(14, max((len(cause.node) for cause in causes), default=0)))
        anomaly = max(10, min(18, max((len(view.anomaly_label(cause.anomaly)) for cause in causes), default=0)))
        left = width - _FIXED - node - anomaly - _EVIDENCE_CELLS
        impact = left >= _IMPACT_CELLS + 2 and any(cause.impact for cause in causes)
        left -= (_IMPACT_CELLS + 2) * impact
        return cls(node, anomaly, impact, left >= _RANKING_CELLS + 2 * _EVIDENCE_CELLS)


def shown(view: ViewState) -> tuple[RootCause, ...]:
    """The root causes that have a line, ranked among themselves: none while all is calm."""
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None or not diagnosis.anomalous:
        return ()
    found = (cause for cause in diagnosis.root_causes if cause.confidence >= _LEAST_CONFIDENCE or cause.onset_s)
    return tuple(replace(cause, rank=rank) for rank, cause in enumerate(islice(found, _MOST), start=1))


def header(view: ViewState, width: int) -> Line | None:
    """The column headings of the table of root causes; none where a sentence says it all."""
    if not shown(view):
        return None
    layout = _Layout.of(view, width)
    said = f" {'#':>2}  {fit('node', layout.node)}  {fit('anomaly', layout.anomaly)}  {'confidence':<12}  "
    if layout.impact:
        said += f"{'node impact':<{_IMPACT_CELLS}}  "
    said += f"{'since':<8}  "
    if layout.ranking:
        said += f"{'influence':>9}  {'importance':>10}  "
    return ((f"{said}evidence", "muted"),)


def rows(view: ViewState, width: int) -> list[Line]:
    """One line per root cause, the likeliest first, or one sentence that says why there is none."""
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None:
        return [(("  waiting for the first diagnosis", "muted"),)]
    if diagnosis.note and not diagnosis.anomalous:
        return block("  ", diagnosis.note, width, "muted")
    layout = _Layout.of(view, width)
    lines = [_row(view, cause, layout, width) for cause in shown(view)]
    return lines or [*_calm_sentence(view, width)]


def _calm_sentence(view: ViewState, width: int) -> list[Line]:
    """For instance `no anomaly on any of 3 nodes; the model knows 13 kinds`."""
    nodes, model = view.snapshot.nodes, view.snapshot.model
    up = sum(status.state is NodeState.UP for status in nodes)
    if up < len(nodes):
        return block("  ", f"nothing found on the {up} of {len(nodes)} nodes that are seen whole", width, "plain")
    said = f"no anomaly on {'any of ' if len(nodes) > 1 else ''}{len(nodes)} node{'s' if len(nodes) > 1 else ''}"
    if model is not None:
        said += f"; the model knows {len(model.anomalies)} kinds"
    else:
        said += "; without a model the kind of one is not named"
    if past := [each for each in view.anomaly_marks() if each.kind == "diagnosed"]:
        last = max(past, key=lambda each: each.end_s)
        said += (
            f"; the last was {view.anomaly_label(last.anomaly)} on {last.node}, until {clock(view.wall_s(last.end_s))}"
        )
    return block(f"  {view.glyphs.good} ", said, width, "plain")


def title(view: ViewState, width: int) -> str:
    """The panel, and the whole diagnosis in a few words where the sentence below does not say it."""
    return fitting_parts(("ROOT CAUSES", *_verdict(view)), f" {view.glyphs.dot} ", width)


def _verdict(view: ViewState) -> list[str]:
    """What is said beside the table, the most important first."""
    diagnosis = view.snapshot.diagnosis
    if diagnosis is None or not (diagnosis.root_causes or diagnosis.load_changes):
        return []
    suspects = len(view.suspects)
    said = [f"{suspects} suspected" if suspects else "anomalous"] if diagnosis.anomalous else []
    # While nothing is ranked, the note stands in the place of the rows.
    gist, _, _ = diagnosis.note.partition(";")
    limits = [gist] if gist and diagnosis.anomalous else []
    # What it costs says more than what else it may be.
    incident = view.snapshot.incident
    cost = [f"cluster impact {impact}"] if incident and (impact := incident.impact_on()) else []
    return [*said, *cost, *_remarks(view, diagnosis), *limits, *_course(view)]


def _remarks(view: ViewState, diagnosis: Diagnosis) -> Iterator[str]:
    """What is worth saying beside the table: the first two kinds that cannot be told apart, and a change of load."""
    unclear = (cause for cause in diagnosis.root_causes if cause.onset_s is not None and cause.ambiguous)
    if (cause := next(unclear, None)) is not None and cause.alternative is not None:
        kinds = (view.anomaly_label(each) for each in (cause.anomaly, cause.alternative.anomaly))
        yield f"{cause.node} looks like {' or '.join(kinds)}"
    if nodes := diagnosis.load_changes:
        yield f"load change on {nodes[0] if len(nodes) == 1 else f'{len(nodes)} nodes'}"


def _course(view: ViewState) -> Iterator[str]:
    """The incident that goes on, and how many known injections were named; only what there is."""
    incident, validation = view.snapshot.incident, view.snapshot.validation
    if incident is not None:
        yield f"incident {incident.id} since {clock(view.wall_s(incident.onset_s))}"
    if validation.total:
        yield f"{validation}, train anew" if validation.proposal else str(validation)


def is_real(view: ViewState, cause: RootCause) -> bool:
    """Whether a root cause is taken as real and not only as the likeliest of the unlikely."""
    diagnosis = view.snapshot.diagnosis
    return diagnosis is not None and diagnosis.anomalous and cause.confidence >= SUSPECT


def _row(view: ViewState, cause: RootCause, layout: _Layout, width: int) -> Line:
    real = is_real(view, cause)
    name: Tone = "warn" if real else "muted"
    text: Tone = "plain" if real else "muted"
    cut, unknown = view.glyphs.fit, view.glyphs.unknown
    sign = view.glyphs.anomaly if real else " "
    spans: list[Span] = [
        (f"{sign}{cause.rank:>2}  {cut(cause.node, layout.node)}  ", name),
        (f"{cut(view.anomaly_label(cause.anomaly), layout.anomaly)}  ", name),
        (f"{view.glyphs.bar(cause.confidence, 7)} {cause.confidence:.2f}  ", text),
    ]
    if layout.impact:
        spans.append((f"{cut(str(cause.impact) if cause.impact else unknown, _IMPACT_CELLS)}  ", text))
    since = clock(view.wall_s(cause.onset_s)) if cause.onset_s is not None else unknown
    spans.append((f"{since:<8}  ", text))
    if layout.ranking:
        spans.append((f"{cause.influence:>9.2f}  {cause.importance:>10.2f}  ", text))
    left = width - width_of(tuple(spans))
    said = cause.reason or ", ".join(evidence_words(view, evidence) for evidence in cause.evidence[:CHARTED])
    spans.append((cut(said, max(0, left)), text))
    return tuple(spans)


def words(view: ViewState, cause: RootCause) -> str:
    """A root cause with all of its evidence, as it is copied."""
    since = f" since {clock(view.wall_s(cause.onset_s))}" if cause.onset_s is not None else ""
    said = f"{view.anomaly_label(cause.anomaly)} on {cause.node}, confidence {cause.confidence:.2f}{since}"
    found = [f"node impact {cause.impact}"] if cause.impact else []
    return ": ".join(
        filter(None, [said, ", ".join([*found, *(evidence_words(view, each) for each in cause.evidence)])])
    )


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
