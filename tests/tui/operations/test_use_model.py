"""Another model for what is seen, and for the cluster behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_core.runtime.replay_status import ReplayStatus
from distdiag_tui.operations.use_model import use_model
from tests.tui.call_log import Call
from tests.tui.canned import NOW_S, collecting
from tests.tui.conftest import until
from tests.tui.forms import TRAINED_WITHIN_S, own_model
from tests.tui.scripted_core import ScriptedCore
from tests.tui.walking import app_of, core_of, notifications

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_a_model_chosen_in_the_past_also_diagnoses_the_present(running: Running) -> None:
    own_model("older")
    async with running(collecting()) as pilot:
        console = app_of(pilot).current
        past = ScriptedCore(replace(collecting(), replay=ReplayStatus(1, 300, NOW_S - 270, NOW_S + 29, 1, paused=True)))
        console.look_back(past)
        await until(pilot, lambda: console.snapshot is not None and console.snapshot.replay is not None)
        use_model(console, "older")
        await until(pilot, lambda: "older diagnoses live" in notifications(pilot), within_s=TRAINED_WITHIN_S)
        assert past.log.calls == core_of(pilot).log.calls == [Call("models.use", "older")]
