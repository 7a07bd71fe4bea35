"""The list of experiments: what each cost, and two of them side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.experiments import experiment_files
from distdiag_tui.screens.experiments import ExperimentComparison
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.cli.test_experiment import RESULT
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.walking import text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_experiments_are_listed_with_their_report_and_compared(running: Running) -> None:
    experiment_files.write(RESULT)
    experiment_files.write(replace(RESULT, name="second", began_s=RESULT.began_s + 500, load="another"))
    async with running(calm()) as pilot:
        await pilot.press("X")
        screen = pilot.app.screen
        await until(pilot, lambda: "second" in text(screen.query_one(ListView).lines))
        assert "cpu_stress high on n1" in text(screen.query_one(TextPane).lines)
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExperimentComparison))
        await until(pilot, lambda: "during p95_ms" in text(pilot.app.screen.query_one(TextPane).lines))
        assert "not alike: load" in text(pilot.app.screen.query_one(TextPane).lines)
