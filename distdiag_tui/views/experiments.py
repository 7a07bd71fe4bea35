"""The experiments that were run, and two of them side by side, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.experiments import report
from distdiag_tui.drawing.format import countdown, day_and_clock
from distdiag_tui.drawing.lines import BLANK, Line, block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distdiag_core.experiments.experiment import ExperimentResult
    from distdiag_tui.views.view_state import ViewState

HEADER: Line = ((f"      {'began':<14}  {'name':<30} {'lasted':>8}  load", "muted"),)


def row(view: ViewState, result: ExperimentResult, width: int, *, marked: bool) -> Line:
    """One experiment on one line."""
    return (
        (" [x] " if marked else " [ ] ", "accent" if marked else "muted"),
        (f" {day_and_clock(result.began_s)}  ", "muted"),
        (f"{view.glyphs.fit(result.name, 30)} ", "bad" if result.problem else "strong"),
        (f"{countdown(result.ended_s - result.began_s):>8}  ", "plain"),
        (view.glyphs.fit(result.load, max(0, width - 63)), "muted"),
    )


def detail(result: ExperimentResult, width: int) -> list[Line]:
    """What it cost, stretch by stretch, and each anomaly, planned against real."""
    problem = block(" not as planned: ", result.problem, width, "bad") if result.problem else []
    return [
        *problem,
        *_aligned(report.COST_HEADER, report.cost_rows(result), width),
        BLANK,
        *_aligned(report.PART_HEADER, report.part_rows(result), width, repeated=2),
    ]


def comparison_lines(pair: tuple[ExperimentResult, ExperimentResult], width: int) -> list[Line]:
    """What is not alike first, then throughput and latency before, during and after."""
    lines = [line for each in report.unlike(*pair) for line in block("not alike: ", each, width, "warn")]
    header = ("figure", pair[0].name, pair[1].name, "%")
    return [*lines, *_aligned(header, report.difference_rows(report.differences(*pair)), width)]


def _aligned(header: report.Row, rows: Sequence[report.Row], width: int, *, repeated: int = 1) -> list[Line]:
    """A table; columns that have no room go on below, with the first ones repeated."""
    cells = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    lines: list[Line] = []
    columns = list(range(repeated))
    for at in range(repeated, len(header)):
        if len(columns) > repeated and sum(cells[each] + 2 for each in (*columns, at)) > width + 1:
            lines += [*_table(header, rows, cells, columns), BLANK]
            columns = list(range(repeated))
        columns.append(at)
    return [*lines, *_table(header, rows, cells, columns)]


def _table(header: report.Row, rows: Sequence[report.Row], cells: Sequence[int], columns: Sequence[int]) -> list[Line]:
    def text(row: report.Row) -> str:
        return " " + "  ".join(row[at].ljust(cells[at]) for at in columns).rstrip()

    return [((text(header), "muted"),), *(((text(row), "plain"),) for row in rows)]
