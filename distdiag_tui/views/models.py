"""The models that there are, and two of them side by side, as lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import day_and_clock
from distdiag_tui.drawing.lines import Line, block
from distdiag_tui.views import training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.models.model_registry import ModelFacts
    from distdiag_tui.drawing.lines import Tone
    from distdiag_tui.views.view_state import ViewState

# Narrower, date and anomalies are in the text under the list alone.
_WIDE = 100


def header(width: int) -> Line:
    """The column headings."""
    more = f" {'anomalies':>9}  {'made':<14}" if width >= _WIDE else ""
    return ((f"        {'model':<20} {'AC@1':>5} {'F1':>5} {'cases':>6}{more}  what is to know", "muted"),)


def row(view: ViewState, facts: ModelFacts, width: int, *, marked: bool, warning: str = "") -> Line:
    """One model on one line; the one that diagnoses has a sign and a label."""
    in_use = is_active(view, facts)
    good = f"{share(facts.ac1):>5} {share(facts.macro_f1):>5}"
    said, tone = _to_know(view, facts, warning)
    wide = width >= _WIDE
    anomalies, made = (f" {len(facts.anomalies):>9}", f"  {_made(facts) or '-':<14}") if wide else ("", "")
    return (
        (" [x] " if marked else " [ ] ", "accent" if marked else "muted"),
        (f"{view.glyphs.running if in_use else ' '} ", "good"),
        (f" {view.glyphs.fit(facts.name, 20)} ", "strong" if in_use else "plain"),
        (f"{good} {facts.cases:>6}{anomalies}", "plain"),
        (f"{made}  ", "muted"),
        (view.glyphs.fit(said, max(0, width - (75 if wide else 49))), tone),
    )


def detail(view: ViewState, facts: ModelFacts, width: int, *, warnings: Sequence[str] = ()) -> list[Line]:
    """Everything known about a model: its cases, options and evaluation."""
    if facts.damage:
        return block(f" {view.glyphs.down} ", f"{facts.path}: {facts.damage}", width, "bad")
    lines = training.result_lines(view, facts, width)
    for warning in warnings:
        lines += block(f" {view.glyphs.warning} ", warning, width, "warn")
    origin = "came with distdiag" if facts.ships else "trained here"
    made = f" {_made(facts)}" if facts.created and not facts.ships else ""
    return [*lines, *block(" ", f"{origin}{made}, in {facts.path}", width, "muted")]


def is_active(view: ViewState, facts: ModelFacts) -> bool:
    """Whether this console diagnoses with it."""
    model = view.snapshot.model
    return model is not None and model.name == facts.name


def share(value: float | None) -> str:
    """A share as two digits; a dash where it was never measured."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.2f}"


def _made(facts: ModelFacts) -> str:
    return day_and_clock(facts.created.timestamp()) if facts.created else ""


def _to_know(view: ViewState, facts: ModelFacts, warning: str) -> tuple[str, Tone]:
    if facts.damage:
        return facts.damage, "bad"
    if warning:
        return warning, "warn"
    if is_active(view, facts):
        return "diagnoses now", "good"
    return ("in use from next start on", "muted") if facts.in_use else ("", "muted")
