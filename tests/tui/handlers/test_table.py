"""The handlers of the app's actions, and those that a read-only cluster refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_tui.actions.registry import ACTIONS, OF_APP
from distdiag_tui.handlers.table import HANDLERS
from distdiag_tui.screens.main import MainScreen
from tests.tui.canned import cluster, troubled
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications

if TYPE_CHECKING:
    from tests.tui.conftest import Running


def test_every_action_of_the_app_has_a_handler_or_is_of_textual() -> None:
    of_app = {action.id for action in ACTIONS if action.scope in OF_APP}
    of_textual = {action.id for action in ACTIONS if action.textual_action.startswith("app.")}
    assert HANDLERS.keys() == of_app - of_textual
    assert all(action.textual_action for action in ACTIONS if action.id not in HANDLERS)


async def test_a_read_only_cluster_refuses_every_action_that_writes(running: Running) -> None:
    async with running(troubled(settings=cluster(read_only=True))) as pilot:
        writes = [action for action in ACTIONS if action.id in HANDLERS and action.needs_write]
        assert {"inject", "workload", "stop-workload"} <= {action.id for action in writes}
        for action in writes:
            await app_of(pilot).action_perform(action.id)
        await until(pilot, lambda: len(notifications(pilot)) == len(writes))
        reasons = notifications(pilot)
        assert [line.split(":")[0] for line in reasons] == [action.title for action in writes]
        assert all("lab is read-only" in line for line in reasons)
        assert core_of(pilot).submitted == 0
        assert isinstance(pilot.app.screen, MainScreen)
