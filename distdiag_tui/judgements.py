"""The same evaluation of two models side by side, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.lines import BLANK, Line, block

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from distdiag_core.diagnosis.judgement import Category, Evaluation
    from distdiag_tui.lines import Tone
    from distdiag_tui.scene import Scene

Value = float | None
_CAUTION = "A model that was trained on some of these cases looks better here than it is."


def comparison_lines(
    scene: Scene, names: tuple[str, str], judged: tuple[Evaluation, Evaluation], width: int
) -> list[Line]:
    """Figure by figure, the better one marked; then AC@1 of each category and scenario."""
    first, second = (scene.glyphs.fit(name, 12, "right") for name in names)
    lines: list[Line] = [
        *block(" ", f"{judged[0].cases} cases. {_CAUTION}", width, "muted"),
        BLANK,
        ((f" {'':<34}", "muted"), (f"{first} {second}", "accent")),
    ]
    for label, values, more_is_better in _figures(*judged):
        lines.append(_row(scene, label, values, more_is_better=more_is_better))
    lines += _parts(scene, "AC@1 by category", judged[0].by_category, judged[1].by_category)
    # Cases without a plan have scenarios that are no more than their categories.
    if judged[0].by_scenario.keys() != judged[0].by_category.keys():
        lines += _parts(scene, "AC@1 by scenario", judged[0].by_scenario, judged[1].by_scenario)
    return lines


def _parts(scene: Scene, heading: str, one: Mapping[str, Category], other: Mapping[str, Category]) -> list[Line]:
    names = sorted({*one, *other})
    rows = [_row(scene, name, (_ac1(one.get(name)), _ac1(other.get(name))), more_is_better=True) for name in names]
    return [BLANK, ((f" {heading}", "muted"),), *rows] if rows else []


def _figures(one: Evaluation, other: Evaluation) -> Iterator[tuple[str, tuple[Value, Value], bool]]:
    both = (one, other)
    for rank in ("1", "3", "5"):
        yield f"AC@{rank}", _pair((each.naming.ac or {}).get(rank) for each in both), True
    yield "macro F1", _pair(each.naming.macro_f1 for each in both), True
    yield "detection recall", _pair(each.detection.recall for each in both), True
    yield "median delay, s", _pair(each.detection.median_delay_s for each in both), False
    yield "false alarms an hour", _pair(each.detection.false_alarms_per_hour for each in both), False
    yield "calibration error", _pair(each.calibration_error for each in both), False


def _pair(values: Iterator[Value]) -> tuple[Value, Value]:
    one, other = values
    return one, other


def _row(scene: Scene, label: str, values: tuple[Value, Value], *, more_is_better: bool) -> Line:
    one, other = values
    tones: tuple[Tone, Tone] = ("plain", "plain")
    signs = (" ", " ")
    if one is not None and other is not None and one != other:
        first_wins = (one > other) is more_is_better
        tones = ("good", "plain") if first_wins else ("plain", "good")
        signs = (scene.glyphs.good, " ") if first_wins else (" ", scene.glyphs.good)
    return (
        (f" {scene.glyphs.fit(label, 34)}", "plain"),
        (f"{signs[0]}{_told(one):>11} ", tones[0]),
        (f"{signs[1]}{_told(other):>11}", tones[1]),
    )


def _told(value: Value) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ac1(category: Category | None) -> Value:
    return category.ac.get("1") if category is not None else None
