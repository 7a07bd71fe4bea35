"""Report page of an evaluation of replays with known scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.diagnosis.evaluation.evaluation_page import report_files
from distdiag_core.diagnosis.evaluation.summary import summarize
from tests.diagnosis.evaluation.replays import replay_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from distdiag_core.dataset.case import Case


def lines_of(files: Mapping[str, str]) -> list[str]:
    """Lines of the page."""
    return files["README.md"].splitlines()


def test_the_page_shows_each_category_beside_the_paper(case_of: Callable[..., Case]) -> None:
    planned = replace(case_of(1, ("cpu_stress", "n1")), scenario="A1", category="one node, one anomaly")
    right = replay_of(planned, {(0, 0): 0.9}, range(37, 60))
    files = report_files(summarize([right], {"simple": [right]}).as_dict(), "Trained on others.")
    lines = lines_of(files)
    assert set(files) == {"README.md", "accuracy.svg", "reliability.svg"}
    assert lines[2] == "Trained on others. 1 cases."
    assert "| one node, one anomaly | 1 | 1.000 | 1.000 | 1.000 | 0.91 / 0.94 / 0.95 |" in lines
    assert "| A1 | 1 | 1.000 | 1.000 | 1.000 |  |" in lines
    assert any(line.startswith("| simple | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |") for line in lines)
    assert lines[-1] == "Nothing."
    assert "the paper" in files["accuracy.svg"]


def test_the_page_lists_misrankings_and_a_dash_where_nothing_was_measured(case_of: Callable[..., Case]) -> None:
    wrong = replay_of(case_of(1, ("cpu_stress", "n1")), {(2, 1): 0.9})
    files = report_files(summarize([wrong], {}).as_dict(), "")
    lines = lines_of(files)
    assert "| case-1 | named wrong | cpu_stress@n1 | io_stress@n3 |" in lines
    assert any(line.startswith("| median delay, s | - |") for line in lines)
    assert "## Beside simpler ways" not in lines
    assert "the paper" not in files["accuracy.svg"]


def test_a_bar_in_a_name_does_not_split_a_cell(case_of: Callable[..., Case]) -> None:
    named = replace(case_of(1, ("cpu_stress", "n1")), category="a|b")
    lines = lines_of(report_files(summarize([replay_of(named, {(0, 0): 0.9})], {}).as_dict(), ""))
    assert any(line.startswith("| a/b | 1 |") for line in lines)
