from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.incidents.anomaly_mark import AnomalyMark
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.views import timeline
from distdiag_tui.views.anomaly_marks import current, remember
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, NOW_S, calm, troubled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.lines import Line


def view(snapshot: Snapshot, remembered: tuple[AnomalyMark, ...] = ()) -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS["block"], snapshot.frame.time_s, remembered=remembered)


def text(lines: Sequence[Line]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_injected_and_diagnosed_lie_on_the_row_of_their_node() -> None:
    n1, n2, n3, times = text(timeline.lines(view(troubled()), 300.0, 150, 4)).split("\n")
    assert "▄" in n2
    assert "█" in n2
    assert n2.index("▄") < n2.index("█")
    assert n2.rstrip().endswith("09:29:22 CPU stress")
    assert not set("▄▀█") & set(n1 + n3)
    assert "-5 min" in times
    assert "now" in times
    assert {width_of(line) for line in timeline.lines(view(troubled()), 300.0, 150, 4)[:3]} == {150}


def test_of_many_nodes_those_where_something_happened_are_shown() -> None:
    many = replace(calm(40), injections=troubled().injections)
    assert text(timeline.lines(view(many), 300.0, 80, 4)).startswith(" n2 ")
    assert "nothing injected, nothing diagnosed on 40 nodes" in text(timeline.lines(view(calm(40)), 300.0, 80, 4))


def test_what_has_ended_is_remembered_until_it_leaves_the_span() -> None:
    past = remember((), troubled())
    later = calm(tick=751 + 60)
    past = remember(past, later)
    assert {each.kind for each in past} == {"injected", "diagnosed"}
    shown = text(timeline.lines(view(later, past), 300.0, 150, 4))
    assert "█" in shown
    assert "█" not in text(timeline.lines(view(calm(tick=751 + 600), past), 300.0, 150, 4))
    assert remember(past, calm(tick=751 + 4000)) == ()


def test_an_onset_that_is_estimated_anew_is_the_same_trouble() -> None:
    earlier = AnomalyMark("diagnosed", "n2", "cpu_stress", NOW_S - 40, NOW_S - 2)
    found = [each for each in view(troubled(), (earlier,)).anomaly_marks() if each.kind == "diagnosed"]
    assert [(each.start_s, each.end_s) for each in found] == [(NOW_S - 40, NOW_S)]
    assert not current(calm())


def test_the_signs_of_a_poor_terminal() -> None:
    snapshot = troubled()
    of = ViewState(snapshot, ANOMALIES, SETS["ascii"], snapshot.frame.time_s)
    said = text(timeline.lines(of, 300.0, 120, 4))
    assert said.isascii()
    assert "i#" in said
