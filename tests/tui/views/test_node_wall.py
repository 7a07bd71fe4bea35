from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distdiag_core.metrics.source import metrics_of
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.drawing.lines import Line, width_of
from distdiag_tui.views.fluctuation import Normals
from distdiag_tui.views.node_wall import Layout, Wall, columns, has_workload
from distdiag_tui.views.view_state import ViewState, mark
from tests.tui.canned import ANOMALIES, CATALOGUE, broken, calm, troubled


def view(snapshot: object, *, glyphs: str = "block", later_s: float = 0.0) -> ViewState:
    from distdiag_core.runtime.snapshot import Snapshot

    assert isinstance(snapshot, Snapshot)
    return ViewState(snapshot, ANOMALIES, SETS[glyphs], snapshot.frame.time_s + later_s)  # type: ignore[index]


def rows(of: ViewState, width: int) -> list[Line]:
    wall = Wall(of, columns(CATALOGUE), width)
    return [row for _, row in wall.rows(range(len(of.snapshot.nodes)))]


def text(line: Line) -> str:
    return "".join(part for part, _ in line)


@pytest.mark.parametrize("width", [60, 80, 86, 120, 156, 200])
def test_columns_stand_under_their_headings(width: int) -> None:
    of = view(troubled())
    wall = Wall(of, columns(CATALOGUE), width)
    header = wall.header(0)
    lines = rows(of, width)
    assert {width_of(line) for line in lines} == {width_of(header)}
    layout = wall.layout
    end = width_of(header) - 5 * layout.column - layout.mark - 1
    for line in lines:
        assert text(line)[:end].endswith("%")
    if not layout.spark:
        assert text(header)[:end].endswith("cpu")
    elif layout.spark >= 5:
        assert text(header)[:end].endswith("0–100%")
    else:
        assert text(header)[: end - layout.spark - 1 - 6].endswith(" ")
        assert "▶cpu" in text(header)
    assert width_of(header) <= width


def test_sparklines_take_the_width_that_is_left() -> None:
    wide, wider = (Layout.of(calm().nodes, 6, width) for width in (200, 250))
    assert wider.spark - wide.spark == 9
    assert 200 - (width_of(rows(view(calm()), 200)[0])) < 6


def test_every_column_has_one_labelled_scale() -> None:
    header = text(Wall(view(calm()), columns(CATALOGUE), 200).header(None))
    assert header.count("0–") == 6
    assert "0–100%" in header
    assert "0–5M/s" in header


@pytest.mark.parametrize("width", [76, 80, 86, 120, 156, 200])
def test_a_heading_is_whole_at_every_width(width: int) -> None:
    for chosen in (0, 5):
        header = text(Wall(view(calm()), columns(CATALOGUE, workload=False), width).header(chosen))
        assert "latency" in header
        assert "tps" in header
        assert len(header) <= width


def test_a_scale_stays_as_long_as_it_suits_what_is_drawn() -> None:
    of = view(calm())
    drawn = Wall(of, columns(CATALOGUE), 200)
    fits = drawn.tops["io"] * 1.1
    assert Wall(of, columns(CATALOGUE), 200, tops={"io": fits}).tops == drawn.tops | {"io": fits}
    for too_high_or_low in (1024.0**4, 1024.0):
        assert Wall(of, columns(CATALOGUE), 200, tops={"io": too_high_or_low}).tops == drawn.tops


def test_the_cells_of_an_injection_are_marked_on_its_node_alone() -> None:
    n1, n2, _ = rows(view(troubled()), 200)
    assert not any(tone == "injected" for _, tone in n1)
    marked = {len(part) for part, tone in n2 if tone == "injected"}
    assert marked == {10}


def test_a_figure_that_left_its_normal_says_by_how_much_where_there_is_room() -> None:
    snapshot = troubled()
    of = replace(view(snapshot), normals=Normals(snapshot))
    n1, n2, _ = rows(of, 200)
    assert "↑3." in text(n2)
    assert "↓78%" in text(n2)
    assert "↑" not in text(n1)
    assert "100%↑ " in text(rows(of, 120)[1])
    assert width_of(rows(of, 120)[1]) == width_of(rows(of, 120)[0])


