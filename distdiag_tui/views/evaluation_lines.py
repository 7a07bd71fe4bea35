"""The same evaluation of two models side by side, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.drawing.lines import BLANK, Line, block

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.diagnosis.evaluation.accuracy import KindAccuracy
    from distdiag_core.diagnosis.evaluation.summary import Category, Evaluation
    from distdiag_core.models.model_comparison import Comparison
    from distdiag_tui.drawing.lines import Tone
    from distdiag_tui.views.view_state import ViewState

Value = float | None


def comparison_lines(view: ViewState, found: Comparison, width: int) -> list[Line]:
    """Figure by figure, the better one marked; then F1 of each anomaly and AC@1 of each category and scenario."""
    one, other = found.models
    judged = (one.evaluation, other.evaluation)
    first, second = (view.glyphs.fit(each.name, 12, "right") for each in found.models)
    lines: list[Line] = [((f" judged on {found.cases} cases", "muted"),)]
    for each in found.models:
        if each.trained_on:
            said = f"{each.name} was trained on {each.trained_on} of these cases, and looks better here than it is"
            lines += block(f" {view.glyphs.warning} ", said, width, "warn")
    lines += [BLANK, ((f" {'':<34}", "muted"), (f"{first} {second}", "accent"))]
    for label, values, more_is_better in _figures(*judged):
        lines.append(_row(view, label, values, more_is_better=more_is_better))
    lines += _parts(view, "F1 by anomaly", *(_labelled(view, each.by_anomaly) for each in judged))
    lines += _parts(view, "AC@1 by category", *(_ac1(each.by_category) for each in judged))
    # Cases without a plan have scenarios that are no more than their categories.
    if judged[0].by_scenario.keys() != judged[0].by_category.keys():
        lines += _parts(view, "AC@1 by scenario", *(_ac1(each.by_scenario) for each in judged))
    return lines


def _parts(view: ViewState, heading: str, one: Mapping[str, Value], other: Mapping[str, Value]) -> list[Line]:
    names = sorted({*one, *other})
    rows = [_row(view, name, (one.get(name), other.get(name)), more_is_better=True) for name in names]
    return [BLANK, ((f" {heading}", "muted"),), *rows] if rows else []


def _labelled(view: ViewState, by_anomaly: Mapping[str, KindAccuracy]) -> Mapping[str, Value]:
    return {view.anomaly_label(name): each.f1 for name, each in by_anomaly.items()}


def _figures(one: Evaluation, other: Evaluation) -> Iterator[tuple[str, tuple[Value, Value], bool]]:
    both = (one, other)
    for rank in ("1", "3", "5"):
        yield f"AC@{rank}", _pair((each.naming.ac or {}).get(rank) for each in both), True
    yield "macro F1", _pair(each.naming.macro_f1 for each in both), True
    yield "right first row", _pair(each.naming.first_row_right for each in both), True
    yield "detection recall", _pair(each.detection.recall for each in both), True
    yield "median delay, s", _pair(each.detection.median_delay_s for each in both), False
    yield "false alarms an hour", _pair(each.detection.false_alarms_per_hour for each in both), False
    yield "calibration error", _pair(each.calibration_error for each in both), False


def _pair(values: Iterator[Value]) -> tuple[Value, Value]:
    one, other = values
    return one, other


def _row(view: ViewState, label: str, values: tuple[Value, Value], *, more_is_better: bool) -> Line:
    one, other = values
    tones: tuple[Tone, Tone] = ("plain", "plain")
    signs = (" ", " ")
    if one is not None and other is not None and one != other:
        first_wins = (one > other) is more_is_better
        tones = ("good", "plain") if first_wins else ("plain", "good")
        signs = (view.glyphs.good, " ") if first_wins else (" ", view.glyphs.good)
    return (
        (f" {view.glyphs.fit(label, 34)}", "plain"),
        (f"{signs[0]}{_figure(one):>11} ", tones[0]),
        (f"{signs[1]}{_figure(other):>11}", tones[1]),
    )


def _figure(value: Value) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ac1(parts: Mapping[str, Category]) -> Mapping[str, Value]:
    return {name: part.ac.get("1") for name, part in parts.items()}
