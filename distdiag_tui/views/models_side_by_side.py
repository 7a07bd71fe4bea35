"""The diagnosis of one tick by two models, row beside row, and how often they agree, as lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from distdiag_tui.drawing.format import clock
from distdiag_tui.drawing.lines import BLANK, Line, Tone, block
from distdiag_tui.views.models import share
from distdiag_tui.views.root_causes import is_real, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distdiag_core.diagnosis.detection.ranking import Diagnosis, RootCause
    from distdiag_core.models.model_registry import ModelStatus
    from distdiag_core.runtime.shadow_diagnosis import InjectionOutcome, ShadowComparison
    from distdiag_tui.views.view_state import ViewState

# Sign, rank, confidence and the blanks between them.
_SIGN_CELLS, _FIXED_CELLS = 2, 12
_NAME_CELLS = 24
# The columns of a wide terminal lie no further apart than the eye follows.
_MOST_CELLS = 72


def page(view: ViewState, compared: ShadowComparison | None, said: str, width: int) -> list[Line]:
    """Both models with their figures, their rows, and the known injections.

    Args:
        compared: None before the first comparison.
        said: what is said until then.
    """
    if compared is None:
        return block(" ", said, width, "muted")
    if compared.problem or compared.model is None:
        return block(f" {view.glyphs.warning} ", compared.problem, width, "warn")
    first, second = view.snapshot.model, compared.model
    lines = [
        _model(view, "first", first, [each.first for each in compared.outcomes]),
        _model(view, "second", second, [each.second for each in compared.outcomes]),
        *_agreement(view, compared, width),
        BLANK,
        *_rows(view, compared, (first.name if first else "no model", second.name), width),
    ]
    if compared.outcomes:
        lines += [BLANK, ((" KNOWN INJECTIONS", "accent"),)]
        lines += [_outcome(view, each, width) for each in reversed(compared.outcomes)]
    if second.warning:
        lines += [BLANK, *block(f" {view.glyphs.warning} ", f"{second.name}: {second.warning}", width, "warn")]
    return lines


def _model(view: ViewState, place: str, model: ModelStatus | None, hits: list[bool | None]) -> Line:
    """A model, its evaluation, and how many of the known injections it has ranked first."""
    known = [hit for hit in hits if hit is not None]
    named = f"hits {sum(known)} of {len(known)} known injections" if known else "no known injection yet"
    name = model.name if model is not None else "no model"
    return (
        (f" {place:<7}", "muted"),
        (f"{view.glyphs.fit(name, _NAME_CELLS)} ", "strong"),
        (f"AC@1 {share(model.ac1 if model else None):<5} {named}", "plain"),
    )


def _agreement(view: ViewState, compared: ShadowComparison, width: int) -> list[Line]:
    if not compared.compared:
        return block(" ", "no tick was compared yet: both must have a baseline", width, "muted")
    alike = compared.agreed / compared.compared
    ticks = f"{compared.compared} tick{'s' if compared.compared != 1 else ''}"
    since = clock(view.wall_s(compared.since_s))
    tone: Tone = "plain" if compared.agreed == compared.compared else "warn"
    return block(" ", f"the first rows agree in {alike:.0%} of {ticks} since {since}", width, tone)


def _rows(view: ViewState, compared: ShadowComparison, names: tuple[str, str], width: int) -> Iterator[Line]:
    half = min(_MOST_CELLS, (width - _SIGN_CELLS) // 2)
    cut = view.glyphs.fit
    yield ((" " * _SIGN_CELLS, "plain"), (f"{cut(names[0], half - 1)} {cut(names[1], half - 1)}", "accent"))
    first, second = (_causes(view, each) for each in (compared.first, compared.second))
    if not first and not second:
        said = f"{cut(_nothing(compared.first), half - 1)} {cut(_nothing(compared.second), half - 1)}"
        yield ((" " * _SIGN_CELLS, "plain"), (said, "muted"))
    differ = False
    second_view = replace(view, snapshot=replace(view.snapshot, diagnosis=compared.second))
    for at, (one, other) in enumerate(zip_longest(first, second)):
        same = one is not None and other is not None and (one.node, one.anomaly) == (other.node, other.anomaly)
        differ = differ or not same
        # What neither takes for real is no difference that calls for a look.
        loud = (one is not None and is_real(view, one)) or (other is not None and is_real(second_view, other))
        tone: Tone = ("plain" if same else "warn") if loud else "muted"
        cells = [
            _cause(view, each, half - 1) if each else cut(_nothing(found) if at == 0 else "", half - 1)
            for each, found in ((one, compared.first), (other, compared.second))
        ]
        sign = " " if same else view.glyphs.anomaly
        yield ((f"{sign} ", tone), (f"{cells[0]} {cells[1]}", tone))
    if differ:
        yield ((f"{view.glyphs.anomaly} the two differ in this row", "muted"),)


def _causes(view: ViewState, diagnosis: Diagnosis | None) -> tuple[RootCause, ...]:
    return shown(replace(view, snapshot=replace(view.snapshot, diagnosis=diagnosis)))


def _nothing(diagnosis: Diagnosis | None) -> str:
    return (diagnosis.note if diagnosis else "") or "no anomaly"


def _cause(view: ViewState, cause: RootCause, cells: int) -> str:
    """For instance ` 1 n2    CPU stress          0.98`."""
    left = max(0, cells - _FIXED_CELLS)
    node = min(14, left // 3)
    cut = view.glyphs.fit
    anomaly = cut(view.anomaly_label(cause.anomaly), min(24, left - node))
    return cut(f"{cause.rank:>2}  {cut(cause.node, node)}  {anomaly}  {cause.confidence:.2f}", cells)


def _outcome(view: ViewState, outcome: InjectionOutcome, width: int) -> Line:
    words = {True: "named", False: "missed", None: "not known to it"}
    injection = outcome.injection
    label = f"{view.anomaly_label(injection.anomaly)} {injection.severity} on {injection.node}"
    started = clock(view.wall_s(injection.started_s))
    said = f"{started}  {label}: first {words[outcome.first]}, second {words[outcome.second]}"
    differ = outcome.first != outcome.second
    tone: Tone = "warn" if differ else "plain"
    return ((f"{view.glyphs.anomaly if differ else ' '} ", tone), (view.glyphs.fit(said, max(0, width - 2)), tone))
