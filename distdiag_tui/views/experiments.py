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
        *_aligned(report.COST_HEADER, report.cost_rows(result)),
        BLANK,
        *_aligned(report.PART_HEADER, report.part_rows(result)),
    ]


def comparison_lines(pair: tuple[ExperimentResult, ExperimentResult], width: int) -> list[Line]:
    """What is not alike first, then throughput and latency before, during and after."""
    lines = [line for each in report.unlike(*pair) for line in block("not alike: ", each, width, "warn")]
    header = ("figure", pair[0].name, pair[1].name, "%")
    return [*lines, *_aligned(header, report.difference_rows(report.differences(*pair)))]


def _aligned(header: report.Row, rows: Sequence[report.Row]) -> list[Line]:
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]

    def text(row: report.Row) -> str:
        return " " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    return [((text(header), "muted"),), *(((text(row), "plain"),) for row in rows)]
