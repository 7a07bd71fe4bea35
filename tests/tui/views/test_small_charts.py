from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import width_of
from distdiag_tui.drawing.theme import SIXTEEN_INKS
from distdiag_tui.views import small_charts
from distdiag_tui.views.fluctuation import Normals
from distdiag_tui.views.node_wall import Wall, columns
from distdiag_tui.views.small_charts import Choice, Grid
from distdiag_tui.views.view_state import ViewState
from tests.tui.canned import ANOMALIES, CATALOGUE, calm, troubled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.runtime.snapshot import Snapshot
    from distdiag_tui.drawing.glyphs import GlyphSetName
    from distdiag_tui.drawing.lines import Line

SHOWN = columns(CATALOGUE)


def view(snapshot: Snapshot, glyphs: GlyphSetName = "braille") -> ViewState:
    return ViewState(snapshot, ANOMALIES, SETS[glyphs], snapshot.frame.time_s, normals=Normals(snapshot))


def text(lines: Sequence[Line]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


@pytest.mark.parametrize(
    ("size", "grid"),
    [((80, 8), (3, 2)), ((80, 5), (3, 1)), ((150, 38), (3, 2)), ((50, 30), (2, 3)), ((24, 4), (1, 1))],
    ids=str,
)
def test_how_many_fit_is_decided_by_the_space(size: tuple[int, int], grid: tuple[int, int]) -> None:
    found = Grid.of(*size, 6)
    assert found is not None
    assert (found.across, found.down) == grid
    assert found.width * found.across <= size[0]
    assert found.height * found.down <= size[1]
    assert Grid.of(20, 30, 6) is None
    assert Grid.of(80, 3, 6) is None


@pytest.mark.parametrize("size", [(80, 8), (86, 15), (150, 38), (200, 48)], ids=str)
def test_the_charts_fill_their_place_and_no_more(size: tuple[int, int]) -> None:
    lines = small_charts.lines(view(troubled()), SHOWN, Choice(0, "n2", 300.0), *size)
    assert len(lines) <= size[1]
    assert max(map(width_of, lines)) <= size[0]


def test_the_selected_chart_is_always_among_those_that_fit() -> None:
    for at, column in enumerate(SHOWN):
        assert f"▶{column.heading}" in text(small_charts.lines(view(calm()), SHOWN, Choice(at, "n1", 300.0), 52, 5))


def test_a_figure_is_the_same_in_the_chart_and_on_the_wall() -> None:
    of = view(troubled())
    charts = text(small_charts.lines(of, SHOWN, Choice(0, "n2", 300.0), 150, 30))
    ((_, row),) = Wall(of, SHOWN, 200).rows([1])
    for said in ("100%", "65/s", "58 ms", "↑3.4x", "↓78%"):
        assert said in charts
        assert said in text([row])


def test_a_chart_is_called_as_its_column_from_the_first_tick_on() -> None:
    calm_one = calm()
    first = replace(
        calm_one,
        window=replace(calm_one.window, times_s=calm_one.window.times_s[:1], values=calm_one.window.values[:, :, :1]),
    )
    for snapshot in (first, calm_one):
        narrow = text(small_charts.lines(view(snapshot), SHOWN, Choice(0, "n1", 300.0), 86, 15))
        wide = text(small_charts.lines(view(snapshot), SHOWN, Choice(0, "n1", 300.0), 150, 30))
        for column in SHOWN:
            assert f"{column.heading} " in narrow
            assert f"{column.heading} " in wide
        assert "memory used" not in narrow
        assert "mem memory used" in wide


def test_many_nodes_become_their_extremes_their_median_and_the_selected_one() -> None:
    of = view(calm(40, hurt=3))
    assert text([small_charts.legend(of, Choice(0, "n9", 300.0), 80)]).split()[1::2] == [
        "highest",
        "median",
        "lowest",
        "n9",
    ]
    # A filter that no node fits leaves none selected.
    assert text([small_charts.legend(of, Choice(0, "", 300.0), 80)]).split()[1::2] == ["highest", "median", "lowest"]
    assert "no figures yet" not in text(small_charts.lines(of, SHOWN, Choice(0, "n9", 300.0), 150, 30))


def test_injected_time_is_shaded_or_marked() -> None:
    colour = small_charts.lines(view(troubled()), SHOWN, Choice(0, "n1", 300.0), 150, 30)
    assert any(getattr(tone, "bgcolor", None) is not None for line in colour for _, tone in line)
    poor = small_charts.lines(view(troubled(), "ascii"), SHOWN, Choice(0, "n1", 300.0, SIXTEEN_INKS), 150, 30)
    assert text(poor).isascii()
    assert "======" in text(poor)


def test_before_the_first_figures_each_says_so() -> None:
    snapshot = calm()
    unknown = replace(snapshot.window, values=np.full_like(snapshot.window.values, np.nan))
    lines = small_charts.lines(view(replace(snapshot, window=unknown)), SHOWN, Choice(0, "n1", 300.0), 150, 30)
    assert text(lines).count("no figures yet") == 6


def test_most_cells_stay_from_tick_to_tick() -> None:
    before, after = (
        text(small_charts.lines(view(calm(tick=tick)), SHOWN, Choice(0, "n1", 300.0), 150, 30)) for tick in (751, 752)
    )
    changed = sum(one != two for one, two in zip(before, after, strict=True))
    assert changed < len(before) / 8
