"""Two models side by side, by keys."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.models import model_registry
from distdiag_core.models.model_registry import ModelStatus
from distdiag_core.recording import recordings
from distdiag_core.replay.replay import Replay
from distdiag_core.runtime.thread import CoreThread
from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import troubled
from tests.tui.conftest import until
from tests.tui.forms import TRAINED_WITHIN_S, own_model
from tests.tui.walking import only, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_a_second_model_follows_a_replay_for_as_long_as_the_screen_is_open() -> None:
    own_model("older")
    own_model("oldest")
    with recordings.opened(recordings.find("example")) as path:
        model = model_registry.load()
        app = DistdiagApp(only(CoreThread(lambda: Replay(path, model=model, paused=True))), SETS["ascii"])
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda: app.snapshot and app.snapshot.diagnosis)
            await pilot.press("v")
            await until(pilot, lambda: app.screen.query(TextPane) and not isinstance(app.screen, MainScreen))
            pane = app.screen.query_one(TextPane)
            await until(pilot, lambda: "second older" in text(pane.lines))
            await pilot.press("right")
            await until(pilot, lambda: "second oldest" in text(pane.lines))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert app.failure is None


async def test_without_models_of_ones_own_the_one_that_ships_and_lacks_least_is_compared(running: Running) -> None:
    snapshot = replace(troubled(), model=ModelStatus("lab", ("cpu_stress",)))
    async with running(snapshot) as pilot:
        await pilot.press("v")
        await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: re.search(r"\bhost\b(?!\.)", text(pane.lines)), within_s=TRAINED_WITHIN_S)
