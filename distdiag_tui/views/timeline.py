"""The timeline: what was injected and what was diagnosed, node by node, over the time that the charts show."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import Line, Span, Tone, fit
from distdiag_tui.views.time_axis import TimeAxis

if TYPE_CHECKING:
    from distdiag_core.incidents.anomaly_mark import AnomalyMark
    from distdiag_tui.views.view_state import ViewState

_NAME = 10
_LABEL = 26
# Below this width the labels on the right have no room.
_LABELLED = 70
_TONES: dict[tuple[bool, bool], Tone] = {
    (False, False): "muted",
    (True, False): "accent",
    (False, True): "warn",
    (True, True): "good",
}


def title(view: ViewState, span_s: float) -> str:
    """The span and the signs, for the panel's border."""
    glyphs = view.glyphs
    span = f"{span_s:.0f} s" if span_s < 120 else f"{span_s / 60:.3g} min"
    signs = f"{glyphs.injected} injected  {glyphs.diagnosed} diagnosed  {glyphs.both} both"
    return f"TIMELINE {glyphs.dot} {span} {glyphs.dot} {signs}"


def lines(view: ViewState, span_s: float, width: int, height: int) -> list[Line]:
    """A line a node and the times below; with little room, the nodes where anything happened."""
    labelled = width >= _LABELLED
    cells = width - _NAME - (_LABEL if labelled else 0)
    if height < 2 or cells < 1:
        return []
    snapshot = view.snapshot
    axis = TimeAxis.of(snapshot.frame.time_s, span_s, cells, snapshot.cluster.interval_s)
    found = [each for each in view.anomaly_marks() if axis.covered(each.start_s, each.end_s)]
    busy = {each.node for each in found}
    names = [status.node for status in snapshot.nodes]
    shown = names if len(names) < height else [name for name in names if name in busy][: height - 1]
    rows = [_row(view, name, [each for each in found if each.node == name], axis, labelled=labelled) for name in shown]
    if not shown:
        rows = [((fit(f" nothing injected, nothing diagnosed on {len(names)} nodes", width), "muted"),)]
    return [*rows, _times(axis, span_s)]


def _row(view: ViewState, node: str, found: list[AnomalyMark], axis: TimeAxis, *, labelled: bool) -> Line:
    cells = {"injected": set[int](), "diagnosed": set[int]()}
    for each in found:
        cells[each.kind].update(axis.covered(each.start_s, each.end_s))
    newest = axis.cell(view.snapshot.frame.time_s)
    glyphs = view.glyphs
    signs = {
        (False, False): glyphs.bar_empty,
        (True, False): glyphs.injected,
        (False, True): glyphs.diagnosed,
        (True, True): glyphs.both,
    }
    spans: list[Span] = [(f" {glyphs.fit(node, _NAME - 2)} ", "warn" if cells["diagnosed"] else "muted")]
    keys = [(cell in cells["injected"], cell in cells["diagnosed"]) for cell in range(axis.cells)]
    for (known, key), run in groupby(enumerate(keys), lambda each: (each[0] <= newest, each[1])):
        spans.append(((signs[key] if known else " ") * len(list(run)), _TONES[key]))
    if labelled:
        spans.append((f" {glyphs.fit(_label(view, found), _LABEL - 1)}", "plain"))
    return tuple(spans)


def _label(view: ViewState, found: list[AnomalyMark]) -> str:
    """The newest trouble of a node, by what was diagnosed before what was injected, and its beginning."""
    if not found:
        return ""
    newest = max(found, key=lambda each: (each.end_s, each.kind == "diagnosed", each.start_s))
    return f"{clock(view.wall_s(newest.start_s))} {view.anomaly_label(newest.anomaly)}"


def _times(axis: TimeAxis, span_s: float) -> Line:
    """How long ago, under the places of the axis; they stand still."""
    text = [" "] * axis.cells
    for part in (0.0, 0.25, 0.5, 0.75):
        age_s = span_s * (1 - part)
        label = f"-{age_s:.0f} s" if age_s < 120 else f"-{age_s / 60:.3g} min"
        at = int(part * axis.cells)
        if at + len(label) < axis.cells:
            text[at : at + len(label)] = label
    if axis.cells > 4:
        text[-3:] = "now"
    return ((" " * _NAME, "muted"), ("".join(text), "muted"))
