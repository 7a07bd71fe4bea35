"""Two models side by side: their rows, where they differ, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distdiag_core.models.model_registry import ModelStatus
from distdiag_core.runtime.shadow_diagnosis import InjectionOutcome, ShadowComparison
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views.models_side_by_side import page
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, calm, troubled
from tests.tui.walking import text

_SNAPSHOT = replace(troubled(), model=ModelStatus("lab", ("cpu_stress",), 0.97))
_VIEW = ViewState(_SNAPSHOT, ANOMALIES, SETS["ascii"], _SNAPSHOT.frame.time_s)
_SECOND = ModelStatus("older", ("cpu_stress",))


def _compared() -> ShadowComparison:
    first = _SNAPSHOT.diagnosis
    assert first is not None
    (injection,) = _SNAPSHOT.injections
    head = replace(first.root_causes[0], anomaly="io_stress", confidence=0.71)
    second = replace(first, root_causes=(head, *first.root_causes[1:]))
    outcomes = (InjectionOutcome(injection, first=True, second=False),)
    return ShadowComparison(_SECOND, first, second, _SNAPSHOT.frame.time_s - 90, 80, 60, outcomes)


@pytest.mark.parametrize("width", [79, 119, 199])
def test_rows_stand_beside_each_other_and_a_difference_is_marked(width: int) -> None:
    lines = page(_VIEW, _compared(), "", width)
    assert max(map(width_of, lines)) <= width
    said = text(tuple(lines))
    assert "the first rows agree in 75% of 80 ticks since " in said
    (row,) = [line for line in said.splitlines() if line.startswith("!  1")]
    assert row.count("n2") == 2
    assert row.index("0.98") < row.index("0.71")
    assert "! the two differ in this row" in said


def test_known_injections_are_counted_for_each() -> None:
    said = text(tuple(page(_VIEW, _compared(), "", 119))).splitlines()
    assert "lab" in said[0]
    assert "AC@1 0.97  hits 1 of 1 known injections" in said[0]
    assert "AC@1 -     hits 0 of 1 known injections" in said[1]
    assert any("CPU stress high on n2: first named, second missed" in line for line in said)


def test_while_both_are_calm_nothing_is_marked() -> None:
    snapshot = replace(calm(), model=_SNAPSHOT.model)
    view = ViewState(snapshot, ANOMALIES, SETS["ascii"], snapshot.frame.time_s)
    compared = ShadowComparison(_SECOND, snapshot.diagnosis, snapshot.diagnosis, snapshot.frame.time_s, 1, 1)
    said = text(tuple(page(view, compared, "", 119)))
    assert said.count("no anomaly") == 2
    assert "differ" not in said
    assert "100% of 1 tick since" in said


def test_what_hinders_the_second_model_is_said() -> None:
    assert "damaged" in text(tuple(page(_VIEW, ShadowComparison(problem="older: damaged"), "", 79)))
    assert "reading the models" in text(tuple(page(_VIEW, None, "reading the models ...", 79)))
