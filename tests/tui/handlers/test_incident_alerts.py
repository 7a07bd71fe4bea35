"""The bell and the desktop notices of the console."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distdiag_tui.console_settings import ConsoleSettings
from tests.tui.canned import calm
from tests.tui.canned_incidents import with_incidents
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from distdiag_core.incidents.incident import Incident
    from tests.tui.conftest import Running


async def test_an_incident_rings_once_and_is_told_at_begin_and_end(
    running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    incident = with_incidents(tmp_path).incident
    assert incident is not None
    async with running(calm()) as pilot:
        app, sent = app_of(pilot), list[str]()

        async def tick(number: int, going_on: Incident | None) -> None:
            core_of(pilot).publish(replace(calm(tick=number), incident=going_on))
            await until(pilot, lambda: app.snapshot is not None and app.snapshot.tick == number)

        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        await tick(752, incident)
        await tick(753, None)
        assert sent == []
        app.change_settings(ConsoleSettings(bell=True, desktop=True))
        later = replace(incident, id=incident.id + 1)
        await tick(754, later)
        await tick(755, later)
        await tick(756, None)
        bell, begin, end = sent
        assert bell == "\a"
        assert begin.startswith("\x1b]9;lab: ")
        assert f"(incident {later.id})" in begin
        assert f"incident {later.id} is over" in end
