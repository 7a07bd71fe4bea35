"""A training by keys alone: real cases, a real training, a real model."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from textual.widgets import Button

from distdiag_core.models import model_registry
from distdiag_tui.screens.training import ProgressPanel
from distdiag_tui.widgets.panel import Panel
from tests.tui.canned import collecting
from tests.tui.conftest import until
from tests.tui.forms import TRAINED_WITHIN_S, put_into
from tests.tui.walking import app_of, notifications, text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Running


async def test_a_model_is_trained_used_and_named_in_the_title(running: Running, dataset: Path) -> None:
    for name in ("network_delay-n1-medium-rw3-1", "network_delay-n3-medium-wo2-1"):
        shutil.rmtree(dataset / name)
    async with running(collecting()) as pilot:
        await pilot.press("t")
        await put_into(pilot, "#rounds", "2")
        await pilot.press("tab", "tab", "right", "ctrl+s")
        await until(pilot, lambda: app_of(pilot).training is not None)
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(pilot, lambda: "I/O stress" in text(panel.lines), within_s=TRAINED_WITHIN_S)
        await until(
            pilot,
            lambda: any("mine is trained on 4 cases" in line for line in notifications(pilot)),
            within_s=TRAINED_WITHIN_S,
        )
        assert "not evaluated" in text(panel.lines)
        assert model_registry.find("mine").is_dir()
        await pilot.press("f7")
        await until(pilot, lambda: any("mine diagnoses from now on" in line for line in notifications(pilot)))
        assert model_registry.chosen() == "mine"
        await pilot.press("escape")
        title = pilot.app.screen.query_one("#title", Panel)
        await until(pilot, lambda: "model mine" in text(title.lines))


async def test_a_training_that_is_cancelled_leaves_no_model(running: Running, dataset: Path) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("t")
        await put_into(pilot, "#rounds", "500")
        await pilot.press("ctrl+s")
        stop = pilot.app.screen.query_one("#stop", Button)
        await until(pilot, lambda: not stop.disabled)
        await pilot.press("f8")
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(
            pilot,
            lambda: "it was cancelled, and nothing of it is kept" in text(panel.lines),
            within_s=TRAINED_WITHIN_S,
        )
        assert "mine" not in model_registry.directories()
        await pilot.press("f8")
        await until(pilot, lambda: any("the training does not run" in line for line in notifications(pilot)))


async def test_an_invalid_training_request_says_why(running: Running) -> None:
    async with running(collecting()) as pilot:
        await pilot.press("t")
        for field, value, complaint in (
            ("#rounds", "many", "Rounds: many is no whole number"),
            ("#rounds", "0", "0 rounds teach nothing"),
            ("#name", "a/b", "no name for a model"),
        ):
            await put_into(pilot, field, value)
            await pilot.press("ctrl+s")
            await until(pilot, lambda complaint=complaint: any(complaint in line for line in notifications(pilot)))  # type: ignore[misc]
            await put_into(pilot, field, {"#rounds": "20", "#name": "mine"}[field])
        await pilot.press("ctrl+s")
        panel = pilot.app.screen.query_one(ProgressPanel)
        await until(pilot, lambda: "there are no cases" in text(panel.lines), within_s=TRAINED_WITHIN_S)
