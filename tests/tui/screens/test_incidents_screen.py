"""The incidents of a run: listed, in full, noted on, and reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widgets import Input

from distdiag_core import places
from distdiag_core.incidents.incident_files import incidents_of
from distdiag_core.recording.reader import Recording
from distdiag_tui.screens.incident import IncidentScreen
from distdiag_tui.screens.incidents import IncidentsScreen
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import calm, troubled
from tests.tui.canned_incidents import with_incidents
from tests.tui.conftest import until
from tests.tui.walking import app_of, core_of, notifications, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_the_newest_incident_is_first_and_the_one_before_below(running: Running, tmp_path: Path) -> None:
    async with running(with_incidents(tmp_path)) as pilot:
        await pilot.press("I")
        rows, under = pilot.app.screen.query_one(ListView), pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: len(rows.lines) == 2)
        newest, oldest = rows.lines
        assert "n2 CPU stress 0.98, 1 more" in text((newest,))
        assert "n1 Network delay 0.81" in text((oldest,))
        await until(pilot, lambda: "CPU stress on n2 +0 s, then I/O stress on n3 +18 s" in text(under.lines))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_an_incident_is_followed_tick_by_tick(running: Running, tmp_path: Path) -> None:
    snapshot = with_incidents(tmp_path)
    async with running(snapshot, size=(120, 50)) as pilot:
        await pilot.press("I", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, IncidentScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "incident 2, goes on" in text(pane.lines))
        assert "Lock contention, confidence 0.44" in text(pane.lines)
        assert snapshot.incident is not None
        longer = replace(snapshot.incident, last_s=snapshot.incident.last_s + 60)
        core_of(pilot).publish(replace(snapshot, tick=752, incident=longer))
        await until(pilot, lambda: "after 01:42" in text(pane.lines))
        core_of(pilot).publish(replace(snapshot, tick=753, incident=None))
        await until(pilot, lambda: "incident 2, over" in text(pane.lines))


async def test_a_note_is_kept_in_the_recording_and_shown(running: Running, tmp_path: Path) -> None:
    snapshot = with_incidents(tmp_path)
    async with running(snapshot, size=(120, 60)) as pilot:
        await pilot.press("I", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, IncidentScreen))
        pane = pilot.app.screen.query_one(TextPane)
        await pilot.press("n")
        await until(pilot, lambda: bool(pilot.app.screen.query(Input)))
        pilot.app.screen.query_one(Input).value = "the disk [of n3] was replaced"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "the disk [of n3] was replaced" in text(pane.lines))
    assert snapshot.recording is not None
    with Recording(Path(snapshot.recording.path)) as recording:
        assert [note.text for note in incidents_of(recording)[1].notes] == ["the disk [of n3] was replaced"]


async def test_the_report_is_written_as_markdown(running: Running, tmp_path: Path) -> None:
    async with running(with_incidents(tmp_path)) as pilot:
        await pilot.press("I")
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(rows.lines) == 2)
        await pilot.press("down", "w")
        await until(pilot, lambda: any(line.startswith("wrote ") for line in notifications(pilot)))
    (written,) = (places.state_dir() / "reports").glob("*.md")
    assert written.name.endswith("-incident-1.md")
    assert written.read_text().startswith("# Incident 1: Network delay on n1\n")
    assert (written.with_name(f"{written.stem}-charts") / "1-n1-network_delay.svg").is_file()


async def test_without_a_recording_the_incident_that_goes_on_is_still_seen(running: Running, tmp_path: Path) -> None:
    snapshot = with_incidents(tmp_path)
    async with running(replace(snapshot, recording=None)) as pilot:
        await pilot.press("I")
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(rows.lines) == 1 and "n2 CPU stress" in text(rows.lines))
        await pilot.press("w")
        await until(pilot, lambda: any("nothing is recorded" in line for line in notifications(pilot)))
        core_of(pilot).publish(replace(calm(tick=752), recording=None))
        await until(pilot, lambda: "nothing is recorded" in text(rows.lines))


async def test_a_recording_that_cannot_be_read_is_said_in_place_of_the_list(running: Running) -> None:
    async with running(troubled()) as pilot:
        await app_of(pilot).action_perform("incidents")
        await until(pilot, lambda: isinstance(pilot.app.screen, IncidentsScreen))
        await until(pilot, lambda: bool(pilot.app.screen.query(ListView)))
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "lab-20261124.sqlite" in text(rows.lines))
