"""Keys typed before the core has published its first tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.app import DistdiagApp
from distdiag_tui.drawing.glyphs import SETS
from tests.tui.canned import calm
from tests.tui.conftest import until
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import notifications, only

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.runtime.snapshot import Snapshot


class StartingCore(ScriptedCore):
    """A core whose first tick comes when the test publishes it."""

    def start(self, listener: Callable[[Snapshot], None]) -> None:
        self._listener = listener


async def test_each_is_answered_and_none_stays_in_the_events() -> None:
    core = StartingCore(calm())
    app = DistdiagApp(only(core), SETS["braille"], rgb=True)
    async with app.run_test(notifications=True) as pilot:
        await pilot.press("a", "w")
        await until(pilot, lambda: sum("the core is still starting" in each for each in notifications(pilot)) == 2)
        core.publish(calm())
        await until(pilot, lambda: app.snapshot is not None)
        assert app.current.notices.own_events == []
