"""The page of a node and the logbook, by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widgets import Input

from distdiag_core.recording import audit_log
from distdiag_core.recording.events import Event
from distdiag_tui.screens.main import MainScreen
from distdiag_tui.widgets.list_view import ListView
from distdiag_tui.widgets.panel import Panel
from distdiag_tui.widgets.text_pane import TextPane
from tests.tui.canned import NOW_S, calm, troubled
from tests.tui.conftest import until
from tests.tui.walking import core_of, text

if TYPE_CHECKING:
    from tests.tui.conftest import Running


async def test_the_node_under_the_cursor_is_opened_and_its_neighbours_are_a_key_away(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("down", "N")
        await until(pilot, lambda: bool(pilot.app.screen.query("#page-title")))
        title, pane = pilot.app.screen.query_one("#page-title", Panel), pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: "node n2 · 2 of 3" in text(title.lines) and "suspected" in text(pane.lines))
        await pilot.press("right")
        await until(pilot, lambda: "node n3 · 3 of 3" in text(title.lines) and "suspected" not in text(pane.lines))
        await pilot.press("right")
        await until(pilot, lambda: "node n1 · 1 of 3" in text(title.lines))
        await pilot.press("left", "left")
        await until(pilot, lambda: "node n2 · 2 of 3" in text(title.lines))
        core_of(pilot).publish(calm(tick=752))
        await until(pilot, lambda: "suspected" not in text(pane.lines))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_events_and_audit_stand_together_and_are_filtered_by_words(running: Running) -> None:
    audit_log.append(audit_log.AuditRecord("inject", "lab", ("n2",), NOW_S - 46, 1.25, "done", {"severity": "high"}))
    audit_log.append(audit_log.AuditRecord("inject", "shop", ("n2",), NOW_S - 46, 1.25, "done"))
    async with running(troubled()) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: bool(pilot.app.screen.query(Input)))
        field, rows = pilot.app.screen.query_one(Input), pilot.app.screen.query_one(ListView)
        under = pilot.app.screen.query_one(TextPane)
        await until(pilot, lambda: len(rows.lines) == 5)
        times = [line.split()[1] for line in text(rows.lines).splitlines()]
        assert times == sorted(times, reverse=True)
        field.value = "audit n2"
        await until(pilot, lambda: len(rows.lines) == 1 and "severity=high" in text(under.lines))
        field.value = "warning"
        await until(pilot, lambda: len(rows.lines) == 1 and "n2 suffers from CPU stress" in text(rows.lines))
        field.value = "warning audit"
        await until(pilot, lambda: "nothing of 5 fits" in text(rows.lines))
        field.value = ""
        await until(pilot, lambda: len(rows.lines) == 5)
        await pilot.press("down", "down")
        await until(pilot, lambda: rows.cursor == 2)


async def test_a_new_event_brings_what_was_audited_meanwhile(running: Running) -> None:
    async with running(calm()) as pilot:
        await pilot.press("L")
        await until(pilot, lambda: bool(pilot.app.screen.query(ListView)))
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: len(rows.lines) == 1 and "n1 is up" in text(rows.lines))
        audit_log.append(audit_log.AuditRecord("stop workload", "lab", (), NOW_S, 1.0, "done"))
        snapshot = calm(tick=752)
        event = Event(snapshot.frame.time_s, "workload", "the load is stopped")
        core_of(pilot).publish(replace(snapshot, events=(event, *snapshot.events)))
        await until(pilot, lambda: len(rows.lines) == 3 and "stop work" in text(rows.lines))


async def test_the_top_sql_of_a_node_is_asked_for_by_a_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("N")
        await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
        pane = pilot.app.screen.query_one(TextPane)
        assert "TOP SQL" not in text(pane.lines)
        await pilot.press("t")
        await until(pilot, lambda: "UPDATE stock SET quantity" in text(pane.lines))
        await pilot.press("right")
        await until(pilot, lambda: "TOP SQL" not in text(pane.lines))
        # Escape takes back what was opened on the page, and then the page.
        await pilot.press("left")
        await until(pilot, lambda: "TOP SQL" in text(pane.lines))
        await pilot.press("escape")
        await until(pilot, lambda: "TOP SQL" not in text(pane.lines))
        assert pane.is_attached
        await pilot.press("escape")
        await until(pilot, lambda: not pane.is_attached)
    assert core_of(pilot).log.names() == ["sessions.top_sql"]


async def test_the_parameters_of_a_node_are_compared_with_those_of_its_peers_by_a_key(running: Running) -> None:
    async with running(troubled()) as pilot:
        await pilot.press("N")
        await until(pilot, lambda: bool(pilot.app.screen.query(TextPane)))
        await pilot.press("right", "p")
        await until(pilot, lambda: bool(pilot.app.screen.query(ListView)))
        rows = pilot.app.screen.query_one(ListView)
        await until(pilot, lambda: "16G on 2 nodes" in text(rows.lines[:1]))
        await pilot.press("slash", *"cpu", "enter")
        await until(pilot, lambda: len(rows.lines) == 1)
        assert "cpu_count" in text(rows.lines)
        await pilot.press("r")
        await until(pilot, lambda: core_of(pilot).log.names() == ["parameters.report"] * 2)