def test_without_a_workload_the_latency_of_the_database_stands_in() -> None:
    assert [column.heading for column in columns(CATALOGUE, workload=False)][-1] == "latency"
    assert columns(CATALOGUE, workload=False)[-1].metric.name == "sysstat.trans_latency"


def test_a_cluster_of_mysql_has_its_own_throughput_and_latency() -> None:
    shown = columns(metrics_of(("host", "mysql_status")), workload=False)
    assert [column.metric.name for column in shown[-2:]] == [
        "mysql_status.transactions",
        "mysql_status.transaction_latency",
    ]


def test_what_does_not_fit_shrinks_in_order() -> None:
    nodes = calm().nodes
    widest, wide, middle, narrow = (Layout.of(nodes, 6, width) for width in (200, 140, 100, 60))
    assert widest.mark > wide.mark == 1
    assert wide.spark > middle.spark > narrow.spark == 0
    assert wide.zone > 0
    assert narrow.zone == 0


def test_trouble_is_a_sign_and_a_word_and_a_colour() -> None:
    of = view(troubled())
    n1, n2, _ = rows(of, 120)
    assert text(n1).startswith("● n1")
    assert text(n2).startswith("▲ n2")
    assert "suspect" in text(n2)
    assert ("▲ ", "warn") in n2
    cpu = next(tone for part, tone in n2 if part.strip() == "100%")
    assert cpu == "warn"


def test_a_node_that_is_down_says_why_instead_of_figures() -> None:
    n1, n2, n3 = rows(view(broken()), 120)
    assert "late" in text(n1)
    assert "degraded" in text(n2)
    assert "down" in text(n3)
    assert "ssh: no answer for 12 s on 10.77.0.13" in text(n3)
    assert "%" not in text(n3)


def test_a_silent_core_makes_every_figure_stale() -> None:
    of = view(calm(), later_s=10)
    assert {mark(of, status).word for status in of.snapshot.nodes} == {"stale"}
    assert of.silent_s == 10


def test_unknown_figures_have_a_sign_and_no_spark() -> None:
    snapshot = calm()
    values = snapshot.window.values.copy()
    values[:] = np.nan
    frame = replace(snapshot.frame, values=values[:, :, -1])
    row = rows(view(replace(snapshot, frame=frame, window=replace(snapshot.window, values=values))), 120)[0]
    assert text(row).count("–") == 6
    assert not set(text(row)) & set(SETS["block"].levels)


def test_a_metric_that_is_not_collected_is_unknown() -> None:
    snapshot = calm()
    kept = [index for index, name in enumerate(snapshot.frame.metrics) if name != "host.cpu.usage"]
    names = tuple(snapshot.frame.metrics[index] for index in kept)
    frame = replace(snapshot.frame, metrics=names, values=snapshot.frame.values[:, kept])
    window = replace(snapshot.window, metrics=names, values=snapshot.window.values[:, kept])
    line = text(rows(view(replace(snapshot, frame=frame, window=window)), 120)[0])
    assert "–" in line
    assert "27%" in line


def test_the_ascii_wall_is_ascii() -> None:
    assert all(text(line).isascii() for line in rows(view(broken(), glyphs="ascii"), 120))


def test_columns_fall_back_to_the_category() -> None:
    without = replace(
        CATALOGUE, metrics=tuple(metric for metric in CATALOGUE.metrics if metric.name != "host.cpu.usage")
    )
    cpu = columns(without)[0]
    assert (cpu.heading, cpu.metric.category) == ("cpu", "cpu")


def test_clients_that_have_ended_leave_the_database_its_own_figures() -> None:
    of = view(calm())
    window = of.snapshot.window
    values, mine = window.values.copy(), [window.metrics.index(each) for each in ("workload.tps", "workload.p95")]
    values[:, mine, -60:] = np.nan
    ended = view(replace(of.snapshot, window=replace(window, values=values)))
    assert has_workload(of)
    assert not has_workload(ended)
    shown = {column.heading: column.metric.name for column in columns(ended.snapshot.catalogue, workload=False)}
    assert (shown["tps"], shown["latency"]) == ("sysstat.trans_commit_count", "sysstat.trans_latency")
